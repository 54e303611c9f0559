"""Patches of one length: random ones for training, adjacent ones of whole tracks for the rest."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from deepmir.errors import DeepmirError
from deepmir.features.corpus import Corpus
from deepmir.files.store import Store
from deepmir.models.model import as_input


def usable(corpus: Corpus, part: str, store: Store, frames: int) -> list[str]:
    """The tracks of a part that are at least one patch long, in the order of the index.

    Raises:
        DeepmirError: when there are none.
    """
    found = [
        track.id
        for track in getattr(corpus.divided, part)
        if track.id in store and store.length(track.id) >= frames
    ]
    if not found:
        raise DeepmirError(
            f"data set {corpus.name}: no {part} track is as long as a patch ({frames} frames): "
            "lower training.patch_seconds"
        )
    return found


def whole(store: Store, track: str, frames: int) -> Tensor:
    """A track cut into adjacent patches, shape (patches, N, F, frames), without the remainder."""
    x = as_input(torch.from_numpy(store[track].astype(np.float32))[None])[0]
    return x.unfold(2, frames, frames).permute(2, 0, 1, 3)


class RandomPatches(Dataset[Tensor]):
    """One epoch of batches of random patches, shape (batch, N, F, frames).

    Every batch has its own random numbers, from the seed, the epoch and its index. Tracks are
    drawn in proportion to their length.
    """

    def __init__(
        self,
        store: Store,
        tracks: Sequence[str],
        frames: int,
        *,
        batches: int,
        batch_size: int,
        seed: tuple[int, ...],
    ) -> None:
        """Prepare an epoch.

        Args:
            store: the features.
            tracks: at least one patch long.
            frames: of a patch.
            batches: number of batches.
            batch_size: patches per batch.
            seed: of the run and the epoch.
        """
        self.store, self.tracks, self.frames = store, tracks, frames
        self.batches, self.batch_size, self.seed = batches, batch_size, seed
        lengths = np.array([store.length(track) for track in tracks], np.float64)
        self.shares = lengths / lengths.sum()

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, index: int) -> Tensor:
        rng = np.random.default_rng((*self.seed, index))
        drawn = []
        for number in rng.choice(len(self.tracks), self.batch_size, p=self.shares):
            track = self.tracks[number]
            start = int(rng.integers(0, self.store.length(track) - self.frames + 1))
            drawn.append(self.store[track][start : start + self.frames])
        return as_input(torch.from_numpy(np.stack(drawn)))


class WholeTracks(Dataset[Tensor]):
    """Every track cut into adjacent patches, shape (patches, N, F, frames)."""

    def __init__(self, store: Store, tracks: Sequence[str], frames: int) -> None:
        """Use these tracks, in their order."""
        self.store, self.tracks, self.frames = store, tracks, frames

    def __len__(self) -> int:
        return len(self.tracks)

    def __getitem__(self, index: int) -> Tensor:
        return whole(self.store, self.tracks[index], self.frames)
