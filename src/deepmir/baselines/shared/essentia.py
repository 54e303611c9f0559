"""Essentia's algorithms, if it is installed.

It is not a dependency of deepmir: its licence is the AGPL, and not every system has a package.
D. Bogdanov et al., "Essentia: an audio analysis library for music information retrieval",
ISMIR 2013.
"""

import importlib
from collections.abc import Callable
from typing import Any

from deepmir.errors import DeepmirError
from deepmir.files.audio import resample
from deepmir.files.samples import Samples

# The sample rate in Hz for which its defaults are made; some algorithms accept no other.
SAMPLE_RATE = 44100


def algorithm(name: str, **options: Any) -> Callable[[Samples], Any]:
    """One of Essentia's algorithms, created anew for each recording.

    Some have a state: a second recording given to the same OnsetRate has no onsets.

    Raises:
        DeepmirError: when Essentia is not installed.
    """
    try:
        standard = importlib.import_module("essentia.standard")
    except ImportError:
        raise DeepmirError(
            f"{name}: Essentia is not installed: `pip install essentia` (its licence is the AGPL)"
        ) from None
    make = getattr(standard, name)
    return lambda samples: make(**options)(samples)


def at_its_rate(samples: Samples, sample_rate: int) -> Samples:
    """Samples at Essentia's rate, shape (samples,) to (samples',).

    At 44100 Hz nothing is lost: the methods work best with `sample_rate: 44100` in params.yaml.
    """
    return resample(samples, sample_rate, SAMPLE_RATE)
