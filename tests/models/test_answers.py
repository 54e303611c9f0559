"""The answers of a network for whole tracks, and their errors."""

import numpy as np
import pytest
import torch

from deepmir.models import losses
from deepmir.models.excerpts import Excerpts
from deepmir.models.inference import Answer
from deepmir.tasks.output import Head, Output

OUTPUT = Output((Head(("beat", "downbeat"), "sigmoid"), Head(("key",), "sigmoid", weight=0.5)))


class Task:
    output = OUTPUT


@pytest.mark.parametrize("shape", [(8, 3), (8, 3, 5)])
@pytest.mark.parametrize("size", [2, 4, 8])
def test_the_losses_of_heads_that_know_different_tracks_are_those_of_any_batches(shape, size):
    torch.manual_seed(0)
    logits, target = torch.randn(shape), torch.rand(shape)
    target[2:, 2] = np.nan

    def loss_of(batches):
        found = []
        for rows in torch.arange(8).split(batches):
            excerpts = Excerpts(logits[rows], torch.full((len(rows),), 5), torch.arange(len(rows)))
            answer = Answer(Task, logits[rows], None, excerpts, len(rows))
            found.append(answer.losses(target[rows]))
        return losses.over_batches(OUTPUT, found)

    assert loss_of(size) == pytest.approx(loss_of(1), rel=1e-6)
