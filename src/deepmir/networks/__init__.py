"""Networks in the tutorial's own notation (sections 4 and 5; Figure 8).

Reading, checking and describing a network needs no torch. ``deepmir.networks.network.build`` turns
a notation into a torch module.
"""

from deepmir.networks.costs import LayerShape, check
from deepmir.networks.description import Description, describe, table
from deepmir.networks.drawing import draw
from deepmir.networks.grammar import parse
from deepmir.networks.notation import Notation
from deepmir.networks.shapes import InputShape, Output

__all__ = [
    "Description",
    "InputShape",
    "LayerShape",
    "Notation",
    "Output",
    "check",
    "describe",
    "draw",
    "parse",
    "table",
]
