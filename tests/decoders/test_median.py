import numpy as np
import pytest

from deepmir.decoders.median import median_reaches, runs


@pytest.mark.parametrize("width", [0, 1, 2, 3, 8, 21, 200])
@pytest.mark.parametrize("frames", [1, 2, 5, 100])
def test_as_the_median_of_every_window(width, frames):
    values = np.random.default_rng(width * 1000 + frames).uniform(size=frames)
    half = width // 2
    padded = np.pad(values, half, mode="edge")
    medians = np.array([np.median(padded[n : n + 2 * half + 1]) for n in range(frames)])
    for threshold in (0.3, 0.5, medians[0]):
        np.testing.assert_array_equal(
            median_reaches(values, threshold, width), medians >= threshold
        )


def test_runs_start_and_end_where_the_activity_does():
    np.testing.assert_array_equal(
        runs(np.array([1, 1, 0, 0, 1, 0, 1], bool)), [[0, 2], [4, 5], [6, 7]]
    )
    assert runs(np.zeros(3, bool)).shape == runs(np.zeros(0, bool)).shape == (0, 2)
