"""What a baseline that learns is given, and how it saves what it has learned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import Jams
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task


@dataclass(frozen=True)
class Search:
    """The strengths of the regularisation on the validation part.

    Attributes:
        option: what is varied.
        criterion: what decides.
        values: the criterion by the value of the option.
        better: whether more or less of it is better.
    """

    option: str
    criterion: str
    values: Mapping[float, float]
    better: Literal["more", "less"] = "less"

    @property
    def best(self) -> float:
        """The value of the option that is best, of equal ones the first."""
        choose = max if self.better == "more" else min
        return choose(self.values, key=lambda option: self.values[option])

    @property
    def history(self) -> str:
        """As CSV."""
        rows = "".join(f"{option},{value}\n" for option, value in self.values.items())
        return f"{self.option},{self.criterion}\n{rows}"


@dataclass(frozen=True)
class Lesson:
    """What there is to learn, and where the model goes.

    Attributes:
        folder: of the model.
        name: of the baseline in `params.yaml`.
        task: what is learned.
        parts: mono samples, shape (samples,), and annotations of `train` and `validation`; for a
            method that takes a representation, its frames instead, shape (frames, bins).
        sample_rate: of the samples, in Hz, or frames a second.
        provenance: for the card.
    """

    folder: Path
    name: str
    task: Task
    parts: Mapping[str, Iterable[tuple[Samples, Jams]]]
    sample_rate: float
    provenance: Mapping[str, object]

    def save(
        self,
        method: str,
        weights: Mapping[str, npt.NDArray[Any]],
        parameters: int,
        search: Search | None = None,
        decoder: Mapping[str, Any] | None = None,
    ) -> None:
        """Write weights, card and, where there was a search, its history to the folder.

        Args:
            method: what the model is, in words.
            weights: by name.
            parameters: numbers that were learned.
            search: how the regularisation was chosen.
            decoder: options of the task's decoder that were chosen.
        """
        import torch

        from deepmir.models import model
        from deepmir.models.card import BaselineCard

        training = {**self.provenance, "parameters": parameters}
        if search is not None:
            best = {search.option: search.best, search.criterion: search.values[search.best]}
            training["best"] = best
        card = BaselineCard(
            name=self.name,
            task=self.task.name,
            method=method,
            labels=self.task.output.labels,
            activation=self.task.output.activation,
            training=training,
            decoder=dict(decoder or {}),
        )
        tensors = {name: torch.from_numpy(np.asarray(value)) for name, value in weights.items()}
        model.save(self.folder, tensors, card)
        if search is not None:
            (self.folder / "history.csv").write_text(search.history)
