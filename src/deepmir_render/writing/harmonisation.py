"""A plain accompaniment for a tune: one triad of the key a bar, or half a bar in four."""

from dataclasses import dataclass

import numpy as np

from deepmir_render.writing.notation import ChordSpan, Score

# Triads of the key: semitones above the tonic, quality, and how readily the chord is taken.
MAJOR = ((0, ":maj", 0.14), (7, ":maj", 0.09), (5, ":maj", 0.08), (9, ":min", 0.02), (2, ":min", 0))
MINOR = (
    *((0, ":min", 0.14), (7, ":maj", 0.09), (5, ":min", 0.07)),
    *((10, ":maj", 0.04), (8, ":maj", 0.02), (3, ":maj", 0.02)),
)
THIRDS = {":maj": 4, ":min": 3}


@dataclass(frozen=True)
class Triad:
    """A triad that is played: from `start` to `end` in quarter notes, root a pitch class."""

    start: float
    end: float
    root: int
    quality: str

    @property
    def pitch_classes(self) -> tuple[int, int, int]:
        """Root, third and fifth."""
        return self.root, (self.root + THIRDS[self.quality]) % 12, (self.root + 7) % 12

    def span(self) -> ChordSpan:
        """The same as an annotation."""
        return ChordSpan(self.start, self.end, self.root, self.quality)


def harmonise(score: Score) -> tuple[Triad, ...]:
    """Choose the triad that has most of the melody's sounding time, unit by unit.

    The pickup stays without a chord, and the last unit has the tonic's.
    """
    metre = score.metre
    unit = metre.bar_length / 2 if metre.beats == 4 else metre.bar_length
    first = 0.0 if score.pickup == 0 else score.pickup
    starts = np.arange(first, score.end - metre.beat_length / 2, unit)
    ends = [*starts[1:], score.end]
    spans = [(float(start), float(end)) for start, end in zip(starts, ends, strict=True)]
    chosen = [_best(score, start, end) for start, end in spans[:-1]]
    tonic = Triad(*spans[-1], score.tonic, ":maj" if score.mode == "major" else ":min")
    return (*chosen, tonic)


def _best(score: Score, start: float, end: float) -> Triad:
    weights = _weights(score, start, end)
    total = sum(weights) or 1.0
    candidates = MAJOR if score.mode == "major" else MINOR
    triads = [
        (Triad(start, end, (score.tonic + step) % 12, quality), prior)
        for step, quality, prior in candidates
    ]
    return max(triads, key=lambda t: sum(weights[p] for p in t[0].pitch_classes) / total + t[1])[0]


def _weights(score: Score, start: float, end: float) -> list[float]:
    """Sounding time of each pitch class in a span; a note that opens the span counts twice."""
    weights = [0.0] * 12
    for note in score.melody:
        overlap = min(note.end, end) - max(note.start, start)
        if overlap > 0:
            weights[note.pitch % 12] += overlap * (2 if abs(note.start - start) < 1e-3 else 1)
    return weights
