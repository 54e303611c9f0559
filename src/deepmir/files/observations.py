"""The elements of annotations: single statements, and a contour of thousands in columns."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Observation:
    """One statement about an interval of a recording.

    Attributes:
        time: start in seconds, not negative.
        duration: in seconds, not negative; 0 for an instant.
        value: as defined by the namespace.
        confidence: in [0, 1], or None.

    Raises:
        ValueError: for a time or duration that is negative or not finite.
    """

    time: float
    duration: float = 0.0
    value: Any = None
    confidence: float | None = None

    def __post_init__(self) -> None:
        # A recording has thousands of observations, so this is optimised for speed.
        if 0 <= self.time < math.inf and 0 <= self.duration < math.inf:
            return
        name = "duration" if 0 <= self.time < math.inf else "time"
        seconds = getattr(self, name)
        raise ValueError(f"{name} is {seconds} s: it must be finite and not negative")


class Pitches(Sequence[Observation]):
    """The observations of a `pitch_contour`, in columns: a fortieth of the memory of objects.

    Attributes:
        times: in seconds, shape (instants,), ascending.
        frequencies: in Hz, with a guess where unvoiced, shape (instants,).
        voiced: whether a melody is present, shape (instants,).
    """

    def __init__(
        self, times: Iterable[float], frequencies: Iterable[float], voiced: Iterable[bool]
    ) -> None:
        """Store the columns.

        Raises:
            ValueError: when a time is negative or not finite, or the columns differ in length.
        """
        self.times = _column(times, np.float64)
        self.frequencies = _column(frequencies, np.float64)
        self.voiced = _column(voiced, np.bool_)
        if not len(self.times) == len(self.frequencies) == len(self.voiced):
            raise ValueError("the columns of a contour differ in length")
        if wrong := self.times[~((self.times >= 0) & (self.times < np.inf))].tolist():
            raise ValueError(f"time is {wrong[0]} s: it must be finite and not negative")

    @classmethod
    def of(cls, observations: Sequence[Observation]) -> "Pitches":
        """Convert to columns; observations count as voiced unless they say otherwise."""
        if isinstance(observations, Pitches):
            return observations
        values = [o.value for o in observations]
        return cls(
            [o.time for o in observations],
            [value["frequency"] for value in values],
            [value.get("voiced", True) for value in values],
        )

    @classmethod
    def joined(cls, parts: Sequence["Pitches"]) -> "Pitches":
        """Contours concatenated."""
        columns = ((part.times, part.frequencies, part.voiced) for part in parts)
        return cls(*(np.concatenate(column) for column in zip(*columns, strict=True)))

    def rows(self) -> Iterator[tuple[float, float, bool]]:
        """Time, frequency and voicing of each."""
        columns = (self.times.tolist(), self.frequencies.tolist(), self.voiced.tolist())
        return zip(*columns, strict=True)

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[Observation]:
        return (
            Observation(time, 0.0, {"frequency": hertz, "index": 0, "voiced": voiced})
            for time, hertz, voiced in self.rows()
        )

    @overload
    def __getitem__(self, at: int) -> Observation: ...

    @overload
    def __getitem__(self, at: slice) -> "Pitches": ...

    def __getitem__(self, at: int | slice) -> "Observation | Pitches":
        if isinstance(at, slice):
            return Pitches(self.times[at], self.frequencies[at], self.voiced[at])
        one = range(len(self))[at]
        return next(iter(self[one : one + 1]))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


def _column(values: Iterable[Any], kind: type[np.generic]) -> npt.NDArray[Any]:
    return np.asarray(values if isinstance(values, np.ndarray) else list(values), dtype=kind)
