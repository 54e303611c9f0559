"""Vowels and consonants: the resonances and noises of the vocal tract.

Formants are the averages of 33 men (Peterson & Barney 1952, "Control methods used in a study of the
vowels", table II); bandwidths and the formants above the third are the defaults of Klatt's
synthesiser (Klatt 1980, "Software for a cascade/parallel formant synthesizer"), with higher ones
at the spacing of a uniform tube.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

VOWELS = {
    "i": (270, 2290, 3010),
    "e": (530, 1840, 2480),
    "ae": (660, 1720, 2410),
    "a": (730, 1090, 2440),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
    "uh": (640, 1190, 2390),
}
UPPER = (3300.0, 3750.0, 4900.0, 5900.0, 6900.0, 7900.0, 8900.0)
# The contribution of higher resonances, as exp(BEYOND * (kHz)^2): Fant's higher-pole correction for
# a tube with a resonance every 1000 Hz, the sum of 1 / n^2 from n = 9.9 on.
BEYOND, BEYOND_UP_TO = 0.106, 8000.0
BANDWIDTHS = (60.0, 90.0, 150.0, 250.0, 200.0, *(500.0,) * 5)


@dataclass(frozen=True)
class Consonant:
    """A consonant before a vowel, in frames of 10 ms.

    Attributes:
        frames: length of the consonant.
        noise: number of its last frames with noise, at most all.
        centre: of the noise's spectrum, in Hz.
        width: standard deviation of that spectrum, in Hz.
        level: of the noise, in dB relative to the voice.
        murmur: level of the voice during the consonant relative to the vowel; 0 if voiceless.
        formants: of the murmur; None if voiceless.
    """

    frames: int
    noise: int = 0
    centre: float = 0.0
    width: float = 1.0
    level: float = 0.0
    murmur: float = 0.0
    formants: tuple[int, int, int] | None = None


CONSONANTS = {
    "s": Consonant(9, 8, 6800, 1500, -16),
    "sh": Consonant(9, 8, 3600, 1100, -14),
    "f": Consonant(8, 7, 6000, 3500, -26),
    "h": Consonant(6, 6, 1800, 1200, -24),
    "t": Consonant(6, 2, 4500, 1800, -12),
    "k": Consonant(6, 2, 2000, 800, -12),
    "p": Consonant(6, 2, 900, 600, -14),
    "m": Consonant(7, murmur=0.3, formants=(250, 1000, 2200)),
    "n": Consonant(6, murmur=0.3, formants=(250, 1450, 2300)),
    "l": Consonant(5, murmur=0.45, formants=(360, 1100, 2700)),
}


def envelope(formants: Array, hertz: Array) -> Array:
    """Amplitude response of the vocal tract: a product of resonances, 1 at 0 Hz.

    Args:
        formants: the first three in Hz, then the factor for the upper ones, shape (4, frames).
        hertz: frequencies, shape (frequencies, frames) or (frequencies, 1).

    Returns:
        Amplitudes, shape (frequencies, frames).
    """
    power = np.square(hertz)
    gain = np.ones(np.broadcast_shapes(hertz.shape, (1, formants.shape[1])))
    for index, bandwidth in enumerate(BANDWIDTHS):
        centre = formants[index] if index < 3 else UPPER[index - 3] * formants[3]
        squared = np.square(centre)
        gain *= squared**2 / (np.square(power - squared) + bandwidth**2 * power)
    scaled = np.minimum(hertz / formants[3], BEYOND_UP_TO) / 1000
    return np.asarray(np.sqrt(gain) * np.exp(BEYOND * np.square(scaled)))
