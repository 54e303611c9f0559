"""The judgement of a generator: metrics beside those of baselines, figures, sounds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.declarations.schema import Evaluation
from deepmir.evaluation import scoring


@dataclass(frozen=True)
class Estimate:
    """A mean with its interval.

    Attributes:
        mean: of the values.
        low: lower end of the bootstrap interval.
        high: upper end.
        n: number of values: tracks, or samples.
        groups: of the values, each drawn as a whole in the bootstrap.
    """

    mean: float
    low: float
    high: float
    n: int
    groups: int


@dataclass(frozen=True)
class Figure:
    """A picture, PNG or SVG, in the folder of the judgement."""

    title: str
    caption: str
    file: str


@dataclass(frozen=True)
class Sound:
    """A recording (WAV) with its picture (PNG or SVG, or ''), in the folder of a judgement."""

    label: str
    file: str
    picture: str = ""


@dataclass(frozen=True)
class Sounds:
    """Recordings side by side."""

    title: str
    caption: str
    sounds: Sequence[Sound]


@dataclass(frozen=True)
class Point:
    """A track on a map, with a few seconds of audio (WAV)."""

    x: float
    y: float
    track: str
    label: str
    file: str = ""


@dataclass(frozen=True)
class Map:
    """Tracks as points in a plane, coloured by label."""

    title: str
    caption: str
    points: Sequence[Point]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The judgement of a generator.

    Attributes:
        metrics: by name, as described by the `measures` of its kind.
        baselines: the metrics of each baseline.
        differences: from each baseline, of the primary metric, paired where possible.
        figures: pictures.
        sounds: groups of recordings.
        maps: planes of tracks.
        notes: sentences with caveats and shortcomings.
    """

    metrics: Mapping[str, Estimate]
    baselines: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    differences: Mapping[str, Estimate] = field(default_factory=dict)
    figures: Sequence[Figure] = ()
    sounds: Sequence[Sounds] = ()
    maps: Sequence[Map] = ()
    notes: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """As in its file."""
        return asdict(self)


def estimate(
    values: npt.NDArray[np.float64], options: Evaluation, groups: Sequence[str] = ()
) -> Estimate:
    """Mean of one value per track or sample, with its percentile bootstrap interval.

    Args:
        values: shape (n,).
        options: of the bootstrap.
        groups: of the values; by default each is its own.
    """
    low, high = scoring.interval(values, options, groups)
    count = len({*groups}) or len(values)
    return Estimate(float(values.mean()), low, high, len(values), count)
