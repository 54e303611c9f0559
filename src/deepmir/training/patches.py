"""Batches for a network: random patches to train on, whole tracks to validate on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from deepmir.declarations.training import Training
from deepmir.deformations.base import Mask, MusicDeformation, SoundDeformation, StoredDeformation
from deepmir.features.downmix import FULL_SCALE
from deepmir.features.inputs import Excerpt, Inputs
from deepmir.files.annotations import Jams
from deepmir.representations import Representation
from deepmir.tasks.base import Array, Effect, Grid

Drawn = dict[str, npt.NDArray[Any]]

# Without gradients, a batch takes a fraction of what it takes in training.
PATCHES = 4


class Batch(NamedTuple):
    """Excerpts, which part of each is the patch, and its target.

    Attributes:
        x: as stored: features (B, S, F) or (B, S, F, N), or audio (B, samples).
        extent: length of each excerpt in frames or samples, shape (B,).
        first: the frame of the excerpt at which the patch begins, shape (B,).
        source: how many frames of the excerpt the patch takes, shape (B,).
        lengths: how many frames it has after stretching, shape (B,).
        target: shape (B, V) or (B, V, T).
        drawn: by deformation, what each patch gets of it, see `deformations/device.py`.
    """

    x: Tensor
    extent: Tensor
    first: Tensor
    source: Tensor
    lengths: Tensor
    target: Tensor
    drawn: dict[str, Tensor]


@dataclass(frozen=True)
class Example:
    """One track.

    Attributes:
        track: its identifier.
        frames: its length.
        jams: its annotations.
        inputs: of its data set.
        share: of the patches that are drawn from it.
    """

    track: str
    frames: int
    jams: Jams
    inputs: Inputs
    share: float


@dataclass(frozen=True)
class Patch:
    """An excerpt, and what is done with it; see :class:`Batch`."""

    excerpt: Excerpt
    source: int
    frames: int
    target: Array
    drawn: Drawn = field(default_factory=dict)


def collate(patches: Sequence[Patch]) -> Batch:
    """Stack patches of any length, padded with zeros."""
    values = [patch.excerpt.values for patch in patches]
    target = _stacked([patch.target for patch in patches])
    return Batch(
        x=_stacked(values),
        extent=torch.tensor([len(value) for value in values]),
        first=torch.tensor([patch.excerpt.first for patch in patches]),
        source=torch.tensor([patch.source for patch in patches]),
        lengths=torch.tensor([patch.frames for patch in patches]),
        target=target.transpose(1, 2).contiguous() if target.ndim == 3 else target,
        drawn={
            name: torch.from_numpy(np.stack([patch.drawn[name] for patch in patches]))
            for name in patches[0].drawn
        },
    )


def _stacked(values: Sequence[npt.NDArray[Any]]) -> Tensor:
    """One batch of arrays of any length, padded with zeros."""
    longest = max(len(value) for value in values)
    batch = np.zeros((len(values), longest, *values[0].shape[1:]), values[0].dtype)
    for row, value in zip(batch, values, strict=True):
        row[: len(value)] = value
    return torch.from_numpy(batch)


class Target(Protocol):
    """The target of patches: a task, or another encoding of annotations."""

    @property
    def name(self) -> str:
        """Of the task."""

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Of the annotations that it reads."""

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """See `Task.target`; there may be any number of values."""

    def effect(self, deformation: str) -> Effect:
        """See `Task.effect`."""

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """See `Task.deform_target`."""


@dataclass(frozen=True)
class Sampler:
    """Draws random patches, their deformations and their targets."""

    task: Target
    representation: Representation
    frames: int
    amounts: Mapping[str, float]

    def draw(self, example: Example, rng: np.random.Generator) -> Patch:
        """A patch of at most `frames` frames and its target, from anywhere in a track."""
        music = {one: one.draw(most, rng) for one, most in MusicDeformation.chosen(self.amounts)}
        pace = math.prod(one.pace(number) for one, number in music.items())
        source = min(round(self.frames * pace), example.frames)
        frames = min(self.frames, max(1, round(source / pace)))
        start = int(rng.integers(0, example.frames - source + 1))
        step = (source - 1) / max(frames - 1, 1) / self.representation.frame_rate
        grid = Grid(start / self.representation.frame_rate, step, frames)
        target = self.task.target(example.jams, grid)
        assert target is not None, example.track  # such tracks are left out beforehand
        drawn: Drawn = {}
        for one, number in music.items():
            if self.task.effect(one.name) == "change":
                target = self.task.deform_target(target, one.name, number)
            numbers = one.on_device(number, self.representation)
            drawn |= {} if numbers is None else {one.name: numbers}
        excerpt = example.inputs.excerpt(example.track, start, source)
        if excerpt.values.ndim == 1:
            rate = self.representation.sample_rate
            values = deform_audio(excerpt.values, self.amounts, rate, rng)
            excerpt = replace(excerpt, values=values)
        else:
            stored = StoredDeformation.chosen(self.amounts)
            drawn |= {one.name: one.draw(most, rng) for one, most in stored}
        for mask, most in Mask.chosen(self.amounts):
            drawn[mask.name] = mask.draw(most, self.representation, frames, rng)
        return Patch(excerpt, source, frames, target, drawn)


