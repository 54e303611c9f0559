"""The losses of the two networks: two stable ones to choose from.

The hinge loss (Lim and Ye, 2017; Miyato et al., ICLR 2018, equations 16 and 17) requires a margin
of one from the discriminator; it is combined with spectral normalisation. The Wasserstein loss
(Arjovsky et al., ICML 2017) is a distance of distributions if the gradient of the discriminator is
at most one; it is combined with the gradient penalty (Gulrajani et al., NeurIPS 2017, equation 3).
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
        loss: `hinge` or `wasserstein`.
        real: output for real patches, shape (B,).
        made: output for generated patches, shape (B,).
    """
    if loss == "hinge":
        return functional.relu(1 - real).mean() + functional.relu(1 + made).mean()
    return made.mean() - real.mean()


def of_generator(made: Tensor) -> Tensor:
    """The loss of the generator, the same for both: its patches should be taken for real ones."""
    return -made.mean()


def gradient_penalty(
    judge: Callable[[Tensor], Tensor], real: Tensor, made: Tensor, between: Tensor
) -> Tensor:
    """The squared deviation of a discriminator's gradient norm from one; the mean over a batch.

    Args:
        judge: the discriminator, from (B, ...) to (B,).
        real: shape (B, ...).
        made: shape (B, ...).
        between: for each pair, the position between the two, in [0, 1], shape (B,).

    Returns:
        A differentiable scalar.
    """
    share = between.reshape(-1, *[1] * (real.dim() - 1))
    point = torch.lerp(made.detach(), real.detach(), share).requires_grad_()
    (gradient,) = torch.autograd.grad(judge(point).sum(), point, create_graph=True)
    slope: Tensor = gradient.flatten(1).norm(dim=1)
    return (slope - 1).square().mean()
