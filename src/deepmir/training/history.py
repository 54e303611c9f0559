"""The values of every epoch of a training: shown while it runs, kept as a table."""

import csv
import sys
from pathlib import Path
from typing import Any, Literal

import lightning.pytorch as pl

from deepmir.files.writing import replacing


class History(pl.Callback):
    """Prints one line per epoch and keeps the values, also when training resumes."""

    def __init__(self, name: str, epochs: int) -> None:
        """`name` begins every line; `epochs` is how many there are at most."""
        self.name = name
        self.epochs = epochs
        self.rows: list[dict[str, float]] = []

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Record the epoch after its validation."""
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
        """The state that a checkpoint keeps."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resume from a checkpoint."""
        self.rows = list(state_dict["rows"])

    def best(self, monitor: str, mode: Literal["min", "max"]) -> dict[str, float]:
        """The row of the epoch whose checkpoint is kept: the first best one."""
        pick = min if mode == "min" else max
        return pick(self.rows, key=lambda row: row[monitor])

    def write(self, path: Path) -> None:
        """Write the table as CSV; missing values are left empty."""
        # A network that finds nothing yet has no deviation of what it found, for one.
        names = dict.fromkeys(name for row in self.rows for name in row)
        with replacing(path) as temporary, temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(names), lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)
