"""A linear model of standardised features with the output activation of a task."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.baselines.shared.examples import features_of
from deepmir.baselines.shared.mfcc import context_rate
from deepmir.files.annotations import Annotation
from deepmir.files.audio import Samples
from deepmir.tasks.base import Array, Task

Floats = npt.NDArray[np.float64]


def standardisation(features: Floats) -> tuple[Floats, Floats]:
    """Mean and inverse deviation of every feature, shapes (H,).

    Args:
        features: of the training part, shape (examples, H).
    """
    return features.mean(axis=0), 1 / np.maximum(features.std(axis=0), 1e-6)


@dataclass(frozen=True)
class Linear:
    """Features to activations.

    Attributes:
        mean: of each feature, shape (H,).
        scale: one over its deviation, shape (H,).
        coefficients: shape (V, H).
        intercept: shape (V,).
    """

    mean: Floats
    scale: Floats
    coefficients: Floats
    intercept: Floats

    def activations(self, features: Floats, activation: str) -> Array:
        """What a task's decoder reads of each example, shapes (examples, H) to (examples, V).

        Args:
            features: as measured, not standardised.
            activation: softmax, sigmoid or linear.
        """
        from scipy.special import expit, softmax

        logits = (features - self.mean) * self.scale @ self.coefficients.T + self.intercept
        if activation == "softmax":
            return np.asarray(softmax(logits, axis=1), dtype=np.float32)
        return (expit(logits) if activation == "sigmoid" else logits).astype(np.float32)


@dataclass(frozen=True)
class Search:
    """What validation said of each strength of the regularisation.

    Attributes:
        option: what is varied.
        criterion: what is to be small.
        losses: the criterion by the value of the option.
    """

    option: str
    criterion: str
    losses: Mapping[float, float]

    @property
    def best(self) -> float:
        """The value with the least loss, of equal ones the first."""
        return min(self.losses, key=lambda value: self.losses[value])

    @property
    def history(self) -> str:
        """As CSV."""
        rows = "".join(f"{value},{loss}\n" for value, loss in self.losses.items())
        return f"{self.option},{self.criterion}\n{rows}"


def save(
    folder: Path,
    linear: Linear,
    *,
    name: str,
    task: Task,
    method: str,
    decoder: dict[str, Any],
    search: Search,
    provenance: Mapping[str, object],
) -> None:
    """Write weights, card and history to `folder`.

    Args:
        folder: of the model.
        linear: the weights.
        name: of the baseline in `params.yaml`.
        task: what was learned.
        method: what the model is, in words.
        decoder: options of the task's decoder that were chosen.
        search: how the regularisation was chosen.
        provenance: for the card.
    """
    import torch

    from deepmir.models import model
    from deepmir.models.card import BaselineCard

    card = BaselineCard(
        name=name,
        task=task.name,
        method=method,
        labels=task.output.labels,
        activation=task.output.activation,
        training={
            **provenance,
            "parameters": linear.coefficients.size + linear.intercept.size,
            "best": {search.option: search.best, search.criterion: search.losses[search.best]},
        },
        decoder=decoder,
    )
    tensors = {key: torch.from_numpy(np.asarray(value)) for key, value in asdict(linear).items()}
    model.save(folder, tensors, card)
    (folder / "history.csv").write_text(search.history)


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Read the weights from `folder`; the task's own decoder reads what they say."""
    from deepmir.models import model
    from deepmir.models.card import read_card

    linear = Linear(**{key: v.numpy() for key, v in model.read_weights(folder).items()})
    decode = task.decoder(context_rate(sample_rate), **read_card(folder).decoder)

    def annotate(samples: Samples) -> list[Annotation]:
        features = features_of(samples, task, sample_rate)
        activations = linear.activations(features, task.output.activation)
        return decode(activations if task.time_varying else activations[0])

    return annotate
