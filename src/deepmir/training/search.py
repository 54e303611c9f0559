"""Searches an experiment's values: trials run one by one, the best by validation is kept.

No trial sees a test track. The state from which a search resumes is with the checkpoints: the file
of its trials, and the model of the best one.
"""

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import lightning.pytorch as pl

from deepmir import paths
from deepmir.declarations.neural import NetworkEntry
from deepmir.declarations.searches import settled
from deepmir.errors import DeepmirError, about
from deepmir.files.writing import is_full, replacing, write_json
from deepmir.models.card import CARD, WEIGHTS, read_card, write_card
from deepmir.naming import shortened
from deepmir.training import loop, taught, trainer, trials
from deepmir.training.checkpoint import only_one
from deepmir.training.trials import Trial, Trials, Tried

TRIALS = "trials.json"
HISTORY = "history.csv"

Recording = Callable[[NetworkEntry], AbstractContextManager[pl.Callback]]


@dataclass(frozen=True, kw_only=True)
class TrialEntry(NetworkEntry):
    """One trial of a search.

    Attributes:
        place: the folder of its model.
        of: the name of the search.
        values: that differ from the other trials, in words.
    """

    place: Path
    of: str
    values: str

    @property
    def folder(self) -> Path:
        """The folder of its model, which is not an output of the workflow."""
        return self.place

    @property
    def about(self) -> dict[str, object]:
        """Facts for the journal of its training."""
        return {**super().about, "search": {self.of: self.values}}


