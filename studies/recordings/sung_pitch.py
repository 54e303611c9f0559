"""A data set of sung melodies, with a pitch tracker of the vocal stems as teacher.

Run before snakemake, from this folder: ``python sung_pitch.py``. The pitch of a vocal stem is that
of pYIN (Mauch and Dixon, 2014), where the stem is annotated as singing. It is written for the
passage of the stem, and for the same passage of the mix.
"""

import shutil
from pathlib import Path

import numpy as np
import soundfile
from own_folder import ABOUT, SOURCES, TABLE, read_table, write_table

from deepmir import tasks
from deepmir.baselines import pyin
from deepmir.files import annotations
from deepmir.files.annotations import Jams
from deepmir.tasks import melody
from deepmir.tasks.base import Grid
from deepmir.tasks.singing import sung

MADE = Path("../../data/sources/sung-pitch")
RESTS = 2.0  # s: who rests for longer may leave the melody to an instrument
SHORTEST = 6.0  # s of a passage: a patch of training
VOICED = 0.3  # least share of it that has a pitch: less is speech, a choir or an effect


def main() -> None:
    """Write the passages of every song, and the table of their groups."""
    shutil.rmtree(MADE, ignore_errors=True)
    MADE.mkdir()
    groups = {row["file"]: row for row in read_table(SOURCES / "eif" / TABLE)}
    rows = []
    for mix in sorted((SOURCES / "eif").glob("*.ogg")):
        stem = SOURCES / "eif_stems" / f"{mix.stem}_vocals.ogg"
        intervals = sung(annotations.read(stem.with_suffix(".jams")))
        assert intervals is not None
        passages = annotations.joined(map(tuple, intervals.tolist()), RESTS)
        for start, end in passages:
            if end - start >= SHORTEST:
                name = f"{mix.stem}-{start:03.0f}"
                rows += _passage(name, (mix, stem), start, end, np.clip(intervals - start, 0, None))
        print(mix.stem, f"{len(rows)} files so far", flush=True)
    write_table(
        MADE, [tuple({**groups[of], "file": name}[key] for key in ABOUT) for name, of in rows]
    )


def _passage(
    name: str, files: tuple[Path, Path], start: float, end: float, intervals: np.ndarray
) -> list[tuple[str, str]]:
    """Write a passage of mix and stem; returns each file's name, and the name of its song."""
    (heard, rate), (voice, _) = (_excerpt(path, start, end) for path in files)
    (found,) = pyin.annotator(Path(), tasks.get("melody"), rate)(voice)
    contour = melody.Contour.of(Jams(len(voice) / rate, (found,)))
    assert contour is not None
    inside = Grid(0.0, contour.step, len(contour.times)).inside(intervals)
    said = melody.annotation(contour.times, contour.frequencies, contour.voiced & inside)
    made: list[tuple[str, str]] = []
    if (contour.voiced & inside).mean() < VOICED:
        return made
    for kind, samples in (("mix", heard), ("vocals", voice)):
        soundfile.write(MADE / f"{name}-{kind}.flac", samples, rate)
        annotations.write(MADE / f"{name}-{kind}.jams", Jams(len(samples) / rate, (said,)))
        made.append((f"{name}-{kind}.flac", files[0].name))
    return made


def _excerpt(path: Path, start: float, end: float) -> tuple[np.ndarray, int]:
    """Mono samples, float32, and their rate."""
    rate = soundfile.info(path).samplerate
    samples, _ = soundfile.read(
        path, start=round(start * rate), stop=round(end * rate), dtype="float32"
    )
    return samples, rate


if __name__ == "__main__":
    main()
