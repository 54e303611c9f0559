"""Cost and context of a planned network: parameters, multiply-adds, receptive field."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deepmir.errors import DeepmirError
from deepmir.networks.grammar import parse
from deepmir.networks.letters.dense import Dense
from deepmir.networks.notation import Notation
from deepmir.networks.plan import Join, Plan, Step, plan
from deepmir.networks.shapes import ALL_TIME, InputShape, Output, Reach, Shape

LARGEST = 2**30  # parameters: 4 GB of weights, and three times as much again in training


@dataclass(frozen=True)
class LayerShape:
    """One layer of a network that fits: one row of the printed table.

    Attributes:
        layer: in notation; ``res``, ``highway`` or ``parallel`` for a group.
        depth: number of groups around it.
        output: its output shape.
        implied: whether it is implied by the notation rather than written.
        parameters: trainable parameters; a group counts its own, not those of its layers.
        multiply_adds_per_frame: multiplications with a weight per frame of the *input*.
        multiply_adds_per_track: the same per track, for layers after the time axis is gone.
        reach: receptive field of one unit of its output.
    """

    layer: str
    depth: int
    output: Shape
    implied: bool
    parameters: int
    multiply_adds_per_frame: float
    multiply_adds_per_track: int
    reach: Reach


def check(notation: Notation | str, shape: InputShape, output: Output) -> list[LayerShape]:
    """Refuse a network that cannot fit its representation or its task; needs no torch.

    Args:
        notation: the network, parsed or as a string.
        shape: its input.
        output: required by the task.

    Returns:
        One entry per layer, from the input to the output.

    Raises:
        DeepmirError: with the reason, pointing at the layer; or if the network is too large.
    """
    network = parse(notation) if isinstance(notation, str) else notation
    rows, _ = _rows(plan(network, shape, output), Reach(), 0)
    parameters = sum(row.parameters for row in rows)
    if parameters > LARGEST:
        raise DeepmirError(
            f"network: it has {parameters:.2g} parameters, and at most {LARGEST:.2g} are "
            "allowed: make its layers narrower, or pool before d1"
        )
    return [*rows[:-1], replace(rows[-1], layer=str(Dense()))]


def _rows(nodes: Plan, reach: Reach, depth: int) -> tuple[list[LayerShape], Reach]:
    rows: list[LayerShape] = []
    for node in nodes:
        if isinstance(node, Join):
            inside, reach = _joined(node, reach, depth)
            rows += inside
            continue
        reach = _reach(node, reach)
        layer, shape = node.layer, node.input
        costs = layer.weights(shape), layer.biases(shape)
        rows.append(_row(str(layer), depth, node, reach, *costs))
    return rows, reach


def _joined(join: Join, reach: Reach, depth: int) -> tuple[list[LayerShape], Reach]:
    """The row of a group, then those of its layers."""
    inside: list[LayerShape] = []
    reaches = [reach] if join.kind != "parallel" else []
    for number, branch in enumerate(join.branches):
        rows, seen = _rows(branch, reach, depth + 1)
        first = replace(rows[0], layer=f"| {rows[0].layer}") if number else rows[0]
        inside += [first, *rows[1:]]
        reaches.append(seen)
    widest = Reach(
        past=max(seen.past for seen in reaches),
        future=max(seen.future for seen in reaches),
        below=max(seen.below for seen in reaches),
        above=max(seen.above for seen in reaches),
        pitch=max(seen.pitch for seen in reaches),
    )
    own = _row(join.kind, depth, join, widest, *_join_costs(join))
    return [own, *inside], widest


def _row(
    text: str, depth: int, node: Step | Join, reach: Reach, weights: int, biases: int
) -> LayerShape:
    hop = node.input.hop if node.output.hop is None else node.output.hop
    implied = isinstance(node, Step) and node.layer.implied
    slides = isinstance(node, Join) or node.layer.slides
    work = weights * (node.output.bins if slides else 1)
    per_frame, per_track = (0.0, work) if hop is None else (work / hop, 0)
    return LayerShape(
        text, depth, node.output, implied, weights + biases, per_frame, per_track, reach
    )


def _join_costs(join: Join) -> tuple[int, int]:
    """The projection of a residual connection that changes the width, or the gate of a highway."""
    before, after = join.input.channels, join.output.channels
    if join.kind == "highway":
        return before * after, after
    return (before * after if join.kind == "res" and before != after else 0), 0


def _reach(step: Step, before: Reach) -> Reach:
    """The receptive field after one more layer."""
    frequency, time = step.layer.windows(step.input)
    past, future = before.past, before.future
    seen = step.layer.sees(step.input)
    if seen == "all":
        past, future = ALL_TIME
    elif step.input.hop is not None:
        past = ALL_TIME[0] if seen == "past" else past + time.before * step.input.hop
        future += time.after * step.input.hop
    whole = step.output.bins == 1 and not frequency.padded
    return Reach(
        past,
        future,
        0 if whole else before.below + frequency.before * before.pitch,
        before.above + frequency.after * before.pitch,
        before.pitch * frequency.stride,
    )
