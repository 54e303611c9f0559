"""Conversion between annotations and symbols, for each task.

An excerpt is a sequence of events, each written as the same fields in the same order, then an end.
Times are in steps from the beginning of the excerpt, as in MT3 (Gardner et al., ICLR 2022), not
relative to the previous event: an error in one does not shift all that follow.

A token is an integer: 0 ends the sequence and pads it, followed by the values of the first field,
of the second, and so on.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import Annotation, Jams
from deepmir.tasks.base import Floats, Grid

END = 0

Tokens = npt.NDArray[np.int64]
Event = tuple[int, ...]
"""A value of each field, from 0 on."""


@dataclass(frozen=True)
class Heard:
    """An event of a track as written by the decoder.

    Attributes:
        start: seconds from the beginning of the track.
        end: of the excerpt, or of the note.
        value: of the field with the symbol.
        confidence: the probability assigned by the decoder.
    """

    start: float
    end: float
    value: int
    confidence: float


class Spelling(ABC):
    """The conversion of the annotations of a task to tokens.

    Attributes:
        fields: names of the fields of an event; the first is its start.
        symbol: the field that identifies an event.
        rising: minimum distance in steps between the starts of consecutive events.
        steps: length of an excerpt in steps.
        step: seconds.
    """

    fields: ClassVar[tuple[str, ...]]
    symbol: ClassVar[int] = 1
    rising: ClassVar[int] = 0

    def __init__(self, step: float, steps: int) -> None:
        """Spell excerpts of at most `steps` steps of `step` seconds."""
        self.step = step
        self.steps = steps

    @property
    @abstractmethod
    def sizes(self) -> tuple[int, ...]:
        """The number of values of each field."""

    @abstractmethod
    def events(self, jams: Jams, grid: Grid, frame_rate: float) -> list[Event] | None:
        """The events of an excerpt, in order; None if the task cannot use the annotations.

        Args:
            jams: of the track.
            grid: of the excerpt; its steps differ from those of frames under time stretching.
            frame_rate: frames per second of the input.
        """

    @abstractmethod
    def moved(self, event: Event, semitones: int) -> Event | None:
        """An event transposed by some semitones; None if it is out of range."""

    @abstractmethod
    def heard(self, events: Sequence[Event], sure: Sequence[float], seconds: float) -> list[Heard]:
        """The meaning of the events of an excerpt of `seconds`; times are from its beginning."""

    @abstractmethod
    def within(self, one: Heard, first: float, last: float) -> Heard | None:
        """The part of an event in the time from `first` to `last` s, assigned to its excerpt."""

    @abstractmethod
    def annotation(self, pieces: Sequence[Heard]) -> Annotation:
        """The annotation of a track from the events of its excerpts, in order."""

    @abstractmethod
    def name(self, field: int, value: int) -> str:
        """A value in words."""

    @property
    def firsts(self) -> tuple[int, ...]:
        """The token of the first value of each field."""
        return tuple(accumulate(self.sizes[:-1], initial=END + 1))

    @property
    def size(self) -> int:
        """The number of tokens."""
        return END + 1 + sum(self.sizes)

    def tokens(self, events: Sequence[Event]) -> Tokens:
        """Events as tokens, with the end, shape (tokens,)."""
        written = [t + v for event in events for t, v in zip(self.firsts, event, strict=True)]
        return np.array([*written, END], dtype=np.int64)

    def read(self, tokens: Tokens) -> list[Event]:
        """The complete events before the first end, shape (tokens,)."""
        ends = np.flatnonzero(tokens == END)
        width = len(self.fields)
        count = (int(ends[0]) if ends.size else len(tokens)) // width
        rows = tokens[: count * width].reshape(count, width) - np.array(self.firsts)
        return [tuple(row) for row in rows.tolist()]

    def word(self, token: int) -> str:
        """A token in words."""
        if token == END:
            return "end"
        field = max(f for f, first in enumerate(self.firsts) if first <= token)
        return self.name(field, token - self.firsts[field])

    def transposed(self, tokens: Tokens, semitones: int) -> Tokens:
        """The same music transposed by some semitones; notes off the keyboard are dropped."""
        each = (self.moved(event, semitones) for event in self.read(tokens))
        return self.tokens([event for event in each if event is not None])

    def most(self, jams: Jams, seconds: float) -> int:
        """The number of tokens in the densest excerpt of some length, wherever it begins.

        Raises:
            ValueError: if the task cannot use the annotations.
        """
        starts = np.array(self.starts(jams))
        if not starts.size:
            return 1
        # One more may extend from before, or lie on the edge.
        inside = np.searchsorted(starts, starts + seconds, side="right") - np.arange(starts.size)
        return (int(inside.max()) + 1) * len(self.fields) + 1

    @abstractmethod
    def starts(self, jams: Jams) -> list[float]:
        """Start times of the events of a track in seconds, ascending."""

    def _steps(self, times: Floats, grid: Grid, frame_rate: float) -> npt.NDArray[np.int64]:
        """Times in seconds of the track as steps of the excerpt, rounded."""
        seconds = grid.position(times) / frame_rate
        return np.rint(seconds / self.step).astype(np.int64)

    def _last(self, grid: Grid, frame_rate: float) -> int:
        """The first step after the excerpt."""
        return min(self.steps, max(1, round(grid.frames / frame_rate / self.step)))
