"""The values of every epoch of a training: shown as it runs, kept as a table."""

import csv
import sys
from pathlib import Path
from typing import Any, Literal

import lightning.pytorch as pl

from deepmir.files.writing import replacing


class History(pl.Callback):
    """Prints one line an epoch and remembers the values, across a resume as well."""

    def __init__(self, name: str, epochs: int) -> None:
        """`name` begins every line; `epochs` is how many there are at most."""
        self.name = name
        self.epochs = epochs
        self.rows: list[dict[str, float]] = []

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Record the epoch: its validation is over."""
        values = {name: float(value) for name, value in sorted(trainer.callback_metrics.items())}
        row: dict[str, float] = {"epoch": trainer.current_epoch + 1}
        if trainer.optimizers:  # what is not learned by gradients has none
            row["learning_rate"] = float(trainer.optimizers[0].param_groups[0]["lr"])
        self.rows.append({**row, **values})
        shown = "  ".join(f"{name} {value:.4f}" for name, value in values.items())
        line = f"{self.name}: epoch {trainer.current_epoch + 1} of at most {self.epochs}  {shown}"
        if trainer.is_global_zero:
            print(line, file=sys.stderr, flush=True)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.rows = list(state_dict["rows"])

    def best(self, monitor: str, mode: Literal["min", "max"]) -> dict[str, float]:
        """The row of the epoch whose checkpoint is kept: the first best one."""
        pick = min if mode == "min" else max
        return pick(self.rows, key=lambda row: row[monitor])

    def write(self, path: Path) -> None:
        """Write the table as CSV; a value that an epoch does not have is left empty."""
        # A network that finds nothing yet has no deviation of what it found, for one.
        names = dict.fromkeys(name for row in self.rows for name in row)
        with replacing(path) as temporary, temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(names), lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)
