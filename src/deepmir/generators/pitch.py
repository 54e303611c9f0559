"""The pitch of a note by an estimator that no network here has learned from: pYIN."""

from pathlib import Path

import numpy as np

from deepmir.baselines import pyin
from deepmir.files.samples import Samples
from deepmir.tasks import melody

CENTS = 50.0  # as far as a pitch may be off


def heard(samples: Samples, sample_rate: int) -> float:
    """The median pitch of a recording of one note.

    Args:
        samples: audio, shape (n,).
        sample_rate: Hz.

    Returns:
        As a MIDI number, not rounded; NaN where nothing is voiced.
    """
    (found,) = pyin.annotator(Path(), melody.TASK, sample_rate)(samples)
    voiced = [o.value["frequency"] for o in found.observations if o.value["voiced"]]
    return float(69 + 12 * np.log2(np.median(voiced) / 440)) if voiced else float("nan")


def is_right(pitch: float, wanted: float) -> bool:
    """Whether a pitch is heard, and within 50 cents of the wanted one; both as MIDI numbers."""
    return bool(abs(pitch - wanted) * 100 <= CENTS)
