"""Find duplicate recordings in data sets by the stored fingerprints."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from deepmir.datasets.duplicates import Duplicate, write
from deepmir.datasets.matching import matches
from deepmir.features import downmix
from deepmir.files.store import FINGERPRINTS, Store


def compute(sources: Mapping[str, Sequence[Path]], sample_rate: int, out: Path) -> int:
    """Write the pairs of duplicate recordings, and return their number.

    Args:
        sources: the audio of every shard of a data set, by its name. For two data sets, only
            pairs with one recording from each are written.
        sample_rate: of the audio, Hz.
        out: the file to write.

    Raises:
        DeepmirError: when audio is missing, stale or damaged, or the disk is full.
    """
    digest = downmix.digest(sample_rate)
    stores = {name: Store(paths, digest, FINGERPRINTS) for name, paths in sources.items()}
    tracks = [(name, track) for name, store in stores.items() for track in store.tracks]
    found = [
        Duplicate(tracks[match.first], tracks[match.second], match.shift, match.differing)
        for match in matches(tracks, lambda track: stores[track[0]].read(track[1]))
    ]
    between = [pair for pair in found if len(sources) == 1 or pair.first[0] != pair.second[0]]
    write(out, between)
    return len(between)