class Pruning(pl.Callback):
    """Ends a trial that has no chance of being the best."""

    def __init__(self, trial: Trial, monitor: str) -> None:
        """Watch a value of a trial."""
        self.trial = trial
        self.monitor = monitor

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Compare the epoch with those of earlier trials, after its validation."""
        value = float(trainer.callback_metrics[self.monitor])
        epoch = trainer.current_epoch + 1
        if self.trial.is_hopeless(epoch, value):
            trainer.should_stop = True
            print(f"trial {self.trial.number}: pruned after epoch {epoch}", file=sys.stderr)


def search(
    entry: NetworkEntry, *, threads: int, progress: bool, recording: Recording, code: str = ""
) -> Path:
    """Run the missing trials and keep the best; returns the folder of the model.

    Args:
        entry: of the search.
        threads: of the CPU.
        progress: whether to draw a bar.
        recording: records the training of a trial.
        code: hash of the training code: trials of other code are not resumed.

    Raises:
        DeepmirError: when data are missing, stale or unusable, all trials fail, or another process
            runs the same search.
    """
    assert entry.search is not None
    training = entry.experiment.training
    mode = trainer.mode_of(entry.task, training.monitor)
    with only_one(entry.name, paths.CHECKPOINTS), about(entry.name):
        folder = _folder(entry, code)
        train = _Trainer(entry, folder, threads, progress, recording, code)
        with trials.opened(folder / "trials.db", entry.search, mode, training.epochs) as found:
            while len(over := found.over()) < entry.search.trials:
                _tell(entry, over, found.best())
                train.trial(found.next(), over)
                train.keep(found.best())
            best = found.best()
            if best is None:
                raise DeepmirError(_all_failed(over, folder))
            _tell(entry, over, best)
            train.keep(best)
            train.whole(best)
            _publish(entry, train.place(best.number), found, best)
    return entry.folder


def _folder(entry: NetworkEntry, code: str) -> Path:
    """What is kept of a search; another one where anything but the number of trials differs."""
    assert entry.search is not None
    any_number = replace(entry, search=entry.search.model_copy(update={"trials": 1}))
    fingerprint = taught.fingerprint(any_number, taught.of(entry), code)
    return paths.CHECKPOINTS / f"{entry.name}-search-{fingerprint}"


def _tell(entry: NetworkEntry, over: Sequence[Tried], best: Tried | None) -> None:
    assert entry.search is not None
    said = "" if best is None else f"; the best is trial {best.number}: {best.value:.4f}"
    line = f"{entry.name}: {len(over)} of {entry.search.trials} trials are finished{said}"
    print(line, file=sys.stderr, flush=True)


def _all_failed(over: Sequence[Tried], folder: Path) -> str:
    first = over[0]
    return (
        f"none of {len(over)} trials was trained to its end; trial {first.number} says: "
        f"{first.note or first.state}: fix that or, if the machine was the cause, delete "
        f"{folder}, and run again"
    )


@dataclass(frozen=True)
class _Trainer:
    """Trains the trials of a search.

    Attributes:
        entry: of the search.
        folder: what is kept of it.
    """

    entry: NetworkEntry
    folder: Path
    threads: int
    progress: bool
    recording: Recording
    code: str

    def place(self, number: int) -> Path:
        """The folder of the model of a trial."""
        return self.folder / f"trial-{number}"

    def trial(self, trial: Trial, over: Sequence[Tried]) -> None:
        """Train a trial that is unlike those before; one that fails says so, and all goes on."""
        for earlier in over:
            if earlier.state == "finished" and earlier.drawn == trial.drawn:
                trial.repeat(earlier)
                return
        name, monitor = self._name(trial.number), self.entry.experiment.training.monitor
        try:
            self._train(trial.number, trial.drawn, Pruning(trial, monitor))
            trial.end(float(read_card(self.place(trial.number)).training["best"][monitor]))
        except (DeepmirError, RuntimeError) as error:  # torch has the latter where memory ends
            if is_full(error):
                raise
            said = _reason(error, name)
            print(f"{name} failed: {said}", file=sys.stderr, flush=True)
            trial.fail(said)
            for left in paths.CHECKPOINTS.glob(f"{name}-{'[0-9a-f]' * 16}"):
                shutil.rmtree(left)

    def whole(self, best: Tried) -> None:
        """Train a trial again if somebody has deleted its model."""
        self._train(best.number, best.drawn)

    def keep(self, best: Tried | None) -> None:
        """Delete the models of all trials that are over but the best."""
        kept = None if best is None else self.place(best.number)
        for place in self.folder.glob("trial-*"):
            if place != kept:
                shutil.rmtree(place)

    def _name(self, number: int) -> str:
        return f"{self.entry.name}-trial-{number}"

    def _train(self, number: int, drawn: Mapping[str, Any], *watching: pl.Callback) -> None:
        place = self.place(number)
        if (place / CARD).exists():  # it is written last
            return
        entry = self._entry(number, drawn)
        with self.recording(entry) as recorder:
            loop.train(
                entry,
                threads=self.threads,
                progress=self.progress,
                code=self.code,
                callbacks=[recorder, *watching],
            )

    def _entry(self, number: int, drawn: Mapping[str, Any]) -> TrialEntry:
        search = self.entry.search
        assert search is not None
        row = settled(self.entry.experiment, trials.values_of(search, drawn))
        name = self._name(number)
        words = zip(drawn, trials.in_words(drawn), strict=True)
        own = {"name": name, "model": name, "written": row, "experiment": row, "search": None}
        common = {field.name: getattr(self.entry, field.name) for field in fields(self.entry)}
        return TrialEntry(
            **{**common, **own},
            place=self.place(number),
            of=self.entry.name,
            values=", ".join(f"{key} {shortened(text)}" for key, text in words),
        )


def _reason(error: Exception, name: str) -> str:
    """The first line of an error, without the name of the trial that it may begin with."""
    first = (str(error).splitlines() or [""])[0] or type(error).__name__
    return first.removeprefix(f"{name}: ")[:500]


def _publish(entry: NetworkEntry, place: Path, found: Trials, best: Tried) -> None:
    """Make the model of the best trial that of the search; its card is written last."""
    search, folder = entry.search, entry.folder
    assert search is not None
    for file in (WEIGHTS, HISTORY):
        with replacing(folder / file) as temporary:
            shutil.copyfile(place / file, temporary)
    about = {
        "of": search.of,
        "trial": best.number,
        "trials": search.trials,
        "values": trials.values_of(search, best.drawn),
    }
    write_json(folder / TRIALS, _table(entry, found, best))
    card = read_card(place)
    training = {**card.training, "search": about}
    write_card(folder, card.model_copy(update={"name": entry.name, "training": training}))


def _table(entry: NetworkEntry, found: Trials, best: Tried) -> dict[str, Any]:
    """All trials, for the page and for who wants to look further."""
    search = entry.search
    assert search is not None
    return {
        "of": search.of,
        "keys": [*search.search],
        "monitor": entry.experiment.training.monitor,
        "mode": found.mode,
        "best": best.number,
        "chosen": trials.values_of(search, best.drawn),
        "logarithmic": [key for key, axis in search.search.items() if getattr(axis, "log", False)],
        "importance": found.importance(),
        "trials": [asdict(tried) for tried in found.over()],
    }
