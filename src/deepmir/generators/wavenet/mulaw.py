"""Audio as 256 mu-law codes: fine steps at low amplitudes, coarse ones at high amplitudes.

The companding of ITU-T G.711 as used by A. van den Oord et al., "WaveNet: a generative model for
raw audio", arXiv:1609.03499, section 2.2: f(x) = sign(x) ln(1 + mu |x|) / ln(1 + mu), mu = 255.
Codes are 128 + 127 f(x), rounded, so silence has an exact code, and 0 is unused.
"""

import numpy as np
import numpy.typing as npt

MU = 255
CODES = MU + 1
SILENCE = 128  # the code of 0
LOUDEST = 127  # maximum distance of codes from there

Codes = npt.NDArray[np.uint8]


def encode(samples: npt.NDArray[np.floating]) -> Codes:
    """Codes of samples in [-1, 1], of any shape; values outside are clipped."""
    clipped = np.clip(samples.astype(np.float64), -1, 1)
    companded = np.sign(clipped) * np.log1p(MU * np.abs(clipped)) / np.log1p(MU)
    codes: Codes = np.floor(SILENCE + LOUDEST * companded + 0.5).astype(np.uint8)
    return codes


def decode(codes: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
    """Samples in [-1, 1], of the same shape."""
    companded = np.clip((codes.astype(np.float64) - SILENCE) / LOUDEST, -1, 1)
    sizes = np.expm1(np.abs(companded) * np.log1p(MU)) / MU
    samples: npt.NDArray[np.float32] = (np.sign(companded) * sizes).astype(np.float32)
    return samples
