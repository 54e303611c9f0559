"""Similarity search: the nearest neighbours of a track among the others.

The tutorial lists it as a use of autoencoders' features (A.4). Every track is a query; a system is
rated by the share of relevant answers.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PLACES = (1, 5, 10)
QUERIES = 10  # minimum number with a relevant track; the mean of fewer is meaningless


def related(labels: Sequence[str | None]) -> npt.NDArray[np.bool_]:
    """Whether tracks are relevant to each other, shape (tracks, tracks).

    Args:
        labels: of each track; one without a label is relevant to none.
    """
    known = np.array([label is not None for label in labels])
    numbers = np.unique([label or "" for label in labels], return_inverse=True)[1]
    same: npt.NDArray[np.bool_] = (numbers[:, None] == numbers) & known[:, None] & known
    np.fill_diagonal(same, False)
    return same


def _directions(vectors: Floats) -> Floats:
    """Unit vectors, with every entry standardised before so that its scale has no effect."""
    z = (vectors - vectors.mean(0)) / np.maximum(vectors.std(0), 1e-9)
    found: Floats = z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-9)
    return found


def _cosines(one: Floats, other: Floats) -> Floats:
    """Cosines between directions; differences due to rounding are removed."""
    found: Floats = np.round(one @ other.T, 9)
    return found


def likeness(vectors: Floats) -> Floats:
    """The cosine between each pair of tracks; minus infinity between a track and itself.

    Args:
        vectors: shape (tracks, numbers).

    Returns:
        Shape (tracks, tracks).
    """
    z = _directions(vectors)
    cosines = _cosines(z, z)
    np.fill_diagonal(cosines, -np.inf)
    return cosines


def within(halves: Floats, places: int) -> Floats:
    """Whether a track's own second half is among those nearest to its first half.

    For ties, the probability in random order counts (McSherry and Najork 2008): a code that is
    constant finds nothing.

    Args:
        halves: of each track, shape (tracks, 2, numbers).
        places: how many count as nearest.

    Returns:
        Shape (tracks,): 1 where a recording finds itself.
    """
    z = _directions(halves.reshape(-1, halves.shape[2])).reshape(halves.shape)
    cosines = _cosines(z[:, 0], z[:, 1])
    own = np.diagonal(cosines)[:, None]
    ahead, alike = (cosines > own).sum(1), (cosines == own).sum(1)
    found: Floats = np.clip((places - ahead) / alike, 0.0, 1.0)
    return found


def precision(likeness: Floats, same: npt.NDArray[np.bool_], places: int) -> Floats:
    """The share of relevant tracks among the first answers.

    A track with fewer relevant tracks than answers cannot find more than these, so the share is of
    as many answers as it has relevant tracks. For ties, the mean over all orders counts.

    Args:
        likeness: see :func:`likeness`.
        same: relevance, shape (tracks, tracks).
        places: how many answers count.

    Returns:
        For every track with a relevant one, shape (queries,).
    """
    places = min(places, len(same) - 1)
    last = -np.sort(-likeness, axis=1)[:, places - 1, None]
    above, level = likeness > last, likeness == last
    left = places - above.sum(1)
    hits = (same & above).sum(1) + left * (same & level).sum(1) / level.sum(1)
    wanted = same.sum(1)
    asking = wanted > 0
    found: Floats = hits[asking] / np.minimum(wanted[asking], places)
    return found


def chance(same: npt.NDArray[np.bool_], places: int) -> Floats:
    """The mean of :func:`precision` over all orders, for every track with a relevant one."""
    wanted = same.sum(1)
    wanted = wanted[wanted > 0]
    others = len(same) - 1
    expected = wanted / others * min(places, others)
    found: Floats = expected / np.minimum(wanted, places)
    return found
