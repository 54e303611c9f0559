"""Layers of a network by position: those shared with another network, and selected ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from deepmir.errors import DeepmirError
from deepmir.networks.plan import Join, Node, Plan, name_of


def written(nodes: Plan) -> list[int]:
    """The positions of the outermost layers that are written; a mean over time may be implied."""
    return [i for i, node in enumerate(nodes) if isinstance(node, Join) or not node.layer.implied]


def shared(nodes: Plan, others: Plan, name: str) -> list[tuple[int, int]]:
    """The positions of each layer but the last in a network and in another with the same input.

    Args:
        nodes: the network.
        others: the layers of the other one.
        name: name of the other one.

    Raises:
        DeepmirError: naming the first layer that the other one does not have.
    """
    *own, _ = written(nodes)
    *theirs, _ = written(others)
    for number, (i, j) in enumerate(zip(own, theirs, strict=False), start=1):
        if not _same(nodes[i], others[j]):
            raise DeepmirError(
                f"layer {number} is {name_of(nodes[i])}, that of {name} "
                f"{name_of(others[j])}: all layers but the last must be the same"
            )
    if len(own) != len(theirs):
        longer, whose = (nodes, "") if len(own) > len(theirs) else (others, f" of {name}")
        number = min(len(own), len(theirs))
        extra = name_of(longer[written(longer)[number]])
        raise DeepmirError(
            f"layer {number + 1}{whose}, {extra}, is one too many: all layers but the "
            "last must be the same"
        )
    return list(zip(own, theirs, strict=True))


def _same(one: Node, other: Node) -> bool:
    """Whether two layers, or groups of layers, with the same input have the same weights."""
    if isinstance(one, Join) or isinstance(other, Join):
        if not (isinstance(one, Join) and isinstance(other, Join)) or one.kind != other.kind:
            return False
        pairs = [*zip(one.branches, other.branches, strict=False)]
        return len(one.branches) == len(other.branches) and all(
            len(a) == len(b) and all(map(_same, a, b)) for a, b in pairs
        )
    return one.layer == other.layer


def chosen(nodes: Plan, layers: Sequence[int] | Literal["all"], name: str) -> list[int]:
    """The positions of layers selected by number, from 1.

    Args:
        nodes: the network.
        layers: the numbers; all: those with weights, except the last.
        name: name of the network.

    Raises:
        DeepmirError: if there is no such layer.
    """
    places = written(nodes)
    if layers == "all":
        return [place for place in places[:-1] if _learns(nodes[place])]
    for number in layers:
        if number > len(places):
            raise DeepmirError(f"layers: {name} has {len(places)} layers and no layer {number}")
    return [places[number - 1] for number in layers]


def _learns(node: Node) -> bool:
    if isinstance(node, Join):
        return any(_learns(inner) for branch in node.branches for inner in branch)
    return node.layer.weights(node.input) > 0
