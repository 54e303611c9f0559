"""Writing of audio, optionally after a lossy round trip."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from numba import njit

from deepmir_render.mixing.mix import Coding
from deepmir_render.playing.played import SAMPLE_RATE

BLOCK = 1 << 14  # samples encoded at a time
FORMATS = {"mp3": ("MP3", "MPEG_LAYER_III"), "vorbis": ("OGG", "VORBIS")}
FULL_SCALE = 32767


def write(path: Path, sound: npt.NDArray[np.float32], coding: Coding | None = None) -> None:
    """Write a sound, shape (2, samples), as a FLAC file of 16 bits at 44.1 kHz.

    Uses fixed predictors: others are computed in floating point by the encoder.
    """
    import soundfile

    decoded = sound if coding is None else round_trip(sound, coding)
    block = np.empty((BLOCK, 2), dtype=np.int16)
    with soundfile.SoundFile(
        path, "w", SAMPLE_RATE, 2, "PCM_16", format="FLAC", compression_level=0.0
    ) as file:
        for start in range(0, decoded.shape[1], BLOCK):
            part = decoded[:, start : start + BLOCK]
            _to_int16(part[0], part[1], block)
            file.write(block[: part.shape[1]])


def round_trip(sound: npt.NDArray[np.float32], coding: Coding) -> npt.NDArray[np.float32]:
    """A sound after lossy encoding and decoding, with unchanged length and without delay.

    Both decoders remove the encoder's delay: by the LAME tag, and by Vorbis's sample positions.
    Below 100 kbit/s (a compression above 0.72) LAME would resample, which adds a delay.
    """
    import soundfile

    kind, subtype = FORMATS[coding.codec]
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer,
        "w",
        SAMPLE_RATE,
        channels=len(sound),
        subtype=subtype,
        format=kind,
        compression_level=coding.compression,
    ) as file:
        # A long recording in one piece overflows the stack of libsndfile's Vorbis encoder.
        for start in range(0, sound.shape[1], BLOCK):
            file.write(sound[:, start : start + BLOCK].T)
    buffer.seek(0)
    decoded, _ = soundfile.read(buffer, dtype="float32", always_2d=True)
    back = np.zeros_like(sound)
    length = min(len(decoded), sound.shape[1])
    back[:, :length] = decoded[:length].T
    return np.clip(back, -1.0, 1.0)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _to_int16(
    left: npt.NDArray[np.float32], right: npt.NDArray[np.float32], samples: npt.NDArray[np.int16]
) -> None:
    full, half = np.float32(FULL_SCALE), np.float32(0.5)
    for i in range(len(left)):
        samples[i, 0] = np.int16(np.floor(full * left[i] + half))
        samples[i, 1] = np.int16(np.floor(full * right[i] + half))
