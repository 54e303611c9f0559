"""Which part of the input a prediction hangs on: the gradient with respect to it.

Simonyan, Vedaldi and Zisserman (ICLR workshop 2014).
"""

import torch
from torch import Tensor

from deepmir.inspection.probe import Probe
from deepmir.models import losses


def saliency(found: Probe, label: int) -> Tensor:
    """How much the prediction of a label would rise with each value of the input.

    For a time-varying task the predictions of all frames are added up.

    Args:
        found: network and excerpt.
        label: number of the output node.

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
