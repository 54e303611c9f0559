"""The tutorial's letters (Figure 8), each one layer of a network.

A letter can be used in a notation once its file is listed here;
docs/extend/network-layer.md shows how to add one.
"""

from importlib import import_module

FILES = ("dense", "convolution", "recurrent", "pooling", "upsampling", "folding", "transformer")

for _name in FILES:
    import_module(f"deepmir.networks.letters.{_name}")
