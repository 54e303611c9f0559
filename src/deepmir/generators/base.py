"""The shape that every kind of generator has.

1. the **module** that is trained: network, data and optimisers (`module`);
2. what it **generates** from its trained model (`generate`);
3. what it is **judged** by, beside baselines that it must beat (`judge`).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from torch import Tensor

from deepmir.declarations.generated import GeneratorEntry
from deepmir.generators.judgement import Judgement
from deepmir.tasks.base import Metric
from deepmir.training.checkpoint import Mode


@dataclass(frozen=True)
class Sample:
    """Something that was generated.

    Attributes:
        name: unique; files are called so.
        said: what it was asked to be, in words, such as `instrument: flute`.
        files: in the folder of what was generated: WAV, PNG or SVG, JSON.
    """

    name: str
    said: Mapping[str, str]
    files: tuple[str, ...]


class GeneratorModule(pl.LightningModule):
    """What is trained: its network, its data, its optimisers.

    Patches, first weights and what is random in a step have to be drawn from the seed, the epoch
    and the number of the step, so that a training that resumes gives the same bits.

    Attributes:
        monitor: the value that it logs and that picks the best epoch, of the validation part.
        mode: whether the least or the most of it is the best.
    """

    monitor: str = "validation/loss"
    mode: Mode = "min"

    @abstractmethod
    def kept(self) -> dict[str, Tensor]:
        """The tensors that are the model, on the CPU, by name."""

    @abstractmethod
    def learned_from(self) -> dict[str, Any]:
        """What the card says of the data: `data_hash`, `split_hash`, `tracks` by part."""


class Method(ABC):
    """A kind of generator."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The kind, as `params.yaml` has it."""

    @property
    @abstractmethod
    def primary(self) -> str:
        """The metric by which it has to beat its baselines."""

    @property
    @abstractmethod
    def measures(self) -> Mapping[str, Metric]:
        """What each metric of its judgement is."""

    @abstractmethod
    def module(self, entry: GeneratorEntry) -> GeneratorModule:
        """What is to be trained, with first weights of the seed.

        Raises:
            DeepmirError: when data are missing, stale or unusable.
        """

    @abstractmethod
    def generate(self, entry: GeneratorEntry, folder: Path, count: int, seed: int) -> list[Sample]:
        """Make up or give back music with the trained model.

        Args:
            entry: whose model generates.
            folder: there already; for the files.
            count: how many.
            seed: of everything that is drawn.

        Raises:
            DeepmirError: when the model is missing or broken.
        """

    @abstractmethod
    def judge(self, entry: GeneratorEntry, generated: Path, figures: Path) -> Judgement:
        """Measure the trained model on the test part, and what it has generated.

        Args:
            entry: whose model is judged.
            generated: the folder of what it has generated.
            figures: there already; for the files of figures and sounds.

        Raises:
            DeepmirError: when something that it needs is missing or broken.
        """
