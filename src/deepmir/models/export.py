"""From a trained network to a graph that onnxruntime runs, for `deepmir.models.graph`.

The graph is in ONNX. It has the operations, and for every weight its place in the file of the
model's weights, which stays the only one that has them.
"""

import copy
import hashlib
import json
import shutil
import struct
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from deepmir.errors import DeepmirError
from deepmir.models import graph, inference, near, spectral
from deepmir.models.card import WEIGHTS, NetworkCard, read_network_card
from deepmir.models.graph import ACTIVATIONS, FEATURES, GRAPH, MADE_FOR

OPERATORS = 17  # version of ONNX's set of operators
TOLERANCE = 1e-5  # largest difference from torch's activations, or features in proportion
LENGTHS = (300, 431)  # frames that are compared; the first is also what is traced


def export(folder: Path) -> bytes:
    """The graph of a trained model, compared with torch's own outputs.

    Args:
        folder: of the model.

    Raises:
        DeepmirError: when the model is broken; when ONNX has no operator for a layer, or the graph
            computes anything else than the network.
    """
    whole = inference.whole(folder)
    card = read_network_card(folder)
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / GRAPH
        _trace(_with_spectra(whole), path)
        data = _with_weights_beside(path.read_bytes(), folder / WEIGHTS, card)
        path.write_bytes(data)
        shutil.copy(folder / WEIGHTS, temporary)
        outputs = graph.outputs(graph.session(path))
        for frames in LENGTHS:
            given = _noise(whole, frames)[:1]
            by_torch = inference.outputs(whole)(given.numpy())
            apart = np.abs(outputs(given.numpy()) - by_torch)
            # Activations are 1 at most; features have any size, each its own.
            apart /= np.maximum(np.abs(by_torch).max(axis=(0, 1), keepdims=True), 1)
            if apart.max() > TOLERANCE:
                raise DeepmirError(f"the graph differs from the network by {apart.max():.1g}")
    return data


def digest(graph: bytes) -> str:
    """What a card has of a graph."""
    return hashlib.sha256(graph).hexdigest()


def _noise(whole: inference.Whole, frames: int) -> torch.Tensor:
    """Features of two tracks, shape (2, T, F, N), as large as those in training."""
    generator = torch.Generator().manual_seed(0)
    mean, scale = whole.model.mean, whole.model.scale
    drawn = torch.randn(2, *mean.shape[:2], frames, generator=generator)
    return (mean + drawn / scale.clamp(min=1e-3)).permute(0, 3, 2, 1).contiguous()


def _with_spectra(whole: inference.Whole) -> inference.Whole:
    """The same network with tall convolutions by :mod:`~deepmir.models.spectral`."""
    made = copy.deepcopy(whole)
    bins: dict[str, int] = {}
    hooks = [
        module.register_forward_pre_hook(
            lambda _, given, name=name: bins.update({name: given[0].shape[2]})
        )
        for name, module in made.named_modules()
        if isinstance(module, nn.Conv2d)
    ]
    with torch.inference_mode():
        made(_noise(whole, LENGTHS[0]))
    for hook in hooks:
        hook.remove()
    for name, height in bins.items():
        convolution = made.get_submodule(name)
        if isinstance(convolution, nn.Conv2d) and spectral.pays(convolution, height):
            parent, _, last = name.rpartition(".")
            setattr(made.get_submodule(parent), last, spectral.Spectral(convolution))
    return made


def _trace(whole: inference.Whole, path: Path) -> None:
    """Write the graph as torch makes it, with its weights inside.

    Raises:
        DeepmirError: when ONNX has no operator for a layer.
    """
    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes that are no part of the graph
            # Not the newer way by `torch.export`: it writes out a recurrent layer frame by frame.
            torch.onnx.export(
                whole,
                (_noise(whole, LENGTHS[0]),),
                path,
                dynamo=False,
                # Weights as they are saved: onnxruntime folds and fuses as it loads.
                training=torch.onnx.TrainingMode.PRESERVE,
                do_constant_folding=False,
                input_names=[FEATURES],
                output_names=[ACTIVATIONS],
                dynamic_axes={FEATURES: {0: "batch", 1: "frames"}},
                opset_version=OPERATORS,
            )
    except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
        reason = str(error).partition("\n")[0]
        raise DeepmirError(f"the network cannot be exported: {reason}") from None


def _with_weights_beside(data: bytes, weights: Path, card: NetworkCard) -> bytes:
    """The graph with places in the file of the weights instead of weights."""
    import onnx

    model: Any = onnx.load_from_string(data)
    near.split(model, card)
    model.metadata_props.add(key=MADE_FOR, value=graph.made_for(card))
    places = _places(weights)
    for tensor in model.graph.initializer:
        offset, length = places[tensor.name.removeprefix("model.")]
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", WEIGHTS), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised


def _places(weights: Path) -> dict[str, tuple[int, int]]:
    """First byte and number of bytes of every tensor in a safetensors file."""
    with weights.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    tensors = {name: about for name, about in header.items() if name != "__metadata__"}
    spans = {name: about["data_offsets"] for name, about in tensors.items()}
    return {name: (8 + size + first, last - first) for name, (first, last) in spans.items()}
