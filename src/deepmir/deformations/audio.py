"""Deformations of audio, in the order in which a recording meets them.

A player's room, the sound that a microphone and a desk give it, its level, the noise of the line,
and the file that it is kept in.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.deformations import codec, equaliser, gain, noise, reverb
from deepmir.features.downmix import FULL_SCALE

NAMES = frozenset({"reverb", "equaliser", "gain", "noise", "codec"})


def deform(
    stored: npt.NDArray[Any], amounts: Mapping[str, float], rate: int, rng: np.random.Generator
) -> npt.NDArray[Any]:
    """Draw and deform.

    Args:
        stored: audio as it is kept, 16 bits, shape (samples,).
        amounts: the most of each deformation; those that are not of audio are passed over.
        rate: samples a second.
        rng: the patch's own generator.

    Returns:
        float32 on the same scale, shape (samples,), not cut to 16 bits; or what came in, where
        nothing is declared.
    """
    if not NAMES & amounts.keys():
        return stored
    samples = stored.astype(np.float32) / np.float32(FULL_SCALE)
    if "reverb" in amounts:
        samples = reverb.reverberated(samples, reverb.response(amounts["reverb"], rate, rng))
    if "equaliser" in amounts:
        levels = equaliser.draw(amounts["equaliser"], rng)
        samples = equaliser.filtered(samples, levels, rate)
    if "gain" in amounts:
        samples *= np.float32(gain.amplitude(gain.draw(amounts["gain"], rng)))
    if "noise" in amounts:
        samples = noise.added(samples, noise.draw(amounts["noise"], rng), rate, rng)
    if "codec" in amounts:
        samples = codec.coded(samples, codec.draw(amounts["codec"], rng), rate)
    return samples * np.float32(FULL_SCALE)
