"""An external network: an ONNX file, checked against its declared input and output.

A file must contain its weights, so that its hash covers everything. onnxruntime only has its own
operators here: no code in such a file is ever executed.
"""

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir.models import graph
from deepmir.naming import known
from deepmir.representations import Onnx

if TYPE_CHECKING:
    from collections.abc import Iterable

    from onnxruntime import InferenceSession

Array = npt.NDArray[np.float32]
PLACES = {"batch": 0, "samples": 1, "frames": 1, "bins": 2, "channels": 3}


@dataclass(frozen=True)
class ExternalFile:
    """A file in use. It can be sent to another process, which opens its own."""

    declared: Onnx

    @property
    def length(self) -> int | None:
        """Samples or frames that it takes at a time; None for any number."""
        return self._sizes["samples" if "samples" in self.declared.input_axes else "frames"]

    @property
    def batch(self) -> int | None:
        """Pieces that it takes at a time; None for any number."""
        if "batch" not in self.declared.input_axes or "batch" not in self.declared.output_axes:
            return 1
        return self._sizes["batch"]

    def __call__(self, pieces: Array) -> Array:
        """Pieces (B, time, bins, channels) to the output (B, frames, bins).

        The output is (B, 1, bins) if it has no frames.

        Raises:
            DeepmirError: when it cannot process them.
        """
        count, axes = len(pieces), self.declared.input_axes
        missing = (self.batch or count) - count
        whole = np.pad(pieces, ((0, missing), (0, 0), (0, 0), (0, 0)))
        order = [PLACES[axis] for axis in axes]
        left = [place for place in range(4) if place not in order]  # of size 1
        turned = whole.transpose(*order, *left)
        given = np.ascontiguousarray(turned).reshape(turned.shape[: len(order)])
        wanted, inputs = [self._output], {self._session.get_inputs()[0].name: given}
        try:
            (found,) = self._session.run(wanted, inputs)
        except Exception as error:  # onnxruntime's own have no common base
            reason = str(error).partition("\n")[0]
            raise DeepmirError(
                f"{self.declared.file} cannot be run on an input of {_said(given.shape)}: {reason}"
            ) from None
        return self._in_order(np.asarray(found, np.float32))[:count]

    def _in_order(self, found: Array) -> Array:
        """An output as (B, frames, bins)."""
        axes = list(self.declared.output_axes)
        if found.ndim != len(axes):
            raise DeepmirError(
                f"output_axes: {self._output} is {_said(found.shape)}: name as many axes"
            )
        if "averaged" in axes:
            found = found.mean(axes.index("averaged"))
            axes.remove("averaged")
        for axis in ("frames", "batch"):  # to the front, the batch first
            if axis in axes:
                found = np.moveaxis(found, axes.index(axis), 0)
                axes.remove(axis)
                axes.insert(0, axis)
            else:
                found, axes = found[None], [axis, *axes]
        return found.reshape(*found.shape[:2], -1)

    @cached_property
    def _session(self) -> "InferenceSession":
        return _opened(self.declared.file, self.declared.sha256, os.getpid())

    @cached_property
    def _output(self) -> str:
        """The name of the output."""
        file, wanted = self.declared.file, self.declared.output
        names = [output.name for output in self._session.get_outputs()]
        if wanted is None and len(names) > 1:
            raise DeepmirError(f"output: {file} has several, name one: {', '.join(names)}")
        name = known(wanted or names[0], names, f"output of {file} called", "output")
        kind = self._session.get_outputs()[names.index(name)].type
        if not kind.startswith("tensor("):
            raise DeepmirError(f"output: {name} of {file} is {kind}, not a tensor: name another")
        return name

    @cached_property
    def _sizes(self) -> dict[str, int | None]:
        """The sizes of its input axes, named as in the source; None for any."""
        file, axes, source = self.declared.file, self.declared.input_axes, self.declared.source
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            names = ", ".join(one.name for one in inputs)
            raise DeepmirError(f"file: {file} has {len(inputs)} inputs, not one: {names}")
        (taken,) = inputs
        if taken.type != "tensor(float)":
            raise DeepmirError(f"file: {file} takes {taken.type}, not tensor(float)")
        if len(taken.shape) != len(axes):
            raise DeepmirError(f"input_axes: {file} takes {_said(taken.shape)}: name as many axes")
        pairs = zip(axes, taken.shape, strict=True)
        sizes: dict[str, int | None] = {a: n if isinstance(n, int) else None for a, n in pairs}
        for axis, own in (("bins", source.bins), ("channels", source.channels)):
            if axis in sizes and sizes[axis] not in (None, own):
                raise DeepmirError(
                    f"source: it has {own} {axis}, and {file} takes {_said(taken.shape)}, which is "
                    f"{', '.join(axes)} by input_axes"
                )
        if (sizes.get("batch") or 1) > 1 and "batch" not in self.declared.output_axes:
            raise DeepmirError(f"output_axes: {file} takes {sizes['batch']} at a time: name batch")
        return sizes


def _said(shape: "Iterable[object]") -> str:
    return " × ".join(map(str, shape))


@lru_cache(maxsize=4)
def _opened(file: str, sha256: str, process: int) -> "InferenceSession":
    """A file in use by one process: it cannot share the threads of another."""
    data = Path(file).read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DeepmirError(f"{file} is not the file that was declared: restore that one")
    try:
        return graph.start(data)
    except Exception as error:  # onnxruntime's own have no common base
        reason = str(error).partition("\n")[0]
        raise DeepmirError(f"file: {file} cannot be used ({reason}): export it again") from None
