"""Sections of a piece: boundaries at novelty peaks, letters by clustering the segments.

Boundaries: K. Ullrich, J. Schlüter and T. Grill, "Boundary detection in music structure analysis
using convolutional neural networks", ISMIR 2014, section 3.4.
"""

from string import ascii_uppercase
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from deepmir.decoders.base import FrameDecoder, refuse_non_finite
from deepmir.decoders.peaks import PeakPicker
from deepmir.fields import Number, Seconds, Share

# Distances with a smaller relative difference are equal.
TIED = 1e-9

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Sections(NamedTuple):
    """Contiguous sections that cover a whole recording.

    Attributes:
        intervals: start and end in seconds, shape (sections, 2).
        letters: one per section; equal for similar sections.
    """

    intervals: Floats
    letters: list[str]


class SectionFinder(FrameDecoder):
    """Peaks of the boundary activation above its moving average, then agglomerative clustering.

    The average is over the 12 s before and the 6 s after a frame (Ullrich et al.). The number of
    letters depends on the number of sections: average linkage of the sections' mean features is
    cut at `labels_per_section` times that number of clusters.
    """

    threshold: Share = Field(0.2, description="least height above the moving average")
    window: Seconds = Field(
        3.0, ge=1, description="a boundary is the highest within this many s on each side"
    )
    labels_per_section: Number = Field(
        0.5, gt=0, le=1, description="different letters in proportion to the number of sections"
    )

    def __call__(self, activations: ArrayLike) -> Sections:
        """Find the sections.

        Args:
            activations: shape (frames, 1 + H): boundary activation, then the features of each
                frame. Without features (H = 0) sections cannot be compared, and each gets its own
                letter.

        Returns:
            The sections; none if there are no frames.

        Raises:
            DeepmirError: an activation or feature is NaN or infinite.
        """
        values = np.asarray(activations, dtype=np.float64)
        refuse_non_finite(values, "boundary activations and features")
        end = len(values) / self.frame_rate
        if not end:
            return Sections(np.zeros((0, 2)), [])
        edges = np.concatenate([[0.0], self._boundaries(values[:, 0]), [end]])
        features = section_means(values[:, 1:], np.rint(edges * self.frame_rate).astype(int))
        return Sections(np.stack([edges[:-1], edges[1:]], axis=1), letters(self._cluster(features)))

    def _boundaries(self, novelty: Floats) -> Floats:
        picker = PeakPicker(
            frame_rate=self.frame_rate,
            threshold=self.threshold,
            pre_max=self.window,
            post_max=self.window,
            pre_avg=12.0,
            post_avg=6.0,
            # Equal maxima within a window are one boundary.
            combine=self.window,
        )
        times = picker(novelty)
        # A peak in the first or last frame is the beginning or end of the recording.
        frames = np.rint(times * self.frame_rate)
        return times[(frames > 0) & (frames < len(novelty) - 1)]

    def _cluster(self, features: Floats) -> Integers:
        sections = len(features)
        if not features.shape[1]:
            return np.arange(sections)
        return cluster(features, max(round(self.labels_per_section * sections), 1))


def section_means(features: Floats, edges: Integers) -> Floats:
    """Mean of every feature in each section, standardised over the recording.

    Args:
        features: shape (frames, H).
        edges: first frame of every section, and the first frame after the last, ascending.

    Returns:
        Shape (sections, H); 0 for a feature that never changes.
    """
    deviation = features.std(axis=0)
    scale = np.where(deviation > 1e-6, 1 / np.maximum(deviation, 1e-6), 0.0)
    total = np.zeros((len(features) + 1, features.shape[1]))
    np.cumsum((features - features.mean(axis=0)) * scale, axis=0, out=total[1:])
    return np.asarray(np.diff(total[edges], axis=0) / np.diff(edges)[:, None], dtype=np.float64)


def cluster(points: Floats, clusters: int) -> Integers:
    """Merge the two clusters with the smallest mean Euclidean distance until few enough are left.

    Args:
        points: shape (points, H).
        clusters: the maximum number left; all equally distant ones are merged.

    Returns:
        Cluster number of each point, shape (points,).
    """
    names = np.arange(len(points))
    distances = np.array([np.linalg.norm(points - point, axis=1) for point in points])
    np.fill_diagonal(distances, np.inf)
    sizes = np.ones(len(points))
    left, last = len(points), -np.inf
    while left > 1:
        one, other = np.unravel_index(distances.argmin(), distances.shape)
        nearest = distances[one, other]
        if left <= clusters and nearest > last * (1 + TIED):
            break
        left, last = left - 1, nearest
        names[names == other] = one
        sizes[one], share = sizes[one] + sizes[other], sizes[one] / (sizes[one] + sizes[other])
        distances[one] = share * distances[one] + (1 - share) * distances[other]
        distances[:, one] = distances[one]
        distances[other] = distances[:, other] = np.inf
        distances[one, one] = np.inf
    return names


def letters(numbers: Integers) -> list[str]:
    """A, B, ... in order of first appearance; after Z come A1, B1, and so on."""
    rank = {number: i for i, number in enumerate(dict.fromkeys(numbers.tolist()))}
    rounds = [divmod(rank[number], len(ascii_uppercase)) for number in numbers.tolist()]
    return [ascii_uppercase[letter] + (str(again) if again else "") for again, letter in rounds]
