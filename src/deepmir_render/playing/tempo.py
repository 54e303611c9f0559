"""Tempo: how fast a score is played, and when each of its positions sounds."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepmir_render.writing.notation import Score

# Beats per minute by how many melody notes a beat has: the faster the notes, the slower the beat.
DENSE, MODERATE, SPARSE, COMPOUND = (70.0, 118.0), (90.0, 168.0), (62.0, 116.0), (78.0, 132.0)


def tempo_range(score: Score) -> tuple[float, float]:
    """The plausible tempi of a score in beats per minute.

    Metre alone does not tell: a reel is written in 2/2 with eighths, in 2/4 with sixteenths or in
    4/4, and its beat is faster where it is notated with more of them.
    """
    density = len(score.melody) * score.metre.beat_length / score.end
    if score.metre.compound:
        return COMPOUND
    if density >= 2.7:
        return DENSE
    return MODERATE if density >= 1.5 else SPARSE


@dataclass(frozen=True)
class TempoCurve:
    """Seconds of positions in a score, linear between grid points.

    Attributes:
        positions: of the grid in quarter notes, shape (points,).
        seconds: of the same points, shape (points,).
    """

    positions: npt.NDArray[np.float64]
    seconds: npt.NDArray[np.float64]

    def at(self, position: float) -> float:
        """The time in seconds of a position in quarter notes."""
        return float(np.interp(position, self.positions, self.seconds))


def draw_curve(score: Score, bpm: float, start: float, rng: np.random.Generator) -> TempoCurve:
    """A tempo curve for a score: steady, drifting, or slowing down at the end.

    Args:
        score: what is played.
        bpm: tempo in beats per minute, where nothing deviates.
        start: when the first note sounds, in seconds.
        rng: what the deviations are drawn from.
    """
    beat = score.metre.beat_length
    count = math.ceil((score.end - score.bars[0]) / beat - 1e-6) + 1
    positions = score.bars[0] + beat * np.arange(count + 1, dtype=np.float64)
    depth = rng.uniform(0.005, 0.04) if rng.random() < 0.6 else 0.0
    slowing = rng.uniform(0.1, 0.45) if rng.random() < 0.4 else 0.0
    periods = np.array(
        [60 / bpm * (1 + d) for d in _deviation(count, depth, slowing, score.metre.beats, rng)],
        dtype=np.float64,
    )
    seconds = np.concatenate([[0.0], np.cumsum(periods)])
    seconds += start - np.interp(0.0, positions, seconds)
    return TempoCurve(positions, np.round(seconds, 9))


def _deviation(
    count: int, depth: float, slowing: float, beats: int, rng: np.random.Generator
) -> list[float]:
    """Relative lengthening of each beat: a slow wave, and a ritardando over the last two bars."""
    wave, phase = rng.uniform(16, 40), rng.uniform(0, 2 * math.pi)
    ritard = min(2 * beats, count)
    return [
        depth * math.sin(2 * math.pi * i / wave + phase)
        + slowing * max(0.0, 1 - (count - 1 - i) / ritard) ** 2
        for i in range(count)
    ]
