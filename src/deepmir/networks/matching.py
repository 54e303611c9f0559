"""Which layers of a network another one has as well: their weights can start from its own."""

from __future__ import annotations

from deepmir.errors import DeepmirError
from deepmir.networks.plan import Join, Node, Plan, name_of


def written(nodes: Plan) -> list[int]:
    """The places of the outermost layers that are written; a mean over time may be implied."""
    return [i for i, node in enumerate(nodes) if isinstance(node, Join) or not node.layer.implied]


def shared(nodes: Plan, others: Plan, name: str) -> list[tuple[int, int]]:
    """The places of each layer but the last in a network and in another of the same input.

    Args:
        nodes: the network.
        others: the layers of the other one.
        name: of the other one.

    Raises:
        DeepmirError: naming the first layer that the other one has not.
    """
    *own, _ = written(nodes)
    *theirs, _ = written(others)
    for number, (i, j) in enumerate(zip(own, theirs, strict=False), start=1):
        if not _same(nodes[i], others[j]):
            raise DeepmirError(
                f"layer {number} is {name_of(nodes[i])}, that of {name} {name_of(others[j])}: all "
                "layers but the last have to be the same"
            )
    if len(own) != len(theirs):
        longer, whose = (nodes, "") if len(own) > len(theirs) else (others, f" of {name}")
        number = min(len(own), len(theirs))
        extra = name_of(longer[written(longer)[number]])
        raise DeepmirError(
            f"layer {number + 1}{whose}, {extra}, is one too many: all layers but the last have to "
            "be the same"
        )
    return list(zip(own, theirs, strict=True))


def _same(one: Node, other: Node) -> bool:
    """Whether two layers, or groups of layers, of the same input have the same weights."""
    if isinstance(one, Join) or isinstance(other, Join):
        if not (isinstance(one, Join) and isinstance(other, Join)) or one.kind != other.kind:
            return False
        pairs = [*zip(one.branches, other.branches, strict=False)]
        return len(one.branches) == len(other.branches) and all(
            len(a) == len(b) and all(map(_same, a, b)) for a, b in pairs
        )
    return one.layer == other.layer
