"""What the two networks are trained by: two losses that stay stable, of which one is declared.

The hinge loss (Lim and Ye, 2017; Miyato et al., ICLR 2018, equations 16 and 17) asks the
discriminator for a margin of one; with it goes spectral normalisation. The Wasserstein loss
(Arjovsky et al., ICML 2017) is a distance of distributions where the discriminator's slope is at
most one; with it goes the penalty on the slope (Gulrajani et al., NeurIPS 2017, equation 3).
"""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

Loss = Literal["hinge", "wasserstein"]


def of_discriminator(loss: Loss, real: Tensor, made: Tensor) -> Tensor:
    """The loss of the discriminator without a penalty, a scalar.

    Args:
        loss: which.
        real: what it says of real patches, shape (B,).
        made: what it says of patches that were made, shape (B,).
    """
    if loss == "hinge":
        return functional.relu(1 - real).mean() + functional.relu(1 + made).mean()
    return made.mean() - real.mean()


def of_generator(made: Tensor) -> Tensor:
    """The loss of the generator, the same for both: that its patches are taken for real ones."""
    return -made.mean()


def gradient_penalty(
    judge: Callable[[Tensor], Tensor], real: Tensor, made: Tensor, between: Tensor
) -> Tensor:
    """How far the slope of a discriminator is from one, squared; the mean over a batch.

    Args:
        judge: the discriminator, from (B, ...) to (B,).
        real: shape (B, ...).
        made: shape (B, ...).
        between: for each pair, where between the two the slope is taken, in [0, 1], shape (B,).

    Returns:
        A scalar that can be differentiated.
    """
    share = between.reshape(-1, *[1] * (real.dim() - 1))
    point = torch.lerp(made.detach(), real.detach(), share).requires_grad_()
    (gradient,) = torch.autograd.grad(judge(point).sum(), point, create_graph=True)
    slope: Tensor = gradient.flatten(1).norm(dim=1)
    return (slope - 1).square().mean()
