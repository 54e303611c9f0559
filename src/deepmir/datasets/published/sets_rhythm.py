"""Published sets of beats, tempo and onsets."""

from collections.abc import Mapping

from deepmir.datasets.published import convert, midi, peculiar
from deepmir.datasets.published.loader import (
    BY,
    BY_NC_SA,
    BY_SA,
    OFFICIAL,
    UNKNOWN,
    Loader,
    by_track,
    of,
    read,
)
from deepmir.datasets.published.tags import words

GENRE = words("genre")
BEATS = read("beats", convert.beats, "beats")
TEMPO = read("tempo", convert.tempo, "tempo")
STATED_TEMPO = read("tempo", convert.tempo)  # from the metadata

# The sets of the beat tracking archive have the same layout.
ARCHIVE = Loader(BY_NC_SA, (BEATS, TEMPO), own_audio=True)

ROWS: Mapping[str, Loader] = {
    "ballroom": Loader(
        BY_NC_SA,
        (BEATS, TEMPO, read("genre", GENRE)),
        group=peculiar.ballroom_album,
        stratum=of("genre"),
    ),
    "brid": Loader(BY_NC_SA, (BEATS, TEMPO)),
    "candombe": Loader(BY, (BEATS,)),
    "compmusic_carnatic_rhythm": Loader(
        BY_NC_SA, (BEATS,), group=of("artist"), stratum=of("taala"), metadata=("CMR_*/*.xlsx",)
    ),
    "compmusic_hindustani_rhythm": Loader(
        BY_NC_SA, (BEATS,), group=of("artist"), stratum=of("taala"), metadata=("HMR_*/*.xlsx",)
    ),
    "cuidado": ARCHIVE,
    "four_way_tabla": Loader(
        BY,
        (
            read(
                peculiar.tabla_strokes,
                convert.instants,
                *("onsets_b", "onsets_d", "onsets_rb", "onsets_rt"),
            ),
        ),
        parts=by_track(peculiar.split_by_train),
    ),
    "giantsteps_tempo": Loader(
        BY_SA,
        (read("tempo_v2", convert.tempo, "annotation_v2"), read("genre", GENRE, "annotation_v1")),
        own_audio=True,
        stratum=of("genre"),
    ),
    "groove_midi": Loader(
        BY,
        (
            read("midi", convert.together(midi.beats, midi.onsets), "midi"),
            STATED_TEMPO,
            read(peculiar.groove_style, GENRE),
        ),
        length=of("duration"),
        stratum=peculiar.groove_style,
        parts=OFFICIAL,
        metadata=("info.csv",),
    ),
    "gtzan_genre": Loader(
        UNKNOWN,
        (
            read("genre", GENRE),
            BEATS,
            read(peculiar.gtzan_tempo, convert.tempo, "tempo"),
        ),
        stratum=of("genre"),
    ),
    "hainsworth": ARCHIVE,
    "jtd": Loader(
        "MIT",
        (BEATS, read("tempo", convert.tempo, "metadata")),
        length=of("duration"),
        group=of("bandleader"),
    ),
    "simac": ARCHIVE,
}
