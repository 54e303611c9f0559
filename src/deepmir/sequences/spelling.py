"""Annotations as symbols and back: what a sequence is made of, task by task.

An excerpt is a sequence of events, each written as the same fields in the same order, then an end.
Times are in steps from the beginning of the excerpt, as in MT3 (Gardner et al., ICLR 2022), not
since the event before: an error in one does not move all that follow.

A token is a number: 0 ends the sequence and fills what is behind its end, then come the values of
the first field, of the second, and so on.
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
    """An event of a track as the decoder has written it.

    Attributes:
        start: seconds from the beginning of the track.
        end: of the excerpt, or of the note.
        value: of the field that says what it is.
        confidence: the probability that the decoder gave to it.
    """

    start: float
    end: float
    value: int
    confidence: float


class Spelling(ABC):
    """How the annotations of a task are written as tokens.

    Attributes:
        fields: the names of the fields of an event; the first is its start.
        symbol: the field that says what an event is.
        rising: how many steps the start of an event is at least after that of the one before.
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
        """How many values each field has."""

    @abstractmethod
    def events(self, jams: Jams, grid: Grid, frame_rate: float) -> list[Event] | None:
        """The events of an excerpt, in order; None where the task cannot use the annotations.

        Args:
            jams: of the track.
            grid: the excerpt; its steps are longer or shorter than frames where it is stretched.
            frame_rate: frames a second of the input.
        """

    @abstractmethod
    def moved(self, event: Event, semitones: int) -> Event | None:
        """An event some semitones higher; None where it leaves what can be written."""

    @abstractmethod
    def heard(self, events: Sequence[Event], sure: Sequence[float], seconds: float) -> list[Heard]:
        """What the events of an excerpt of `seconds` mean; times are from its beginning."""

    @abstractmethod
    def within(self, one: Heard, first: float, last: float) -> Heard | None:
        """What an excerpt may say of the time from `first` to `last` s, which is its own alone."""

    @abstractmethod
    def annotation(self, pieces: Sequence[Heard]) -> Annotation:
        """The annotation of a track from what its excerpts were heard to have, in order."""

    @abstractmethod
    def name(self, field: int, value: int) -> str:
        """A value in words."""

    @property
    def firsts(self) -> tuple[int, ...]:
        """The token of the first value of each field."""
        return tuple(accumulate(self.sizes[:-1], initial=END + 1))

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return END + 1 + sum(self.sizes)

    def tokens(self, events: Sequence[Event]) -> Tokens:
        """Events as tokens, with the end, shape (tokens,)."""
        written = [t + v for event in events for t, v in zip(self.firsts, event, strict=True)]
        return np.array([*written, END], dtype=np.int64)

    def read(self, tokens: Tokens) -> list[Event]:
        """The whole events before the first end, shape (tokens,)."""
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
        """The same music some semitones higher; what leaves the keyboard is lost."""
        each = (self.moved(event, semitones) for event in self.read(tokens))
        return self.tokens([event for event in each if event is not None])

    def most(self, jams: Jams, seconds: float) -> int:
        """The tokens of the fullest excerpt of so many seconds, wherever it begins.

        Raises:
            ValueError: where the task cannot use the annotations.
        """
        starts = np.array(self.starts(jams))
        if not starts.size:
            return 1
        # One more may hold from before, or lie on the edge.
        inside = np.searchsorted(starts, starts + seconds, side="right") - np.arange(starts.size)
        return (int(inside.max()) + 1) * len(self.fields) + 1

    @abstractmethod
    def starts(self, jams: Jams) -> list[float]:
        """When events of a track begin, in seconds, ascending."""

    def _steps(self, times: Floats, grid: Grid, frame_rate: float) -> npt.NDArray[np.int64]:
        """Times in seconds of the track as steps of the excerpt, rounded."""
        seconds = grid.position(times) / frame_rate
        return np.rint(seconds / self.step).astype(np.int64)

    def _last(self, grid: Grid, frame_rate: float) -> int:
        """The first step after the excerpt."""
        return min(self.steps, max(1, round(grid.frames / frame_rate / self.step)))
