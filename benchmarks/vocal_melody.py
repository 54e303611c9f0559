"""The melody and the vocal melody of songs, against the pitch of their vocal stems.

Run by hand: ``python benchmarks/vocal_melody.py MIXES STEMS``, folders of `<song>.ogg` and
`<song>_vocals.ogg` of the same length. The pitch of a stem is that of pYIN (Mauch and Dixon, 2014)
where the singing annotated beside the mix agrees; where only one of the two has a voice, nothing is
compared.
"""

import argparse
from pathlib import Path

import librosa
import numpy as np
from mir_eval import melody

import deepmir
from deepmir.declarations.schema import Evaluation
from deepmir.evaluation.scoring import interval
from deepmir.files import annotations, audio
from deepmir.tasks.base import Grid
from deepmir.tasks.singing import sung

RATE, HOP = 22050, 1024
LOWEST, HIGHEST = 80.0, 1000.0  # Hz
METRICS = ("Overall Accuracy", "Raw Pitch Accuracy", "Voicing Recall", "Voicing False Alarm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mixes", type=Path)
    parser.add_argument("stems", type=Path)
    parser.add_argument("--start", type=float, default=60.0, help="of the excerpt, s")
    parser.add_argument("--seconds", type=float, default=40.0)
    options = parser.parse_args()
    rows: dict[str, list[list[float]]] = {"melody": [], "vocal_melody": []}
    for path in sorted(options.mixes.glob("*.ogg")):
        excerpt = {"start": options.start, "seconds": options.seconds}
        stem = audio.load(options.stems / f"{path.stem}_vocals.ogg", RATE, **excerpt)
        hertz, voiced, _ = librosa.pyin(
            stem, fmin=LOWEST, fmax=HIGHEST, sr=RATE, frame_length=2 * HOP, hop_length=HOP
        )
        grid = Grid(0.0, HOP / RATE, len(hertz))
        intervals = sung(annotations.read(path.with_suffix(".jams")))
        assert intervals is not None
        said = grid.inside(np.maximum(intervals - options.start, 0.0))
        known = said == voiced
        truth = np.where(voiced, np.nan_to_num(hertz), 0.0)
        mix = audio.load(path, RATE, **excerpt)
        heard = deepmir.analyze(mix, RATE, tasks=["melody", "vocal_melody"])
        for name, found in rows.items():
            contour = getattr(heard, name)
            at = np.searchsorted(contour.times, grid.times).clip(0, len(contour.times) - 1)
            scores = melody.evaluate(
                grid.times[known],
                truth[known],
                grid.times[known],
                contour.frequencies[at][known],
                est_voicing=contour.voiced[at][known].astype(float),
            )
            found.append([float(scores[metric]) for metric in METRICS])
        print(path.stem, f"sung {voiced[known].mean():.2f}", rows["vocal_melody"][-1], flush=True)
    for name, found in rows.items():
        for metric, values in zip(METRICS, np.array(found).T, strict=True):
            low, high = interval(values, Evaluation())
            print(f"{name:14}{metric:22}{values.mean():.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
