"""Recordings to samples: decode, downmix, resample (tutorial, section 5.1), a block at a time."""

import struct
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError

if TYPE_CHECKING:
    from soundfile import SoundFile

Samples = npt.NDArray[np.float32]
Block = npt.NDArray[np.int16] | npt.NDArray[np.float32]

SILENCE = 1e-4  # peak below -80 dB of full scale

# Share of the frames that may be missing: where Ogg streams were cut, decoders differ by a packet.
LOST = 0.002

# Frames decoded at once: blocks stay in the cache, and memory does not grow with the file.
BLOCK = 1 << 16


def load(
    path: Path,
    sample_rate: int,
    min_seconds: float = 0.0,
    start: float = 0.0,
    seconds: float | None = None,
) -> Samples:
    """Decode, downmix and resample a recording that is fit to be listened to.

    Reads any format that libsndfile does (WAV, FLAC, MP3, OGG, AIFF and more). The downmix is the
    mean of the channels; resampling is band-limited, with soxr's HQ recipe.

    Args:
        path: the recording.
        sample_rate: of the result, Hz.
        min_seconds: a shorter recording is refused.
        start: where to begin, seconds.
        seconds: how much to read; by default, up to the end.

    Returns:
        float32 in [-1, 1], shape (samples,).

    Raises:
        DeepmirError: when the file is missing, empty, truncated or not audio, has samples that are
            not finite, is too short or silent, or ends before `start`.
    """
    import soundfile
    import soxr

    if not path.is_file():
        raise DeepmirError(f"{path}: the file is missing")
    if path.stat().st_size == 0:
        raise DeepmirError(f"{path}: the file is empty (0 bytes)")
    refuse_truncated(path)
    try:
        with soundfile.SoundFile(path) as file:
            # Of a file that can seek, soundfile seeks to the end of every block that it has read,
            # and an MP3 decoder that seeks starts over: each block would begin with a click.
            file.seekable = lambda: False
            rate, length = file.samplerate, file.frames / file.samplerate
            if length < min_seconds:
                raise DeepmirError(
                    f"{path}: too short, {length:.2f} s of at least {min_seconds:g} s"
                )
            if start:
                if start >= length:
                    raise DeepmirError(f"{path}: it ends at {length:.2f} s, before {start:g} s")
                lead = min(round(start * rate), rate // 4)
                file.seek(round(start * rate) - lead)
                # An MP3 frame may need bits of the frames before it: they are decoded and dropped.
                file.read(lead, dtype="float32")
            wanted = file.frames - file.tell()
            if seconds is not None:
                wanted = min(wanted, round(seconds * rate))
            decoded = by_libsndfile(path, file) if start else decode(path, file)
            blocks = downmixed(path, decoded, wanted, file.channels)
            if rate != sample_rate:
                stream = soxr.ResampleStream(rate, sample_rate, 1, quality="HQ")
                resampled = [stream.resample_chunk(block) for block in blocks]
                resampled.append(stream.resample_chunk(np.zeros(0, np.float32), last=True))
                return np.concatenate(resampled)
            return np.concatenate([block.copy() for block in blocks])
    except (soundfile.LibsndfileError, RuntimeError) as error:
        reason = str(error).removeprefix(f"Error opening {str(path)!r}: ").strip()
        raise DeepmirError(f"{path}: not readable as audio ({reason})") from None


def downmixed(path: Path, blocks: Iterator[Block], wanted: int, channels: int) -> Iterator[Samples]:
    """The mean of the channels, in blocks that overwrite each other."""
    # A product with equal weights adds interleaved channels ten times as fast as mean(axis=1).
    weights = np.full(channels, 1 / channels, np.float32)
    samples = np.empty((BLOCK, channels), np.float32)
    mono = np.empty(BLOCK, np.float32)
    found, peak = 0, 0.0
    for block in blocks:
        count = min(len(block), wanted - found)
        scaled = block[:count]
        if block.dtype == np.int16:
            scaled = np.multiply(scaled, np.float32(1 / 32768), out=samples[:count])
        downmixed = np.dot(scaled, weights, out=mono[:count])
        # The extremes are finite only if every sample is.
        loudest = max(float(downmixed.max()), -float(downmixed.min()))
        if not np.isfinite(loudest):
            raise DeepmirError(f"{path}: it has samples that are not finite (NaN or infinite)")
        peak = max(peak, loudest)
        found += count
        yield downmixed
        if found == wanted:
            break
    if found == 0:
        raise DeepmirError(f"{path}: it holds no samples")
    if found < wanted * (1 - LOST):
        raise DeepmirError(
            f"{path}: truncated, {found} of {wanted} frames are there; copy it again"
        )
    if peak < SILENCE:
        raise DeepmirError(f"{path}: silent, no sample above -80 dB of full scale")


def decode(path: Path, file: "SoundFile") -> Iterator[Block]:
    """Blocks of a file that nothing has been read of, by the quickest decoder that is there."""
    quick = file.format == "FLAC" or file.subtype == "VORBIS"
    # miniaudio wants a path that is text, and has no wheel for Linux on ARM.
    quick = quick and str(path).isprintable() and find_spec("miniaudio") is not None
    return by_miniaudio(path, file) if quick else by_libsndfile(path, file)


def by_libsndfile(path: Path, file: "SoundFile") -> Iterator[Block]:
    """Blocks of int16 or float32, shape (frames, channels), that overwrite each other."""
    import soundfile

    # Integers that the file holds are handed out many times as fast as floats.
    kind = np.int16 if file.subtype in ("PCM_S8", "PCM_U8", "PCM_16") else np.float32
    block = np.empty((BLOCK, file.channels), kind)
    try:
        while len(read := file.read(out=block)):
            yield read
    except soundfile.LibsndfileError as error:
        if "lost sync" in error.error_string:  # of FLAC
            raise DeepmirError(f"{path}: truncated or damaged; copy it again") from None
        raise


def by_miniaudio(path: Path, file: "SoundFile") -> Iterator[Block]:
    """The same samples of FLAC and Vorbis, as float32, in three quarters of the time."""
    import miniaudio

    kind = miniaudio.SampleFormat.FLOAT32
    try:
        stream = miniaudio.stream_file(str(path), kind, file.channels, file.samplerate, BLOCK)
        for block in stream:
            yield np.frombuffer(block, np.float32).reshape(-1, file.channels)
    except miniaudio.DecodeError as error:
        raise DeepmirError(f"{path}: not readable as audio ({error})") from None


def resample(samples: Samples, source_rate: int, target_rate: int) -> Samples:
    """Band-limited resampling with soxr's HQ recipe, shape (frames,) to (frames',)."""
    if source_rate == target_rate:
        return samples
    import soxr

    resampled: Samples = soxr.resample(samples, source_rate, target_rate, quality="HQ")
    return resampled


def refuse_truncated(path: Path) -> None:
    """Hold a file to the length in its headers, where the decoders do not: WAV and Ogg.

    Raises:
        DeepmirError: when it ends too early.
    """
    with path.open("rb") as file:
        start = file.read(4)
        if start == b"RIFF":
            _refuse_truncated_wav(path, file)
        elif start == b"OggS":
            _refuse_truncated_ogg(path, file)


def _refuse_truncated_ogg(path: Path, file: IO[bytes]) -> None:
    """An Ogg file ends with a whole page."""
    file.seek(max(path.stat().st_size - (1 << 17), 0))  # a page has less than 64 kB
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    segments = page[27 : 27 + page[26]] if len(page) > 26 else b""
    if len(page) < 27 or len(page) < 27 + page[26] + sum(segments):
        raise DeepmirError(f"{path}: truncated, it ends in the middle of a page; copy it again")


def _refuse_truncated_wav(path: Path, file: IO[bytes]) -> None:
    """Compare a RIFF header with the length of the file: libsndfile ignores a difference.

    A length of 0 or 2**32 - 1 is what a recorder writes that streams; it is no evidence.
    """
    size = path.stat().st_size
    file.seek(12)
    while len(header := file.read(8)) == 8:
        name, length = struct.unpack("<4sI", header)
        missing = file.tell() + length - size
        if name == b"data":
            if missing > 0 and length != 0xFFFFFFFF:
                raise DeepmirError(
                    f"{path}: truncated, {missing} of {length} bytes of audio are missing; "
                    "copy it again"
                )
            return
        file.seek(length + length % 2, 1)
    raise DeepmirError(f"{path}: a WAV file without audio (no data chunk)")
