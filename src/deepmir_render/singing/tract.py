"""The vocal tract of a singer, made from the envelopes of a speaker.

espeak-ng speaks up to 11 kHz, with nothing but two narrow resonances above 4 kHz and deep valleys
between the lower ones. A singer's spectrum goes on and falls slowly above the fourth formant, has
shallower valleys, and falls less steeply than that of speech.
"""

import numpy as np
import numpy.typing as npt

from deepmir_render.playing.played import SAMPLE_RATE
from deepmir_render.singing.delivery import Delivery
from deepmir_render.singing.speaking import BINS as SPOKEN_BINS
from deepmir_render.singing.speaking import FLOOR, RATE, STEP, SpokenVoice
from deepmir_render.singing.vocoder import BINS, SIZE
from deepmir_render.writing.singer import Singer

Array = npt.NDArray[np.float32]

DECIBELS = np.float32(10 / np.log(10))  # for a factor of e in power
VALLEY = 24.0  # dB that a valley is deep at most
AROUND = 12  # bins to either side in which the peak is looked for: 520 Hz
FOURTH = (2300.0, 4300.0)  # Hz: where the level of the upper formants is read
ABOVE = 3900.0  # Hz from which on a vowel's spectrum is replaced, before formants are moved
SPACING = 1050.0  # Hz between the higher resonances of a tube of 17 cm
DROP = 12.0  # dB from that level to where the spectrum goes on
RIPPLE = 5.0  # dB of their peaks and valleys
HISS = (7500.0, 9500.0)  # Hz: where the level of a hiss is read that goes on above
HISS_SLOPE = 10.0  # dB an octave
RING = (2900.0, 450.0)  # Hz: centre and width of the singer's formant
PIVOT = 500.0  # Hz at which a tilt changes nothing
SPEECH_TILT = 1.2  # the tilt (see Singer) that espeak-ng's vowels are taken to have


def tract(
    voice: SpokenVoice, frames: npt.NDArray[np.int_], singer: Singer, delivery: Delivery
) -> Array:
    """The envelopes of some of a speaker's frames as a singer has them.

    Args:
        voice: of the speaker.
        frames: of the voice, shape (frames,).
        singer: who sings.
        delivery: how.

    Returns:
        Power in dB, shape (frames, BINS of the vocoder).
    """
    power = voice.power[frames].astype(np.float32) * np.float32(STEP) + np.float32(FLOOR)
    hertz = np.arange(BINS, dtype=np.float64) * (SAMPLE_RATE / SIZE / delivery.formants)
    position = np.minimum(hertz * (2 * (SPOKEN_BINS - 1) / RATE), SPOKEN_BINS - 1.001)
    left = position.astype(np.int64)
    right = (position - left).astype(np.float32)
    whole = voice.harmonic[frames] == 255
    power[whole] = _shallow(power[whole])
    moved = power[:, left] * (1 - right) + power[:, left + 1] * right
    moved[whole] = _continued(moved[whole], power[whole], hertz, delivery)
    moved[~whole] = _hissing(moved[~whole], power[~whole], hertz) + np.float32(delivery.sibilance)
    moved[whole] += _colour(hertz * delivery.formants, singer, delivery)
    moved[power.max(axis=1) <= FLOOR] = FLOOR
    return np.asarray(moved)


def _band(hertz: tuple[float, float]) -> slice:
    first, last = (round(h * 2 * (SPOKEN_BINS - 1) / RATE) for h in hertz)
    return slice(first, last)


def _shallow(power: Array) -> Array:
    """With valleys that are not too deep below the peaks around."""
    peak = power.copy()
    for shift in range(1, AROUND + 1):
        peak[:, shift:] = np.maximum(peak[:, shift:], power[:, :-shift])
        peak[:, :-shift] = np.maximum(peak[:, :-shift], power[:, shift:])
    # The sum of the powers, which has no corners where the two cross.
    nepers = np.logaddexp(power / DECIBELS, (peak - np.float32(VALLEY)) / DECIBELS)
    return np.asarray(nepers * DECIBELS)


def _continued(
    moved: Array, power: Array, hertz: npt.NDArray[np.float64], delivery: Delivery
) -> Array:
    """With a spectrum above the fourth formant that falls slowly, with the tube's resonances."""
    level = power[:, _band(FOURTH)].max(axis=1) - DROP
    octaves = np.log2(np.maximum(hertz, 1.0) / FOURTH[1])
    ripple = RIPPLE * np.cos(2 * np.pi * (hertz - 4500.0) / SPACING)
    ripple *= np.clip((11_000 - hertz) / 4000, 0, 1)
    fall = (ripple - delivery.slope * octaves).astype(np.float32)
    target = level[:, np.newaxis] + fall
    share = np.clip((hertz - ABOVE) / 600, 0, 1).astype(np.float32)
    return np.asarray(moved + share * np.maximum(target - moved, 0))


def _hissing(moved: Array, power: Array, hertz: npt.NDArray[np.float64]) -> Array:
    """With a hiss that goes on above the speaker's highest frequency."""
    level = power[:, _band(HISS)].mean(axis=1)
    octaves = np.log2(np.maximum(hertz, 1.0) / HISS[1])
    target = level[:, np.newaxis] - (HISS_SLOPE * octaves).astype(np.float32)
    share = np.clip((hertz - HISS[1] + 1000) / 1000, 0, 1).astype(np.float32)
    return np.asarray(moved * (1 - share) + target * share)


def _colour(hertz: npt.NDArray[np.float64], singer: Singer, delivery: Delivery) -> Array:
    """Tilt and the singer's formant, in dB."""
    octaves = np.log2(np.clip(hertz, 100.0, 5000.0) / PIVOT)
    tilt = 20 * np.log10(2) * (SPEECH_TILT - singer.tilt) * octaves
    ring = delivery.ring * np.exp(-0.5 * ((hertz - RING[0]) / RING[1]) ** 2)
    return np.asarray((tilt + ring).astype(np.float32))
