import numpy as np
import pytest

from deepmir.decoders.activity import Activity
from deepmir.errors import DeepmirError


def by_definition(values, threshold, half):
    """Median of each window, with repeated ends; then the frames of each run, one by one."""
    frames = range(len(values))
    padded = [values[min(max(n, 0), len(values) - 1)] for n in range(-half, len(values) + half)]
    active = [sorted(padded[n : n + 2 * half + 1])[half] >= threshold for n in frames]
    found, start = [], None
    for n in range(len(values) + 1):
        is_active = n < len(values) and active[n]
        if is_active and start is None:
            start = n
        if not is_active and start is not None:
            found.append((start, n, np.mean(values[start:n])))
            start = None
    return found


@pytest.mark.parametrize("seed", range(12))
def test_same_intervals_as_the_definition(seed):
    rng = np.random.default_rng(seed)
    values = rng.uniform(size=(80, 3))
    half = seed % 4
    found = Activity(frame_rate=10.0, threshold=0.5, width=2 * half / 10)(values)
    assert len(found) == 3
    for column, intervals in zip(values.T, found, strict=True):
        expected = by_definition(column.tolist(), 0.5, half)
        assert len(intervals) == len(expected)
        for (start, end, mean), (first, after, confidence) in zip(intervals, expected, strict=True):
            assert start == pytest.approx(max(first - 0.5, 0) / 10 if first else 0.0)
            assert end == pytest.approx((after - 0.5) / 10 if after < 80 else 8.0)
            assert mean == pytest.approx(confidence)


def test_a_short_gap_is_closed_and_a_short_blip_is_dropped():
    values = np.zeros((100, 1))
    values[20:40] = values[42:60] = 0.9
    values[80:82] = 0.9
    (intervals,) = Activity(frame_rate=10.0, width=1.0)(values)
    np.testing.assert_allclose(intervals[:, :2], [[1.95, 5.95]])


def test_nothing_and_everything():
    find = Activity(frame_rate=5.0)
    assert [len(x) for x in find(np.zeros((10, 2)))] == [0, 0]
    np.testing.assert_allclose(find(np.ones((10, 1)))[0], [[0.0, 2.0, 1.0]])
    assert find(np.zeros((0, 1)))[0].shape == (0, 3)


def test_activations_that_are_no_numbers_are_refused():
    with pytest.raises(DeepmirError, match="not a finite"):
        Activity(frame_rate=5.0)(np.full((4, 1), np.nan))
