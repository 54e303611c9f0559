"""Recordings to samples: decode, downmix, resample (tutorial, section 5.1)."""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError

Samples = npt.NDArray[np.float32]

SILENCE = 1e-4  # peak below -80 dB of full scale


@dataclass(frozen=True)
class Decoded:
    """A recording: samples of shape (frames, channels) in [-1, 1], and frames per second."""

    samples: Samples
    sample_rate: int


def decode(path: Path) -> Decoded:
    """Decode any format that libsndfile reads (WAV, FLAC, MP3, OGG, AIFF and more).

    Raises:
        DeepmirError: when the file is missing, empty, truncated or not audio, or has samples that
            are not finite.
    """
    import soundfile

    if not path.is_file():
        raise DeepmirError(f"{path}: the file is missing")
    if path.stat().st_size == 0:
        raise DeepmirError(f"{path}: the file is empty (0 bytes)")
    _refuse_truncated_wav(path)
    try:
        with soundfile.SoundFile(path) as file:
            declared, rate = file.frames, file.samplerate
            samples = file.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        reason = str(error).removeprefix(f"Error opening {str(path)!r}: ").strip()
        raise DeepmirError(f"{path}: not readable as audio ({reason})") from None
    if len(samples) == 0:
        raise DeepmirError(f"{path}: it holds no samples")
    if len(samples) < declared:
        raise DeepmirError(
            f"{path}: truncated, {len(samples)} of {declared} frames are there; copy it again"
        )
    if not np.isfinite(samples).all():
        raise DeepmirError(f"{path}: it has samples that are not finite (NaN or infinite)")
    return Decoded(samples, rate)


def _refuse_truncated_wav(path: Path) -> None:
    """Hold a RIFF header to the length of the file: libsndfile believes the file and says nothing.

    A length of 0 or 2**32 - 1 is what a recorder writes that streams; it is no evidence.
    """
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return
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


def downmix(samples: Samples) -> Samples:
    """The mean of the channels: (frames, channels) to (frames,).

    Adding column by column is ten times as fast as `mean(axis=1)` on interleaved samples.
    """
    mono = samples[:, 0].copy()
    for channel in range(1, samples.shape[1]):
        mono += samples[:, channel]
    if samples.shape[1] > 1:
        mono /= samples.shape[1]
    return mono


def resample(samples: Samples, source_rate: int, target_rate: int) -> Samples:
    """Band-limited resampling with soxr's HQ recipe, shape (frames,) to (frames',)."""
    if source_rate == target_rate:
        return samples
    import soxr

    resampled: Samples = soxr.resample(samples, source_rate, target_rate, quality="HQ")
    return resampled


def load(path: Path, sample_rate: int, min_seconds: float = 0.0) -> Samples:
    """Decode, downmix and resample a recording that is fit to be listened to, shape (samples,).

    Raises:
        DeepmirError: as :func:`decode`, and when it is too short or silent.
    """
    decoded = decode(path)
    seconds = len(decoded.samples) / decoded.sample_rate
    if seconds < min_seconds:
        raise DeepmirError(f"{path}: too short, {seconds:.2f} s of at least {min_seconds:g} s")
    mono = downmix(decoded.samples)
    if np.abs(mono).max() < SILENCE:
        raise DeepmirError(f"{path}: silent, no sample above -80 dB of full scale")
    return resample(mono, decoded.sample_rate, sample_rate)
