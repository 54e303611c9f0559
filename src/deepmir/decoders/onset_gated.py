"""Polyphonic notes from two activations: an onset starts a note, frames sustain it.

Singing has overtones, vibrato and glides, some of which a network detects as notes. The rules for
removing them were chosen on sung and on mixed music, provided that nothing is lost in rendered
songs (benchmarks/results/sung_notes.md).
"""

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


OVERTONES = (12, 19, 24, 28, 31, 34, 36)  # semitones from a tone to its second to eighth harmonics
TOGETHER = 0.05  # s by which an overtone may precede its tone
OUTLASTS = 0.06  # s by which a vibrato tone may outlast the note around it
UNBROKEN = 0.03  # s between two notes of a sustained pitch


@dataclass(frozen=True)
class GatedNotes:
    """Notes in order of onset.

    Attributes:
        starts: in seconds, shape (notes,).
        ends: in seconds, later than the starts, shape (notes,).
        pitches: column index of each, shape (notes,).
        confidences: onset activation of each, shape (notes,).
    """

    starts: Floats
    ends: Floats
    pitches: Integers
    confidences: Floats


class OnsetGated(FrameDecoder):
    """Notes that only an onset can start (Hawthorne et al., ISMIR 2018, section 3).

    A note begins at a frame whose onset activation is a local maximum and at least
    `onset_threshold` (the first of equal neighbours); the frame activation has to reach
    `frame_threshold` there or one frame later. It lasts until the frame activation falls below, or
    until the next note of its pitch, and at least one frame.

    Overtones of a stronger note are then removed and, unless their onset is `sure`, so are notes
    within a longer one a semitone away (a vibrato, a glide) and very short ones; repetitions of a
    sustained pitch are merged with the previous note.
    """

    onset_threshold: Share = Field(0.5, description="least onset activation that begins a note")
    frame_threshold: Share = Field(0.5, description="least frame activation that lets it last")
    around: Span = Field(0.02, description="surroundings of an onset, to each side, s")
    overtone: Share = Field(
        0.85,
        description="least mean frame activation of a note, as a part of that of the note whose "
        "overtone it would be; 0 for any",
    )
    sure: Share = Field(
        0.9,
        description="onset activation from which a note counts although it lies within a longer "
        "one a semitone beside it, repeats a pitch that sounds on, or is short; 0 for any",
    )
    shortest: Span = Field(0.06, description="length below which a note is short, s")

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
        sure = begin[starts, pitches].astype(np.float64)
        notes = _Notes(starts, ends, pitches, sure, _means(sound, starts, ends, pitches))
        notes = notes.only(~notes.overtones(self.overtone, TOGETHER * self.frame_rate))
        swaying = notes.swaying(OUTLASTS * self.frame_rate)
        notes = notes.only(~swaying | (notes.sure >= self.sure))
        notes = notes.unbroken(self.sure, UNBROKEN * self.frame_rate)
        long = notes.ends - notes.starts >= self.shortest * self.frame_rate - 1e-9
        notes = notes.only(long | (notes.sure >= self.sure))
        order = np.lexsort((notes.pitches, notes.starts))
        return GatedNotes(
            notes.starts[order] / self.frame_rate,
            notes.ends[order] / self.frame_rate,
            notes.pitches[order],
            notes.sure[order],
        )

    def _gates(self, onsets: NDArray[np.floating], sounding: Booleans) -> tuple[Integers, Integers]:
        """Frame and pitch of each note onset, pitch by pitch."""
        if not onsets.size:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        around = round(self.around * self.frame_rate)
        peak = onsets >= self.onset_threshold
        peak &= onsets >= running_maximum(onsets, around, around)
        peak[1:] &= ~((onsets[1:] == onsets[:-1]) & peak[:-1])
        later = np.concatenate([sounding[1:], np.zeros((1, sounding.shape[1]), dtype=bool)])
        pitches, starts = np.nonzero((peak & (sounding | later)).T)
        return starts, pitches


@dataclass(frozen=True)
class _Notes:
    """Notes pitch by pitch, in order of time; those of a pitch do not overlap. Times in frames.

    Attributes:
        starts: shape (notes,).
        ends: shape (notes,).
        pitches: shape (notes,).
        sure: onset activation, shape (notes,).
        level: mean frame activation, shape (notes,).
    """

    starts: Integers
    ends: Floats
    pitches: Integers
    sure: Floats
    level: Floats

    def only(self, kept: Booleans) -> "_Notes":
        times, more = (self.starts[kept], self.ends[kept]), (self.sure[kept], self.level[kept])
        return _Notes(*times, self.pitches[kept], *more)

    def _below(self, semitones: int, at: Floats) -> Integers:
        """For each note, the last one so far below it that begins by some frame; -1 for none."""
        if not self.starts.size:
            return np.zeros(0, dtype=np.int64)
        width = float(self.starts.max()) + float(at.max()) + 1  # keeps the pitches apart
        keys = self.pitches * width + self.starts
        wanted = self.pitches - semitones
        found = np.searchsorted(keys, wanted * width + at, side="right") - 1
        return np.where((found >= 0) & (self.pitches[found] == wanted), found, -1)

    def overtones(self, share: float, together: float) -> Booleans:
        """Notes that begin during a stronger note of which they would be overtones."""
        weak = np.zeros(self.starts.size, dtype=bool)
        for semitones in OVERTONES:
            tone = self._below(semitones, np.asarray(self.starts + together, np.float64))
            sounds = (tone >= 0) & (self.ends[tone] > self.starts)
            weak |= sounds & (self.level < share * self.level[tone])
        return weak

    def swaying(self, outlasts: float) -> Booleans:
        """Notes that lie within a longer note a semitone above or below."""
        within = np.zeros(self.starts.size, dtype=bool)
        for semitones in (-1, 1):
            tone = self._below(semitones, self.starts.astype(np.float64))
            longer = self.ends[tone] - self.starts[tone] > self.ends - self.starts
            within |= (tone >= 0) & longer & (self.ends[tone] >= self.ends - outlasts)
        return within

    def unbroken(self, least: float, gap: float) -> "_Notes":
        """Merge the notes of a sustained pitch, unless an onset is sure."""
        if not self.starts.size:
            return self
        follows = np.diff(self.pitches) == 0
        follows &= (self.starts[1:] - self.ends[:-1] <= gap) & (self.sure[1:] < least)
        first = np.flatnonzero(np.append(True, ~follows))
        last = np.append(first[1:], self.starts.size) - 1
        parts = (self.pitches[first], self.sure[first], self.level[first])
        return _Notes(self.starts[first], self.ends[last], *parts)


def _means(
    frames: NDArray[np.floating], starts: Integers, ends: Floats, pitches: Integers
) -> Floats:
    """Mean frame activation of each note."""
    total = np.concatenate([np.zeros((1, frames.shape[1])), np.cumsum(frames, 0, np.float64)])
    after = np.maximum(starts + 1, np.rint(ends).astype(np.int64))
    return np.asarray((total[after, pitches] - total[starts, pitches]) / (after - starts))


def _ends(starts: Integers, pitches: Integers, sounding: Booleans) -> Floats:
    """Ends of notes in fractional frames; the notes are given pitch by pitch, in order of time.

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
