"""Fit a notation to a representation and a task: every layer's input and output, or an error.

Nothing is computed, and torch is not needed. `deepmir.networks.network` builds exactly this plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal, NoReturn, TypeAlias

from deepmir.errors import DeepmirError
from deepmir.networks.grammar import mistake
from deepmir.networks.letters.base import LETTERS, Growth, Layer
from deepmir.networks.letters.dense import Dense
from deepmir.networks.letters.pooling import TimeMean
from deepmir.networks.letters.upsampling import Flattening
from deepmir.networks.notation import (
    Chain,
    Element,
    Group,
    Highway,
    Notation,
    Parallel,
    Repeat,
    Residual,
)
from deepmir.networks.shapes import InputShape, Output, Shape, Window

_MOST_LAYERS = 500
_LONGEST = 1_000_000  # frames between the taps of a kernel
_GROUPS = {"res": "res[...]", "highway": "highway[...]", "parallel": "[... | ...]"}


@dataclass(frozen=True)
class Step:
    """One layer in its context."""

    layer: Layer
    input: Shape
    output: Shape


@dataclass(frozen=True)
class Join:
    """Layers whose result is joined with their input (res, highway) or with other branches."""

    kind: Literal["res", "highway", "parallel"]
    branches: tuple[Plan, ...]
    input: Shape
    output: Shape


Node: TypeAlias = Step | Join
Plan: TypeAlias = tuple[Node, ...]


def name_of(node: Node) -> str:
    """A layer in the tutorial's notation, or a short name for a group of layers."""
    return _GROUPS[node.kind] if isinstance(node, Join) else str(node.layer)


def plan(notation: Notation, shape: InputShape, output: Output) -> Plan:
    """Fit a network to its input and its task.

    In a time-invariant network, time that nothing has aggregated (section 5.2) is averaged just
    before the closing ``d1`` layers, so input of any length gives one prediction; fixed-length
    patches are flattened to one vector there instead, without loss.

    Args:
        notation: the network.
        shape: its input.
        output: required by the task.

    Returns:
        Layers and groups with their shapes; repetitions unrolled, the last ``d1`` with its width.

    Raises:
        DeepmirError: if a layer does not fit at its position; the message points at it.
    """
    planner = _Planner(notation, output)
    body, last = planner.split(planner.unrolled(notation.elements))
    start = Shape(shape.channels, shape.bins, 1, shape.frames)
    closing = len(body)
    while closing and not output.time_varying and _only_dense(body[closing - 1]):
        closing -= 1
    nodes = planner.chain(body[:closing], start)
    before = nodes[-1].output if nodes else start
    if not output.time_varying and before.hop is not None:
        kind = TimeMean if before.frames is None else Flattening
        implied = kind(column=last.column)
        mean = Step(implied, before, implied.output(before))
        nodes, before = (*nodes, mean), mean.output
    return nodes + planner.chain((*body[closing:], last), before)


def plan_decoder(notation: Notation, code: int, shape: InputShape) -> Plan:
    """Fit a network that generates patches from vectors: a decoder (tutorial, appendix A.4).

    Args:
        notation: the decoder, whose last layer is written like all others.
        code: size of a vector.
        shape: the fixed-length patches to generate.

    Returns:
        Layers and groups with their shapes; the last has N x F or N·F x 1 by T.

    Raises:
        DeepmirError: if a layer does not fit at its position, or the output has another shape.
    """
    planner = _Planner(notation, Output(code, time_varying=False))
    nodes = planner.chain(planner.unrolled(notation.elements), Shape(code, 1, None))
    wanted, made = Shape(shape.channels, shape.bins, 1, shape.frames), nodes[-1].output
    same = (made.features, made.frames) == (wanted.features, wanted.frames)
    if not same or made.bins not in (1, wanted.bins):
        raise DeepmirError(
            f"it makes {made} from a code, but the patches are {wanted}: end it with a "
            "layer that makes these"
        )
    return nodes


def minimum_frames(nodes: Plan, outputs: int = 1) -> int:
    """The fewest input frames that give this many at the end of a plan (pools drop remainders)."""
    for node in reversed(nodes):
        if node.output.hop is None:
            outputs = 1
        if isinstance(node, Join):
            outputs = max(minimum_frames(branch, outputs) for branch in node.branches)
        elif node.output.hop is not None:
            outputs = node.layer.windows(node.input)[1].least(outputs)
    return outputs


