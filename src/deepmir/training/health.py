"""Whether gradients flow and units live, layer by layer (tutorial, section 2.2).

Vanishing or exploding gradients, saturated or dead units: these values show why a network does not
learn. `training.health: true` writes them for every epoch.
"""

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from torch import Tensor, nn

from deepmir.files.writing import replacing
from deepmir.networks.network import Network

COLUMNS = (
    "epoch",
    "layer",
    "name",
    "gradient_norm",
    "weight_norm",
    "update",
    "activation_mean",
    "activation_deviation",
    "silent",
)


class Health(pl.Callback):
    """Records, for every trained layer, the means over the steps of each epoch.

    gradient_norm: of all its weights, before clipping. weight_norm: at the end of the epoch.
    update: norm of the change in the epoch, over weight_norm. activation_mean and
    activation_deviation: of its output. silent: share of its output that is exactly zero.
    """

    def __init__(self, network: Network, names: Sequence[str]) -> None:
        """`names` are those of the network's outermost layers, in order."""
        self.layers: list[tuple[int, str, nn.Module]] = [
            (number, name, part)
            for number, (name, part) in enumerate(
                zip(names, network.layers.parts, strict=True), start=1
            )
            if any(parameter.requires_grad for parameter in part.parameters())
        ]
        self.rows: list[dict[str, Any]] = []
        self._sums: dict[tuple[int, str], float] = defaultdict(float)
        self._counts: dict[tuple[int, str], int] = defaultdict(int)
        self._before: dict[int, list[Tensor]] = {}
        self._hooks: list[Any] = []

    def on_train_epoch_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Start recording."""
        self._sums.clear()
        self._counts.clear()
        for number, _, part in self.layers:
            self._before[number] = [p.detach().clone() for p in part.parameters()]
            self._hooks.append(part.register_forward_hook(self._listener(number)))

    def _listener(self, number: int) -> Any:
        def listen(part: nn.Module, inputs: object, output: tuple[Tensor, object]) -> None:
            if part.training:
                values = output[0].detach()
                self._add(number, "activation_mean", values.mean())
                self._add(number, "activation_deviation", values.std())
                self._add(number, "silent", (values == 0).float().mean())

        return listen

    def _add(self, number: int, name: str, value: Tensor) -> None:
        self._sums[number, name] += float(value)
        self._counts[number, name] += 1

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, module: pl.LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        """Record the gradients before they are clipped."""
        for number, _, part in self.layers:
            gradients = [p.grad for p in part.parameters() if p.grad is not None]
            self._add(number, "gradient_norm", _norm(gradients))

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Record the epoch."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        for number, name, part in self.layers:
            weights = [p.detach() for p in part.parameters()]
            pairs = zip(weights, self._before[number], strict=True)
            norm, change = _norm(weights), _norm([after - before for after, before in pairs])
            means = {
                key: self._sums[number, key] / self._counts[number, key]
                for where, key in self._counts
                if where == number
            }
            row = {"epoch": trainer.current_epoch + 1, "layer": number, "name": name, **means}
            row |= {"weight_norm": float(norm), "update": float(change / norm.clamp(min=1e-12))}
            self.rows.append(row)

    def state_dict(self) -> dict[str, Any]:
        """The state that a checkpoint keeps."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resume from a checkpoint."""
        self.rows = list(state_dict["rows"])

    def write(self, path: Path) -> None:
        """Write the table as CSV."""
        with replacing(path) as temporary, temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)


def _norm(tensors: Sequence[Tensor]) -> Tensor:
    if not tensors:
        return torch.zeros(())
    norm: Tensor = torch.stack([tensor.float().norm() for tensor in tensors]).norm()
    return norm
