import numpy as np
import pytest
from scipy.signal import lfilter

from deepmir.representations.smoothing import smoothed


@pytest.mark.parametrize("shape", [(50, 7), (50, 7, 2)])
def test_it_is_the_filter_of_scipy_and_goes_on_where_it_stopped(shape):
    values = np.random.default_rng(0).random(shape)
    b = 0.05
    state = np.random.default_rng(1).random(shape[1:])
    expected, after = lfilter([b], [1, b - 1], values, axis=0, zi=state[None])
    here = state.ravel().copy()
    said = np.concatenate([smoothed(values[:20], b, here), smoothed(values[20:], b, here)])
    np.testing.assert_allclose(said, expected, rtol=1e-14)
    np.testing.assert_allclose(here, after.ravel(), rtol=1e-14)
