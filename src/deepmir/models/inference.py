"""What a network predicts for tracks, in validation and prediction alike."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from deepmir.models import excerpts, losses
from deepmir.models.excerpts import Excerpts
from deepmir.models.model import Model
from deepmir.tasks.base import Array, Task


@dataclass(frozen=True)
class Answer:
    """What a network predicts for a batch of tracks.

    Attributes:
        task: the task of the network.
        logits: shape (B, V, T), or (E, V) for E excerpts of the tracks.
        hidden: its last features, shape (B, H, T); None where the task reads none.
        excerpts: its input.
        tracks: how many.
    """

    task: Task
    logits: Tensor
    hidden: Tensor | None
    excerpts: Excerpts
    tracks: int

    def loss(self, target: Tensor, class_weights: Tensor | None = None) -> Tensor:
        """The loss against the tracks' targets, shape (B, V, T) or (B, V)."""
        expected = target[self.excerpts.rows.to(target.device)]
        lengths = self.excerpts.lengths
        return losses.loss(self.task.output, self.logits, expected, lengths, class_weights)

    def activations(self) -> list[Array]:
        """What the decoder reads, for each track: shape (frames, V), or (V,) for a long scale."""
        values = losses.activate(self.task.output, self.logits).float()
        if not self.task.time_varying:
            return list(excerpts.mean(values, self.excerpts.rows, self.tracks).cpu().numpy())
        columns = values.cpu().numpy()
        if self.hidden is not None:
            columns = np.concatenate([columns, self.hidden.float().cpu().numpy()], axis=1)
        lengths = self.excerpts.lengths.tolist()
        return [row[:, :length].T for row, length in zip(columns, lengths, strict=True)]


def predict(network: Model, task: Task, x: Tensor, lengths: Tensor, excerpt: int | None) -> Answer:
    """Pass a batch of tracks through a network.

    Args:
        network: in training or in evaluation mode.
        task: its task.
        x: features, shape (B, N, F, T).
        lengths: frames of each track, shape (B,).
        excerpt: frames of an excerpt, for a task of long decision time scale; None for the whole.
    """
    given = excerpts.cut(x, lengths, None if task.time_varying else excerpt)
    if task.hidden:
        logits, hidden = network.with_hidden(given.x, given.lengths)
        return Answer(task, logits, hidden, given, len(x))
    return Answer(task, network(given.x, given.lengths), None, given, len(x))
