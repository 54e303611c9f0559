"""The loop of every training: it stops early, keeps the best epoch, and resumes.

The best checkpoint by a named validation value becomes the model. A killed training resumes from
its last epoch and gives the same weights as an uninterrupted one: random numbers depend on the seed
and the number of the epoch.

On several devices, each has its own process, which runs the same command and gets its share of
every batch. Only the first process writes; the content of the batches does not depend on the number
of processes.
"""

import contextlib
import logging
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping
from lightning.pytorch.plugins.environments import LightningEnvironment
from torch import Tensor

from deepmir import paths
from deepmir.declarations.training import Training
from deepmir.errors import DeepmirError, about
from deepmir.models import model
from deepmir.models.card import Card
from deepmir.tasks.base import Task
from deepmir.training.checkpoint import LAST, Mode, Resumable, is_whole, only_one
from deepmir.training.history import History


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
        name: in params.yaml.
        training: its declaration.
        fingerprint: of everything that determines the result: other checkpoints are not resumed.
        monitor: the value that selects the best epoch.
        mode: whether the lowest or the highest value is the best.
    """

    name: str
    training: Training
    fingerprint: str
    monitor: str
    mode: Mode

    @property
    def checkpoints(self) -> Path:
        """The folder of its checkpoints."""
        return paths.CHECKPOINTS / f"{self.name}-{self.fingerprint}"

    def about(self, history: History) -> dict[str, Any]:
        """Facts for the card of any training."""
        return {
            "seed": self.training.seed,
            "configuration_hash": self.fingerprint,
            "best": history.best(self.monitor, self.mode),
        }

    def keep(self, folder: Path, history: History, tensors: dict[str, Tensor], card: Card) -> Path:
        """Write the model of a finished training, and remove its checkpoints.

        Args:
            folder: of the model.
            history: the values of all epochs.
            tensors: the weights.
            card: describes them.

        Returns:
            The folder.
        """
        history.write(folder / "history.csv")
        model.save(folder, tensors, card)
        shutil.rmtree(self.checkpoints)
        return folder


def _quieten() -> None:
    """Keep Lightning's remarks about itself out of the log; real warnings stay."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    for remark in (
        "LeafSpec",
        "has `__len__` defined",
        "exists and is not empty",
        "in eval mode at the",
        "use `self.log.*sync_dist",  # validation values are the same in every process already
        "`srun` command is available",
        "Grad strides do not match bucket view strides",  # of axes of one value
    ):
        warnings.filterwarnings("ignore", f"(?s).*{remark}.*")


@contextlib.contextmanager
def alone(name: str, training: Training, threads: int) -> Iterator[bool]:
    """Context of a training: sets the CPU threads and excludes other processes training the same.

    Args:
        name: in params.yaml.
        training: how.
        threads: of the CPU, which the processes of several devices share.

    Yields:
        Whether this is the first process, the only one that writes.

    Raises:
        DeepmirError: when another process trains it.
    """
    _quieten()
    devices = training.devices
    if devices not in (1, "auto"):
        threads = max(1, threads // int(devices))
        # Lightning would else give each process as many as the machine has room for.
        os.environ["OMP_NUM_THREADS"] = str(threads)
    torch.set_num_threads(threads)
    is_first = os.environ.get("LOCAL_RANK", "0") == "0"
    held = only_one(name, paths.CHECKPOINTS) if is_first else contextlib.nullcontext()
    with held, about(name):
        yield is_first


def fit(
    module: pl.LightningModule, run: Run, watching: Sequence[pl.Callback], progress: bool
) -> History:
    """Run the loop, from the last checkpoint if there is a whole one.

    The first process's module is left on the CPU, in its state at the epoch with the best value.
    The checkpoints stay until :meth:`Run.keep`.

    Args:
        module: to train. Its random numbers must depend on the seed and the epoch.
        run: the training.
        watching: further Lightning callbacks; they observe and change nothing.
        progress: whether to draw a bar.

    Returns:
        The values of all epochs.

    Raises:
        DeepmirError: when the validation part has not what is monitored, or the devices do not
            share a batch evenly.
    """
    training, folder = run.training, run.checkpoints
    last = folder / LAST
    history = History(run.name, training.epochs)
    checkpoint = Resumable(last, run.monitor, run.mode)
    stopping = EarlyStopping(
        run.monitor, mode=run.mode, patience=training.patience, check_finite=True
    )
    trainer = pl.Trainer(
        accelerator=training.device,
        devices=training.devices,
        precision=training.precision,
        max_epochs=training.epochs,
        # Who steps several optimisers clips by itself.
        gradient_clip_val=training.gradient_clip if module.automatic_optimization else None,
        callbacks=[history, *watching, stopping, checkpoint],
        # The processes are ours to start, in a job of a cluster as well; so are their shares.
        plugins=[LightningEnvironment()],
        use_distributed_sampler=False,
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        logger=False,
        enable_progress_bar=progress,
        enable_model_summary=False,
        default_root_dir=folder,
    )
    if training.batch_size % trainer.world_size:
        raise DeepmirError(
            f"training.batch_size: {training.batch_size} patches cannot be divided evenly "
            f"among {trainer.world_size} devices: declare a multiple of "
            f"{trainer.world_size}"
        )
    resume = str(last) if is_whole(last) else None
    if folder.exists() and resume is None and trainer.is_global_zero:
        shutil.rmtree(folder)
    try:
        trainer.fit(module, ckpt_path=resume, weights_only=False)
    except RuntimeError as error:
        if "Early stopping conditioned on metric" not in str(error):
            raise
        raise DeepmirError(
            f"training.monitor: the validation part has no {run.monitor}, because its "
            "annotations lack what it needs: name another"
        ) from None
    if trainer.is_global_zero:
        module.cpu().load_state_dict(checkpoint.best_weights)
    return history


def draw_anew(module: pl.LightningModule, seed: int, index: int) -> None:
    """Draw what is random in a step, such as dropout, from its place alone.

    After a resume it has to be the same, whatever drew numbers in between.

    Args:
        module: what is trained.
        seed: of the training.
        index: of the step in its epoch.
    """
    place = (seed, module.current_epoch, index, module.global_rank)
    torch.manual_seed(int(np.random.SeedSequence(place).generate_state(1)[0]))


def log_means(module: pl.LightningModule, tracks: Sequence[Mapping[str, float]]) -> None:
    """Log the mean of every score of the validation part, over the tracks that have it."""
    for name in sorted({name for scores in tracks for name in scores}):
        mean = float(np.mean([scores[name] for scores in tracks if name in scores]))
        module.log(f"validation/{name}", mean)


def mode_of(task: Task, monitor: str) -> Mode:
    """Whether the least or the most of a value that is monitored is the best: of a loss the least.

    Args:
        task: what is learned.
        monitor: `train/loss`, `validation/loss` or `validation/<metric of the task>`.
    """
    metric = task.measures.get(monitor.removeprefix("validation/"))
    return "max" if metric is not None and metric.better == "more" else "min"
