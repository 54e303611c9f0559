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


def nearest(vectors: Floats) -> npt.NDArray[np.int64]:
    """The other tracks of each, the nearest first by the cosine of the angle.

    Args:
        vectors: shape (tracks, numbers).

    Returns:
        Shape (tracks, tracks - 1).
    """
    z = _directions(vectors)
    cosines = z @ z.T
    np.fill_diagonal(cosines, np.inf)
    return np.argsort(-cosines, axis=1, kind="stable")[:, 1:]


def ahead(halves: Floats) -> npt.NDArray[np.int64]:
    """How many other tracks' second halves are nearer to a track's first half than its own is.

    Args:
        halves: of each track, shape (tracks, 2, numbers).

    Returns:
        Shape (tracks,): 0 where a recording finds itself at once.
    """
    z = _directions(halves.reshape(-1, halves.shape[2])).reshape(halves.shape)
    cosines = z[:, 0] @ z[:, 1].T
    found: npt.NDArray[np.int64] = (cosines > np.diagonal(cosines)[:, None]).sum(1)
    return found


def precision(order: npt.NDArray[np.int64], same: npt.NDArray[np.bool_], places: int) -> Floats:
    """The share of the first places that hold what each track looks for.

    A track that has fewer to find than there are places can find no more than these: the share is
    of as many places as it has to find.

    Args:
        order: the other tracks, the nearest first, shape (tracks, tracks - 1).
        same: what each looks for, shape (tracks, tracks).
        places: how many answers count.

    Returns:
        Of every track that has something to find, shape (queries,).
    """
    hits = np.take_along_axis(same, order, axis=1)[:, :places].sum(1)
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
