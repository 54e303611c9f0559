"""Published sets of chords, keys and sections."""

from collections.abc import Mapping

from deepmir.datasets.published import convert, peculiar
from deepmir.datasets.published.loader import (
    BY,
    BY_NC_SA,
    BY_SA,
    UNKNOWN,
    Loader,
    of,
    read,
)
from deepmir.datasets.published.sets_rhythm import BEATS, GENRE, STATED_TEMPO
from deepmir.datasets.published.tags import vocal_activity

RWC = "RWC pledge"
CHORDS = read("chords", convert.chords, "chords")
KEYS = read("key", convert.keys, "keys")
SECTIONS = read("sections", convert.sections, "sections")
GLOBAL_KEY = read("key", convert.global_key, "key")

# GiantSteps key and Beatport have the same authors and layout.
EDM = Loader(
    BY_SA,
    (
        GLOBAL_KEY,
        read("tempo", convert.tempo, "meta"),
        read(lambda track: track.genres["genres"], GENRE, "meta"),
    ),
    group=lambda track: next(iter(track.artists), ""),
    stratum=peculiar.only_key,
)

ROWS: Mapping[str, Loader] = {
    "beatles": Loader(
        UNKNOWN,
        (read("beats", convert.beats, "beat"), CHORDS, KEYS, SECTIONS),
        own_audio=True,
    ),
    "beatport_key": EDM,
    "billboard": Loader(
        "CC0 1.0",
        (
            read("chords_full", convert.chords, "lab_full"),
            read("sections", convert.lettered, "salami"),
        ),
        own_audio=True,
        group=of("artist"),
        remotes=("metadata", "annotation_salami", "annotation_lab"),
        metadata=("billboard-2.0-index.csv",),
    ),
    "compmusic_carnatic_varnam": Loader(
        "CC BY-NC-ND 4.0",
        (
            read("taala", convert.beats, "taala"),
            read("sections", convert.sections, "notation", "taala", "structure"),
            read("raaga", GENRE),
        ),
        group=of("artist"),
        stratum=of("raaga"),
    ),
    "fma_keys": Loader(
        BY,
        (read(peculiar.fma_key, convert.global_key),),
        stratum=peculiar.fma_key,
        metadata=("fma_keys_metadata.csv",),
    ),
    "giantsteps_key": EDM,
    "queen": Loader(UNKNOWN, (CHORDS, KEYS, SECTIONS), own_audio=True),
    "rwc_classical": Loader(
        RWC,
        (BEATS, SECTIONS),
        own_audio=True,
        length=of("duration"),
        group=of("composer"),
        metadata=("metadata-master/rwc-c.csv",),
    ),
    "rwc_jazz": Loader(
        RWC,
        (BEATS, SECTIONS),
        own_audio=True,
        length=of("duration"),
        group=of("artist"),
        metadata=("metadata-master/rwc-j.csv",),
    ),
    "rwc_popular": Loader(
        RWC,
        (
            BEATS,
            STATED_TEMPO,
            CHORDS,
            SECTIONS,
            read("vocal_instrument_activity", vocal_activity, "voca_inst"),
        ),
        own_audio=True,
        length=of("duration"),
        group=of("artist"),
        metadata=("metadata-master/rwc-p.csv",),
    ),
    "salami": Loader(
        "CC0 1.0",
        (
            read(
                "sections_uppercase",
                convert.each(convert.sections),
                *("annotator_1_uppercase", "annotator_2_uppercase"),
            ),
            read("broad_genre", GENRE),
        ),
        own_audio=True,
        group=of("artist"),
        stratum=of("broad_genre"),
        metadata=("*/metadata/metadata.csv",),
    ),
    "tonality_classicaldb": Loader(
        BY_NC_SA,
        (GLOBAL_KEY,),
        own_audio=True,
        stratum=peculiar.only_key,
        remotes=("keys",),
    ),
}
