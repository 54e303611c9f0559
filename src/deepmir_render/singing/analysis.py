"""Analysing speech with WORLD: the spectral envelope, and where the voice is voiced.

WORLD (Morise, Yokomori & Ozawa 2016, "WORLD: a vocoder-based high-quality speech synthesis system")
finds the fundamental with DIO, refined by StoneMask, and the envelope with CheapTrick.
"""

import functools
import importlib.machinery
import importlib.util
from types import ModuleType

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir_render.singing.espeak import MISSING

FRAME = 0.005  # seconds between frames
RATE = 22050  # Hz, as espeak-ng speaks
BINS = 257  # from 0 Hz to half of that rate


@functools.cache
def _world() -> ModuleType:
    """The extension module of pyworld alone.

    The package around it imports `pkg_resources`, which setuptools no longer has (pyworld 0.3.5).
    """
    package = importlib.util.find_spec("pyworld")
    if package is None:
        raise DeepmirError(MISSING)
    spec = importlib.machinery.PathFinder.find_spec(
        "pyworld.pyworld", package.submodule_search_locations
    )
    if spec is None or spec.loader is None:
        raise DeepmirError(MISSING)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def analyse(
    samples: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """The envelope of speech, every `FRAME`.

    Args:
        samples: at `RATE`, shape (samples,).

    Returns:
        Power in dB, shape (frames, BINS), and whether each frame is voiced, shape (frames,).

    Raises:
        DeepmirError: when pyworld is not installed.
    """
    world = _world()
    coarse, times = world.dio(samples, RATE, frame_period=1000 * FRAME)
    pitch = world.stonemask(samples, coarse, times, RATE)
    power = world.cheaptrick(samples, pitch, times, RATE)
    step = (power.shape[1] - 1) // (BINS - 1)
    return 10 * np.log10(np.maximum(power[:, ::step], 1e-16)), pitch > 0
