"""Checkpoints: one file, written after every epoch, which also contains the best weights.

The file itself records which weights are the best, wherever it is: a training whose folder is moved
or copied resumes unchanged.
"""

import math
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import lightning.pytorch as pl
import torch
from lightning.pytorch.callbacks import Checkpoint
from torch import Tensor

from deepmir.errors import DeepmirError
from deepmir.files.writing import replacing

Mode = Literal["min", "max"]
LAST = "last.ckpt"


class Resumable(Checkpoint):
    """Keeps the best weights by a value, and writes the whole state after every epoch."""

    def __init__(self, path: Path, monitor: str, mode: Mode) -> None:
        """Start with nothing.

        Args:
            path: of the checkpoint.
            monitor: the value that decides.
            mode: whether the least or the most of it is the best.
        """
        self.path = path
        self.monitor = monitor
        self.sign = 1.0 if mode == "max" else -1.0
        self.best_value = -math.inf  # of the value times the sign
        self.best_weights: dict[str, Tensor] = {}
        self.stopped = False

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Stop if the patience had run out before the training was killed."""
        trainer.should_stop = self.stopped

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Compare the epoch after its validation, and write the checkpoint."""
        value = self.sign * float(trainer.callback_metrics[self.monitor])
        # The first of equals is the best, as in the history.
        if not self.best_weights or value > self.best_value:
            self.best_value = value
            weights = module.state_dict().items()
            self.best_weights = {name: each.detach().cpu().clone() for name, each in weights}
        self.stopped = trainer.should_stop  # Lightning runs callbacks that stop before this one
        if not trainer.is_global_zero:
            trainer.save_checkpoint(self.path)  # writes nothing, but waits for the one that does
            return
        with replacing(self.path) as temporary:
            trainer.save_checkpoint(temporary)

    def state_dict(self) -> dict[str, Any]:
        """The state that the checkpoint keeps."""
        return {
            "best_value": self.best_value,
            "best_weights": self.best_weights,
            "stopped": self.stopped,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resume from a checkpoint."""
        self.best_value = state_dict["best_value"]
        self.best_weights = state_dict["best_weights"]
        self.stopped = state_dict["stopped"]


def is_whole(path: Path) -> bool:
    """Whether a checkpoint is intact: with a damaged one, training starts over.

    torch writes a zip file with a CRC-32 of every member, but does not check it.
    """
    try:
        with zipfile.ZipFile(path) as members:
            if members.testzip() is not None:
                return False
        torch.load(path, map_location="cpu", weights_only=False, mmap=True)
    except Exception:  # unpickling what is damaged may raise anything
        return False
    return True


@contextmanager
def only_one(name: str, folder: Path) -> Iterator[None]:
    """Keep two trainings of one experiment from writing the same checkpoints.

    A training survives if Snakemake is killed by `kill -9`, and the next run starts another.

    Args:
        name: of the experiment.
        folder: of all checkpoints.

    Raises:
        DeepmirError: when another process trains the experiment, with its number.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock, holder = FileLock(folder / f"{name}.lock"), folder / f"{name}.pid"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        number = holder.read_text().strip() if holder.is_file() else "?"
        raise DeepmirError(
            f"{name}: process {number} is already training it: wait until it ends, or end "
            f"it with `kill {number}`, and run again; training resumes from the last epoch"
        ) from None
    try:
        holder.write_text(f"{os.getpid()}\n")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
