"""Activity of each of several labels: a running median of its activation, then a threshold."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from deepmir.decoders.base import FrameDecoder, refuse_non_finite
from deepmir.decoders.median import median_reaches, runs
from deepmir.fields import Share, Span

Floats = NDArray[np.float64]


class Activity(FrameDecoder):
    """Intervals in which the running median of a label's activation reaches a threshold."""

    threshold: Share = Field(0.5, description="least median")
    width: Span = Field(0.5, description="window of the median, s")

    def __call__(self, activations: ArrayLike) -> list[Floats]:
        """Find the intervals of every label.

        Args:
            activations: shape (frames, V), in [0, 1].

        Returns:
            For each label, shape (intervals, 3): start and end in seconds, and mean activation in
            between. An interval extends half a frame beyond its frames, where the change was on
            average, but not beyond the recording.

        Raises:
            DeepmirError: an activation is NaN or infinite.
        """
        values = np.asarray(activations, dtype=np.float64)
        refuse_non_finite(values, "activations")
        return [self._intervals(column) for column in values.T]

    def _intervals(self, values: Floats) -> Floats:
        active = median_reaches(values, self.threshold, round(self.width * self.frame_rate))
        spans = runs(active)
        total = np.concatenate([[0.0], np.cumsum(values)])
        means = (total[spans[:, 1]] - total[spans[:, 0]]) / np.diff(spans, axis=1)[:, 0]
        edges = np.where((spans > 0) & (spans < values.size), spans - 0.5, spans)
        return np.column_stack([edges / self.frame_rate, means.clip(0.0, 1.0)])
