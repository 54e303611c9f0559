"""Peak picking for onset-like activations, and the sub-frame position of a peak."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from deepmir.decoders.base import FrameDecoder, refuse_non_finite
from deepmir.fields import Share, Span

Float = TypeVar("Float", bound=np.floating[Any])
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


BESIDE = 0.1  # s: a voice that has just begun wavers and is detected again, more softly


class PeakPicker(FrameDecoder):
    """Local maxima that rise above a threshold and above their surroundings.

    Frame n is a peak if its activation is the maximum of ``[n - pre_max, n + post_max]`` and at
    least ``threshold`` above the mean of ``[n - pre_avg, n + post_avg]``; of peaks that follow
    each other within ``combine`` the first is kept (Böck, Krebs and Schedl, "Evaluating the
    online capabilities of onset detection methods", ISMIR 2012). Windows are truncated at
    the ends of the activations. With ``pre_avg = post_avg = None`` nothing is averaged and the
    threshold is absolute: the usual choice for a network's activations, which need no adaptation.

    All times are in seconds and rounded to whole frames.
    """

    threshold: Share = Field(0.5, description="least height above the moving average (or above 0)")
    pre_max: Span = Field(0.03, description="look-back of the local maximum, s")
    post_max: Span = Field(0.03, description="look-ahead of the local maximum, s")
    pre_avg: Span | None = Field(None, description="look-back of the moving average, s")
    post_avg: Span | None = Field(None, description="look-ahead of the moving average, s")
    combine: Span = Field(0.03, description="peaks this close to the last one are dropped, s")
    relative: Share = Field(
        0.0, description="least height of a peak, as a part of that of a higher one within 0.1 s"
    )

    def __call__(self, activations: ArrayLike) -> Floats:
        """Pick the peaks.

        Args:
            activations: shape (frames,), finite; one number per frame.

        Returns:
            Times of the peaks in seconds, shape (peaks,), ascending, with sub-frame refinement.

        Raises:
            DeepmirError: an activation is NaN or infinite.
            ValueError: the activations are not one-dimensional.
        """
        values = np.asarray(activations, dtype=np.float64)
        if values.ndim != 1:
            raise ValueError(f"activations must have shape (frames,), not {values.shape}")
        refuse_non_finite(values, "onset activations")
        if not values.size:
            return np.empty(0)
        is_peak = (values >= self._moving_maximum(values)) & (
            values >= self._moving_average(values) + self.threshold
        )
        peaks = _plateau_middles(values, np.flatnonzero(is_peak))
        peaks = _not_softer(values, peaks, self._frames(BESIDE), self.relative)
        # frames are compared, not times: 0.03 s must mean the same throughout the file
        return refine_peaks(values, _combine(peaks, self._frames(self.combine))) / self.frame_rate

    def _frames(self, seconds: float) -> int:
        return round(seconds * self.frame_rate)

    def _moving_maximum(self, values: Floats) -> Floats:
        return running_maximum(values, self._frames(self.pre_max), self._frames(self.post_max))

    def _moving_average(self, values: Floats) -> Floats | float:
        if self.pre_avg is None and self.post_avg is None:
            return 0.0
        frames = np.arange(values.size)
        first = np.maximum(frames - self._frames(self.pre_avg or 0.0), 0)
        end = np.minimum(frames + self._frames(self.post_avg or 0.0) + 1, values.size)
        total = np.concatenate([[0.0], np.cumsum(values)])
        average: Floats = (total[end] - total[first]) / (end - first)
        return average


def running_maximum(values: NDArray[Float], before: int, after: int) -> NDArray[Float]:
    """The maximum over some values before and after each, along the first axis."""
    frames = len(values)
    # Maxima of increasingly many values from each on, up to twice as many at each step.
    ahead, size, width = values.copy(), 1, before + after + 1
    while size < min(width, frames):
        step = min(size, width - size)
        np.maximum(ahead[:-step], ahead[step:], out=ahead[:-step])
        size += step
    first = np.arange(frames) - before
    greatest = ahead[np.maximum(first, 0)]
    # The window is truncated at the beginning: the maxima are those of the values so far.
    so_far = np.maximum.accumulate(values[: before + after + 1], axis=0)
    cut = min(before, frames)
    greatest[:cut] = so_far[np.minimum(np.arange(cut) + after, len(so_far) - 1)]
    return greatest


def refine_peaks(values: Floats, peaks: Integers) -> Floats:
    """Move peaks to the vertex of the parabola through them and their two neighbours.

    Args:
        values: activations, shape (frames,).
        peaks: frames of the peaks, shape (peaks,).

    Returns:
        Fractional frames, shape (peaks,), at most half a frame from ``peaks``. A frame at an end
        of the activations, or lower than a neighbour, is not a vertex and stays where it is.
    """
    if values.size < 3:
        return peaks.astype(np.float64)
    centre = np.clip(peaks, 1, values.size - 2)
    left, middle, right = values[centre - 1], values[centre], values[centre + 1]
    curvature = left - 2 * middle + right
    is_vertex = (centre == peaks) & (middle >= left) & (middle >= right) & (curvature < 0)
    # the division is safe where it is used; elsewhere the curvature may be 0
    offset = 0.5 * (left - right) / np.where(is_vertex, curvature, -1.0)
    return np.asarray(peaks + np.where(is_vertex, offset, 0.0), dtype=np.float64)


def _plateau_middles(values: Floats, peaks: Integers) -> Integers:
    """The middle frame of each run of adjacent equal peaks (a saturated sigmoid)."""
    if not peaks.size:
        return peaks
    is_new = (np.diff(peaks) > 1) | (np.diff(values[peaks]) != 0)
    runs = np.split(peaks, np.flatnonzero(is_new) + 1)
    return np.array([run[(run.size - 1) // 2] for run in runs], dtype=np.int64)


def _not_softer(values: Floats, peaks: Integers, distance: int, share: float) -> Integers:
    """Remove peaks below a share of another one within a distance in frames."""
    heights = np.zeros(values.size)
    heights[peaks] = values[peaks]
    highest = np.array(
        [heights[max(peak - distance, 0) : peak + distance + 1].max() for peak in peaks.tolist()]
    )
    return peaks[values[peaks] >= share * highest] if peaks.size else peaks


def _combine(peaks: Integers, distance: int) -> Integers:
    """Drop each peak within ``distance`` frames of the last one kept."""
    kept: list[int] = []
    for peak in peaks.tolist():
        if not kept or peak - kept[-1] > distance:
            kept.append(peak)
    return np.array(kept, dtype=np.int64)
