"""The data set `remixed`: music without singing, by itself and under voices of other songs.

Run before snakemake, from this folder: ``python remixed.py``. The music is that of `kml` and
`modules`, the voices are stems of `eif`, resampled, so that they are faster and higher or slower
and lower and more people seem to sing. Both are from the same part of the split: no voice and no
piece is in two parts.
"""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from own_folder import ABOUT, SOURCES, TABLE, below_peak, read_table, write_table

from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams
from deepmir.tasks import singing
from deepmir.tasks.shared import tags

MADE = Path("../../data/sources/remixed")
SPLITS = Path("data/splits")
VOICES = {"choir", "voice"}  # as the composer's catalogue calls them
# Modules whose samples are said to be voices or a choir: not by us but by their names.
LEFT_OUT = ("heroes04", "heroes05", "heroes06", "satisfy")
SEMITONES = 3.0  # at most, up or down
DECIBELS = (-5.0, 7.0)  # of a voice, where it sings, above the music
SUNG = 0.4  # share of a passage, at least
TRIES = 50

Voice = tuple[np.ndarray, np.ndarray]  # samples, and intervals, s, in which they sing


def main() -> None:
    """Write every piece, with a voice and without, and the table of their groups."""
    shutil.rmtree(MADE, ignore_errors=True)
    MADE.mkdir()
    voices = stems()
    rows = []
    for folder in ("kml", "modules"):
        for row, part in rows_of(SOURCES / folder, folder):
            path = SOURCES / folder / row["file"]
            if _nobody(path):
                music, rate = soundfile.read(path, dtype="float32")
                rows += remix(MADE / path.stem, music, rate, voices.get(part, []), row)
    write_table(MADE, [tuple(row[key] for key in ABOUT) for row in rows])
    print(f"{len(rows)} files")


def stems() -> dict[str, list[Voice]]:
    """The voices of `eif-stems`, by the parts of its split."""
    voices: dict[str, list[Voice]] = {}
    for row, part in rows_of(SOURCES / "eif_stems", "eif-stems"):
        if "_vocals" in row["file"]:
            path = SOURCES / "eif_stems" / row["file"]
            samples, _ = soundfile.read(path, dtype="float32")
            voices.setdefault(part, []).append(voice_of(samples, path.with_suffix(".jams")))
    return voices


def voice_of(samples: np.ndarray, jams: Path) -> Voice:
    """A recording of which an annotation says when somebody sings."""
    sung = singing.sung(annotations.read(jams))
    assert sung is not None
    return samples, sung


def rows_of(folder: Path, split: str) -> Iterator[tuple[dict[str, str], str]]:
    """What the table of a folder says of each file, and the part of the split that it is in."""
    parts = {row["group"]: row["part"] for row in read_table(SPLITS / f"{split}.csv")}
    for row in read_table(folder / TABLE):
        if row["group"] in parts:
            yield row, parts[row["group"]]


def _nobody(path: Path) -> bool:
    """Whether the catalogue names its instruments and none is a voice; modules as `LEFT_OUT`."""
    if path.parent.name == "modules":
        return not path.stem.endswith(LEFT_OUT)
    named = tags.words(annotations.read(path.with_suffix(".jams")), "instrument")
    return bool(named) and not VOICES & set(named)


def remix(
    made: Path, music: np.ndarray, rate: int, voices: list[Voice], row: dict[str, str]
) -> list[dict[str, str]]:
    """Write a piece, and with one of the voices, if there are any; returns their rows.

    Args:
        made: where to write the piece; `-sung` is appended for the one with a voice.
        music: mono samples, shape (S,).
        rate: of music and voices, Hz.
        voices: of which one is drawn.
        row: what is known of the piece.
    """
    unsung = singing.annotation(np.zeros((0, 2)))
    rows = [_write(made, music, rate, unsung, row)]
    if voices:
        chance = random.Random(made.name)
        voice, sung = _passage(*chance.choice(voices), len(music) / rate, rate, chance)
        heard = np.concatenate(
            [voice[round(start * rate) : round(end * rate)] for start, end in sung]
        )
        gain = _level(music) / _level(heard) * 10 ** (chance.uniform(*DECIBELS) / 20)
        mix = music.copy()
        mix[: len(voice)] += gain * voice
        with_voice = made.with_name(f"{made.name}-sung")
        rows.append(_write(with_voice, mix, rate, singing.annotation(sung), row))
    return rows


def _passage(
    voice: np.ndarray, sung: np.ndarray, seconds: float, rate: int, chance: random.Random
) -> tuple[np.ndarray, np.ndarray]:
    """Some seconds of a voice at another speed, and the intervals in which it sings there."""
    speed = 2 ** (chance.uniform(-SEMITONES, SEMITONES) / 12)
    for _ in range(TRIES):
        start = chance.uniform(0, max(0.0, len(voice) / rate - seconds * speed))
        inside = np.clip(sung - start, 0, seconds * speed) / speed
        inside = inside[inside[:, 1] > inside[:, 0]]
        if np.diff(inside, axis=1).sum() >= SUNG * seconds:
            break
    cut = voice[round(start * rate) : round((start + seconds * speed) * rate)]
    return soxr.resample(cut, rate * speed, rate)[: round(seconds * rate)], inside


def _level(samples: np.ndarray) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(np.square(samples)))) + 1e-9


def _write(
    made: Path, samples: np.ndarray, rate: int, said: Annotation, row: dict[str, str]
) -> dict[str, str]:
    """Write a recording and its annotation; returns its row in the table."""
    soundfile.write(f"{made}.flac", below_peak(samples), rate)
    about = Jams(len(samples) / rate, (said,), row["title"], row["artist"])
    annotations.write(Path(f"{made}.jams"), about)
    return {**row, "file": f"{made.name}.flac"}


if __name__ == "__main__":
    main()
