"""Recordings decoded to one channel, one loudness, any rate (tutorial, section 5.1).

Everything that reads a recording uses this: the pipeline, `deepmir check`, `analyze`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir.files import decoding
from deepmir.files.blocks import BLOCK, Decoded, full_scale
from deepmir.files.loudness import Meter
from deepmir.files.samples import Samples

T = TypeVar("T")

LOUDNESS = -23.0
"""LUFS to which recordings are brought: EBU R 128, and the mean of the rendered songs."""

SILENCE = 1e-4  # peak below -80 dB of full scale
INAUDIBLE = -100.0  # LUFS: the rounding error of a constant level

INTEGERS = 8.0  # peak of no meaningful float recording: integers that were not scaled

# Seconds kept in memory until their loudness is known; longer recordings are decoded twice.
HELD = 600.0


@dataclass
class Source:
    """A recording to be read once.

    Attributes:
        sample_rate: of the blocks, Hz.
        blocks: float32, shape (samples,), each valid until the next one is read.
        title: of the recording, or empty.
        artist: of the recording, or empty.
        remarks: oddities that do not prevent its use; complete after the last block.
        peak: the maximum magnitude of all blocks; known from the first block on.
    """

    sample_rate: int
    blocks: Iterator[Samples]
    title: str = ""
    artist: str = ""
    remarks: list[str] = field(default_factory=list)
    peak: float = 0.0


def from_samples(samples: npt.NDArray[np.floating], sample_rate: int) -> Source:
    """A recording in memory.

    Args:
        samples: shape (samples,) or (samples, channels), of any level.
        sample_rate: Hz.

    Raises:
        DeepmirError: for another shape or type, or no sample rate. Problems of the samples
            themselves (none, silence, NaN) are raised by the blocks.
    """
    values = np.asarray(samples)
    if not np.issubdtype(values.dtype, np.floating):
        raise DeepmirError(f"samples must be floats in [-1, 1], not {values.dtype}")
    if values.ndim not in (1, 2) or (
        values.ndim == 2 and values.shape[1] > max(values.shape[0], 1)
    ):
        raise DeepmirError(
            f"samples have the shape {values.shape}: it must be (samples,) or (samples, channels)"
        )
    if sample_rate <= 0:
        raise DeepmirError(f"the sample rate is {sample_rate} Hz: it must be above 0")
    values = values if values.ndim == 2 else values[:, np.newaxis]

    def opened() -> Decoded:
        cut = (
            values[first : first + BLOCK].astype(np.float32)
            for first in range(0, len(values), BLOCK)
        )
        return Decoded(int(sample_rate), values.shape[1], "samples", cut)

    return _listened("the samples", opened)


def from_file(path: Path) -> Source:
    """A recording on disk.

    Args:
        path: of a file that libsndfile or, if installed, ffmpeg can read.

    Raises:
        DeepmirError: when it is missing, empty, truncated, not permitted or not audio. Problems of
            the samples are raised by the blocks: none, silence, NaN, a premature end.
    """
    return _listened(str(path), lambda: decoding.decode(path))


def load(path: Path, sample_rate: int, start: float = 0.0, seconds: float | None = None) -> Samples:
    """Decode, downmix and resample a recording or an excerpt, and normalise its loudness.

    The downmix is the mean of the channels, or one channel if they cancel in the mean; resampling
    is band-limited, with soxr's HQ recipe.

    Args:
        path: the recording.
        sample_rate: of the result, Hz.
        start: of the excerpt, seconds.
        seconds: length of the excerpt; by default, up to the end.

    Returns:
        float32 of `LOUDNESS`, shape (samples,); single peaks may be outside [-1, 1].

    Raises:
        DeepmirError: when the file is missing, empty, truncated or not audio, has samples that are
            not finite, is silent, or ends before `start`.
    """
    samples, _ = listen(str(path), lambda: decoding.decode(path, start, seconds), sample_rate)
    return samples


def listen(
    name: str, opened: Callable[[], Decoded], sample_rate: int, min_seconds: float = 0.0
) -> tuple[Samples, list[str]]:
    """As :func:`load`, for any decoder, with oddities that do not prevent its use.

    Args:
        name: of the recording, for errors.
        opened: decodes it from its beginning; called again if its channels cancel each other.
        sample_rate: of the result, Hz.
        min_seconds: a shorter recording is refused.

    Raises:
        DeepmirError: when it is too short, and as :func:`load`.
    """
    decoded = opened()

    def kept(mono: Iterator[Samples]) -> Samples:
        pieces = resampled(mono, decoded.sample_rate, sample_rate)
        return np.concatenate([np.zeros(0, np.float32), *pieces])

    samples, _, gain, _ = _heard(name, decoded, opened, kept)
    if (length := len(samples) / sample_rate) < min_seconds:
        raise DeepmirError(
            f"{name}: too short, {length:.2f} s instead of at least {min_seconds:g} s"
        )
    samples *= gain  # resampling is linear: a kept recording need not be read twice
    return samples, decoded.remarks


def resample(samples: Samples, source_rate: float, target_rate: float) -> Samples:
    """Band-limited resampling with soxr's HQ recipe, shape (frames,) to (frames',)."""
    if source_rate == target_rate:
        return samples
    import soxr

    resampled: Samples = soxr.resample(samples, source_rate, target_rate, quality="HQ")
    return resampled


def resampled(blocks: Iterator[Samples], source_rate: int, rate: int) -> Iterator[Samples]:
    """The same as :func:`resample`, block by block; blocks are not overwritten."""
    if source_rate == rate:
        for block in blocks:
            yield block.copy()
        return
    import soxr

    stream = soxr.ResampleStream(source_rate, rate, 1, quality="HQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _listened(name: str, opened: Callable[[], Decoded]) -> Source:
    """A recording that can be reopened, mixed and with normalised loudness."""
    decoded = opened()
    source = Source(decoded.sample_rate, iter(()), decoded.title, decoded.artist, decoded.remarks)
    source.blocks = _levelled(name, decoded, opened, source)
    return source


def _levelled(
    name: str, decoded: Decoded, opened: Callable[[], Decoded], source: Source
) -> Iterator[Samples]:
    """Measure, then multiply: the loudness of a recording is only known at its end."""

    def kept(mono: Iterator[Samples]) -> list[Samples] | None:
        held: list[Samples] | None = []
        count = 0
        for block in mono:
            count += len(block)
            if count > HELD * decoded.sample_rate:
                held = None
            if held is not None:
                held.append(block.copy())
        return held

    held, weights, gain, source.peak = _heard(name, decoded, opened, kept)
    for block in _mixed(opened(), weights) if held is None else held:
        yield np.multiply(block, gain, out=block)


def _heard(
    name: str,
    decoded: Decoded,
    opened: Callable[[], Decoded],
    keep: Callable[[Iterator[Samples]], T],
) -> tuple[T, Samples, np.float32, float]:
    """What is kept of the mix, each channel's weight, the normalising gain, the resulting peak.

    Raises:
        DeepmirError: when it is silent or empty, or samples are not finite.
    """
    weights = np.full(decoded.channels, 1 / decoded.channels, np.float32)
    meter = Meter(decoded.sample_rate, decoded.channels)
    kept = keep(_mixed(decoded, weights, meter))
    if meter.cancelling:
        decoded.remarks.append(
            "its channels cancel each other when averaged: only channel "
            f"{meter.loudest_channel + 1} is used"
        )
        weights = np.eye(decoded.channels, dtype=np.float32)[meter.loudest_channel]
        meter = Meter(decoded.sample_rate, decoded.channels)
        kept = keep(_mixed(opened(), weights, meter))
    if not meter.samples:
        raise DeepmirError(f"{name}: it contains no samples")
    if not np.isfinite(meter.peak):
        raise DeepmirError(f"{name}: it has samples that are not finite (NaN or infinity)")
    if meter.peak > INTEGERS:
        decoded.remarks.append(
            f"its samples reach {meter.peak:.0f}, like integers: they are scaled"
        )
    if meter.peak < SILENCE:
        raise DeepmirError(f"{name}: silent, no sample above -80 dB of full scale")
    if (loudness := meter.loudness) < INAUDIBLE:
        raise DeepmirError(f"{name}: silent, its samples stay at a constant level")
    gain = np.float32(10 ** ((LOUDNESS - loudness) / 20))
    return kept, weights, gain, float(gain) * meter.mixed


def _mixed(decoded: Decoded, weights: Samples, meter: Meter | None = None) -> Iterator[Samples]:
    """The mix, measured on the way, block by block; each is overwritten by the next.

    Allocating new memory costs more here than the computation: each page is cleared first.
    """
    floats = np.empty((BLOCK, decoded.channels), np.float32)
    mixed = np.empty(BLOCK, np.float32)
    for block in decoded.blocks:
        samples = block
        if block.dtype != np.float32:
            samples = floats[: len(block)]
            np.copyto(samples, block)
        # A product with equal weights sums interleaved channels ten times as fast as mean(axis=1).
        to_mono = weights / np.float32(full_scale(block))
        mono = np.dot(samples, to_mono, out=mixed[: len(block)])
        if meter is not None:
            meter.add(block, mono)
        yield mono
