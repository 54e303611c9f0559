"""Principal components of patches: the linear autoencoder with the least squared error.

Baldi and Hornik (1989): the error of a linear autoencoder has a single minimum, the subspace of the
first principal components.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from deepmir.models.codes import Autoencoder

Floats = npt.NDArray[np.float64]


class Moments(nn.Module):
    """Count, sum and products of vectors, which determine their principal components."""

    count: Tensor
    total: Tensor
    products: Tensor

    def __init__(self, numbers: int) -> None:
        """Start with no vectors.

        Args:
            numbers: length of a vector.
        """
        super().__init__()
        self.register_buffer("count", torch.zeros((), dtype=torch.float64))
        self.register_buffer("total", torch.zeros(numbers, dtype=torch.float64))
        self.register_buffer("products", torch.zeros(numbers, numbers, dtype=torch.float64))

    @torch.no_grad()
    def add(self, vectors: Tensor) -> None:
        """Add vectors, shape (B, numbers)."""
        self.count += len(vectors)
        self.total += vectors.double().sum(0)
        self.products += (vectors.T @ vectors).double()

    def components(self, count: int) -> tuple[Floats, Floats]:
        """Mean, shape (numbers,), and unit vectors of greatest variance, (count, numbers).

        The largest entry of each is positive; there are fewer if the rank of the vectors is lower.
        """
        from scipy.linalg import eigh
        from scipy.sparse.linalg import eigsh

        counted = max(float(self.count), 1.0)
        mean = self.total.cpu().numpy() / counted
        covariance = self.products.cpu().numpy() / counted - np.outer(mean, mean)
        size = len(mean)
        if count < size // 4 and np.ptp(covariance.diagonal()) > 0:
            values, vectors = eigsh(covariance, count, v0=np.ones(size))
        else:
            values, vectors = eigh(covariance)
        found: Floats = vectors[:, np.argsort(values)[::-1][:count]].T
        signs = np.sign(found[np.arange(len(found)), np.abs(found).argmax(axis=1)])
        return mean, found * signs[:, None]


@torch.no_grad()
def linear(network: Autoencoder, mean: Floats, directions: Floats) -> None:
    """Set a linear autoencoder to orthonormal directions, and to the subspace they span.

    Args:
        network: with encoder `d1` and its mirror.
        mean: of standardised patches, shape (numbers,).
        directions: shape (code or fewer, numbers); further codes are 0.
    """
    centre, rows = torch.from_numpy(mean).float(), torch.from_numpy(directions).float()
    weights = network.state_dict()  # shares the memory of the weights
    encoder, decoder = "encoder.network.layers.parts.1.linear", "decoder.parts.0.linear"
    for name in (f"{encoder}.weight", f"{encoder}.bias", f"{decoder}.weight"):
        weights[name].zero_()
    weights[f"{encoder}.weight"][: len(rows)] = rows
    weights[f"{encoder}.bias"][: len(rows)] = -rows @ centre
    weights[f"{decoder}.weight"][:, : len(rows)] = rows.T
    weights[f"{decoder}.bias"].copy_(centre)
