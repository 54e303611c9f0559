"""Representations computed on the fly: modules that stand in front of a network.

The tutorial names Kapre for this (section 5.1). ``Frontend(Mel())`` is a `torch.nn.Module`
that takes audio, runs on CPU or GPU and passes gradients back to the samples.

It computes what `deepmir.representations` computes for HDF5, from the same filters, windows and
kernels. Files that share a name belong together: `separation.py` here is `separation.py` there, in
torch. `derived.py` has what is made from other representations, and `rows.py` calls NumPy for a
representation that has no torch of its own. Tests hold the numbers of both to each other.
"""

from deepmir.features.frontend.frontend import Frontend

__all__ = ["Frontend"]
