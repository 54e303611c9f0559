"""The result of singing a part."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepmir_render.playing.played import PlayedPart

LEVEL = -24.0  # dB of the loud parts, as for other instruments (synthesis.py)


@dataclass(frozen=True)
class Sung:
    """A sung part.

    Attributes:
        part: its notes, shortened by breaths and consonants, and its contour.
        samples: of the voice alone, shape (samples,).
        spans: first and last sample of every syllable with its consonants.
    """

    part: PlayedPart
    samples: npt.NDArray[np.float64]
    spans: tuple[tuple[int, int], ...]


def scaled(sound: npt.NDArray[np.float64], level: float) -> npt.NDArray[np.float64]:
    """A voice scaled to a level in dB relative to the other parts, where it is audible."""
    heard = sound[np.abs(sound) > 1e-3 * np.max(np.abs(sound), initial=0.0)]
    if not heard.size:
        return sound
    return sound * round(10 ** ((LEVEL + level) / 20) / float(np.sqrt(np.mean(heard**2))), 9)
