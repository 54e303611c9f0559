"""The structure of every kind of generator.

1. the **module** to train: network, data and optimisers (`module`);
2. what its trained model **generates** (`generate`);
3. how it is **judged**, beside baselines that it must beat (`judge`).
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
    """A generated item.

    Attributes:
        name: unique; used for its files.
        said: its conditions in words, such as `instrument: flute`.
        files: in the folder of generated files: WAV, PNG or SVG, JSON.
    """

    name: str
    said: Mapping[str, str]
    files: tuple[str, ...]


class GeneratorModule(pl.LightningModule):
    """The module to train: its network, data and optimisers.

    Patches, initial weights and any randomness in a step must be derived from the seed, the epoch
    and the index of the step, so that a resumed training is reproducible bit by bit.

    Attributes:
        monitor: the logged validation value that selects the best epoch.
        mode: whether its minimum or its maximum is the best.
    """

    monitor: str = "validation/loss"
    mode: Mode = "min"

    @abstractmethod
    def kept(self) -> dict[str, Tensor]:
        """The tensors of the model, on the CPU, by name."""

    @abstractmethod
    def learned_from(self) -> dict[str, Any]:
        """The data entry of the card: `data_hash`, `split_hash`, `tracks` by part."""


class Method(ABC):
    """A kind of generator."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The kind, as in `params.yaml`."""

    @property
    @abstractmethod
    def primary(self) -> str:
        """The metric for the comparison with its baselines."""

    @property
    @abstractmethod
    def measures(self) -> Mapping[str, Metric]:
        """The description of each metric of its judgement."""

    @abstractmethod
    def module(self, entry: GeneratorEntry) -> GeneratorModule:
        """The module to train, with initial weights from the seed.

        Raises:
            DeepmirError: when data are missing, stale or unusable.
        """

    @abstractmethod
    def generate(self, entry: GeneratorEntry, folder: Path, count: int, seed: int) -> list[Sample]:
        """Generate or reconstruct music with the trained model.

        Args:
            entry: with the model.
            folder: an existing one, for the files.
            count: number of items.
            seed: of all random numbers.

        Raises:
            DeepmirError: when the model is missing or damaged.
        """

    @abstractmethod
    def judge(self, entry: GeneratorEntry, generated: Path, figures: Path) -> Judgement:
        """Evaluate the trained model on the test part, and the generated files.

        Args:
            entry: with the model.
            generated: the folder of generated files.
            figures: an existing folder, for the files of figures and sounds.

        Raises:
            DeepmirError: when something required is missing or damaged.
        """
