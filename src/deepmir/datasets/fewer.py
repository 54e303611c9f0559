"""Subsets of a training part, to measure the effect of the number of tracks."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from deepmir.datasets.index import Track
from deepmir.errors import DeepmirError


def draw(tracks: Sequence[Track], number: int, seed: int) -> set[str]:
    """Draw tracks, each stratum by its share, as splits are dealt.

    Args:
        tracks: what there is.
        number: how many are drawn; with the same seed, smaller sets are subsets of larger ones.
        seed: what the order within a stratum is drawn from.

    Returns:
        Their identifiers.

    Raises:
        DeepmirError: when there are fewer.
    """
    if number > len(tracks):
        raise DeepmirError(
            f"tracks: {number} training tracks are requested, but there are "
            f"{len(tracks)}: lower it, or leave the key out to use all"
        )
    strata: dict[str, list[str]] = defaultdict(list)
    for track in sorted(tracks, key=lambda track: track.id):
        strata[track.stratum].append(track.id)
    rng = np.random.default_rng(seed)
    waiting = {name: [*rng.permutation(strata[name])] for name in sorted(strata)}
    drawn: list[str] = []
    for count in range(1, number + 1):
        wanting = {
            name: count * len(strata[name]) / len(tracks) - (len(strata[name]) - len(left))
            for name, left in waiting.items()
            if left
        }
        drawn.append(str(waiting[max(wanting, key=lambda name: wanting[name])].pop()))
    return {*drawn}
