import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from deepmir.deformations.base import Mask
from deepmir.deformations.frequency_mask import FrequencyMask
from deepmir.deformations.time_mask import TimeMask
from deepmir.representations import Mel

MEL = Mel(hop=441, bins=40)  # 50 frames per second


def draw(most, length, rng):
    """A time mask with a maximum number of frames."""
    return TimeMask().draw(most / 50, MEL, length, rng)


@given(st.integers(0, 50), st.integers(1, 40), st.integers(0, 99))
def test_a_mask_lies_in_its_axis_and_is_no_longer_than_declared(most, length, seed):
    first, size = draw(most, length, np.random.default_rng(seed))
    assert 0 <= first <= first + size <= length
    assert size <= most


def test_masks_are_of_all_lengths_and_reach_both_ends():
    rng = np.random.default_rng(0)
    drawn = np.array([draw(4, 10, rng) for _ in range(2000)])
    first, size = drawn.T
    np.testing.assert_allclose(np.bincount(size) / 2000, 0.2, atol=0.03)
    assert first[size == 4].min() == 0
    assert first[size == 4].max() == 6


def test_masks_hide_a_part_behind_the_mean_of_the_patch():
    x = torch.randn(2, 2, 6, 9, generator=torch.Generator().manual_seed(0))
    lengths = torch.tensor([9, 5])
    places = torch.tensor([[2, 3], [0, 1]])
    for mask, axis in ((FrequencyMask(), 2), (TimeMask(), 3)):
        got = mask.deform(x, lengths, places).movedim(axis, 1)
        true = x.movedim(axis, 1)
        for row, (first, size) in enumerate(places.tolist()):
            inside = np.zeros(true.shape[1], bool)
            inside[first : first + size] = True
            assert torch.equal(got[row, ~inside], true[row, ~inside])
            mean = x[row, :, :, : lengths[row]].mean((1, 2))
            hidden = got[row, inside].movedim(1, 0).reshape(2, -1)
            torch.testing.assert_close(hidden, mean[:, None].expand_as(hidden))


def test_amounts_are_seconds_and_shares():
    rng = np.random.default_rng(0)
    amounts = {"time_mask": 0.5, "frequency_mask": 0.25}
    chosen = Mask.chosen({"gain": 3, **amounts})
    assert [mask.name for mask, _ in chosen] == list(amounts)
    drawn = [
        {mask.name: mask.draw(most, MEL, 300, rng) for mask, most in chosen} for _ in range(500)
    ]
    assert max(each["time_mask"][1] for each in drawn) == 25
    assert max(each["frequency_mask"][1] for each in drawn) == 10
    assert max(each["frequency_mask"].sum() for each in drawn) == 40
