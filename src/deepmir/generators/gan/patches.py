"""What a GAN learns: the first moments of every note, all of one size, with their classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from deepmir.datasets.index import Track
from deepmir.declarations.generators.gan import Condition
from deepmir.errors import DeepmirError
from deepmir.features import corpus
from deepmir.files.annotations import Jams
from deepmir.files.store import Store

Array = npt.NDArray[np.float32]
Vocabulary = Mapping[str, Sequence[str]]
"""The classes of every condition, in order; what they are has been found in the training part."""

CONDITIONS: tuple[Condition, ...] = ("instrument", "pitch")
NAMESPACES = ("tag_open", "note_midi")


@dataclass(frozen=True)
class Scale:
    """Values of a representation as numbers in [-1, 1], which is what a generator can make."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Array) -> Self:
        """From the least to the most of some values."""
        low, high = float(values.min()), float(values.max())
        return cls(low, high if high > low else low + 1.0)

    def inwards(self, values: Array) -> Tensor:
        """Frames (n, T, F) as patches (n, 1, F, T) in [-1, 1]; what lies outside is cut off."""
        shares = (values - self.low) / (self.high - self.low)
        scaled = np.clip(2 * shares - 1, -1, 1).astype(np.float32)
        return torch.from_numpy(np.ascontiguousarray(scaled.transpose(0, 2, 1)[:, None]))

    def outwards(self, patches: Tensor) -> Array:
        """Patches (n, 1, F, T) in [-1, 1] as frames (n, T, F)."""
        scaled = patches[:, 0].detach().cpu().numpy().transpose(0, 2, 1)
        frames: Array = ((scaled + 1) / 2 * (self.high - self.low) + self.low).astype(np.float32)
        return np.ascontiguousarray(frames)


@dataclass(frozen=True)
class Patches:
    """Some notes.

    Attributes:
        frames: of each its first frames, shape (n, T, F).
        said: of each its `instrument`, and its `pitch` as a MIDI number of three digits.
        tracks: their identifiers.
    """

    frames: Array
    said: tuple[Mapping[str, str], ...]
    tracks: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.tracks)

    def some(self, places: Sequence[int] | npt.NDArray[np.int64]) -> Self:
        """Those at some places, in that order."""
        return replace(
            self,
            frames=self.frames[places],
            said=tuple(self.said[place] for place in places),
            tracks=tuple(self.tracks[place] for place in places),
        )

    def classes(self, vocabulary: Vocabulary) -> list[list[int]]:
        """The class of every condition, of each patch.

        Raises:
            DeepmirError: for a class that the vocabulary has not.
        """
        for track, said in zip(self.tracks, self.said, strict=True):
            for condition, known in vocabulary.items():
                if said[condition] not in known:
                    raise DeepmirError(
                        f"the track {track} is of the {condition} {said[condition]}, "
                        "which no training track has: split the data set again (`deepmir "
                        "split`)"
                    )
        return [[vocabulary[c].index(said[c]) for c in vocabulary] for said in self.said]


def read(store: Store, tracks: Sequence[Track], frames: int) -> Patches:
    """The first frames of every track that has so many; a shorter one is left out.

    Args:
        store: the features of the data set.
        tracks: of one part.
        frames: of a patch.

    Raises:
        DeepmirError: when no track is long enough, or one lacks an annotation.
    """
    long = [t for t in tracks if t.id in store and store.length(t.id) >= frames]
    if not long:
        raise DeepmirError(
            f"no track has {frames} frames: declare shorter patches (training.patch_seconds)"
        )
    annotated = corpus.read_annotations(long, NAMESPACES)
    said: tuple[dict[str, str], ...] = tuple(
        {c: _said(annotated[t.id], c, t.id) for c in CONDITIONS} for t in long
    )
    values = np.stack([np.asarray(store[t.id][:frames], np.float32) for t in long])
    if values.ndim != 3:
        raise DeepmirError("a GAN takes a representation of one channel")
    return Patches(values, said, tuple(track.id for track in long))


def vocabulary(patches: Patches, conditions: Sequence[Condition]) -> dict[str, list[str]]:
    """The classes that some patches have, sorted."""
    return {c: sorted({said[c] for said in patches.said}) for c in conditions}


def _said(jams: Jams, condition: Condition, track: str) -> str:
    """What the first note of a track is: the name of its instrument, or the number of its pitch."""
    if condition == "instrument":
        found = jams.first("tag_open", "instrument")
    else:
        found = jams.first("note_midi")
    if found is None or not found.observations:
        raise DeepmirError(
            f"the track {track} has no annotation of its {condition}, which judging a GAN "
            "needs: declare a data set of notes, such as instrument_notes"
        )
    value = found.observations[0].value
    return str(value) if condition == "instrument" else f"{round(float(value)):03d}"


class Batches(Dataset[tuple[Tensor, Tensor]]):
    """One epoch of batches of patches and their classes, each drawn by a seed of its own."""

    def __init__(
        self,
        patches: Tensor,
        classes: Tensor,
        *,
        batches: int,
        batch_size: int,
        seed: tuple[int, ...],
        places: tuple[int, int] = (0, 1),
    ) -> None:
        """Prepare an epoch.

        Args:
            patches: shape (n, 1, F, T).
            classes: shape (n, conditions).
            batches: how many.
            batch_size: patches of each.
            seed: of the run and the epoch.
            places: of every batch, the patches from this place on, and how many places apart.
        """
        self.patches, self.classes = patches, classes
        self.batches, self.batch_size = batches, batch_size
        self.seed, self.places = seed, places

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng((*self.seed, index))
        first, step = self.places
        chosen = torch.from_numpy(rng.integers(0, len(self.patches), self.batch_size))[first::step]
        return self.patches[chosen], self.classes[chosen]
