"""The parts of the input that a prediction depends on: the gradient with respect to it.

Simonyan, Vedaldi and Zisserman (ICLR workshop 2014).
"""

import torch
from torch import Tensor

from deepmir.inspection.probe import Probe
from deepmir.models import losses


def saliency(found: Probe, label: int) -> Tensor:
    """How much the prediction of a label would increase with each value of the input.

    For a time-varying task the predictions of all frames are summed.

    Args:
        found: network and excerpt.
        label: index of the output node.

    Returns:
        Gradient with respect to the standardised input, shape (N, F, T).
    """
    x = found.x.clone().requires_grad_()
    logits = found.network(x)
    if found.task.time_varying:
        score = losses.activate(found.task.output, logits)[0, label].sum()
    else:
        score = logits[0, label]
    (gradient,) = torch.autograd.grad(score, x)
    return gradient[0]
