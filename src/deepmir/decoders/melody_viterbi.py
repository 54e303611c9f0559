"""A melody from frame-wise pitch probabilities: the best path, and its voicing."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from deepmir.decoders.base import FrameDecoder, refuse_non_finite
from deepmir.decoders.median import median_reaches
from deepmir.fields import Number, Share, Span

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

POINTS_PER_SECOND = 100  # of the output, at least

# Bins on each side of the path whose weighted mean is its pitch, as in CREPE (Kim, Salamon, Li and
# Bello, ICASSP 2018).
AROUND = 4


class MelodyViterbi(FrameDecoder):
    """Exact Viterbi search over pitch bins, then voicing by a median and a threshold.

    A step between frames costs `weight` nats per bin, but never more than `limit`: glides are
    cheap, and leaps of a melody cost the same whatever their size.

    The output has at least 100 points per second, like references: the rests between detached
    notes are shorter than two frames of 20 ms. The voicing is interpolated between frames; the
    pitch is that of the neighbour with the greater share in the interpolated voicing.
    """

    weight: Number = Field(0.1, ge=0, le=1000, description="cost of a step by one bin, nats")
    limit: Number = Field(5.0, ge=0, le=1000, description="greatest cost of a step, nats")
    threshold: Share = Field(0.5, description="least median of the voicing where there is melody")
    width: Span = Field(0.0, description="window of that median, s; 0 for the voicing itself")

    @property
    def points_per_frame(self) -> int:
        """Points of the output per frame of the activations."""
        return math.ceil(POINTS_PER_SECOND / self.frame_rate - 1e-6)

    def __call__(self, pitch: ArrayLike, voicing: ArrayLike) -> tuple[Floats, Floats, Booleans]:
        """Find the melody.

        Args:
            pitch: probabilities of the bins, shape (frames, bins).
            voicing: probability that a melody is present, shape (frames,).

        Returns:
            Times in seconds, the fractional bin at each, including unvoiced ones, and whether it is
            voiced, all of shape (points,): from the first frame to the last.

        Raises:
            DeepmirError: an activation is NaN or infinite.
        """
        from deepmir.decoders.pitch_path import best_path

        probabilities = np.ascontiguousarray(pitch, dtype=np.float32)
        voices = np.asarray(voicing, dtype=np.float64)
        refuse_non_finite(voices, "voicing activations")
        refuse_non_finite(probabilities.sum(axis=1, dtype=np.float64), "pitch activations")
        path = best_path(probabilities, self.weight, self.limit)
        frames, voicing = _between(voices, self.points_per_frame)
        width = round(self.width * self.frame_rate * self.points_per_frame)
        times = np.arange(frames.size) / (self.points_per_frame * self.frame_rate)
        bins = _refined(probabilities, path)[frames]
        return times, bins, median_reaches(voicing, self.threshold, width)


def _between(voices: Floats, points: int) -> tuple[Integers, Floats]:
    """For some points per frame: the frame whose pitch applies, and the voicing."""
    at = np.arange(max((voices.size - 1) * points + 1, 0))
    before, share = at // points, at % points / points
    after = np.minimum(before + 1, voices.size - 1)
    left, right = (1 - share) * voices[before], share * voices[after]
    return np.where(right > left, after, before), left + right


def _refined(probabilities: NDArray[np.float32], path: Integers) -> Floats:
    """The mean bin around the path, weighted by the probabilities; the path where all are 0."""
    if not path.size:
        return path.astype(np.float64)
    bins = path[:, None] + np.arange(-AROUND, AROUND + 1)
    inside = (bins >= 0) & (bins < probabilities.shape[1])
    rows = np.arange(path.size)[:, None]
    weights = probabilities[rows, bins.clip(0, probabilities.shape[1] - 1)] * inside
    total = weights.sum(axis=1, dtype=np.float64)
    mean = (weights * bins).sum(axis=1) / np.where(total > 0, total, 1.0)
    return np.where(total > 0, mean, path)
