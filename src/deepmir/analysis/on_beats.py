"""Moves chord changes to beats, and section boundaries to downbeats, if they are close.

The networks for chords and sections have ten frames per second, that for beats has fifty, and its
decoder follows a steady pulse: it knows better when something begins. docs/history.md has the gain.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import Annotation, Jams

# How near, in distances of two beats, or of two downbeats. A chord that comes half a beat early
# stays there. What tells sections apart is heard over bars, so each begins with the nearest one.
NEAR = {"chord": 0.25, "chord_large": 0.25, "structure": 0.5}
LEFT = 0.5  # of the length of each, at least
DECIMALS = 6  # of times, in seconds

Floats = npt.NDArray[np.float64]


def on_beats(found: Sequence[Annotation]) -> list[Annotation]:
    """The annotations of a recording, with chords and sections moved to nearby beats.

    Args:
        found: annotations of a recording; the sandbox of each names its task. Chords and sections
            follow one another without gaps.
    """
    of = {annotation.sandbox["task"]: annotation for annotation in found}
    if "beat" not in of:
        return list(found)
    from deepmir.tasks.beat import beat_times  # loaded where there are beats, nowhere else

    beats, bars = beat_times(Jams(0.0, (of["beat"],)))
    about = {"beats": of["beat"].sandbox["model"]}
    return [
        _moved(one, bars if one.sandbox["task"] == "structure" else beats, about)
        if one.sandbox["task"] in NEAR
        else one
        for one in found
    ]


def _moved(annotation: Annotation, pulse: Floats, about: dict[str, Any]) -> Annotation:
    if len(pulse) < 2 or len(annotation.observations) < 2:
        return annotation
    edges = np.append(annotation.times, annotation.intervals[-1, 1])
    moved = edges.copy()
    moved[1:-1] = _nearest(edges[1:-1], pulse, NEAR[annotation.sandbox["task"]])
    # Where two are near one beat, or one near either end of the recording, all stay.
    for _ in edges:  # what stays may leave too little of the next
        short = np.diff(moved) < LEFT * np.diff(edges)
        if not short.any():
            break
        moved = np.where(np.append(short, False) | np.append(False, short), edges, moved)
    edges = np.round(moved, DECIMALS)
    rows = zip(annotation.observations, edges[:-1], np.diff(edges), strict=True)
    return replace(
        annotation,
        observations=tuple(
            replace(o, time=float(start), duration=round(float(length), DECIMALS))
            for o, start, length in rows
        ),
        sandbox={**annotation.sandbox, **about},
    )


def _nearest(times: Floats, pulse: Floats, share: float) -> Floats:
    """Each time, or the nearest beat if that is no farther than a share of the beats' distance."""
    after = np.searchsorted(pulse, times).clip(1, len(pulse) - 1)
    left, right = pulse[after - 1], pulse[after]
    near = np.where(times - left <= right - times, left, right)
    return np.where(np.abs(near - times) <= share * (right - left), near, times)
