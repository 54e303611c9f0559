"""Which loaders of mirdata are known, and what of each is read.

A row says which attributes of mirdata's track become which annotations, and which metadata are the
group, the stratum and the official split. docs/how-to/published-sets.md says it for people.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deepmir.datasets.published import convert, midi, peculiar
from deepmir.datasets.published.convert import Converter, each, together, words
from deepmir.errors import DeepmirError

Get = Callable[[Any], Any]


def of(name: str) -> Get:
    """Read an attribute of a mirdata track."""
    return lambda track: getattr(track, name)


def nothing(track: Any) -> str:
    """What is not known of a track."""
    return ""


def official(dataset: Any) -> Mapping[str, str]:
    """The split that mirdata knows of, by track: the attribute `split` of each."""
    if "multitracks" in dataset._index:
        return {name: dataset.multitrack(name).split or "" for name in dataset.mtrack_ids}
    return {name: dataset.track(name).split or "" for name in dataset.track_ids}


@dataclass(frozen=True)
class Loader:
    """What is read of a published set.

    Attributes:
        licence: as mirdata states it, in short.
        reads: what to get of a track, and what it is converted to.
        files: keys of mirdata's index whose files are read, beside the audio.
        audio: key of the index for the recording.
        group: what must not be in two splits; the track itself where this is empty.
        stratum: what every split should have its share of.
        parts: official part of every track; None where mirdata knows of none.
        remotes: what mirdata downloads, where it is not all that it could.
    """

    licence: str
    reads: tuple[tuple[Get, Converter], ...]
    files: tuple[str, ...] = ()
    audio: str = "audio"
    group: Get = nothing
    stratum: Get = nothing
    parts: Callable[[Any], Mapping[str, str]] | None = None
    remotes: tuple[str, ...] = ()


BY_SA, BY_NC_SA = "CC BY-SA 4.0", "CC BY-NC-SA 4.0"
RWC = "RWC pledge"
UNKNOWN = "unknown"

GENRE = words("genre")
BEATS = (of("beats"), convert.beats)
TEMPO = (of("tempo"), convert.tempo)
SECTIONS = (of("sections"), convert.sections)
CHORDS = (of("chords"), convert.chords)
KEYS = (of("key"), convert.keys)
GLOBAL_KEY = (of("key"), convert.global_key)
NOTES = together(convert.notes, convert.onsets)


# GiantSteps key and Beatport have the same authors and layout.
EDM = Loader(
    BY_SA,
    (GLOBAL_KEY, TEMPO, (lambda track: track.genres["genres"], GENRE)),
    files=("key", "meta"),
    group=lambda track: next(iter(track.artists), ""),
    stratum=peculiar.only_key,
)

LOADERS: Mapping[str, Loader] = {
    "ballroom": Loader(
        BY_NC_SA,
        (BEATS, TEMPO, (of("genre"), GENRE)),
        files=("beats", "tempo"),
        group=peculiar.ballroom_album,
        stratum=of("genre"),
    ),
    "beatles": Loader(
        UNKNOWN,
        (BEATS, CHORDS, KEYS, SECTIONS),
        files=("beat", "chords", "keys", "sections"),
    ),
    "beatport_key": EDM,
    "billboard": Loader(
        "CC0 1.0",
        ((of("chords_full"), convert.chords), (of("sections"), convert.lettered)),
        files=("salami", "lab_full"),
        group=of("artist"),
        remotes=("metadata", "annotation_salami", "annotation_lab"),
    ),
    "giantsteps_key": EDM,
    "giantsteps_tempo": Loader(
        UNKNOWN,
        ((of("tempo_v2"), convert.tempo), (of("genre"), GENRE)),
        files=("annotation_v1", "annotation_v2"),
        stratum=of("genre"),
    ),
    "groove_midi": Loader(
        "CC BY 4.0",
        (
            (of("midi"), together(midi.beats, midi.onsets)),
            TEMPO,
            (lambda track: track.style.partition("/")[0], GENRE),
        ),
        files=("midi",),
        stratum=lambda track: track.style.partition("/")[0],
        parts=official,
    ),
    "gtzan_genre": Loader(
        UNKNOWN,
        ((of("genre"), GENRE), BEATS, (peculiar.gtzan_tempo, convert.tempo)),
        files=("beats", "tempo"),
        stratum=of("genre"),
    ),
    "guitarset": Loader(
        "MIT",
        (
            BEATS,
            TEMPO,
            (of("key_mode"), convert.keys),
            (peculiar.guitarset_chords, convert.chords),
            (of("notes_all"), NOTES),
            (of("style"), GENRE),
        ),
        files=("jams",),
        audio="audio_mic",
        group=of("player_id"),
        stratum=of("style"),
        remotes=("annotations", "audio_mic"),
    ),
    "hainsworth": Loader(BY_NC_SA, (BEATS, TEMPO), files=("beats", "tempo")),
    "ikala": Loader(
        "custom",
        ((of("f0"), convert.f0), (of("lyrics"), convert.voice)),
        files=("pitch", "lyrics"),
        group=of("singer_id"),
        stratum=of("section"),
    ),
    "irmas": Loader(
        "CC BY-NC-SA 3.0",
        ((peculiar.irmas_instruments, words("instrument")),),
        files=("annotation",),
        group=peculiar.irmas_recording,
        stratum=lambda track: track.predominant_instrument or "",
        parts=official,
    ),
    "maestro": Loader(
        BY_NC_SA,
        ((of("notes"), NOTES),),
        files=("midi",),
        group=lambda track: f"{track.canonical_composer}: {track.canonical_title}",
        parts=official,
        remotes=("all",),
    ),
    "medleydb_melody": Loader(
        BY_NC_SA,
        ((of("melody2"), convert.f0), (of("genre"), GENRE)),
        files=("melody2",),
        group=of("artist"),
        stratum=of("genre"),
    ),
    "mtg_jamendo_autotagging_moodtheme": Loader(
        BY_NC_SA,
        ((of("tags"), words("tags")),),
        group=of("artist_id"),
        parts=peculiar.jamendo_parts,
    ),
    "orchset": Loader(
        BY_NC_SA,
        ((of("melody"), convert.f0),),
        files=("melody",),
        audio="audio_mono",
        group=lambda track: f"{track.composer}: {track.work}",
    ),
    "queen": Loader(
        UNKNOWN,
        (CHORDS, KEYS, SECTIONS),
        files=("chords", "keys", "sections"),
    ),
    "rwc_classical": Loader(
        RWC, (BEATS, SECTIONS), files=("beats", "sections"), group=of("composer")
    ),
    "rwc_jazz": Loader(RWC, (BEATS, SECTIONS), files=("beats", "sections"), group=of("artist")),
    "rwc_popular": Loader(
        RWC,
        (
            BEATS,
            TEMPO,
            CHORDS,
            SECTIONS,
            (of("vocal_instrument_activity"), convert.vocal_activity),
        ),
        files=("beats", "chords", "sections", "voca_inst"),
        group=of("artist"),
    ),
    "salami": Loader(
        "CC0 1.0",
        ((of("sections_uppercase"), each(convert.sections)), (of("broad_genre"), GENRE)),
        files=("annotator_1_uppercase", "annotator_2_uppercase"),
        group=of("artist"),
        stratum=of("broad_genre"),
    ),
    "slakh": Loader(
        "CC BY 4.0",
        ((of("notes"), convert.notes), (of("midi"), together(midi.onsets, midi.instruments))),
        files=("midi",),
        audio="mix",
        parts=official,
    ),
    "tonality_classicaldb": Loader(
        BY_NC_SA, (GLOBAL_KEY,), files=("key",), stratum=peculiar.only_key, remotes=("keys",)
    ),
    "vocadito": Loader(
        "CC BY 4.0",
        ((of("f0"), convert.f0), (of("notes_a1"), together(NOTES, convert.voice))),
        files=("f0", "notesA1"),
        group=of("singer_id"),
    ),
}


def get(name: str) -> Loader:
    """The row of a loader.

    Raises:
        DeepmirError: when there is none; it names the nearest and all others.
    """
    if name in LOADERS:
        return LOADERS[name]
    near = difflib.get_close_matches(name, LOADERS, n=1, cutoff=0.4)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise DeepmirError(
        f"deepmir does not know what to read of mirdata's {name!r}{hint}; "
        f"it knows {', '.join(LOADERS)}"
    )
