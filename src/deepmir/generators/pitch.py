"""The pitch of a note by an independent estimator that is not trained: pYIN."""

import math

import numpy as np

from deepmir.baselines import pyin
from deepmir.files import audio
from deepmir.files.namespaces import hertz_of
from deepmir.files.samples import Samples
from deepmir.tasks import melody
from deepmir.tasks.base import Floats

CENTS = 50.0  # maximum error of a correct pitch
OCTAVE = 12.0
PERIOD = 20  # minimum period in samples: below it, pYIN makes octave errors


def contour(samples: Samples, sample_rate: int, *wanted: float) -> tuple[Floats, Floats]:
    """The voiced instants of a recording in seconds, and their frequencies in Hz.

    Args:
        samples: audio, shape (n,).
        sample_rate: Hz.
        wanted: expected pitches as MIDI numbers; the search range extends an octave beyond them.
    """
    rate = max(sample_rate, math.ceil(PERIOD * hertz_of(max(wanted))))
    samples = audio.resample(samples, sample_rate, rate)
    lowest = min(melody.LOWEST, hertz_of(min(wanted) - OCTAVE))
    highest = max(pyin.HIGHEST, hertz_of(max(wanted) + OCTAVE))
    found = pyin.melody(samples, rate, lowest, highest)
    voiced = [(o.time, o.value["frequency"]) for o in found.observations if o.value["voiced"]]
    times, hertz = np.array(voiced, np.float64).reshape(-1, 2).T
    return times, hertz


def median(hertz: Floats) -> float:
    """The median of frequencies as a fractional MIDI number; NaN if there are none."""
    return float(69 + 12 * np.log2(np.median(hertz) / 440)) if hertz.size else float("nan")


def heard(samples: Samples, sample_rate: int, wanted: float) -> float:
    """The median pitch of a recording of one note; see :func:`contour` and :func:`median`."""
    return median(contour(samples, sample_rate, wanted)[1])


def is_right(pitch: float, wanted: float) -> bool:
    """Whether a pitch was found, within 50 cents of the wanted one; both as MIDI numbers."""
    return bool(abs(pitch - wanted) * 100 <= CENTS)
