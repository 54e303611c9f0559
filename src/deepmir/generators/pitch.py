"""The pitch of a note by an independent estimator that is not trained: pYIN."""

from pathlib import Path

import numpy as np

from deepmir.baselines import pyin
from deepmir.files.samples import Samples
from deepmir.tasks import melody
from deepmir.tasks.base import Floats

CENTS = 50.0  # maximum error of a correct pitch


def contour(samples: Samples, sample_rate: int) -> tuple[Floats, Floats]:
    """The voiced instants of a recording in seconds, and their frequencies in Hz.

    Args:
        samples: audio, shape (n,).
        sample_rate: Hz.
    """
    (found,) = pyin.annotator(Path(), melody.TASK, sample_rate)(samples)
    voiced = [(o.time, o.value["frequency"]) for o in found.observations if o.value["voiced"]]
    times, hertz = np.array(voiced, np.float64).reshape(-1, 2).T
    return times, hertz


def median(hertz: Floats) -> float:
    """The median of frequencies as a fractional MIDI number; NaN if there are none."""
    return float(69 + 12 * np.log2(np.median(hertz) / 440)) if hertz.size else float("nan")


def heard(samples: Samples, sample_rate: int) -> float:
    """The median pitch of a recording of one note; see :func:`contour` and :func:`median`."""
    return median(contour(samples, sample_rate)[1])


def is_right(pitch: float, wanted: float) -> bool:
    """Whether a pitch was found, within 50 cents of the wanted one; both as MIDI numbers."""
    return bool(abs(pitch - wanted) * 100 <= CENTS)
