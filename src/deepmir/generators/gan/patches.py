"""The training data of a GAN: the beginning of every note, in one size, with its classes."""

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
    """Values of a representation scaled to [-1, 1], the range of a generator."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Array) -> Self:
        """The range from the minimum to the maximum of some values."""
        low, high = float(values.min()), float(values.max())
        return cls(low, high if high > low else low + 1.0)

    def inwards(self, values: Array) -> Tensor:
        """Frames (n, T, F) to patches (n, 1, F, T) in [-1, 1], clipped."""
        shares = (values - self.low) / (self.high - self.low)
        scaled = np.clip(2 * shares - 1, -1, 1).astype(np.float32)
        return torch.from_numpy(np.ascontiguousarray(scaled.transpose(0, 2, 1)[:, None]))

    def outwards(self, patches: Tensor) -> Array:
        """Patches (n, 1, F, T) in [-1, 1] to frames (n, T, F)."""
        scaled = patches[:, 0].detach().cpu().numpy().transpose(0, 2, 1)
        frames: Array = ((scaled + 1) / 2 * (self.high - self.low) + self.low).astype(np.float32)
        return np.ascontiguousarray(frames)


@dataclass(frozen=True)
class Patches:
    """A set of notes.

    Attributes:
        frames: the first frames of each, shape (n, T, F).
        said: the `instrument` of each, and its `pitch` as a three-digit MIDI number.
        tracks: their identifiers.
    """

    frames: Array
    said: tuple[Mapping[str, str], ...]
    tracks: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.tracks)

    def some(self, places: Sequence[int] | npt.NDArray[np.int64]) -> Self:
        """The notes at some places, in that order."""
        return replace(
            self,
            frames=self.frames[places],
            said=tuple(self.said[place] for place in places),
            tracks=tuple(self.tracks[place] for place in places),
        )

    def classes(self, vocabulary: Vocabulary) -> list[list[int]]:
        """The classes of every patch, one per condition.

        Raises:
            DeepmirError: for a class that is not in the vocabulary.
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
    """The first frames of every track; shorter ones are left out.

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
    """The classes that occur in some patches, sorted."""
    return {c: sorted({said[c] for said in patches.said}) for c in conditions}


def _said(jams: Jams, condition: Condition, track: str) -> str:
    """The instrument or pitch of the first note of a track: a name or a number."""
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
    """One epoch of batches of patches and their classes, each drawn with its own seed."""

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
            batches: number of batches.
            batch_size: patches per batch.
            seed: of the run and the epoch.
            places: first patch of every batch, and the stride between patches.
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