class _Planner:
    def __init__(self, notation: Notation, output: Output) -> None:
        self.source = notation.source or str(notation)
        self.output = output
        self.layers = 0

    def refuse(self, element: Layer | Group, reason: str) -> NoReturn:
        name = str(element) if isinstance(element, Layer) else "this group"
        raise mistake(self.source, element.column, f"{name}: {reason}")

    def unrolled(self, elements: Chain, turn: int | None = None) -> Chain:
        """The same chain with repetitions unrolled and powers computed."""
        chain: list[Element] = []
        for element in elements:
            # Nested repetitions are counted in the order in which they are unrolled.
            self.layers += isinstance(element, Layer)
            if self.layers > _MOST_LAYERS:
                raise mistake(self.source, 0, f"expected at most {_MOST_LAYERS} layers")
            chain += self._written_out(element, turn)
        return tuple(chain)

    def _written_out(self, element: Element, turn: int | None) -> Chain:
        if isinstance(element, Repeat):
            return tuple(
                layer for n in range(element.times) for layer in self.unrolled(element.body, n)
            )
        if isinstance(element, Residual | Highway):
            return (replace(element, body=self.unrolled(element.body, turn)),)
        if isinstance(element, Parallel):
            branches = tuple(self.unrolled(branch, turn) for branch in element.branches)
            return (replace(element, branches=branches),)
        return (self.grown(element, turn),)

    def grown(self, layer: Layer, turn: int | None) -> Layer:
        """A layer with its powers computed, for this turn of a repetition."""
        numbers = {}
        for each in fields(layer):
            power = getattr(layer, each.name)
            if not isinstance(power, Growth):
                continue
            if turn is None:
                self.refuse(layer, f"{power} needs a repetition 3x[...] around it")
            numbers[each.name] = power.base**turn
            if numbers[each.name] > _LONGEST:
                self.refuse(layer, f"a {each.name} of {power.base}^{turn} frames is above "
                                   f"{_LONGEST}: repeat it less often")  # fmt: skip
        return replace(layer, **numbers)

    def split(self, elements: Chain) -> tuple[Chain, Dense]:
        """The hidden layers, and the output layer with its width."""
        last = elements[-1]
        if not isinstance(last, Dense) or last != Dense():
            message = "the last layer must be a bare 'd1': its width and activation are the task's"
            column = last.column if isinstance(last, Layer | Group) else 0
            raise mistake(self.source, column, f"{message}; end the network with '- d1'")
        return elements[:-1], replace(last, width=self.output.width, activation="identity")

    def chain(self, elements: Sequence[Element], shape: Shape) -> Plan:
        nodes: list[Node] = []
        for element in elements:
            node = self.step(element, shape) if isinstance(element, Layer) else None
            nodes.append(node or self.join(element, shape))
            shape = nodes[-1].output
        return tuple(nodes)

    def join(self, group: Element, shape: Shape) -> Join:
        if isinstance(group, Parallel):
            branches = tuple(self.chain(branch, shape) for branch in group.branches)
            return Join("parallel", branches, shape, self.stacked(group, branches))
        if not isinstance(group, Residual | Highway):
            raise TypeError(f"repetitions are unrolled before: {group}")
        body = self.chain(group.body, shape)
        after = body[-1].output
        if (after.bins, after.hop, after.frames) != (shape.bins, shape.hop, shape.frames):
            self.refuse(group, f"turns {shape} into {after}, so its input cannot be added to "
                               "its output: keep frequency and time, and pool outside")  # fmt: skip
        if isinstance(group, Highway) and after != shape:
            self.refuse(group, f"a highway must keep its width: expected {shape.channels} channels "
                               f"at its end, found {after.channels}")  # fmt: skip
        return Join("res" if isinstance(group, Residual) else "highway", (body,), shape, after)

    def stacked(self, group: Parallel, branches: tuple[Plan, ...]) -> Shape:
        """The output shape of branches whose channels are stacked."""
        ends = [branch[-1].output for branch in branches]
        if len({(end.bins, end.hop, end.frames) for end in ends}) > 1:
            found = ", ".join(map(str, ends))
            self.refuse(group, f"branches must agree in frequency and time, found {found}")
        return replace(ends[0], channels=sum(end.channels for end in ends))

    def step(self, layer: Layer, shape: Shape) -> Step:
        if shape.hop is None and not layer.follows_time:
            able = " or ".join(name for name, kind in LETTERS.items() if kind.follows_time)
            self.refuse(layer, f"no time axis is left before it: only {able} can follow")
        reason = layer.misfit(shape)
        if reason:
            self.refuse(layer, reason)
        self.check_windows(layer, shape)
        output = self.timed(layer, shape, layer.output(shape))
        if self.output.time_varying and output.hop != 1:
            left = "one value a track" if output.hop is None else f"1 frame in {output.hop}"
            self.refuse(layer, f"leaves {left}, but the task is time-varying: it needs one "
                               f"prediction a frame; {layer.every_frame}")  # fmt: skip
        return Step(layer, shape, output)

    def timed(self, layer: Layer, before: Shape, after: Shape) -> Shape:
        """The output shape of a layer, with its number of frames if that of the input is known."""
        if before.frames is None or after.hop is None or after.frames is not None:
            return after
        frames = layer.windows(before)[1].length(before.frames)
        if frames < 1:
            self.refuse(layer, f"leaves nothing of {before.frames} frames: use longer patches")
        return replace(after, frames=frames)

    def check_windows(self, layer: Layer, shape: Shape) -> None:
        """Check that kernels and pools fit and do not skip input (section 5.2)."""
        frequency, time = layer.windows(shape)
        for window, axis in ((frequency, "frequency"), (time, "time")):
            if window.stride > window.size:
                self.refuse(layer, f"stride {window.stride} along {axis} exceeds its window "
                                   f"of {window.size}: input would be skipped")  # fmt: skip
        if frequency.extent > shape.bins:
            bins = "no frequency axis is left" if shape.bins == 1 else f"{shape.bins} bins are left"
            self.refuse(layer, f"spans {frequency.extent} bins of frequency but {bins}; "
                               f"{_shrunk(layer, frequency, shape)}")  # fmt: skip


def _shrunk(layer: Layer, frequency: Window, shape: Shape) -> str:
    """The replacement to suggest for a window that is too tall."""
    if shape.bins == 1 and layer.without_bins:
        return layer.without_bins
    return f"use a height of at most {(shape.bins - 1) // frequency.dilation + 1}"


def _only_dense(element: Element) -> bool:
    """Whether a part of a network consists of d1 only."""
    if isinstance(element, Residual | Highway):
        return all(map(_only_dense, element.body))
    if isinstance(element, Parallel):
        return all(_only_dense(part) for branch in element.branches for part in branch)
    return isinstance(element, Dense)
