"""The recording as the page stores it, from one pass: MP3, waveform outline, spectrum."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.analysis import streaming
from deepmir.analysis.page import spectrum
from deepmir.analysis.page.coding import LONG_AUDIO, SHORT_AUDIO, Coder
from deepmir.files import decoding
from deepmir.files.audio import Source
from deepmir.files.blocks import scaled
from deepmir.files.samples import Samples

Frames = npt.NDArray[np.float32]

LONG = 1200.0  # seconds above which mono has to do
POINTS = 200.0  # of the outline, a second
OUTLINE = 200_000  # of the outline at most


@dataclass(frozen=True)
class PageRecording:
    """A recording as the page stores it.

    Attributes:
        segments: MP3 files, see :mod:`~deepmir.analysis.page.coding`.
        lows: least sample at each point of the outline, in 127ths of full scale, shape (points,).
        highs: the greatest.
        points: of the outline, a second.
        levels: its spectrum by `spectrum.representation`, shape (frames, bins).
    """

    segments: tuple[bytes, ...]
    lows: npt.NDArray[np.int8]
    highs: npt.NDArray[np.int8]
    points: float
    levels: npt.NDArray[np.floating]


def read(path: Path, duration: float) -> PageRecording:
    """Read a recording once.

    Args:
        path: the recording.
        duration: in seconds; it determines the resolution.

    Raises:
        DeepmirError: when it cannot be read.
    """
    decoded = decoding.decode(path)
    sample_rate = decoded.sample_rate
    outline = _Outline(max(1, round(sample_rate / min(POINTS, OUTLINE / max(duration, 1.0)))))
    with Coder(SHORT_AUDIO if duration <= LONG else LONG_AUDIO, sample_rate) as coder:

        def mono() -> Iterator[Samples]:
            for block in map(scaled, decoded.blocks):
                mixed = block.mean(axis=1)
                coder.feed(block if block.shape[1] <= 2 else mixed[:, np.newaxis])
                outline.feed(mixed)
                yield mixed

        representation = spectrum.representation()
        found = streaming.compute(Source(sample_rate, mono()), [representation])
        segments = coder.finish()
    lows, highs = outline.finish()
    points = sample_rate / outline.step
    return PageRecording(segments, lows, highs, points, found.features[representation.digest])


class _Outline:
    """Extremes of every `step` samples, of blocks of any length."""

    def __init__(self, step: int) -> None:
        self.step = step
        self._rest = np.zeros(0, np.float32)
        self._found: list[tuple[Samples, Samples]] = []

    def feed(self, samples: Samples) -> None:
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // self.step * self.step
        self._rest = samples[whole:]
        columns = samples[:whole].reshape(-1, self.step)
        self._found.append((columns.min(axis=1), columns.max(axis=1)))

    def finish(self) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
        if len(self._rest):
            self._found.append((self._rest.min(keepdims=True), self._rest.max(keepdims=True)))
        lows, highs = (np.concatenate(part) for part in zip(*self._found, strict=True))
        return _bytes(lows), _bytes(highs)


def _bytes(samples: Samples) -> npt.NDArray[np.int8]:
    return np.rint(np.clip(samples, -1, 1) * 127).astype(np.int8)
