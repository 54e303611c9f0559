"""Likelihood of test recordings under a network, and under the predictors it has to beat."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from deepmir.datasets.index import Track
from deepmir.generators.wavenet import module, predictors
from deepmir.generators.wavenet.mulaw import CODES
from deepmir.generators.wavenet.network import WaveNet
from deepmir.generators.wavenet.predictors import Told
from deepmir.generators.wavenet.recordings import Recording, Whole

NETWORK = "network"
UNIFORM = "uniform"  # all codes equally likely
SETS: Mapping[Told, str] = {
    "nothing": "one for all",
    "instrument": "one for each instrument",
    "pitch": "one for each pitch",
    "both": "one for each pitch of each instrument",
}
BATCH = 8

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Likelihood:
    """Bits per sample on the test part.

    Attributes:
        groups: of the test part, in order: recordings of one group are similar, so each group
            counts once, as the mean of its recordings.
        bits: of each group, by predictor, shape (groups,).
        chosen: sentences on the choices made by validation.
    """

    groups: Sequence[str]
    bits: Mapping[str, Floats]
    chosen: Sequence[str]


def measure(
    network: WaveNet, parts: Mapping[str, Sequence[Recording]], test: Sequence[Track]
) -> Likelihood:
    """Evaluate a network and its baselines.

    Args:
        network: trained.
        parts: the recordings of `train`, `validation` and `test`.
        test: the tracks of the test part, with their groups.
    """
    each = {NETWORK: bits_of(network, parts["test"])}
    chosen = []
    for name in predictors.ORDERS:
        best, least = predictors.fitted(name, parts["train"], parts["validation"])
        each[name] = predictors.mean_bits(best, parts["test"])
        of = SETS[best.told]
        chosen.append(f"{name}: order {best.order}, {of}, by validation ({least:.2f} bits there).")
    each[UNIFORM] = np.full(len(parts["test"]), np.log2(CODES))
    group_of = {track.id: track.group for track in test}
    places: dict[str, list[int]] = defaultdict(list)
    for place, recording in enumerate(parts["test"]):
        places[group_of[recording.track]].append(place)
    groups = sorted(places)
    means = {
        name: np.array([bits[places[group]].mean() for group in groups])
        for name, bits in each.items()
    }
    return Likelihood(groups, means, chosen)


@torch.inference_mode()
def bits_of(network: WaveNet, recordings: Sequence[Recording]) -> Floats:
    """Bits per sample of each recording, shape (recordings,)."""
    whole = Whole(recordings, BATCH, network.receptive_field)
    found = torch.cat([module.each(network, whole[place]) for place in range(len(whole))])
    by_track = {one.track: float(bits) for one, bits in zip(whole.recordings, found, strict=True)}
    return np.array([by_track[one.track] for one in recordings])
