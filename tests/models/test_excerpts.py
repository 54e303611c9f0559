import itertools

import numpy as np
import pytest
import torch

from deepmir.models import excerpts


@pytest.mark.parametrize("frames", [1, 9, 10, 11, 15, 16, 99, 1000])
def test_excerpts_cover_a_track_to_its_end_and_overlap_by_half(frames):
    first = excerpts.starts(frames, 10)
    assert first[0] == 0
    assert first[-1] == max(0, frames - 10)
    assert all(b - a <= 5 for a, b in itertools.pairwise(first))


def test_the_mean_of_a_track_is_over_its_own_excerpts_and_padding_is_never_heard():
    x = torch.zeros(2, 1, 1, 30)
    x[0, ..., :25], x[1, ..., :7] = 1.0, 5.0
    x[1, ..., 7:] = np.nan
    heard = excerpts.cut(x, torch.tensor([25, 7]), 10)
    assert heard.lengths.tolist() == [10, 10, 10, 10, 7]
    assert heard.rows.tolist() == [0, 0, 0, 0, 1]
    means = torch.stack([
        piece[..., :length].mean()
        for piece, length in zip(heard.x, heard.lengths.tolist(), strict=True)
    ])  # fmt: skip
    assert excerpts.mean(means[:, None], heard.rows, 2).tolist() == [[1.0], [5.0]]


def test_a_track_that_is_short_enough_stays_whole():
    x = torch.rand(1, 1, 3, 8)
    assert excerpts.cut(x, torch.tensor([8]), 10).x is x
    assert excerpts.cut(x, torch.tensor([8]), None).x is x
