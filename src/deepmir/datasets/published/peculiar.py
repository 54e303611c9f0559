"""Special handling of single published sets."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from deepmir.datasets.published import convert
from deepmir.datasets.published.loader import Index, Pair

IRMAS = {
    "cel": "cello",
    "cla": "clarinet",
    "flu": "flute",
    "gac": "nylon guitar",
    "gel": "guitar",
    "org": "organ",
    "pia": "piano",
    "sax": "saxophone",
    "tru": "trumpet",
    "vio": "violin",
    "voi": "voice",
}
IDMT = {"B": "bass", "G": "guitar", "P": "guitar"}
HEARD = 0.5  # relevance in OpenMIC above which most annotators have heard an instrument


def gtzan_tempo(track: Any) -> str | None:
    """The content of GTZAN's tempo file."""
    # mirdata 1.0 converts an array to a number here, which NumPy 2.4 refuses.
    if track.tempo_path is None:
        return None
    return Path(track.tempo_path).read_text(encoding="utf-8").strip()


def guitarset_chords(track: Any) -> Any:
    """None for a solo: its annotated chords belong to an accompaniment that is not audible."""
    return track.leadsheet_chords if track.mode == "comp" else None


def ballroom_album(track: Any) -> str:
    """The album: `Albums-AnaBelen_Veneo-01` has one; `Media-105901` does not."""
    album, _, number = str(track.track_id).rpartition("-")
    return album if album.startswith("Albums") and number.isdigit() else ""


def irmas_recording(track: Any) -> str:
    """The name of a recording, which its excerpts extend with a number."""
    stem = Path(track.audio_path).stem
    if track.train:
        return str(track.track_id).partition("__")[0]
    return stem.rpartition("-")[0]


def irmas_instruments(track: Any) -> list[str]:
    """IRMAS' codes as instrument names of the task `instrument`."""
    return [IRMAS[code] for code in track.instrument]


def jamendo_parts(dataset: Any) -> Mapping[str, str]:
    """The first of the five official splits, whose parts share no artist."""
    splits = dataset.get_track_splits(0)
    return {name: part for part, names in splits.items() for name in names}


def only_key(track: Any) -> str:
    """The key of a track that has exactly one."""
    found = convert.global_key(track.key, 1.0)
    return str(found[0].values[0]) if found else ""


def fma_key(track: Any) -> str:
    """Tonic and mode, which are separate in mirdata: `C#` and `Major`."""
    return f"{track.key} {track.mode}"


def slakh_stems(index: Index, name: str) -> Iterable[Pair]:
    """The MIDI files of the rendered stems: the others have no recording."""
    stems = (index["tracks"][stem] for stem in index["multitracks"][name]["tracks"])
    return [tuple(row["midi"]) for row in stems if row["audio"][0] and row["midi"][0]]


def slakh_midi(multitrack: Any) -> Any:
    """The notes in the mix; `all_src.mid` also has stems that were not rendered."""
    stems = multitrack.tracks.values()
    sounding = [stem.midi for stem in stems if stem.audio_path and stem.midi_path]
    return SimpleNamespace(instruments=[part for midi in sounding for part in midi.instruments])


def choir_scores(index: Index, name: str) -> Iterable[Pair]:
    """The notes of each singer of the Dagstuhl ChoirSet, which mirdata combines."""
    singers = (index["tracks"][singer] for singer in index["multitracks"][name]["tracks"])
    return [tuple(row["score"]) for row in singers if row["score"][0]]


def filosax_notes(track: Any) -> Any:
    """The notes of a saxophone as they were played."""
    from mirdata.annotations import NoteData

    times = [(float(note.a_start_time), float(note.a_end_time)) for note in track.notes]
    pitches = [float(note.midi_pitch) for note in track.notes]
    return NoteData(np.array(times), "s", np.array(pitches), "midi") if times else None


def tabla_strokes(track: Any) -> list[float]:
    """The onsets of all four kinds of strokes."""
    kinds = (track.onsets_b, track.onsets_d, track.onsets_rb, track.onsets_rt)
    return [time for strokes in kinds if strokes is not None for time in strokes.times.tolist()]


def split_by_train(track: Any) -> str:
    """The part of a track with a flag for training."""
    return "train" if track.train else "test"


def matra_tempi(track: Any) -> Any:
    """The tempi of the sections of a Hindustani piece, weighted by duration.

    A section without metre has the tempo -1.
    """
    from mirdata.annotations import TempoData

    parts = [part for part in (track.tempo or {}).values() if part["tempo"] > 0]
    if not parts:
        return None
    start, length = (np.array([float(p[key]) for p in parts]) for key in ("start_time", "duration"))
    tempi = np.array([float(part["tempo"]) for part in parts])
    spans = np.stack([start, start + length], axis=1)
    return TempoData(spans, "s", tempi, "bpm", length / length.sum(), "likelihood")


def openmic_part(track: Any) -> str:
    """The part in the official split, `split01_train` in mirdata."""
    return str(track.split).rpartition("_")[2]


def openmic_instruments(track: Any) -> Sequence[str]:
    """The instruments heard by most annotators, among those asked about."""
    return [name for name, relevance in track.instruments.items() if relevance >= HEARD]


def openmic_genres(track: Any) -> Sequence[str]:
    """The genres of a recording; empty if unknown."""
    stated = track._track_metadata["track_genres"]
    return track.genres if isinstance(stated, list) else ()


def good_sounds_tone(track: Any) -> int | None:
    """The pitch of a single note, in semitones above a C; None for a scale."""
    semitone = track.semitone
    return None if semitone is None or "scale" in track.klass else int(semitone)


def egfx_tone(track: Any) -> int | None:
    """The MIDI number of a guitar note; None for an effect that mirdata lacks."""
    return None if track.midinote is None else int(track.midinote.pitches[0])


def idmt_effect(track: Any) -> str:
    """The effect, from the folder of a recording: its number in the lists has no name."""
    return Path(track.audio_path).parent.name


def idmt_tone(track: Any) -> int | None:
    """The MIDI number of a single note; None for two notes or a chord."""
    return None if "polyphon" in track.audio_path else int(track.midi_nr)


def idmt_instrument(track: Any) -> str:
    """The instrument, given as a letter in the lists."""
    return IDMT.get(str(track.instrument), str(track.instrument))


def groove_style(track: Any) -> str:
    """The style without variants: `funk` for `funk/groove1`."""
    return str(track.style).partition("/")[0]


def carnatic_tempo(track: Any) -> float | None:
    """The tempo of a Carnatic piece; None unless it has exactly one."""
    return (track.tempo or {}).get("tempo_bpm")


def mend_simac(indexes: dict[str, Any]) -> None:
    """Give the index the number under which mirdata 1.0 looks it up in vain."""
    from mirdata.core import Index

    indexes.setdefault(
        "1.0",
        Index(
            filename="simac_index_1.0.json",
            url="https://zenodo.org/records/14036302/files/simac_index_1.0.json?download=1",
            checksum="37be97b12d0bb2c111aa7c6888f1317c",
        ),
    )
