"""Bandwidth: nothing above a frequency, as in audio stored at 8 or 16 kHz or a low bit rate.

What remains there is the 16-bit rounding noise of the audio store. PCEN amplifies it to the level
of music, so it matters: silence would be a different input.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from deepmir.deformations.base import Array, BinDeformation, Numbers
from deepmir.representations import Representation

if TYPE_CHECKING:
    from torch import Tensor

WHOLE = 0.5  # of the patches keep all frequencies
LEAST = 500.0  # Hz: below this no music is left
BANK_SECONDS = 20.0
FULL_SCALE = 2**15 - 1  # of 16 bits
SLOPE = 0.05  # relative to the cut-off: how far below it the filter begins
RINGING = 0.2  # seconds of silence after the audio


class Bandwidth(BinDeformation):
    """The amount is the lowest cut-off; half of the patches are left unchanged."""

    name = "bandwidth"
    unit = "Hz, the lowest cut-off"
    largest = 96000.0
    order = 45

    def idle(self, amount: float, representation: Representation) -> str | None:
        """The cut-off must leave some of the music and remove some."""
        top = representation.sample_rate / 2
        if amount >= top:
            return f"of {amount:g} Hz does nothing at {2 * top:g} Hz: use less than {top:g}"
        if 0 < amount < LEAST:
            return f"of {amount:g} Hz leaves no music: the number is Hz, from {LEAST:g} on"
        return super().idle(amount, representation)

    def draw(self, most: float, rng: np.random.Generator) -> Numbers:
        """The lowest cut-off, the position above it, and the start in the bank, shape (3,)."""
        return np.array([most, _place(rng), rng.random()], np.float32)

    def constants(self, representation: Representation) -> Mapping[str, Numbers]:
        """Frequencies (N, F), the highest of all (1,), and features of rounding noise."""
        return {
            "frequencies": representation.channel_frequencies,
            "top": np.array([representation.sample_rate / 2]),
            "bank": bank(representation),
        }

    def deform_audio(
        self, samples: Array, most: float, sample_rate: int, rng: np.random.Generator
    ) -> Array:
        """Draw a cut-off and filter."""
        place = _place(rng)
        if place == 1:
            return samples
        cut_off = most ** (1 - place) * (sample_rate / 2) ** place
        return rounded(low_passed(samples, cut_off, sample_rate))

    def deform_bins(
        self, x: "Tensor", drawn: "Tensor", constants: Mapping[str, "Tensor"]
    ) -> "Tensor":
        """Replace everything above the cut-off by rounding noise."""
        import torch

        lowest, place, start = drawn.unbind(1)
        cut_off = lowest ** (1 - place) * constants["top"] ** place
        noises = constants["bank"]
        first = (start * noises.shape[2]).long()[:, None]
        frames = (first + torch.arange(x.shape[3], device=x.device)) % noises.shape[2]
        left = noises[:, :, frames].permute(2, 0, 1, 3)
        gone = constants["frequencies"] > cut_off[:, None, None]
        return torch.where(gone[..., None], left.to(x.dtype), x)


def _place(rng: np.random.Generator) -> float:
    """Position of a cut-off between the lowest and the top, on log-frequency; 1 for no cut-off."""
    return 1.0 if rng.random() < WHOLE else float(rng.random())


def low_passed(samples: Array, cut_off: float, sample_rate: int) -> Array:
    """Filter audio without delay, shape (samples,).

    Args:
        samples: shape (samples,).
        cut_off: frequency above which nothing is left, Hz.
        sample_rate: in Hz.
    """
    from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

    size = next_fast_len(len(samples) + round(RINGING * sample_rate), real=True)
    below = (cut_off - rfftfreq(size, 1 / sample_rate)) / (SLOPE * cut_off)
    gains = np.sin(np.pi / 2 * below.clip(0, 1)) ** 2
    spectrum = rfft(samples, size) * gains.astype(np.float32)
    return np.asarray(irfft(spectrum, size)[: len(samples)], dtype=np.float32)


def rounded(samples: Array) -> Array:
    """Audio rounded to 16 bits, shape (samples,)."""
    kept = np.rint(samples * np.float32(FULL_SCALE))
    return np.asarray(kept / np.float32(FULL_SCALE), dtype=np.float32)


def bank(representation: Representation) -> Array:
    """Features of nothing but 16-bit rounding noise, shape (N, F, frames).

    Always the same; patches start anywhere in it.
    """
    samples = round(BANK_SECONDS * representation.sample_rate)
    half = 0.5 / FULL_SCALE
    values = representation(np.random.default_rng(0).uniform(-half, half, samples))
    return np.ascontiguousarray(values.reshape(*values.shape[:2], -1).transpose(2, 1, 0))


DEFORMATION = Bandwidth()
