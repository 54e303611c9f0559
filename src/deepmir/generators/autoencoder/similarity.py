"""Search for similar music: the nearest neighbours of a track among the others.

The tutorial names it as a use of autoencoders' features (A.4). Every track asks for what is like
it; a system is as good as the share of its answers that are.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PLACES = (1, 5, 10)
QUERIES = 10  # that have something to find, at least: of fewer there is no mean worth stating


def related(labels: Sequence[str | None]) -> npt.NDArray[np.bool_]:
    """Which tracks are what another one looks for, shape (tracks, tracks).

    Args:
        labels: of each track; what has none finds nothing and is not found.
    """
    known = np.array([label is not None for label in labels])
    numbers = np.unique([label or "" for label in labels], return_inverse=True)[1]
    same: npt.NDArray[np.bool_] = (numbers[:, None] == numbers) & known[:, None] & known
    np.fill_diagonal(same, False)
    return same


def _directions(vectors: Floats) -> Floats:
    """Unit vectors, every number standardised before, so that none counts for its scale alone."""
    z = (vectors - vectors.mean(0)) / np.maximum(vectors.std(0), 1e-9)
    found: Floats = z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-9)
    return found


def _cosines(one: Floats, other: Floats) -> Floats:
    """Of the angles of directions; what rounding alone tells apart is equal."""
    found: Floats = np.round(one @ other.T, 9)
    return found


def likeness(vectors: Floats) -> Floats:
    """The cosine of the angle between each two tracks; of a track with itself minus infinity.

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

    Where others are as near, it is the chance of it in a random order (McSherry and Najork 2008):
    a code that says the same of everything finds nothing.

    Args:
        halves: of each track, shape (tracks, 2, numbers).
        places: how many count as near.

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
    """The share of the first places that hold what each track looks for.

    A track that has fewer to find than there are places can find no more than these: the share is
    of as many places as it has to find. Of tracks that are equally near, the mean over all orders
    counts.

    Args:
        likeness: see :func:`likeness`.
        same: what each looks for, shape (tracks, tracks).
        places: how many answers count.

    Returns:
        Of every track that has something to find, shape (queries,).
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
    """The mean of :func:`precision` over all orders, of every track that has something to find."""
    wanted = same.sum(1)
    wanted = wanted[wanted > 0]
    others = len(same) - 1
    expected = wanted / others * min(places, others)
    found: Floats = expected / np.minimum(wanted, places)
    return found
