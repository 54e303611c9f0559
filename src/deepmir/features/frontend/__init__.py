"""Representations computed on the fly: modules that stand in front of a network.

The tutorial names Kapre for this (section 5.1). ``Frontend(Mel())`` is a `torch.nn.Module`
that takes audio, runs on CPU or GPU and passes gradients back to the samples. Its numbers are those
that `deepmir.representations` computes for HDF5: both read filters, windows and kernels from the
same declaration, and the tests hold the one to the other.
"""

from deepmir.features.frontend.frontend import Frontend

__all__ = ["Frontend"]
