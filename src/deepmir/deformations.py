"""Deformations of training patches (tutorial, section 2.3: data augmentation).

Each is drawn anew for every patch and is never applied to validation or test data. What it does to
the labels is the task's to say (`tasks/base.py`).
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def draw(amounts: Mapping[str, float], rng: np.random.Generator) -> dict[str, float]:
    """Draw how much of each deformation a patch gets.

    Args:
        amounts: the most of each: `pitch_shift` in semitones up and down, `time_stretch` as the
            largest share by which the patch becomes slower or faster.
        rng: the patch's own generator.

    Returns:
        `pitch_shift` as whole semitones, `time_stretch` as the factor by which the source is
        longer than the patch.
    """
    drawn = {}
    if "pitch_shift" in amounts:
        most = round(amounts["pitch_shift"])
        drawn["pitch_shift"] = float(rng.integers(-most, most + 1))
    if "time_stretch" in amounts:
        most_stretch = np.log1p(amounts["time_stretch"])
        drawn["time_stretch"] = float(np.exp(rng.uniform(-most_stretch, most_stretch)))
    return drawn


def pitch_shift(features: Array, bins: int) -> Array:
    """Move a log-frequency representation by whole bins, shape (frames, bins, ...) kept.

    What comes in from beyond the edge is the quietest value of the patch.
    """
    if bins == 0:
        return features
    shifted = np.full_like(features, features.min())
    if bins > 0:
        shifted[:, bins:] = features[:, :-bins]
    else:
        shifted[:, :bins] = features[:, -bins:]
    return shifted


def time_stretch(features: Array, frames: int) -> Array:
    """Interpolate to a number of frames, shape (frames', bins, ...) to (frames, bins, ...)."""
    if len(features) == frames:
        return features
    position = np.linspace(0, len(features) - 1, frames, dtype=np.float32)
    before = np.minimum(position.astype(np.intp), max(len(features) - 2, 0))
    after = np.minimum(before + 1, len(features) - 1)
    weight = (position - before).reshape(-1, *[1] * (features.ndim - 1))
    stretched: Array = (1 - weight) * features[before] + weight * features[after]
    return stretched
