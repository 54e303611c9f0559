"""The tutorial's letters (Figure 8): one layer of a network each.

A letter can be written in a notation as soon as its file is named here;
docs/extend/network-layer.md shows a new one.
"""

from importlib import import_module

FILES = ("dense", "convolution", "recurrent", "pooling", "upsampling", "folding", "transformer")

for _name in FILES:
    import_module(f"deepmir.networks.letters.{_name}")
