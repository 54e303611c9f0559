"""Where networks detect singing, against the annotations beside recordings.

Run by hand: ``python benchmarks/sung_or_not.py FOLDER ...``. A recording without an annotation of
singing is assumed to have none: give folders in which that is so. ``--models`` adds more networks,
each compared with deepmir's.
"""

import argparse
from pathlib import Path

import numpy as np
from agreement import recordings, said

import deepmir
from deepmir.files.annotations import Jams
from deepmir.tasks.singing import TASK, annotation, sung

METRICS = ("accuracy", "recall", "false_alarm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--models", nargs="*", default=[], type=Path, help="more networks")
    options = parser.parse_args()
    asked = {"deepmir": None} | {f.name: {"singing": f} for f in options.models}
    nobody = annotation(np.zeros((0, 2)))
    for folder in options.folders:
        scores: dict[str, list[dict[str, float]]] = {name: [] for name in asked}
        somebody = []
        for path, jams in recordings([folder]):
            known = Jams(jams.duration, (nobody,)) if sung(jams) is None else jams
            answers = {
                name: deepmir.analyze(path, tasks=["singing"], models=models).jams
                for name, models in asked.items()
            }
            somebody.append(bool(len(sung(known))))
            for name, found in answers.items():
                scores[name].append(TASK.metrics(known, found))
        for metric in METRICS:
            counted = np.array(somebody) | (metric != "recall")
            values = {
                name: np.array([row[metric] for row in rows])[counted]
                for name, rows in scores.items()
            }
            for name, ours in values.items() if counted.any() else ():
                print(f"{folder.name:20}{counted.sum():4}  {metric:12}{name:20}", end="")
                print(f"{said(ours)}  {said(ours - values['deepmir'])}")


if __name__ == "__main__":
    main()
