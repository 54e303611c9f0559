import numpy as np
import pytest
import torch
from torch.nn import functional as F

from deepmir.models import losses
from deepmir.tasks.output import Head, Output

LENGTHS = torch.tensor([5, 3])
BOTH = Output((Head(("a", "b", "c"), "softmax"), Head(("voiced",), "sigmoid", weight=0.5)))


@pytest.fixture
def batch():
    torch.manual_seed(0)
    logits = torch.randn(2, 4, 5)
    target = torch.rand(2, 4, 5)
    target[:, :3] = target[:, :3].softmax(dim=1)
    return logits, target


def test_the_heads_are_summed_with_their_weights(batch):
    logits, target = batch
    inside = torch.arange(5) < LENGTHS[:, None]
    of_pitch = F.cross_entropy(logits[:, :3], target[:, :3], reduction="none")[inside].mean()
    of_voice = F.binary_cross_entropy_with_logits(logits[:, 3], target[:, 3], reduction="none")[
        inside
    ].mean()
    found = losses.loss(BOTH, losses.means(BOTH, logits, target, LENGTHS))
    assert float(found) == pytest.approx(float(of_pitch + 0.5 * of_voice), rel=1e-6)


def test_what_is_not_known_and_what_is_padding_has_no_gradient(batch):
    logits, target = batch
    target[0, :3, 2] = np.nan
    logits.requires_grad_()
    losses.loss(BOTH, losses.means(BOTH, logits, target, LENGTHS)).backward()
    assert torch.isfinite(logits.grad).all()
    assert not logits.grad[0, :3, 2].any()
    assert logits.grad[0, 3, 2]
    assert not logits.grad[1, :, 3:].any()


def test_a_batch_of_which_nothing_is_known_has_no_loss(batch):
    logits, target = batch
    unknown = torch.full_like(target, np.nan)
    assert losses.loss(BOTH, losses.means(BOTH, logits, unknown, LENGTHS)) == 0


def test_how_tracks_are_batched_decides_nothing():
    both = [(1.0, 1), (4.0, 1)]
    voiced, none = [(3.0, 1), (0.0, 0)], [(0.0, 0), (0.0, 0)]
    together = [(2.0, 2), (4.0, 1)]
    for batches in ([both, voiced], [voiced, both, none], [together]):
        assert losses.over_batches(BOTH, batches) == pytest.approx(2.0 + 0.5 * 4.0)


def test_each_head_has_its_activation(batch):
    values = losses.activate(BOTH, batch[0])
    assert torch.allclose(values[:, :3], batch[0][:, :3].softmax(1))
    assert torch.allclose(values[:, 3], batch[0][:, 3].sigmoid())
    linear = Output.of(("valence",), "linear")
    assert torch.equal(losses.activate(linear, batch[0][:, :1]), batch[0][:, :1])


@pytest.mark.parametrize("activation", ["softmax", "sigmoid", "linear"])
def test_a_class_of_weight_two_counts_twice(activation):
    """The gradient of the weighted terms doubles, that of the rest stays the same."""
    output = Output.of(("a", "b"), activation)
    target = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    gradients = []
    for weights in (torch.ones(2), torch.tensor([2.0, 1.0])):
        logits = torch.tensor([[0.3, -0.2], [0.1, 0.4]], requires_grad=True)
        found = losses.means(output, logits, target, torch.tensor([1, 1]), weights)
        losses.loss(output, found).backward()
        gradients.append(logits.grad)
    plain, weighted = gradients
    assert torch.allclose(weighted[0, 0], 2 * plain[0, 0])
    assert torch.allclose(weighted[1, 1], plain[1, 1])
