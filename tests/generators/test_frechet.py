import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.generators import frechet


def with_moments(mean, deviation, count=50):
    """Numbers whose mean and standard deviation are exactly these, shape (count, 1)."""
    values = np.linspace(-1, 1, count)
    return (mean + deviation * (values - values.mean()) / values.std(ddof=1))[:, None]


def test_the_closed_form_of_one_dimension():
    one, other = with_moments(1.0, 2.0), with_moments(4.0, 0.5, count=31)
    assert frechet.distance(one, other) == pytest.approx((1 - 4) ** 2 + (2 - 0.5) ** 2)


def test_the_closed_form_of_rotated_axes(rng):
    """Covariances with common axes: the squared differences of the deviations."""
    turned, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    grid = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]) / np.sqrt(8 / 7)
    one, other = np.array([1.0, 2.0, 3.0]), np.array([2.0, 0.5, 3.0])
    shift = np.array([0.3, 0.0, -0.4])
    found = frechet.distance((grid * one) @ turned.T, (grid * other) @ turned.T + shift)
    assert found == pytest.approx(((one - other) ** 2).sum() + 0.25)


def test_equal_sets_are_no_distance_apart_even_where_they_are_flat(rng):
    features = rng.standard_normal((40, 6))
    features[:, 3] = 1.0
    assert frechet.distance(features, features) == pytest.approx(0, abs=1e-9)
    assert frechet.distance(features, features[::-1]) == pytest.approx(0, abs=1e-9)


def test_it_is_symmetric(rng):
    one, other = rng.standard_normal((30, 4)), 2 * rng.standard_normal((40, 4)) + 1
    assert frechet.distance(one, other) == pytest.approx(frechet.distance(other, one))


def test_the_gaussian_has_the_moments_of_its_samples(rng):
    samples = np.einsum("nij,jk->nik", rng.standard_normal((60, 2, 3)), rng.standard_normal((3, 3)))
    samples += 5
    drawn = frechet.gaussian(samples, 20_000, rng)
    assert drawn.shape == (20_000, 2, 3)
    flat, again = samples.reshape(60, -1), drawn.reshape(20_000, -1)
    assert np.allclose(again.mean(0), flat.mean(0), atol=0.1)
    assert np.allclose(np.cov(again.T), np.cov(flat.T), atol=0.15)


def test_a_set_of_one_is_refused(rng):
    one = rng.standard_normal((1, 3))
    for call in (lambda: frechet.distance(one, one), lambda: frechet.gaussian(one, 2, rng)):
        with pytest.raises(DeepmirError, match="a set of 1 has no covariance"):
            call()


def test_the_gaussian_of_fewer_samples_than_values_stays_in_their_span(rng):
    samples = rng.standard_normal((3, 10))
    drawn = frechet.gaussian(samples, 50, rng)
    assert np.linalg.matrix_rank(drawn - samples.mean(0), tol=1e-4) == 2


def test_the_nearest_neighbour_and_its_distance(rng):
    among = rng.standard_normal((20, 4, 5))
    queries = among[[7, 3]] + np.array([0.01, 0.02])[:, None, None]
    places, apart = frechet.nearest(queries, among)
    assert places.tolist() == [7, 3]
    assert apart == pytest.approx([0.01, 0.02])


def test_the_nearest_of_the_others_is_never_the_sample_itself():
    places, apart = frechet.nearest_others(np.array([[0.0], [1.0], [5.0]]))
    assert places.tolist() == [1, 0, 1]
    assert apart == pytest.approx([1, 1, 4])
