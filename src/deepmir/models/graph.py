"""Exported networks, run by onnxruntime: without torch, and faster.

A graph defines the computation and has no weights: it reads them from the file of the model's
weights (`deepmir.models.export`). No code in such a file is ever executed.
"""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.models.card import WEIGHTS, NetworkCard, check_digest

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

GRAPH = "model.onnx"
FEATURES, ACTIVATIONS = "features", "activations"  # names of its input and output
MADE_FOR = "made_for"  # key of :func:`made_for` in its metadata
NEAR = "near"  # context of its first layers, if they are run separately (`models.near`)
AGAIN = "/again"  # suffix of their output's name where the other layers read it
PIECE = 400  # frames per piece: its results stay in a processor's caches

Array = npt.NDArray[np.float32]


def load(folder: Path, card: NetworkCard) -> Callable[[Array], Array]:
    """A function that runs the graph of a model, see `deepmir.models.running.Outputs`.

    Raises:
        DeepmirError: when graph or weights are missing, damaged or do not match the card.
    """
    check_digest(folder / WEIGHTS, card.weights_sha256, "weights")
    check_digest(folder / GRAPH, card.graph_sha256, "operations")
    opened = session(folder / GRAPH)
    made = opened.get_modelmeta().custom_metadata_map.get(MADE_FOR)
    taken = opened.get_inputs()[0].shape[2:]
    if made != made_for(card) or taken != [card.representation.bins, card.representation.channels]:
        again = paths.model_again(folder)
        raise DeepmirError(f"{folder / GRAPH} does not fit the network: {again}")
    return outputs(opened)


def made_for(card: NetworkCard) -> str:
    """Hash of the parts of a card that a graph depends on, which is stored in the graph."""
    parts = {"task", "auxiliary", "labels", "network", "ensemble", "weights_sha256"}
    about = card.model_dump(mode="json", include=parts)
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def session(path: Path) -> "InferenceSession":
    """A session of a graph with the weights beside it.

    Raises:
        DeepmirError: when it is damaged or does not match its weights.
    """
    try:
        return start(path)
    except Exception as error:  # onnxruntime's own have no common base
        reason = str(error).partition("\n")[0]
        again = paths.model_again(path.parent)
        raise DeepmirError(f"{path} cannot be used ({reason}): {again}") from None


def start(model: Path | bytes) -> "InferenceSession":
    """A session of a file or its bytes, with as many threads as `OMP_NUM_THREADS` says.

    Raises:
        Exception: from onnxruntime, when it cannot be used.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    threads = os.environ.get("OMP_NUM_THREADS", "")
    options.intra_op_num_threads = int(threads) if threads.isdecimal() else 0
    # Spinning threads would take a processor from the other networks.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The memory that a network keeps for its next piece is three times as much, and not faster.
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    options.log_severity_level = 4  # an error is raised as well
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def outputs(opened: "InferenceSession") -> Callable[[Array], Array]:
    """A function that passes features through a graph."""
    near = opened.get_modelmeta().custom_metadata_map.get(NEAR)
    return _whole(opened) if near is None else _in_two(opened, int(near))


def _whole(opened: "InferenceSession") -> Callable[[Array], Array]:
    def run(features: Array) -> Array:
        values: Array = opened.run([ACTIVATIONS], {FEATURES: features})[0]
        return values

    return run


def _in_two(opened: "InferenceSession", reach: int) -> Callable[[Array], Array]:
    """Run its first layers piece by piece, with the frames around each, then the others.

    All of a graph is always run: the unwanted half gets no frames, or one.
    """
    left = {one.name: one.shape[1] for one in opened.get_outputs() if one.name != ACTIVATIONS}
    nothing = {name + AGAIN: np.empty((0, width, 1), np.float32) for name, width in left.items()}

    def run(features: Array) -> Array:
        found = []
        for start in range(0, features.shape[1], PIECE):
            first = max(0, start - reach)
            given = {FEATURES: features[:, first : start + PIECE + reach], **nothing}
            kept = slice(start - first, start - first + PIECE)
            found.append([values[..., kept] for values in opened.run([*left], given)])
        near = [np.concatenate(pieces, axis=-1) for pieces in zip(*found, strict=True)]
        again = {name + AGAIN: values for name, values in zip(left, near, strict=True)}
        values: Array = opened.run([ACTIVATIONS], {FEATURES: features[:, :1], **again})[0]
        return values

    return run
