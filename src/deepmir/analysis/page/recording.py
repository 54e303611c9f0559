"""The recording as the page holds it, from one pass: MP3, outline of the waveform, spectrum."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir.analysis import audio_blocks, streaming
from deepmir.analysis.audio_blocks import Source
from deepmir.analysis.page import spectrum
from deepmir.analysis.page.coding import LONG_AUDIO, SHORT_AUDIO, Coder
from deepmir.errors import DeepmirError
from deepmir.files import audio
from deepmir.files.audio import Samples

if TYPE_CHECKING:
    from soundfile import SoundFile

Frames = npt.NDArray[np.float32]

LONG = 1200.0  # seconds above which mono has to do
POINTS = 200.0  # of the outline, a second
OUTLINE = 200_000  # of the outline at most


@dataclass(frozen=True)
class PageRecording:
    """A recording as the page holds it.

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
        duration: of it in seconds, which decides how closely it is kept.

    Raises:
        DeepmirError: when it cannot be read.
    """
    sample_rate, blocks = _blocks(path)
    outline = _Outline(max(1, round(sample_rate / min(POINTS, OUTLINE / max(duration, 1.0)))))
    with Coder(SHORT_AUDIO if duration <= LONG else LONG_AUDIO, sample_rate) as coder:

        def mono() -> Iterator[Samples]:
            for block in blocks:
                coder.feed(block)
                mixed = block.mean(axis=1)
                outline.feed(mixed)
                yield mixed

        representation = spectrum.representation()
        found = streaming.compute(Source(sample_rate, mono()), [representation])
        segments = coder.finish()
    lows, highs = outline.finish()
    points = sample_rate / outline.step
    return PageRecording(segments, lows, highs, points, found.features[representation.digest])


def _blocks(path: Path) -> tuple[int, Iterator[Frames]]:
    """Sample rate and blocks of one or two channels, shape (frames, channels)."""
    import soundfile

    try:
        file = soundfile.SoundFile(path)
    except soundfile.LibsndfileError:
        source = audio_blocks.from_file(path)
        return source.sample_rate, (block[:, None] for block in source.blocks)
    return int(file.samplerate), _of_soundfile(path, file)


def _of_soundfile(path: Path, file: "SoundFile") -> Iterator[Frames]:
    import soundfile

    try:
        with file:
            # An MP3 decoder that seeks starts anew: see deepmir.files.audio.load.
            file.seekable = lambda: False
            while len(block := file.read(audio.BLOCK, dtype="float32", always_2d=True)):
                yield block if block.shape[1] <= 2 else block.mean(axis=1, keepdims=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise DeepmirError(f"{path}: not readable as audio ({error})") from None


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
