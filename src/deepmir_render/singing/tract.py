"""The vocal tract of a singer, derived from the envelopes of a speaker.

espeak-ng speaks up to 11 kHz, with only two narrow resonances above 4 kHz and deep valleys between
the lower ones. A singer's spectrum decreases slowly above the fourth formant, has shallower
valleys, and a less steep slope than speech.
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
VALLEY = 24.0  # maximum depth of a valley in dB
AROUND = 12  # bins on either side in which the peak is sought: 520 Hz
FOURTH = (2300.0, 4300.0)  # Hz: band that defines the level of the upper formants
ABOVE = 3900.0  # Hz above which a vowel's spectrum is replaced, before formants are shifted
SPACING = 1050.0  # Hz between the higher resonances of a tube of 17 cm
DROP = 12.0  # dB from that level to where the spectrum continues
RIPPLE = 5.0  # dB of peaks and valleys
HISS = (7500.0, 9500.0)  # Hz: band that defines the level of a hiss extended above it
HISS_SLOPE = 10.0  # dB per octave
RING = (2900.0, 450.0)  # Hz: centre and width of the singer's formant
PIVOT = 500.0  # Hz at which a tilt has no effect
SPEECH_TILT = 1.2  # the assumed tilt (see Singer) of espeak-ng's vowels


def tract(
    voice: SpokenVoice, frames: npt.NDArray[np.int_], singer: Singer, delivery: Delivery
) -> Array:
    """The envelopes of some of a speaker's frames, converted to those of a singer.

    Args:
        voice: of the speaker.
        frames: of the voice, shape (frames,).
        singer: the singer.
        delivery: of the singer.

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
    """Limit the depth of valleys below the surrounding peaks."""
    peak = power.copy()
    for shift in range(1, AROUND + 1):
        peak[:, shift:] = np.maximum(peak[:, shift:], power[:, :-shift])
        peak[:, :-shift] = np.maximum(peak[:, :-shift], power[:, shift:])
    # The sum of the powers, which has no corners where they cross.
    nepers = np.logaddexp(power / DECIBELS, (peak - np.float32(VALLEY)) / DECIBELS)
    return np.asarray(nepers * DECIBELS)


def _continued(
    moved: Array, power: Array, hertz: npt.NDArray[np.float64], delivery: Delivery
) -> Array:
    """Replace the spectrum above the fourth formant by a slow decrease with tube resonances."""
    level = power[:, _band(FOURTH)].max(axis=1) - DROP
    octaves = np.log2(np.maximum(hertz, 1.0) / FOURTH[1])
    ripple = RIPPLE * np.cos(2 * np.pi * (hertz - 4500.0) / SPACING)
    ripple *= np.clip((11_000 - hertz) / 4000, 0, 1)
    fall = (ripple - delivery.slope * octaves).astype(np.float32)
    target = level[:, np.newaxis] + fall
    share = np.clip((hertz - ABOVE) / 600, 0, 1).astype(np.float32)
    return np.asarray(moved + share * np.maximum(target - moved, 0))


def _hissing(moved: Array, power: Array, hertz: npt.NDArray[np.float64]) -> Array:
    """Extend a hiss above the speaker's highest frequency."""
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
