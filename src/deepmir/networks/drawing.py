"""A network as a picture: the output of every layer, drawn as in the tutorial's Figure 8.

Feature maps are stacked sheets (frequency upwards, time to the right), frames without a frequency
axis are a single sheet of columns, and a vector is a single column. Sizes are logarithmic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from deepmir.networks.description import Description
from deepmir.networks.letters.dense import Dense
from deepmir.networks.plan import Join, Node, Plan, Step
from deepmir.networks.shapes import Shape

_AXIS = 62  # where the arrows run, from a column's left edge
_COLUMN = 340
_GAP = 22
_SHEETS = 4
_JOINS = {"res": "+", "highway": "gate", "parallel": "stack"}
_STYLE = (
    "text{font:12px ui-monospace,monospace;fill:#1a1a2e}.shape{fill:#667}"
    ".map{fill:#dbe9f6;stroke:#2f5d8a}.frames{fill:#e3f1e1;stroke:#3b7a3b}"
    ".vector{fill:#f8e3cf;stroke:#a8612a}.group{fill:none;stroke:#99a;stroke-dasharray:4 3}"
    ".arrow{stroke:#556;fill:none}"
)


@dataclass(frozen=True)
class _Block:
    """A finished part of the picture, with its top left corner at the origin."""

    width: float
    height: float
    svg: str


def draw(description: Description) -> str:
    """Draw a network from top to bottom.

    Args:
        description: the network, see `deepmir.networks.describe`.

    Returns:
        An SVG document.
    """
    start = Shape(description.shape.channels, description.shape.bins, 1)
    *hidden, last = description.nodes
    shown = [_glyph("input", start), *map(_node, hidden), _glyph(str(Dense()), last.output)]
    picture = _stacked(shown)
    size = f'width="{picture.width + 20:.0f}" height="{picture.height + 20:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}><title>'
        f"{escape(str(description.notation))}</title><style>{_STYLE}</style>"
        f'<rect width="100%" height="100%" fill="white"/>{_placed(picture, 10, 10)}</svg>'
    )


def _node(node: Node) -> _Block:
    if isinstance(node, Step):
        return _glyph(str(node.layer), node.output)
    return _parallel(node) if node.kind == "parallel" else _bypassed(node)


def _chain(nodes: Plan) -> _Block:
    return _stacked([_node(node) for node in nodes])


def _stacked(blocks: Sequence[_Block]) -> _Block:
    """Blocks below each other, joined by arrows."""
    parts, y = [], 0.0
    for number, block in enumerate(blocks):
        if number:
            parts.append(_arrow(y, y + _GAP))
            y += _GAP
        parts.append(_placed(block, 0, y))
        y += block.height
    return _Block(max(block.width for block in blocks), y, "".join(parts))


def _bypassed(join: Join) -> _Block:
    """Layers with a connection around them."""
    body = _chain(join.branches[0])
    top, bottom, end = _GAP, _GAP + body.height, 2 * _GAP + body.height + 18
    detour = f'<path class="arrow" d="M{_AXIS} 8H10V{bottom + _GAP + 9}H{_AXIS - 24}"/>'
    svg = (
        _frame(4, 0, body.width - 8, end + 4)
        + _arrow(0, top)
        + _placed(body, 0, top)
        + _arrow(bottom, bottom + _GAP)
        + detour
        + _meeting(_JOINS[join.kind], bottom + _GAP, join)
    )
    return _Block(body.width, end + 4, svg)


def _parallel(join: Join) -> _Block:
    """Branches side by side."""
    branches = [_chain(branch) for branch in join.branches]
    tallest = max(branch.height for branch in branches)
    parts, x = [], 0.0
    for branch in branches:
        axis = x + _AXIS
        parts.append(f'<path class="arrow" d="M{_AXIS} 8H{axis}V{_GAP}"/>')
        parts.append(_placed(branch, x, _GAP))
        down = f"M{axis} {_GAP + branch.height}V{_GAP + tallest + 12}H{_AXIS}"
        parts.append(f'<path class="arrow" d="{down}"/>')
        x += branch.width
    bottom = _GAP + tallest + 12
    svg = _frame(4, 0, x - 8, bottom + _GAP + 22) + "".join(parts)
    svg += _arrow(bottom, bottom + _GAP) + _meeting(_JOINS["parallel"], bottom + _GAP, join)
    return _Block(x, bottom + _GAP + 22, svg)


def _meeting(word: str, y: float, join: Join) -> str:
    """The sign at which two or more paths join."""
    box = f'<rect class="vector" x="{_AXIS - 24}" y="{y}" width="48" height="18" rx="9"/>'
    label = f'<text x="{_AXIS}" y="{y + 13}" text-anchor="middle">{word}</text>'
    return box + label + _shape(join.output, y + 13)


def _glyph(text: str, shape: Shape) -> _Block:
    """The output of a layer as a picture, with the layer and the shape beside it."""
    count = min(_SHEETS, shape.channels) if shape.bins > 1 else 1
    width = 12.0 if shape.hop is None else max(20.0, 84 * shape.hop**-0.3)
    tall = shape.bins if shape.bins > 1 else shape.channels
    height = 14 + 7 * math.log2(tall)
    kind = "vector" if shape.hop is None else "map" if shape.bins > 1 else "frames"
    left, total = _AXIS - (width + 4 * (count - 1)) / 2, height + 4 * (count - 1)
    sheets = [
        f'<rect class="{kind}" x="{left + 4 * n:.1f}" y="{total - height - 4 * n:.1f}" '
        f'width="{width:.1f}" height="{height:.1f}"/>'
        for n in reversed(range(count))
    ]
    columns = [
        f'<path class="{kind}" d="M{left + x:.1f} 0V{height:.1f}"/>'
        for x in range(7, int(width) - 2, 7)
        if kind == "frames"
    ]
    middle = max(total, 30) / 2
    label = f'<text x="{2 * _AXIS + 8}" y="{middle - 3:.1f}">{escape(text)}</text>'
    svg = "".join([*sheets, *columns, label, _shape(shape, middle + 12)])
    return _Block(max(_COLUMN, 2 * _AXIS + 20 + 7.4 * len(text)), max(total, 30), svg)


def _shape(shape: Shape, y: float) -> str:
    return f'<text class="shape" x="{2 * _AXIS + 8}" y="{y:.1f}">{shape}</text>'


def _placed(block: _Block, x: float, y: float) -> str:
    return f'<g transform="translate({x:.1f} {y:.1f})">{block.svg}</g>'


def _frame(x: float, y: float, width: float, height: float) -> str:
    size = f'width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="group" x="{x:.1f}" y="{y:.1f}" {size} rx="8"/>'


def _arrow(start: float, end: float) -> str:
    head = f"M{_AXIS - 4} {end - 5:.1f}L{_AXIS} {end:.1f}L{_AXIS + 4} {end - 5:.1f}"
    return f'<path class="arrow" d="M{_AXIS} {start:.1f}V{end:.1f}{head}"/>'
