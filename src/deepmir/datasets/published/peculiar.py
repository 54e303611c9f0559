"""What a single published set has in a way of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepmir.datasets.published import convert

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


def gtzan_tempo(track: Any) -> str | None:
    """What the tempo file of GTZAN says."""
    # mirdata 1.0 makes a number of an array here, which NumPy 2.4 refuses.
    if track.tempo_path is None:
        return None
    return Path(track.tempo_path).read_text(encoding="utf-8").strip()


def guitarset_chords(track: Any) -> Any:
    """None for a solo: the chords written there are the accompaniment's, which is not heard."""
    return track.leadsheet_chords if track.mode == "comp" else None


def ballroom_album(track: Any) -> str:
    """`Albums-AnaBelen_Veneo-01` is of an album; `Media-105901` says nothing of its origin."""
    album, _, number = str(track.track_id).rpartition("-")
    return album if album.startswith("Albums") and number.isdigit() else ""


def irmas_recording(track: Any) -> str:
    """Excerpts of one recording differ in a number at the end of their names."""
    stem = Path(track.audio_path).stem
    if track.train:
        return str(track.track_id).partition("__")[0]
    return stem.rpartition("-")[0]


def irmas_instruments(track: Any) -> list[str]:
    """IRMAS' codes as the names that the task `instrument` has."""
    return [IRMAS[code] for code in track.instrument]


def jamendo_parts(dataset: Any) -> Mapping[str, str]:
    """The first of the five official splits, which share no artist between their parts."""
    splits = dataset.get_track_splits(0)
    return {name: part for part, names in splits.items() for name in names}


def only_key(track: Any) -> str:
    """The key of a track that has one and only one."""
    found = convert.global_key(track.key, 1.0)
    return str(found[0].values[0]) if found else ""
