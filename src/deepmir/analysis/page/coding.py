"""The recording as MP3 in segments that a browser can decode independently.

The browser then decodes only what it plays, however long the recording is, and starts each
segment at an exact sample: the clicks that it mixes in stay with the music. (MP3, as every browser
decodes it, and libsndfile gives each Ogg file a random serial number.)
"""

import io
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import soxr

Frames = npt.NDArray[np.float32]

SEGMENT = 30  # seconds of music in a segment
MARGIN = 0.05  # seconds of its neighbours at each end, where a codec is at its worst


@dataclass(frozen=True)
class Coding:
    """How a recording is encoded.

    Attributes:
        quality: of a variable bit rate, 0 the best, 1 the smallest.
    """

    sample_rate: int
    channels: int
    quality: float


SHORT_AUDIO = Coding(44100, 2, 0.5)  # about 110 kbit/s
LONG_AUDIO = Coding(22050, 1, 0.6)  # about 50 kbit/s


class Coder:
    """Encodes blocks of any length as MP3 files of :data:`SEGMENT` seconds, in threads."""

    def __init__(self, coding: Coding, sample_rate: int) -> None:
        self._coding, self._source_rate = coding, sample_rate
        self._resampler: soxr.ResampleStream | None = None
        self._pool = ThreadPoolExecutor(cpu_count() or 1)
        self._pieces: list[Frames] = []
        self._held = 0  # frames in the pieces
        self._first = 0  # number of the first of them
        self._jobs: list[Future[bytes]] = []

    def __enter__(self) -> "Coder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def feed(self, block: Frames) -> None:
        """Take the next frames, shape (frames, channels) of one or two channels."""
        import soxr

        mixed = block if block.shape[1] <= self._coding.channels else block.mean(1, keepdims=True)
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(
                self._source_rate, self._coding.sample_rate, mixed.shape[1]
            )
        self._hold(self._resampler.resample_chunk(mixed))
        while self._first + self._held >= self._limits(len(self._jobs))[1]:
            self._submit()

    def finish(self) -> tuple[bytes, ...]:
        """Return the segments, after the last frame."""
        if self._resampler is not None:
            nothing = np.zeros((0, self._pieces[0].shape[1]), np.float32)
            self._hold(self._resampler.resample_chunk(nothing, last=True))
        rate = self._coding.sample_rate
        while self._first + self._held > len(self._jobs) * SEGMENT * rate:
            self._submit()
        return tuple(job.result() for job in self._jobs)

    def _hold(self, frames: Frames) -> None:
        self._pieces.append(frames)
        self._held += len(frames)

    def _limits(self, segment: int) -> tuple[int, int]:
        """The first frame of a segment and the one after its last, with the margins."""
        rate, margin = self._coding.sample_rate, round(MARGIN * self._coding.sample_rate)
        start = segment * SEGMENT * rate
        return max(0, start - margin), start + SEGMENT * rate + margin

    def _submit(self) -> None:
        """Code the next segment in another thread, and let go of what no later one needs."""
        start, stop = self._limits(len(self._jobs))
        frames = np.concatenate(self._pieces)
        piece = frames[start - self._first : stop - self._first]
        self._jobs.append(self._pool.submit(_mp3, piece, self._coding))
        # As far as coding is behind reading, samples wait in memory: not for too many of them.
        if len(self._jobs) > 2 * (cpu_count() or 1):
            self._jobs[-2 * (cpu_count() or 1)].result()
        first = self._limits(len(self._jobs))[0]
        rest = frames[max(0, first - self._first) :].copy()
        self._pieces, self._first, self._held = [rest], max(first, self._first), len(rest)


def _mp3(frames: Frames, coding: Coding) -> bytes:
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(
        buffer,
        frames,
        coding.sample_rate,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="VARIABLE",
        compression_level=coding.quality,
    )
    return buffer.getvalue()
