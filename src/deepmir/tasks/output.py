"""Output of a network's last layer: heads of nodes with their activations and losses."""

from dataclasses import dataclass
from itertools import accumulate
from typing import Literal


@dataclass(frozen=True)
class Head:
    """Nodes of the last layer that belong together (tutorial, section 2.2).

    The tutorial's rule pairs each activation with its loss: softmax with the cross entropy (one
    label out of several), sigmoid with the binary cross entropy (independent labels), linear with
    the squared error (regression).

    Attributes:
        labels: one per node.
        activation: of all nodes.
        weight: of their loss relative to that of the other heads.
    """

    labels: tuple[str, ...]
    activation: Literal["softmax", "sigmoid", "linear"]
    weight: float = 1.0


@dataclass(frozen=True)
class Output:
    """The output of the last layer: one head, or several side by side."""

    heads: tuple[Head, ...]

    @classmethod
    def of(
        cls, labels: tuple[str, ...], activation: Literal["softmax", "sigmoid", "linear"]
    ) -> "Output":
        """An output of one head."""
        return cls((Head(labels, activation),))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the nodes, head by head."""
        return tuple(label for head in self.heads for label in head.labels)

    @property
    def width(self) -> int:
        """Number of nodes V of the output layer."""
        return len(self.labels)

    @property
    def activation(self) -> str:
        """The activations of the heads, such as `softmax` or `softmax+sigmoid`."""
        return "+".join(head.activation for head in self.heads)

    @property
    def slices(self) -> tuple[slice, ...]:
        """The slice of nodes of each head."""
        ends = list(accumulate(len(head.labels) for head in self.heads))
        return tuple(slice(a, b) for a, b in zip([0, *ends[:-1]], ends, strict=True))
