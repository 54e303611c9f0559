"""Notes of many pitches from two activations: an onset lets a note begin, frames let it last."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from deepmir.decoders.base import FrameDecoder, refuse_non_finite
from deepmir.decoders.peaks import running_maximum
from deepmir.fields import Share, Span

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class GatedNotes:
    """Notes in the order of their starts.

    Attributes:
        starts: in seconds, shape (notes,).
        ends: in seconds, later than the starts, shape (notes,).
        pitches: index of the column of each, shape (notes,).
        confidences: onset activation of each, shape (notes,).
    """

    starts: Floats
    ends: Floats
    pitches: Integers
    confidences: Floats


class OnsetGated(FrameDecoder):
    """Notes which only an onset may begin (Hawthorne et al., ISMIR 2018, section 3).

    A note begins at a frame whose onset activation is the maximum of its surroundings and at least
    `onset_threshold`, of equal neighbours the first; the frame activation has to reach
    `frame_threshold` there or a frame later. It lasts until the frame activation falls below, or
    until the next note of its pitch, and a frame at least.
    """

    onset_threshold: Share = Field(0.5, description="least onset activation that begins a note")
    frame_threshold: Share = Field(0.5, description="least frame activation that lets it last")
    around: Span = Field(0.02, description="surroundings of an onset, to each side, s")

    def __call__(self, onsets: ArrayLike, frames: ArrayLike) -> GatedNotes:
        """Find the notes.

        Args:
            onsets: probability that a pitch begins, shape (frames, pitches).
            frames: probability that a pitch sounds, shape (frames, pitches).

        Raises:
            DeepmirError: an activation is NaN or infinite.
        """
        begin, sound = np.asarray(onsets), np.asarray(frames)
        for values, what in ((begin, "onset activations"), (sound, "frame activations")):
            refuse_non_finite(values.sum(axis=1, dtype=np.float64), what)
        sounding = sound >= self.frame_threshold
        starts, pitches = self._gates(begin, sounding)
        ends = _ends(starts, pitches, sounding)
        order = np.lexsort((pitches, starts))
        return GatedNotes(
            starts[order] / self.frame_rate,
            ends[order] / self.frame_rate,
            pitches[order],
            begin[starts, pitches][order].astype(np.float64),
        )

    def _gates(self, onsets: NDArray[np.floating], sounding: Booleans) -> tuple[Integers, Integers]:
        """Frame and pitch of each note that begins, pitch by pitch."""
        if not onsets.size:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        around = round(self.around * self.frame_rate)
        peak = onsets >= self.onset_threshold
        peak &= onsets >= running_maximum(onsets, around, around)
        peak[1:] &= ~((onsets[1:] == onsets[:-1]) & peak[:-1])
        later = np.concatenate([sounding[1:], np.zeros((1, sounding.shape[1]), dtype=bool)])
        pitches, starts = np.nonzero((peak & (sounding | later)).T)
        return starts, pitches


def _ends(starts: Integers, pitches: Integers, sounding: Booleans) -> Floats:
    """Where notes end, in fractional frames; they are given pitch by pitch, in order of time.

    A pitch that sounds in frame n and not in n + 1 ends between them, on average in the middle.
    """
    if not starts.size:
        return np.zeros(0)
    frames = len(sounding)
    silent = np.where(sounding, frames, np.arange(frames, dtype=np.int32)[:, None])
    silent = np.minimum.accumulate(silent[::-1], axis=0)[::-1]
    silent = np.concatenate([silent, np.full((1, silent.shape[1]), frames)])
    last = silent[starts + 1, pitches] - 0.5
    following = np.append(starts[1:], frames).astype(np.float64)
    following[np.append(pitches[1:] != pitches[:-1], True)] = np.inf
    return np.minimum(last, following)
