"""Outputs of an external network as a representation."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir.files.samples import Samples
from deepmir.models.external_file import ExternalFile
from deepmir.representations import Onnx

Array = npt.NDArray[np.float32]
TRIAL = 10.0  # s of silence to test a network that takes recordings of any length
TOGETHER = 8  # pieces in a batch
SLACK = 2  # frames by which an output may be longer or shorter than declared, at its ends


def function(declared: Onnx) -> Callable[[Samples], Array]:
    """A function from mono samples to an output, shapes (samples,) to (frames, bins).

    Raises:
        DeepmirError: from the function, when the file has changed, cannot be run on the
            recording, or gives values that are not finite.
    """
    return External(declared)


class External:
    """A network in use, see :func:`function`; picklable."""

    def __init__(self, declared: Onnx) -> None:
        self.declared = declared
        self.file = ExternalFile(declared)

    def __call__(self, samples: Samples) -> Array:
        """The output for a recording."""
        frames = self.declared.frames(len(samples))
        values = np.concatenate([*self._rows(samples, frames)])[:frames]
        if not np.isfinite(values).all():
            raise DeepmirError(f"{self.declared.file} gives values that are not finite")
        return self.declared.conditioned(values)

    def try_out(self) -> int:
        """Run it on silence, and return the number of bins of its output.

        Raises:
            DeepmirError: when it does not match the declaration; naming the key.
        """
        kind, piece = self.declared, self._piece
        if piece is None and kind.margin:
            raise DeepmirError(f"margin: {kind.file} takes no pieces: leave it out")
        if piece is not None and piece <= 2 * kind.margin:
            raise DeepmirError(
                f"margin: nothing is left of a piece of {piece} frames between both margins"
            )
        samples = 1 if piece is not None else round(TRIAL * kind.sample_rate)
        (batch,) = self._batches(np.zeros(samples, np.float32), 1)
        output = self.file(batch)
        if "frames" in kind.output_axes:
            self._check_frames(output.shape[1], batch.shape[1] / self._per_frame)
        return int(output.shape[2])

    def _check_frames(self, found: int, given: float) -> None:
        """Refuse an output with another frame rate than declared."""
        kind = self.declared
        wanted = (given - 2 * kind.first) / kind.stride
        if abs(found - wanted) > SLACK:
            raise DeepmirError(
                f"stride: {kind.file} gives {found} frames for {given:.0f} of the source, "
                f"but stride {kind.stride} and first {kind.first} would give about "
                f"{wanted:.0f}: correct them, or give the source another hop"
            )

    @property
    def _per_frame(self) -> int:
        """Positions on the input's time axis per frame."""
        return self.declared.hop if "samples" in self.declared.input_axes else 1

    @property
    def _piece(self) -> int | None:
        """Frames of a piece; None if a recording is processed as a whole."""
        return None if self.file.length is None else self.file.length // self._per_frame

    def _rows(self, samples: Samples, frames: int) -> Iterator[Array]:
        """The output, one row per frame of the source, piece by piece."""
        kind, piece = self.declared, self._piece
        kept = frames if piece is None else piece - 2 * kind.margin
        held = (np.arange(kind.margin, kind.margin + kept) - kind.first) // kind.stride
        for batch in self._batches(samples, math.ceil(frames / kept)):
            for output in self.file(batch):
                if not len(output):
                    raise DeepmirError(f"it is too short for {kind.file}")
                yield output[np.clip(held, 0, len(output) - 1)]

    def _batches(self, samples: Samples, count: int) -> Iterator[Array]:
        """The pieces as the network takes them, (B, time, bins, channels)."""
        kind, length = self.declared, self.file.length
        step = 0
        if length is not None and (piece := self._piece) is not None:
            step = piece - 2 * kind.margin
            silent = np.zeros(((count - 1) * step + piece + 2) * kind.hop, np.float32)
            silent[kind.margin * kind.hop :][: len(samples)] = samples
            samples, step = silent, step * self._per_frame
        values = kind.source(samples)
        if "samples" in kind.input_axes:  # from frames of audio, as in its kind
            values = values.reshape(-1, 1)[kind.hop // 2 :][: len(samples)]
        values = values.reshape(*values.shape[:2], -1)
        size = self.file.batch or TOGETHER
        for first in range(0, count, size):
            starts = [i * step for i in range(first, min(first + size, count))]
            yield np.stack([values[i : i + (length or len(values))] for i in starts])
