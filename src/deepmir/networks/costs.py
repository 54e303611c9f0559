"""What a planned network costs and sees: parameters, multiply-adds, receptive field."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deepmir.errors import DeepmirError
from deepmir.networks.grammar import parse
from deepmir.networks.notation import (
    ContextDense,
    Convolution1D,
    Convolution2D,
    Dense,
    Folding,
    Layer,
    ManyToOne,
    Notation,
    Pooling1D,
    Pooling2D,
    Recurrent,
    TimeMean,
    Transformer,
)
from deepmir.networks.plan import Join, Plan, Step, plan
from deepmir.networks.shapes import ALL_TIME, InputShape, Output, Reach, Shape
from deepmir.networks.windows import windows

LARGEST = 2**30  # parameters: four gigabytes of weights, as much again three times in training
GATES = {"vanilla": 1, "gru": 3, "lstm": 4}
"""Affine maps inside one recurrent unit (section 4.5)."""


@dataclass(frozen=True)
class LayerShape:
    """One layer of a network that fits: one row of the printed table.

    Attributes:
        layer: as it is written; ``res``, ``highway`` or ``parallel`` for a group.
        depth: groups around it.
        output: what leaves it.
        implied: whether it is not in the notation but follows from it.
        parameters: trained numbers in it; a group counts its own, not those of its layers.
        multiply_adds_per_frame: multiplications with a weight for one frame of the *input*.
        multiply_adds_per_track: the same for layers after the time axis is gone, once a track.
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
        output: what the task asks for.

    Returns:
        One entry a layer, from the input to the output.

    Raises:
        DeepmirError: with the reason, pointing at the layer; or for a network that is too large.
    """
    network = parse(notation) if isinstance(notation, str) else notation
    rows, _ = _rows(plan(network, shape, output), Reach(), 0)
    parameters = sum(row.parameters for row in rows)
    if parameters > LARGEST:
        raise DeepmirError(
            f"network: it has {parameters:.2g} parameters, and at most {LARGEST:.2g} can be: "
            "make its layers narrower, or pool before d1"
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
        implied = isinstance(node.layer, TimeMean)
        rows.append(_row(str(node.layer), depth, node, reach, weights(node), implied=implied))
    return rows, reach


def _joined(join: Join, reach: Reach, depth: int) -> tuple[list[LayerShape], Reach]:
    """A group's own row, then those of its layers."""
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
    own = _row(join.kind, depth, join, widest, _join_weights(join))
    return [own, *inside], widest


def _row(
    text: str, depth: int, node: Step | Join, reach: Reach, weights: int, *, implied: bool = False
) -> LayerShape:
    hop = node.input.hop if node.output.hop is None else node.output.hop
    positions = node.output.bins if _slides(node) else 1
    work = weights * positions
    per_frame, per_track = (0.0, work) if hop is None else (work / hop, 0)
    return LayerShape(
        text, depth, node.output, implied, weights + _biases(node), per_frame, per_track, reach
    )


def _slides(node: Step | Join) -> bool:
    """Whether the same weights serve at every bin."""
    return isinstance(node, Join) or isinstance(node.layer, Convolution2D)


def weights(step: Step) -> int:
    """Numbers of a layer that multiply what comes in."""
    layer, inputs, width = step.layer, step.input.features, step.output.channels
    if isinstance(layer, Recurrent):
        return layer.directions * GATES[layer.unit] * layer.width * (inputs + layer.width)
    if isinstance(layer, Transformer):
        return 12 * inputs * inputs
    if isinstance(layer, Convolution2D):
        return step.input.channels * layer.kernel[0] * layer.kernel[1] * width
    if isinstance(layer, Dense | ContextDense | Convolution1D):
        return inputs * windows(layer, step.input)[1].size * width
    return 0


def _join_weights(join: Join) -> int:
    """A projection where a residual connection changes the width; the gate of a highway."""
    before, after = join.input.channels, join.output.channels
    if join.kind == "highway" or (join.kind == "res" and before != after):
        return before * after
    return 0


def _biases(node: Step | Join) -> int:
    """The parameters that are only added: biases, and the scales and shifts of normalisations."""
    if isinstance(node, Join):
        return node.output.channels if node.kind == "highway" else 0
    layer, width = node.layer, node.output.channels
    if isinstance(layer, Recurrent):
        return layer.directions * GATES[layer.unit] * layer.width * 2
    if isinstance(layer, Transformer):
        return 13 * width
    if isinstance(layer, Pooling1D | Pooling2D | Folding | TimeMean):
        return 0
    return width * (2 if getattr(layer, "bn", False) else 1)


def _reach(step: Step, before: Reach) -> Reach:
    """The receptive field after one more layer."""
    frequency, time = windows(step.layer, step.input)
    past, future = before.past, before.future
    if _sees_all_time(step.layer, step.output):
        past, future = ALL_TIME
    elif step.input.hop is not None:
        past += time.before * step.input.hop
        future += time.after * step.input.hop
    if isinstance(step.layer, Recurrent):
        past = ALL_TIME[0]
    whole = step.output.bins == 1 and not frequency.padded
    return Reach(
        past,
        future,
        0 if whole else before.below + frequency.before * before.pitch,
        before.above + frequency.after * before.pitch,
        before.pitch * frequency.stride,
    )


def _sees_all_time(layer: Layer, output: Shape) -> bool:
    both_ways = isinstance(layer, Recurrent) and layer.direction == "bi"
    pooled = output.hop is None and isinstance(layer, Pooling1D | Pooling2D | TimeMean)
    return both_ways or pooled or isinstance(layer, ManyToOne | Transformer)
