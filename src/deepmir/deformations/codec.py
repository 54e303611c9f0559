"""Codec: audio to MP3 and back, as most collections of recordings have been."""

import io

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

# Hz: those of MPEG-1, MPEG-2 and MPEG-2.5 audio.
SAMPLE_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)


def draw(most: float, rng: np.random.Generator) -> float:
    """Quality -V of LAME's variable bit rate: 0 is transparent, 9 is the worst."""
    return float(rng.uniform(0, most))


def coded(samples: Array, quality: float, sample_rate: int) -> Array:
    """Encode and decode audio, shape (samples,).

    The encoder writes its delay into the file and the decoder takes it off, so nothing is shifted.

    Args:
        samples: shape (samples,).
        quality: LAME's -V, from 0 to 9.
        sample_rate: in Hz, one of :data:`SAMPLE_RATES`.
    """
    import soundfile

    # What exceeds full scale the encoder would clip.
    peak = max(1.0, float(np.abs(samples).max()))
    file = io.BytesIO()
    soundfile.write(file, samples / peak, sample_rate, format="MP3", compression_level=quality / 10)
    file.seek(0)
    decoded = soundfile.read(file, frames=len(samples), dtype="float32", fill_value=0.0)[0]
    return np.asarray(decoded * np.float32(peak), dtype=np.float32)
