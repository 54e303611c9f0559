"""The input of a baseline that learns, and the saving of its model."""

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
    """The regularisation strengths tried on the validation part.

    Attributes:
        option: the varied option.
        criterion: the criterion of the choice.
        values: the criterion by the value of the option.
        better: whether more or less of the criterion is better.
    """

    option: str
    criterion: str
    values: Mapping[float, float]
    better: Literal["more", "less"] = "less"

    @property
    def best(self) -> float:
        """The best value of the option, the first of equal ones."""
        choose = max if self.better == "more" else min
        return choose(self.values, key=lambda option: self.values[option])

    @property
    def history(self) -> str:
        """As CSV."""
        rows = "".join(f"{option},{value}\n" for option, value in self.values.items())
        return f"{self.option},{self.criterion}\n{rows}"


@dataclass(frozen=True)
class Lesson:
    """The data to learn from, and the destination of the model.

    Attributes:
        folder: of the model.
        name: of the baseline in `params.yaml`.
        task: to learn.
        parts: mono samples, shape (samples,), and annotations of `train` and `validation`; for a
            method on a representation, its frames instead, shape (frames, bins).
        sample_rate: of the samples, in Hz, or frames per second.
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
        """Write weights, card and the history of any search to the folder.

        Args:
            method: description of the model.
            weights: by name.
            parameters: number of learned parameters.
            search: that chose the regularisation.
            decoder: chosen options of the task's decoder.
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
