"""Batches for a network: random patches to train on, whole tracks to validate on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from deepmir import deformations
from deepmir.annotations import Jams
from deepmir.model import as_input
from deepmir.representations import Representation
from deepmir.tasks.base import Array, Grid, Task

Batch = tuple[Tensor, Tensor, Tensor]
"""Input (B, N, F, T), length of each in frames (B,), target (B, V) or (B, V, T)."""


@dataclass(frozen=True)
class Example:
    """One track: features of shape (frames, bins) or (frames, bins, channels), and annotations."""

    track: str
    features: npt.NDArray[np.floating]
    jams: Jams


def collate(inputs: Sequence[npt.NDArray[np.floating]], targets: Sequence[Array]) -> Batch:
    """Stack tracks of any length, padded with zeros; features (frames, bins, ...) to (N, F, T)."""
    lengths = [len(x) for x in inputs]
    shaped = [as_input(x) for x in inputs]
    batch = np.zeros((len(inputs), *shaped[0].shape[:2], max(lengths)), np.float32)
    for row, x in zip(batch, shaped, strict=True):
        row[:, :, : x.shape[2]] = x
    if targets[0].ndim == 1:
        stacked = np.stack(targets)
    else:
        stacked = np.zeros((len(inputs), targets[0].shape[1], max(lengths)), np.float32)
        for row, y in zip(stacked, targets, strict=True):
            row[:, : len(y)] = y.T
    return torch.from_numpy(batch), torch.tensor(lengths), torch.from_numpy(stacked)


@dataclass(frozen=True)
class Sampler:
    """Draws random, deformed patches and their targets."""

    task: Task
    representation: Representation
    frames: int
    amounts: Mapping[str, float]

    def draw(self, example: Example, rng: np.random.Generator) -> tuple[Array, Array]:
        """A patch of at most `frames` frames and its target, from anywhere in a track."""
        drawn = deformations.draw(self.amounts, rng)
        stretch = drawn.get("time_stretch", 1.0)
        source = min(round(self.frames * stretch), len(example.features))
        frames = min(self.frames, max(1, round(source / stretch)))
        start = int(rng.integers(0, len(example.features) - source + 1))
        patch = example.features[start : start + source].astype(np.float32)
        patch = deformations.time_stretch(patch, frames)
        step = (source - 1) / max(frames - 1, 1) / self.representation.frame_rate
        grid = Grid(start / self.representation.frame_rate, step, frames)
        target = self.task.target(example.jams, grid)
        assert target is not None, example.track  # such tracks are left out beforehand
        if shift := drawn.get("pitch_shift", 0.0):
            bins = round(shift * (self.representation.bins_per_octave or 0) / 12)
            patch = deformations.pitch_shift(patch, bins)
            if self.task.deformations["pitch_shift"] == "change":
                target = self.task.deform_target(target, "pitch_shift", shift)
        return patch, target


class Patches(IterableDataset[Batch]):
    """One epoch of batches of random patches, the same for the same seed and epoch.

    A track is drawn as often as it is long. The features are memory maps, so nothing but the
    patches is read; measured, one process that slices a map feeds faster than workers that send.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        sampler: Sampler,
        *,
        batches: int,
        batch_size: int,
        seed: tuple[int, ...],
    ) -> None:
        """Prepare an epoch; `seed` is that of the run, the epoch and the process."""
        self.examples = examples
        self.sampler = sampler
        self.batches = batches
        self.batch_size = batch_size
        self.seed = seed

    def __len__(self) -> int:
        return self.batches

    def __iter__(self) -> Iterator[Batch]:
        rng = np.random.default_rng(self.seed)
        lengths = np.array([len(e.features) for e in self.examples], dtype=np.float64)
        for _ in range(self.batches):
            chosen = rng.choice(len(self.examples), self.batch_size, p=lengths / lengths.sum())
            pairs = [self.sampler.draw(self.examples[index], rng) for index in chosen]
            yield collate([x for x, _ in pairs], [y for _, y in pairs])


class WholeTracks(IterableDataset[Batch]):
    """Every track from end to end, tracks of like length together, the last partial batch included.

    `examples` are from the shortest to the longest, ties by name: the order of the batches' rows.
    """

    def __init__(
        self, examples: Sequence[Example], task: Task, frame_rate: float, batch_size: int
    ) -> None:
        """Sort the tracks."""
        self.examples = sorted(examples, key=lambda e: (len(e.features), e.track))
        self.task = task
        self.frame_rate = frame_rate
        self.batch_size = batch_size

    def __len__(self) -> int:
        return -(-len(self.examples) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        for start in range(0, len(self.examples), self.batch_size):
            some = self.examples[start : start + self.batch_size]
            pairs = [(e.features, self._target(e)) for e in some]
            yield collate([x for x, _ in pairs], [y for _, y in pairs])

    def _target(self, example: Example) -> Array:
        grid = Grid(0.0, 1 / self.frame_rate, len(example.features))
        target = self.task.target(example.jams, grid)
        assert target is not None, example.track  # such tracks are left out beforehand
        return target
