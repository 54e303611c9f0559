"""Predictions of a network for tracks, in validation and prediction alike."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from deepmir.models import excerpts, losses, model
from deepmir.models.card import task_of
from deepmir.models.excerpts import Excerpts
from deepmir.models.model import Model
from deepmir.tasks.base import Array, Task


@dataclass(frozen=True)
class Answer:
    """The predictions of a network for a batch of tracks.

    Attributes:
        task: the task of the network.
        logits: shape (B, V, T), or (E, V) for E excerpts of the tracks.
        hidden: its last features, shape (B, H, T); None if the task reads none.
        excerpts: its input.
        tracks: number of tracks.
    """

    task: Task
    logits: Tensor
    hidden: Tensor | None
    excerpts: Excerpts
    tracks: int

    def losses(
        self, target: Tensor, class_weights: Tensor | None = None
    ) -> list[tuple[float, int]]:
        """For each head, the mean loss and the number of tracks with known targets.

        Args:
            target: of the tracks, shape (B, V, T) or (B, V); NaN where unknown.
            class_weights: as for :func:`losses.means`.
        """
        rows = self.excerpts.rows.to(target.device)
        heads = losses.means(
            self.task.output, self.logits, target[rows], self.excerpts.lengths, class_weights
        )
        return [
            (float(mean), len({*rows[known.flatten(1).any(1)].tolist()})) for mean, known in heads
        ]

    def activations(self) -> list[Array]:
        """The input of the decoder for each track: shape (frames, V), or (V,) for a long scale."""
        values = decodable(self.task, self.logits, self.hidden)
        if not self.task.time_varying:
            return list(excerpts.mean(values, self.excerpts.rows, self.tracks).cpu().numpy())
        lengths = self.excerpts.lengths.tolist()
        columns = values.cpu().numpy()
        return [row[:, :length].T for row, length in zip(columns, lengths, strict=True)]


def decodable(task: Task, logits: Tensor, hidden: Tensor | None) -> Tensor:
    """The input of a decoder: activations (B, V, T), followed by the last features, or (B, V)."""
    values = losses.activate(task.output, logits).float()
    return values if hidden is None else torch.cat([values, hidden.float()], dim=1)


def predict(network: Model, task: Task, x: Tensor, lengths: Tensor, excerpt: int | None) -> Answer:
    """Pass a batch of tracks through a network.

    Args:
        network: in training or in evaluation mode.
        task: its task.
        x: features, shape (B, N, F, T).
        lengths: frames of each track, shape (B,).
        excerpt: frames per excerpt, for a task of long decision time scale; None for whole tracks.
    """
    given = excerpts.cut(x, lengths, None if task.time_varying else excerpt)
    if task.hidden:
        logits, hidden = network.with_hidden(given.x, given.lengths)
        return Answer(task, logits, hidden, given, len(x))
    return Answer(task, network(given.x, given.lengths), None, given, len(x))


class Whole(nn.Module):
    """A network with its pre- and postprocessing, for tracks of one length."""

    def __init__(self, network: Model, task: Task) -> None:
        super().__init__()
        self.model, self.task = network, task

    def forward(self, features: Tensor) -> Tensor:
        """Features (B, T, F, N) to the input of a decoder, (B, T, V) or (B, V)."""
        x = model.as_input(features)
        logits, hidden = self.model.with_hidden(x) if self.task.hidden else (self.model(x), None)
        values = decodable(self.task, logits, hidden)
        return values.transpose(1, 2) if self.task.time_varying else values


def whole(folder: Path) -> Whole:
    """A trained network with its pre- and postprocessing.

    Raises:
        DeepmirError: as `deepmir.models.model.load`.
    """
    network, card, _ = model.load(folder)
    return Whole(network, task_of(card)).eval()


def outputs(network: Whole) -> Callable[[Array], Array]:
    """A function that runs a network with torch, see `deepmir.models.running.Outputs`."""

    def run(features: Array) -> Array:
        with torch.inference_mode():
            values: Array = network(torch.from_numpy(features)).numpy()
        return values

    return run