def deform_audio(
    stored: npt.NDArray[Any], amounts: Mapping[str, float], rate: int, rng: np.random.Generator
) -> npt.NDArray[Any]:
    """Draw and deform.

    Args:
        stored: audio as it is kept, 16 bits, shape (samples,).
        amounts: the largest amount of each deformation; those that do not act on audio are skipped.
        rate: samples per second.
        rng: the patch's own generator.

    Returns:
        float32 on the same scale, shape (samples,), not rounded to 16 bits; or the input, if
        nothing is declared.
    """
    sound = SoundDeformation.chosen(amounts)
    if not sound:
        return stored
    samples = stored.astype(np.float32) / np.float32(FULL_SCALE)
    for one, most in sound:
        samples = one.deform_audio(samples, most, rate, rng)
    return samples * np.float32(FULL_SCALE)


def batches_per_epoch(examples: Sequence[Example], frames: int, training: Training) -> int:
    """As many batches as fill the length of the training data, unless declared otherwise."""
    total = sum(example.frames for example in examples)
    patches = training.patches_per_epoch or max(1, round(total / frames))
    return math.ceil(patches / training.batch_size)


class Patches(Dataset[Batch]):
    """One epoch of batches of random patches.

    Every batch has random numbers of its own, from the seed, the epoch and its place: the sequence
    is the same whichever process makes which batch, and however many there are. Of each data
    set, a track is drawn as often as it is long.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        sampler: Sampler,
        *,
        batches: int,
        batch_size: int,
        seed: tuple[int, ...],
        places: tuple[int, int] = (0, 1),
    ) -> None:
        """Prepare an epoch.

        Args:
            examples: the tracks.
            sampler: makes patches of them.
            batches: how many.
            batch_size: patches of each.
            seed: of the run and the epoch.
            places: of every batch, the patches from this place on, and how many places apart.
        """
        self.examples = examples
        self.sampler = sampler
        self.batches = batches
        self.batch_size = batch_size
        self.seed = seed
        self.places = places
        self.shares = np.array([example.share for example in examples])

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, index: int) -> Batch:
        rng = np.random.default_rng((*self.seed, index))
        chosen = rng.choice(len(self.examples), self.batch_size, p=self.shares)
        # All are drawn, so that a batch is the same for any number of processes that share it.
        drawn = [self.sampler.draw(self.examples[each], rng) for each in chosen]
        first, step = self.places
        return collate(drawn[first::step])


class WholeTracks(Dataset[Batch]):
    """Every track from end to end, tracks of like length together.

    Attributes:
        examples: from the shortest to the longest, ties by name.
        batches: the same in batches of at most `batch_size` tracks that, padded to the longest,
            have at most :data:`PATCHES` times the frames of a batch of patches, so that whole songs
            need little more memory than training does. A track that is longer is one by itself.
    """

    def __init__(self, examples: Sequence[Example], sampler: Sampler, batch_size: int) -> None:
        """Sort the tracks; of the sampler, the task and the input are used, and no chance."""
        self.examples = sorted(examples, key=lambda e: (e.frames, e.track))
        self.sampler = sampler
        most = PATCHES * batch_size * sampler.frames
        self.batches: list[list[Example]] = []
        for example in self.examples:
            some = self.batches[-1] if self.batches else []
            if 0 < len(some) < batch_size and (len(some) + 1) * example.frames <= most:
                some.append(example)
            else:
                self.batches.append([example])

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> Batch:
        return collate([self._whole(example) for example in self.batches[index]])

    def _whole(self, example: Example) -> Patch:
        grid = Grid(0.0, 1 / self.sampler.representation.frame_rate, example.frames)
        target = self.sampler.task.target(example.jams, grid)
        assert target is not None, example.track  # such tracks are left out beforehand
        excerpt = example.inputs.excerpt(example.track, 0, example.frames)
        return Patch(excerpt, example.frames, example.frames, target)
