import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deepmir.decoders.peaks import PeakPicker, refine_peaks
from deepmir.errors import DeepmirError


def pick_by_definition(values, picker):
    """The three conditions of Böck et al. 2012, frame by frame."""
    w = {
        k: round((getattr(picker, k) or 0) * picker.frame_rate)
        for k in ("pre_max", "post_max", "pre_avg", "post_avg", "combine")
    }
    kept = []
    for n, value in enumerate(values):
        around = values[max(n - w["pre_max"], 0) : n + w["post_max"] + 1]
        average = values[max(n - w["pre_avg"], 0) : n + w["post_avg"] + 1].mean()
        if picker.pre_avg is None:
            average = 0
        is_peak = value == around.max() and value >= average + picker.threshold
        if is_peak and (not kept or n - kept[-1] > w["combine"]):
            kept.append(n)
    return kept


@pytest.mark.parametrize("seed", range(20))
def test_same_frames_as_the_definition(seed):
    rng = np.random.default_rng(seed)
    values = rng.uniform(size=300)  # continuous, so without plateaus
    pre, post, past, ahead, combine = rng.integers(0, 8, 5) / 100
    picker = PeakPicker(
        frame_rate=100.0,
        threshold=float(rng.uniform(0, 0.5)),
        pre_max=pre,
        post_max=post,
        pre_avg=past if seed % 2 else None,
        post_avg=ahead if seed % 2 else None,
        combine=combine,
    )
    expected = pick_by_definition(values, picker)
    assert len(expected) >= 5
    np.testing.assert_allclose(
        picker(values), refine_peaks(values, np.array(expected)) / 100, atol=1e-12
    )


def test_bells_are_found_below_the_frame():
    times = np.array([0.2034, 0.5071, 0.9])
    frames = np.arange(120)
    values = np.exp(-0.5 * ((frames[:, None] - times * 100) / 1.5) ** 2).max(axis=1)
    np.testing.assert_allclose(PeakPicker(frame_rate=100.0)(values), times, atol=0.0005)


def test_a_plateau_is_one_peak_at_its_middle():
    values = np.zeros(50)
    values[[20, 21, 22]] = 1.0
    np.testing.assert_allclose(PeakPicker(frame_rate=100.0, combine=0)(values), [0.21])


def test_threshold_and_combine():
    values = np.zeros(50)
    values[[10, 15, 30]] = 0.9, 0.8, 0.4
    assert len(PeakPicker(frame_rate=100.0, combine=0.04)(values)) == 2
    assert len(PeakPicker(frame_rate=100.0, combine=0.05)(values)) == 1
    assert len(PeakPicker(frame_rate=100.0, threshold=0.3)(values)) == 3


@pytest.mark.parametrize("frames", [0, 1, 2, 100])
def test_silence_has_no_peaks(frames):
    assert PeakPicker(frame_rate=100.0)(np.zeros(frames)).shape == (0,)


def test_wrong_activations_are_refused():
    with pytest.raises(DeepmirError, match="frame 3 "):
        PeakPicker(frame_rate=100.0)([0, 0, 0, np.nan])
    with pytest.raises(ValueError, match="shape"):
        PeakPicker(frame_rate=100.0)(np.zeros((4, 2)))


@settings(max_examples=80)
@given(hnp.arrays(np.float32, st.integers(0, 80), elements=st.floats(0, 1, width=32)))
def test_any_activations_give_ascending_times_inside(values):
    times = PeakPicker(frame_rate=100.0, threshold=0.1)(values)
    assert (np.diff(times) > 0).all()
    assert ((times >= 0) & (times <= max(len(values) - 1, 0) / 100)).all()
    # nothing above the threshold is lost: the greatest of all activations is always a peak
    assert bool(len(times)) == bool(values.size and np.float64(values.max()) >= 0.1)


def test_a_peak_beside_a_clearly_higher_one_is_none():
    values = np.zeros(100)
    values[[20, 27, 40, 60, 66]] = [0.9, 0.6, 0.6, 0.6, 0.5]
    every = PeakPicker(frame_rate=100.0, threshold=0.3)
    np.testing.assert_allclose(every(values), [0.2, 0.27, 0.4, 0.6, 0.66])
    picker = PeakPicker(frame_rate=100.0, threshold=0.3, relative=0.8)
    # .27 is 70 ms from one of .9; .4 is 200 ms away; .66 has five sixths of what is beside it.
    np.testing.assert_allclose(picker(values), [0.2, 0.4, 0.6, 0.66])
    assert picker(np.zeros(9)).size == 0
