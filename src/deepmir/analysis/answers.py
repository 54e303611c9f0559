"""From the outputs of a network, piece by piece, to the annotations of each of its tasks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
import numpy.typing as npt

from deepmir.analysis import activations
from deepmir.analysis.formats.validity import valid
from deepmir.analysis.models import Trained
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation, Pitches

Array = npt.NDArray[np.float32]

# Where a decoder allows it, a recording is decoded in pieces of so many seconds.
DECODED = 300.0
BORDER = 5e-7  # s: an instant at the border of two is computed in two ways
OVERLAP = 10.0  # s to each side of such a piece that are decoded with it and dropped


def given(
    group: Sequence[Trained], features: npt.NDArray[np.floating], duration: float
) -> Iterator[tuple[Trained, Sequence[Annotation] | DeepmirError]]:
    """The annotations within a recording, or the reason why there are none.

    Args:
        group: the tasks of one network, see `activations.sharing`; it is run once.
        features: of the recording.
        duration: in seconds.
    """
    wanted = [Answer(one, duration) for one in group]
    heard = [each for each in wanted if each.error is None]
    try:
        for piece in (
            activations.pieces([each.trained for each in heard], features) if heard else ()
        ):
            for each, values in zip(heard, piece, strict=True):
                each.take(values)
    except DeepmirError as error:
        for each in heard:
            each.error = each.error or error
    del features  # before they are decoded: whoever called may have let go of them
    for each in wanted:
        yield each.trained, each.found()


class Answer:
    """The outputs of a network received so far for one task.

    Attributes:
        trained: the network, for the task.
        error: the reason why there is no result.
    """

    def __init__(self, trained: Trained, duration: float) -> None:
        self.trained, self.error = trained, _too_short(trained, duration)
        self._duration = duration
        rate = trained.representation.frame_rate
        self._frames, self._overlap = round(DECODED * rate), round(OVERLAP * rate)
        self._held: list[Array] = []
        self._first = 0  # frame of the recording with which they begin
        self._kept = 0  # frames of it that are decoded
        self._found: list[Annotation] = []

    def take(self, piece: Array) -> None:
        """Take the next piece, and decode as much as possible if that is done in pieces."""
        self._held.append(piece)
        if not self.trained.task.piecewise or self.error:
            return
        try:
            while self._first + sum(map(len, self._held)) >= self._wanted:
                self._decode((self._kept + self._frames) / self.trained.representation.frame_rate)
        except DeepmirError as error:
            self.error = error

    def found(self) -> Sequence[Annotation] | DeepmirError:
        """All annotations, or the reason why there are none."""
        if self.error is not None:
            return self.error
        try:
            return self._in_pieces() if self.trained.task.piecewise else self._as_a_whole()
        except DeepmirError as error:
            return error

    def _as_a_whole(self) -> Sequence[Annotation]:
        one = self.trained
        found = one.decode(activations.joined(one, self._held))
        return self._valid(found if one.task.time_varying else _lasting(found, self._duration))

    def _in_pieces(self) -> Sequence[Annotation]:
        self._decode(np.inf)
        parts = [part.observations for part in self._found]
        contours = [part for part in parts if isinstance(part, Pitches)]
        rows = Pitches.joined(contours) if contours else tuple(chain(*parts))
        return [replace(self._found[0], observations=rows)]

    @property
    def _wanted(self) -> int:
        """The frame up to which the next frames are decoded."""
        return self._kept + self._frames + self._overlap

    def _decode(self, end: float) -> None:
        """Decode the next frames, and keep what begins in them, before `end` in seconds."""
        rate = self.trained.representation.frame_rate
        held = np.concatenate(self._held)
        found = self.trained.decode(held[: self._wanted - self._first])
        part = _between(found, self._first / rate, self._kept / rate, end)
        # Made valid part by part: a melody of two hours has 700,000 observations.
        self._found += self._valid([part])
        self._kept += self._frames
        drop = max(0, self._kept - self._overlap) - self._first
        self._held, self._first = [held[drop:]], self._first + drop

    def _valid(self, found: Iterable[Annotation]) -> Sequence[Annotation]:
        return valid(Jams(self._duration, tuple(found))).annotations


def _too_short(trained: Trained, duration: float) -> DeepmirError | None:
    needed = trained.task.shortest
    return (
        DeepmirError(f"too short: it lasts {duration:.2f} s and needs {needed:g} s")
        if duration < needed
        else None
    )


def _lasting(found: Sequence[Annotation], duration: float) -> list[Annotation]:
    """Annotations of the whole recording, as long as the recording."""
    return [
        replace(one, observations=tuple(replace(o, duration=duration) for o in one.observations))
        for one in found
    ]


def _between(found: Sequence[Annotation], offset: float, start: float, end: float) -> Annotation:
    """What begins from `start` to before `end`, after all is moved by `offset` seconds."""
    (annotation,) = found
    if isinstance(rows := annotation.observations, Pitches):
        times = rows.times + offset
        kept = (times >= start - BORDER) & (times < end - BORDER)
        part = Pitches(times[kept], rows.frequencies[kept], rows.voiced[kept])
        return replace(annotation, observations=part)
    moved: Iterable[Observation] = annotation.observations
    if offset:
        moved = (replace(o, time=o.time + offset) for o in moved)
    inside = tuple(o for o in moved if start - BORDER <= o.time < end - BORDER)
    return replace(annotation, observations=inside)
