"""The melody where someone sings, from two networks: one for melody and one for singing.

The first follows the main voice, which may be an instrument; the second detects singing.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import Annotation, Pitches

NAME = "vocal_melody"
PARTS = ("melody", "singing")


def with_vocal(found: Sequence[Annotation]) -> list[Annotation]:
    """The annotations of a recording, with its vocal melody if both of its parts are present.

    Args:
        found: annotations of a recording; the sandbox of each names its task.
    """
    of = {annotation.sandbox["task"]: annotation for annotation in found}
    if not all(part in of for part in PARTS):
        return list(found)
    melody, singing = (of[part] for part in PARTS)
    rows = Pitches.of(melody.observations)
    sung = rows.voiced & _inside(rows.times, singing)
    observations = Pitches(rows.times, rows.frequencies, sung)
    sandbox = {**melody.sandbox, "task": NAME, "singing": singing.sandbox["model"]}
    return [*found, replace(melody, observations=observations, sandbox=sandbox)]


def _inside(times: npt.NDArray[np.float64], singing: Annotation) -> npt.NDArray[np.bool_]:
    """Which instants lie in one of its intervals, which follow each other."""
    starts, ends = singing.intervals.T
    begun = np.searchsorted(starts, times, side="right")
    over = np.searchsorted(ends, times, side="right")
    return np.asarray(begun > over)
