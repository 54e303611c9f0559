"""Audio as 256 codes by the mu-law: fine steps where it is soft, coarse ones where it is loud.

The companding of ITU-T G.711 as A. van den Oord et al. use it, "WaveNet: a generative model for raw
audio", arXiv:1609.03499, section 2.2: f(x) = sign(x) ln(1 + mu |x|) / ln(1 + mu), with mu = 255.
Codes are 128 + 127 f(x), rounded, so that silence is one of them, and 0 is left over.
"""

import numpy as np
import numpy.typing as npt

MU = 255
CODES = MU + 1
SILENCE = 128  # the code of 0
LOUDEST = 127  # codes from there

Codes = npt.NDArray[np.uint8]


def encode(samples: npt.NDArray[np.floating]) -> Codes:
    """Codes of samples in [-1, 1], of any shape; what is beyond counts as the end of that range."""
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
