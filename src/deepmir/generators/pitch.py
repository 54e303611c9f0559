"""The pitch of a note by an estimator that no network here has learned from: pYIN."""

import math

import numpy as np

from deepmir.baselines import pyin
from deepmir.files import audio
from deepmir.files.namespaces import hertz_of
from deepmir.files.samples import Samples
from deepmir.tasks import melody
from deepmir.tasks.base import Floats

CENTS = 50.0  # as far as a pitch may be off
OCTAVE = 12.0
PERIOD = 20  # samples of a period, at least: of fewer, pYIN takes one octave for another


def contour(samples: Samples, sample_rate: int, *wanted: float) -> tuple[Floats, Floats]:
    """The voiced instants of a recording in seconds, and their frequencies in Hz.

    Args:
        samples: audio, shape (n,).
        sample_rate: Hz.
        wanted: pitches that may be in it, as MIDI numbers: the estimator looks an octave beyond.
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
    """The median of frequencies as a MIDI number, not rounded; NaN where there is none."""
    return float(69 + 12 * np.log2(np.median(hertz) / 440)) if hertz.size else float("nan")


def heard(samples: Samples, sample_rate: int, wanted: float) -> float:
    """The median pitch of a recording of one note; see :func:`contour` and :func:`median`."""
    return median(contour(samples, sample_rate, wanted)[1])


def is_right(pitch: float, wanted: float) -> bool:
    """Whether a pitch is heard, and within 50 cents of the wanted one; both as MIDI numbers."""
    return bool(abs(pitch - wanted) * 100 <= CENTS)
