"""Principal components of patches: the linear autoencoder of the least squared error.

Baldi and Hornik (1989): the error of a linear autoencoder has one minimum, the plane of the first
principal components.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from deepmir.models.codes import Autoencoder

Floats = npt.NDArray[np.float64]


class Moments(nn.Module):
    """Count, sum and products of vectors, from which their principal components follow."""

    count: Tensor
    total: Tensor
    products: Tensor

    def __init__(self, numbers: int) -> None:
        """Nothing is counted yet.

        Args:
            numbers: of a vector.
        """
        super().__init__()
        self.register_buffer("count", torch.zeros((), dtype=torch.float64))
        self.register_buffer("total", torch.zeros(numbers, dtype=torch.float64))
        self.register_buffer("products", torch.zeros(numbers, numbers, dtype=torch.float64))

    @torch.no_grad()
    def add(self, vectors: Tensor) -> None:
        """Count some vectors, shape (B, numbers)."""
        self.count += len(vectors)
        self.total += vectors.double().sum(0)
        self.products += (vectors.T @ vectors).double()

    def components(self, count: int) -> tuple[Floats, Floats]:
        """Mean, shape (numbers,), and unit vectors of the greatest variance, (count, numbers).

        The largest number of each is positive; there are fewer where the vectors have fewer.
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
    """Give a linear autoencoder the codes of orthonormal directions, and their plane.

    Args:
        network: of the encoder `d1` and its mirror.
        mean: of standardised patches, shape (numbers,).
        directions: shape (code or fewer, numbers); codes beyond are 0.
    """
    centre, rows = torch.from_numpy(mean).float(), torch.from_numpy(directions).float()
    weights = network.state_dict()  # which has the memory of the weights
    encoder, decoder = "encoder.network.layers.parts.1.linear", "decoder.parts.0.linear"
    for name in (f"{encoder}.weight", f"{encoder}.bias", f"{decoder}.weight"):
        weights[name].zero_()
    weights[f"{encoder}.weight"][: len(rows)] = rows
    weights[f"{encoder}.bias"][: len(rows)] = -rows @ centre
    weights[f"{decoder}.weight"][:, : len(rows)] = rows.T
    weights[f"{decoder}.bias"].copy_(centre)
