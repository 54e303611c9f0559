"""A linear model of standardised features with the output activation of a task."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.baselines.shared import examples
from deepmir.baselines.shared.examples import Measure, features_of
from deepmir.baselines.shared.lesson import Lesson, Search
from deepmir.baselines.shared.mfcc import context_rate
from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
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

    def save(
        self,
        lesson: Lesson,
        network: str,
        search: Search,
        decoder: Mapping[str, Any] | None = None,
    ) -> None:
        """Write it as the model of a lesson, see :meth:`Lesson.save`."""
        size = self.coefficients.size + self.intercept.size
        lesson.save(network, asdict(self), size, search, decoder)

    def activations(self, features: Floats, activation: str) -> Array:
        """The input of a task's decoder for each example, shapes (examples, H) to (examples, V).

        Args:
            features: not standardised.
            activation: softmax, sigmoid or linear.
        """
        from scipy.special import expit, softmax

        logits = (features - self.mean) * self.scale @ self.coefficients.T + self.intercept
        if activation == "softmax":
            return np.asarray(softmax(logits, axis=1), dtype=np.float32)
        return (expit(logits) if activation == "sigmoid" else logits).astype(np.float32)


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Read the weights from `folder`; the task's own decoder reads the activations."""
    rate = context_rate(sample_rate)
    return _annotator(folder, task, rate, lambda samples: features_of(samples, task, sample_rate))


def of_frames(folder: Path, task: Task, frame_rate: float) -> Callable[[Samples], list[Annotation]]:
    """The same for frames of a representation."""
    return _annotator(
        folder, task, frame_rate, lambda frames: examples.of_frames(frames, task, frame_rate)
    )


def _annotator(
    folder: Path, task: Task, rate: float, measure: Measure
) -> Callable[[Samples], list[Annotation]]:
    from deepmir.models import model
    from deepmir.models.card import BaselineCard, read_card

    linear = Linear(**{key: v.numpy() for key, v in model.read_weights(folder).items()})
    card = read_card(folder)
    assert isinstance(card, BaselineCard), folder
    decode = task.decoder(rate, **card.decoder)

    def annotate(samples: Samples) -> list[Annotation]:
        activations = linear.activations(measure(samples), task.output.activation)
        return decode(activations if task.time_varying else activations[0])

    return annotate
