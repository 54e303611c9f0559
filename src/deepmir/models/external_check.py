"""Check of a declared external network before anything is computed."""

import hashlib
from pathlib import Path
from typing import Any

from deepmir.errors import DeepmirError
from deepmir.models.external import External
from deepmir.representations import Onnx


def examined(declared: Onnx) -> Onnx:
    """A declaration completed from its file, which is run on silence.

    Raises:
        DeepmirError: when the file is missing, or does not match the declaration; naming the key.
    """
    found = declared.model_copy(update={"sha256": _hash(Path(declared.file))})
    network = External(found)
    return found.model_copy(update={"bins": network.try_out()})


def _hash(path: Path) -> str:
    """The hash of a file, which must be a network in ONNX with all of its weights.

    Raises:
        DeepmirError: when it is missing or something else.
    """
    import onnx

    try:
        data = path.read_bytes()
    except OSError as error:
        raise DeepmirError(f"file: {path} cannot be read: {error.strerror}") from None
    try:
        model: Any = onnx.load_from_string(data)
    except Exception:  # protobuf's own
        model = onnx.ModelProto()
    if not model.graph.node:
        raise DeepmirError(f"file: {path} is not an ONNX network: export it again")
    if any(onnx.external_data_helper.uses_external_data(t) for t in model.graph.initializer):
        raise DeepmirError(
            f"file: {path} has its weights in another file: write it again with "
            "onnx.save_model(onnx.load(path), path)"
        )
    return hashlib.sha256(data).hexdigest()
