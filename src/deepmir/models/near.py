"""Networks with a long context, as two in one graph: the layers with a short one, and the rest.

A piece of a recording is computed with the whole context of a network, which exceeds the piece if
it is long. The layers over frequency are half of the work and have a context of a few frames: they
are run separately, in pieces that fit into the processor's caches. Their output is small, and the
rest of the network processes minutes of it at once (`deepmir.models.graph`).
"""

import math
from typing import Any

from deepmir import networks
from deepmir.models.card import NetworkCard, task_of
from deepmir.models.graph import AGAIN, NEAR
from deepmir.networks import LayerShape

FAR = 200  # minimum context of such a network in frames


def split(model: Any, card: NetworkCard) -> None:
    """Let a graph end after its first layers and start again, if that is worthwhile.

    The output of these layers becomes an additional output, and the input of the others an
    additional input, for each network of an ensemble.

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
    """The outermost layer of a node, from torch's name for it, such as `/parts.4/Conv`."""
    return node.partition("/parts.")[2].partition("/")[0]


def layers(card: NetworkCard) -> tuple[int, LayerShape] | None:
    """The number of first layers, and the last of them: it leaves no frequency axis.

    None if the context of the network is too short or infinite, or if theirs is.
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
    """The context in frames on either side."""
    return int(max(layer.reach.past, layer.reach.future))
