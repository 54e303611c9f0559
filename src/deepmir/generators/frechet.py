"""Distances between two sets of features as a measure of their similarity.

The Frechet distance between Gaussians with the moments of the two sets (Dowson and Landau, 1982;
for features of a classifier: Heusel et al., NeurIPS 2017, equation 6). It decreases with the number
of samples, even for sets of the same origin (Binkowski et al., ICLR 2018): only distances between
sets of the same sizes can be compared.
"""

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError

Floats = npt.NDArray[np.float64]


def distance(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> float:
    """Squared Frechet distance |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)).

    Args:
        one: features, shape (n, H), n > 1.
        other: features, shape (m, H), m > 1.

    Returns:
        0 for equal moments, never negative.

    Raises:
        DeepmirError: for a set of one sample.
    """
    (mean, covariance), (mean_2, covariance_2) = _moments(one), _moments(other)
    root = _square_root(covariance)
    # C1 C2 has the eigenvalues of the symmetric C1^(1/2) C2 C1^(1/2).
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ covariance_2 @ root), 0)).sum()
    spread = np.trace(covariance) + np.trace(covariance_2) - 2 * shared
    return max(float(((mean - mean_2) ** 2).sum() + spread), 0.0)


def _moments(features: npt.NDArray[np.floating]) -> tuple[Floats, Floats]:
    _refuse_one(len(features))
    values = np.asarray(features, np.float64)
    return values.mean(axis=0), np.atleast_2d(np.cov(values, rowvar=False))


def _square_root(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    root: Floats = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return root


def _refuse_one(count: int) -> None:
    if count < 2:
        raise DeepmirError(
            f"a set of {count} has no covariance, which a Frechet distance and a Gaussian need: "
            "take a data set with two notes of each kind at least in every part"
        )


def gaussian(
    samples: npt.NDArray[np.floating], count: int, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Sample from the Gaussian with the mean and full covariance of some samples.

    A sum of the centred samples, each times an independent normal number over (n - 1)^(1/2), has
    their covariance: no matrix is needed, however many values a sample has.

    Args:
        samples: shape (n, ...), n > 1.
        count: number of samples to draw.
        rng: the generator of random numbers.

    Returns:
        Shape (count, ...).
    """
    _refuse_one(len(samples))
    flat = samples.reshape(len(samples), -1).astype(np.float64)
    mean = flat.mean(axis=0)
    numbers = rng.standard_normal((count, len(flat))) / np.sqrt(len(flat) - 1)
    drawn: npt.NDArray[np.float32] = (mean + numbers @ (flat - mean)).astype(np.float32)
    return drawn.reshape(count, *samples.shape[1:])


def nearest(
    queries: npt.NDArray[np.floating], among: npt.NDArray[np.floating]
) -> tuple[npt.NDArray[np.int64], Floats]:
    """The nearest neighbour of every query, and its distance.

    Args:
        queries: shape (n, ...).
        among: shape (m, ...).

    Returns:
        Indices into `among`, and root mean squares of the differences, each of shape (n,).
    """
    return _least(_mean_squares(queries, among))


def nearest_others(samples: npt.NDArray[np.floating]) -> tuple[npt.NDArray[np.int64], Floats]:
    """The same for every sample among all others, shape (n, ...), n > 1."""
    squares = _mean_squares(samples, samples)
    np.fill_diagonal(squares, np.inf)
    return _least(squares)


def _mean_squares(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> Floats:
    """Mean squares of the differences of all pairs, shape (n, m)."""
    a, b = (values.reshape(len(values), -1).astype(np.float64) for values in (one, other))
    squares: Floats = (a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1)
    return squares / a.shape[1]


def _least(squares: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    return squares.argmin(axis=1), np.sqrt(np.maximum(squares.min(axis=1), 0))
