"""Representations computed on the fly: modules in front of a network.

The tutorial cites Kapre for this (section 5.1). ``Frontend(Mel())`` is a `torch.nn.Module` that
takes audio, runs on CPU or GPU and passes gradients back to the samples.

It computes the same as `deepmir.representations` for HDF5, from the same filters, windows and
kernels. Files of the same name belong together: `separation.py` here is `separation.py` there, in
torch. `derived.py` has representations computed from others, and `rows.py` calls NumPy for those
without a torch implementation. Tests compare the values of both.
"""

from deepmir.features.frontend.frontend import Frontend

__all__ = ["Frontend"]
