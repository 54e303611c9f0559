"""Networks that see far, as two in one graph: the layers that see near, and those after them.

A piece of a recording is computed with all that a network sees around it, which is most of it where
it sees far. The layers over frequency are half of the work and see a few frames: so they are run by
themselves, in pieces that the processor's caches hold. What they leave is small, and the rest of
the network hears minutes of it at once (`deepmir.models.graph`).
"""

import math
from typing import Any

from deepmir import networks
from deepmir.models.card import NetworkCard, task_of
from deepmir.models.graph import AGAIN, NEAR
from deepmir.networks import LayerShape

FAR = 200  # frames that such a network sees, at least


def split(model: Any, card: NetworkCard) -> None:
    """Let a graph end after its first layers and begin again, if that pays.

    What they leave is an output more, and what the others read an input more, for each network of
    an ensemble.

    Args:
        model: the graph in ONNX, with torch's names.
        card: of the network.
    """
    import onnx

    if (found := layers(card)) is None:
        return
    count, last = found
    graph, number = model.graph, str(count - 1)
    made = {name for node in graph.node if _layer(node.name) == number for name in node.output}
    others = [node for node in graph.node if _layer(node.name) != number]
    cut = sorted({name for node in others for name in node.input if name in made})
    for node in others:
        node.input[:] = [name + AGAIN if name in cut else name for name in node.input]
    for name in cut:
        about = onnx.TensorProto.FLOAT, ["batch", last.output.channels, "frames"]
        graph.output.append(onnx.helper.make_tensor_value_info(name, *about))
        graph.input.append(onnx.helper.make_tensor_value_info(name + AGAIN, *about))
    model.metadata_props.add(key=NEAR, value=str(sees(last)))


def _layer(node: str) -> str:
    """The outermost layer that a node is of, by torch's name of it, such as `/parts.4/Conv`."""
    return node.partition("/parts.")[2].partition("/")[0]


def layers(card: NetworkCard) -> tuple[int, LayerShape] | None:
    """How many layers come first, and the last of them: it leaves no frequency axis.

    None where the network does not see far enough, or forever, or they do.
    """
    task = task_of(card)
    if not task.time_varying:
        return None
    shape = networks.InputShape.of(card.representation, card.ensemble)
    output = networks.Output(width=task.output.width, time_varying=True)
    found = [one for one in networks.describe(card.network, shape, output).layers if not one.depth]
    count, last = next((i, one) for i, one in enumerate(found, 1) if one.output.bins == 1)
    pays = FAR <= found[-1].reach.frames < math.inf and last.reach.frames < FAR / 10
    return (count, last) if pays else None


def sees(layer: LayerShape) -> int:
    """How many frames to either side."""
    return int(max(layer.reach.past, layer.reach.future))
