"""The output of `deepmir network "..."`: a network layer by layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deepmir.networks.costs import LayerShape, check
from deepmir.networks.grammar import parse
from deepmir.networks.letters.base import LETTERS
from deepmir.networks.letters.pooling import TimeMean
from deepmir.networks.notation import Notation
from deepmir.networks.plan import Plan, minimum_frames, plan
from deepmir.networks.shapes import InputShape, Output, Reach, Shape


@dataclass(frozen=True)
class Description:
    """A network that fits its input and its task, in numbers.

    Attributes:
        notation: the network.
        shape: its input.
        output: required by the task.
        layers: one entry per layer, from the input to the output.
        nodes: the same layers with their groups, as they are built.
    """

    notation: Notation
    shape: InputShape
    output: Output
    layers: tuple[LayerShape, ...]
    nodes: Plan

    @property
    def parameters(self) -> int:
        """Total number of trainable parameters."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds_per_second(self) -> float:
        """Multiplications with a weight per second of input."""
        per_frame = sum(layer.multiply_adds_per_frame for layer in self.layers)
        return per_frame * self.shape.frame_rate

    @property
    def multiply_adds_per_track(self) -> int:
        """The same per track, for layers after the time axis is gone."""
        return sum(layer.multiply_adds_per_track for layer in self.layers)

    @property
    def minimum_frames(self) -> int:
        """The shortest input that pools and strides do not reduce to nothing."""
        return minimum_frames(self.nodes)

    @property
    def reach(self) -> Reach:
        """Receptive field of one output."""
        return self.layers[-1].reach


def describe(notation: Notation | str, shape: InputShape, output: Output) -> Description:
    """Describe a network; needs no torch.

    Args:
        notation: the network, parsed or as a string.
        shape: its input.
        output: required by the task.

    Returns:
        Its layers with their shapes, costs and receptive fields.

    Raises:
        DeepmirError: if it does not fit; see `deepmir.networks.check`.
    """
    network = parse(notation) if isinstance(notation, str) else notation
    layers = tuple(check(network, shape, output))
    return Description(network, shape, output, layers, plan(network, shape, output))


def table(description: Description) -> str:
    """A network as text: one row per layer, then the totals and remarks.

    Shapes use the tutorial's symbols (Table 2): N x F x T, then V x T without a frequency axis,
    then V without time; T/4 means one frame per four of the input. Multiply-adds are counted per
    frame of the input, or per track if there is no time axis. Receptive fields are those of one
    unit of a layer's output.
    """
    octaves = description.shape.bins_per_octave
    head = ["layer", "output", "parameters", "multiply-adds", "frames", "seconds", "bins"]
    head += ["octaves"] if octaves else []
    start = Shape(description.shape.channels, description.shape.bins, 1)
    rows = [["input", str(start), "", "", "1", f"{1 / description.shape.frame_rate:.3g}", "1"]]
    rows += [_cells(layer, description.shape) for layer in description.layers]
    return "\n".join(
        [str(description.notation), "", *_aligned([head, *rows]), "", *_notes(description)]
    )


def _cells(layer: LayerShape, shape: InputShape) -> list[str]:
    bins = layer.reach.bins(shape.bins)
    cells = [
        "  " * layer.depth + layer.layer,
        str(layer.output),
        f"{layer.parameters:,}" if layer.parameters else "",
        _work(layer),
        *_time(layer.reach, shape.frame_rate),
        str(bins) if bins < shape.bins else "all",
    ]
    return [*cells, f"{bins / shape.bins_per_octave:.2f}"] if shape.bins_per_octave else cells


def _work(layer: LayerShape) -> str:
    if layer.multiply_adds_per_track:
        return f"{layer.multiply_adds_per_track:,}/track"
    if not layer.multiply_adds_per_frame:
        return ""
    return f"{layer.multiply_adds_per_frame:,.0f}/frame"


def _time(reach: Reach, frame_rate: float) -> tuple[str, str]:
    if math.isinf(reach.future):
        return "all", "all"
    if math.isinf(reach.past):
        return f"past+{reach.future:g}", f"past+{reach.future / frame_rate:.3g}"
    return f"{reach.frames:g}", f"{reach.frames / frame_rate:.3g}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned columns, the first two left-aligned, the others right; a rule after the head."""
    columns = max(map(len, rows))
    full = [[*row, *[""] * (columns - len(row))] for row in rows]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if number < 2 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in full
    ]
    return [lines[0], "-" * max(map(len, lines)), *lines[1:]]


def _notes(description: Description) -> list[str]:
    """The totals, and remarks that the rows do not contain."""
    every = "frame" if description.output.time_varying else "track"
    per_track = description.multiply_adds_per_track
    work = f"{description.multiply_adds_per_second / 1e6:,.3g} million multiply-adds a second"
    notes = [
        f"{description.parameters:,} parameters, {work}"
        + (f" and {per_track:,} a track" if per_track else ""),
        f"V = {description.output.width} a {every}, logits: the activation is the task's",
    ]
    if any(layer.implied for layer in description.layers):
        notes.append(
            f"{TimeMean.letter}: implied, as nothing aggregated time before the closing d1"
        )
    least = description.minimum_frames
    if least > 1:
        notes.append(
            f"shortest input: {least} frames, {least / description.shape.frame_rate:.3g} s"
        )
    names = [layer.layer.removeprefix("| ") for layer in description.layers]
    for letter, kind in LETTERS.items():
        if kind.note and any(name.partition("(")[0] == letter for name in names):
            notes.append(kind.note)
    return notes
