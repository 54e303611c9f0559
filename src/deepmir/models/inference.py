"""What a network says of tracks, for validation and prediction alike."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from deepmir.models import excerpts, losses
from deepmir.models.excerpts import Excerpts
from deepmir.models.model import Model
from deepmir.tasks.base import Array, Task


@dataclass(frozen=True)
class Said:
    """The answer of a network for a batch of tracks.

    Attributes:
        task: what it was asked.
        logits: shape (B, V, T), or (E, V) for E excerpts of the tracks.
        hidden: its last features, shape (B, H, T); None where the task reads none.
        heard: what it was given.
        tracks: how many.
    """

    task: Task
    logits: Tensor
    hidden: Tensor | None
    heard: Excerpts
    tracks: int

    def loss(self, target: Tensor, class_weights: Tensor | None = None) -> Tensor:
        """The loss against the tracks' targets, shape (B, V, T) or (B, V)."""
        expected = target[self.heard.rows.to(target.device)]
        lengths = self.heard.lengths
        return losses.loss(self.task.output, self.logits, expected, lengths, class_weights)

    def activations(self) -> list[Array]:
        """What the decoder reads, for each track: shape (frames, V), or (V,) for a long scale."""
        values = losses.activate(self.task.output, self.logits).float()
        if not self.task.time_varying:
            return list(excerpts.mean(values, self.heard.rows, self.tracks).cpu().numpy())
        columns = values.cpu().numpy()
        if self.hidden is not None:
            columns = np.concatenate([columns, self.hidden.float().cpu().numpy()], axis=1)
        lengths = self.heard.lengths.tolist()
        return [row[:, :length].T for row, length in zip(columns, lengths, strict=True)]


def ask(network: Model, task: Task, x: Tensor, lengths: Tensor, excerpt: int | None) -> Said:
    """Ask a network about tracks.

    Args:
        network: in the mode (training or evaluation) that it should answer in.
        task: its task.
        x: features, shape (B, N, F, T).
        lengths: frames of each track, shape (B,).
        excerpt: frames of an excerpt, for a task of long decision time scale; None for the whole.
    """
    heard = excerpts.cut(x, lengths, None if task.time_varying else excerpt)
    if task.hidden:
        logits, hidden = network.with_hidden(heard.x, heard.lengths)
        return Said(task, logits, hidden, heard, len(x))
    return Said(task, network(heard.x, heard.lengths), None, heard, len(x))
