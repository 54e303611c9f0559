"""Codec: audio to MP3 and back, as in most collections of recordings."""

import io

import numpy as np

from deepmir.deformations.base import Array, SoundDeformation
from deepmir.representations import Representation

# Hz: those of MPEG-1, MPEG-2 and MPEG-2.5 audio.
SAMPLE_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)


class Codec(SoundDeformation):
    """The amount is the worst quality -V of LAME's variable bit rate: 0 is transparent."""

    name = "codec"
    unit = "LAME's quality -V"
    largest = 9.0
    order = 50

    def unfit(self, representation: Representation, *, on_the_fly: bool) -> str | None:
        """MP3 supports few sample rates."""
        rate = representation.sample_rate
        if not on_the_fly or rate in SAMPLE_RATES:
            return super().unfit(representation, on_the_fly=on_the_fly)
        known = ", ".join(map(str, SAMPLE_RATES))
        return f"is MP3, which does not support {rate} Hz: use a representation at one of {known}"

    def idle(self, amount: float, representation: Representation) -> str | None:
        """Even the best quality, 0, has an effect."""
        return None

    def deform_audio(
        self, samples: Array, most: float, sample_rate: int, rng: np.random.Generator
    ) -> Array:
        """Draw a quality, encode and decode."""
        return coded(samples, float(rng.uniform(0, most)), sample_rate)


def coded(samples: Array, quality: float, sample_rate: int) -> Array:
    """Encode and decode audio, shape (samples,).

    The encoder writes its delay into the file and the decoder removes it, so nothing is shifted.

    Args:
        samples: shape (samples,).
        quality: LAME's -V, from 0 to 9.
        sample_rate: in Hz, one of :data:`SAMPLE_RATES`.
    """
    import soundfile

    # The encoder would clip anything that exceeds full scale.
    peak = max(1.0, float(np.abs(samples).max()))
    file = io.BytesIO()
    soundfile.write(file, samples / peak, sample_rate, format="MP3", compression_level=quality / 10)
    file.seek(0)
    decoded = soundfile.read(file, frames=len(samples), dtype="float32", fill_value=0.0)[0]
    return np.asarray(decoded * np.float32(peak), dtype=np.float32)


DEFORMATION = Codec()
