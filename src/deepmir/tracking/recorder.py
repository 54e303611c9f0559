"""The Lightning callback that writes the journal of a training."""

import subprocess
from types import TracebackType
from typing import Any, Self

import lightning.pytorch as pl

from deepmir.declarations.generated import GeneratorEntry
from deepmir.declarations.neural import NeuralEntry
from deepmir.models.card import read_card
from deepmir.tracking import follower
from deepmir.tracking.journal import EPOCHS, JOURNALS, Journal, Status, values_of
from deepmir.training.health import Health
from deepmir.training.history import History


class Recorder(pl.Callback):
    """Records every epoch, and starts the process that sends it.

    Use it around the training, since a model is written after the last epoch::

        with Recorder(entry) as recorder:
            loop.train(entry, ..., callbacks=[recorder])
    """

    def __init__(
        self, entry: NeuralEntry | GeneratorEntry, patience: float = follower.PATIENCE
    ) -> None:
        """Nothing is written before training starts.

        Args:
            entry: to train.
            patience: seconds; a shorter training is not sent while it runs.
        """
        self.entry = entry
        self.patience = patience
        self.journal: Journal | None = None
        self.follower: subprocess.Popen[bytes] | None = None
        self._resumed = ""

    def __enter__(self) -> Self:
        """The recorder itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Record how the training ended, if it had begun."""
        if self.journal is None:
            return
        if error is None:
            self.journal.end("FINISHED", weights=read_card(self.entry.folder).weights_sha256)
        else:
            status: Status = "FAILED" if isinstance(error, Exception) else "KILLED"
            self.journal.end(status, error=str(error))

    def state_dict(self) -> dict[str, Any]:
        """The state in a checkpoint: the journal that a resumed training continues."""
        return {"journal": self._resumed if self.journal is None else self.journal.name}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resume from a checkpoint."""
        self._resumed = state_dict["journal"]

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Open the journal; only one of several training processes writes it."""
        if not trainer.is_global_zero:
            return
        journal = Journal(JOURNALS / self._resumed)
        there = self._resumed and (journal.folder / "about.json").exists()
        self.journal = journal if there else Journal.begin(self.entry)
        self.journal.open()
        self.follower = follower.start(self.journal, self.patience)

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Record this epoch's rows of the training tables."""
        if self.journal is None:
            return
        epoch = trainer.current_epoch + 1
        values: dict[str, float] = {}
        for table in trainer.callbacks:
            if isinstance(table, History | Health):
                for row in (row for row in table.rows if row["epoch"] == epoch):
                    values |= values_of(row)
        self.journal.add(EPOCHS, values, epoch)
