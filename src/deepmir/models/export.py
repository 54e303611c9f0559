"""Export of a trained network to a graph for onnxruntime, see `deepmir.models.graph`.

The graph is in ONNX. It contains the operations, and for every weight its position in the file of
the model's weights, which is the only copy.
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

OPERATORS = 17  # version of ONNX's operator set
TOLERANCE = 1e-5  # largest difference from torch's activations, or relative difference of features
LENGTHS = (300, 431)  # frames that are compared; the first is also traced


def export(folder: Path) -> bytes:
    """The graph of a trained model, verified against torch's outputs.

    Args:
        folder: of the model.

    Raises:
        DeepmirError: when the model is damaged; when ONNX has no operator for a layer, or the
            graph computes something else than the network.
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
            # Activations are at most 1; features have arbitrary scales.
            apart /= np.maximum(np.abs(by_torch).max(axis=(0, 1), keepdims=True), 1)
            if apart.max() > TOLERANCE:
                raise DeepmirError(f"the graph differs from the network by {apart.max():.1g}")
    return data


def digest(graph: bytes) -> str:
    """The entry for a graph in a card."""
    return hashlib.sha256(graph).hexdigest()


def _noise(whole: inference.Whole, frames: int) -> torch.Tensor:
    """Features of two tracks, shape (2, T, F, N), on the scale of the training data."""
    generator = torch.Generator().manual_seed(0)
    mean, scale = whole.model.mean, whole.model.scale
    drawn = torch.randn(2, *mean.shape[:2], frames, generator=generator)
    return (mean + drawn / scale.clamp(min=1e-3)).permute(0, 3, 2, 1).contiguous()


def _with_spectra(whole: inference.Whole) -> inference.Whole:
    """The same network with tall convolutions computed by :mod:`~deepmir.models.spectral`."""
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
    """Write torch's own export, with the weights inside.

    Raises:
        DeepmirError: when ONNX has no operator for a layer.
    """
    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about sizes that are not part of the graph
            # Not the newer `torch.export`, which unrolls recurrent layers frame by frame.
            torch.onnx.export(
                whole,
                (_noise(whole, LENGTHS[0]),),
                path,
                dynamo=False,
                # Weights as they are saved: onnxruntime folds and fuses on loading.
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
    """The graph with references into the file of weights instead of weights."""
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
    """First byte and size in bytes of every tensor in a safetensors file."""
    with weights.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    tensors = {name: about for name, about in header.items() if name != "__metadata__"}
    spans = {name: about["data_offsets"] for name, about in tensors.items()}
    return {name: (8 + size + first, last - first) for name, (first, last) in spans.items()}
