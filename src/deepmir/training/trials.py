"""The trials of a search as Optuna draws, compares and keeps them, in a file of SQLite.

A trial is drawn by its number and by those before it, so that a search that was killed and goes on
makes the same ones as one that was not.
"""

import math
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from deepmir.declarations.searches import Axis, axes
from deepmir.declarations.varying import Search
from deepmir.errors import DeepmirError
from deepmir.files.writing import NO_ROOM, is_full
from deepmir.training.checkpoint import Mode

if TYPE_CHECKING:
    import optuna

WAIT = 30.0  # seconds for who looks at the file, such as optuna-dashboard
FIRST = 5  # trials that are never pruned
DIGITS = 4  # of a number that is tried
ENOUGH = 10  # finished trials without which nothing is said of what matters
PRUNED, NOTE = "pruned", "note"  # attributes of a trial

State = Literal["finished", "pruned", "failed"]
Drawn = Mapping[str, Any]
"""The values of a trial by key: a number, or how a choice is called."""


@dataclass(frozen=True)
class Tried:
    """A trial that is over.

    Attributes:
        number: from 1.
        drawn: its values.
        state: how it ended.
        values: what was monitored, epoch by epoch.
        value: what trials are compared by, the best of its epochs; None where it failed.
        note: why it failed, or which other trial was the same.
    """

    number: int
    drawn: Drawn
    state: State
    values: tuple[float, ...]
    value: float | None
    note: str = ""


class Trial:
    """A trial at work."""

    def __init__(self, trial: "optuna.Trial", drawn: Drawn) -> None:
        """Go on with what Optuna has drawn."""
        self.number = trial.number + 1
        self.drawn = drawn
        self._trial = trial

    def is_hopeless(self, epoch: int, value: float) -> bool:
        """Note the value of an epoch; whether its best is worse than those of most others.

        A trial that resumes may tell an epoch again.
        """
        if epoch not in self._stored().intermediate_values:
            self._trial.report(value, epoch)
        hopeless = self._trial.should_prune()
        if hopeless:
            self._trial.set_user_attr(PRUNED, True)
        return hopeless

    def end(self, value: float) -> None:
        """Note the best value of a training that is over."""
        from optuna.trial import TrialState

        study = self._trial.study
        if not math.isfinite(value):
            self.fail(f"its best value is {value}")
        elif self._stored().user_attrs.get(PRUNED):
            study.tell(self._trial, state=TrialState.PRUNED)
        else:
            study.tell(self._trial, value)

    def fail(self, error: str) -> None:
        """Note why there is no value."""
        from optuna.trial import TrialState

        self._trial.set_user_attr(NOTE, error)
        self._trial.study.tell(self._trial, state=TrialState.FAIL)

    def repeat(self, earlier: Tried) -> None:
        """Note the value of an earlier trial that was the same: training is deterministic."""
        self._trial.set_user_attr(NOTE, f"the same as trial {earlier.number}")
        self._trial.study.tell(self._trial, earlier.value)

    def _stored(self) -> "optuna.trial.FrozenTrial":
        return self._trial.study.get_trials(deepcopy=False)[self._trial.number]


class Trials:
    """The trials of a search, made one after the other by one process."""

    def __init__(self, path: Path, search: Search, mode: Mode, epochs: int) -> None:
        """Open the file, or make it.

        Args:
            path: of the file.
            search: what is searched.
            mode: whether the least or the most of a value is the best.
            epochs: of a trial, at most.
        """
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.search = search
        self.mode = mode
        self._storage = optuna.storages.RDBStorage(
            f"sqlite:///{path.resolve()}", engine_kwargs={"connect_args": {"timeout": WAIT}}
        )
        pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
        if search.prune == "median":
            pruner = optuna.pruners.MedianPruner(FIRST, n_warmup_steps=epochs // 4 + 1)
        self._study = optuna.create_study(
            study_name=path.parent.name,
            pruner=pruner,
            storage=self._storage,
            direction="minimize" if mode == "min" else "maximize",
            load_if_exists=True,
        )

    def over(self) -> list[Tried]:
        """The trials that are over, no more of them than are asked for."""
        found = self._study.get_trials(deepcopy=False)[: self.search.trials]
        return [self._tried(trial) for trial in found if trial.state.is_finished()]

    def next(self) -> Trial:
        """The trial that is to be trained: one that was killed, or a new one."""
        import optuna

        open_ones = (t for t in self._study.get_trials(deepcopy=False) if not t.state.is_finished())
        killed = next(open_ones, None)
        if killed is None:
            trial = self._study.ask()
        else:
            study = self._storage.get_study_id_from_name(self._study.study_name)
            number = killed.number
            found = self._storage.get_trial_id_from_study_id_trial_number(study, number)
            trial = optuna.Trial(self._study, found)
        return Trial(trial, self._draw(trial))

    def _draw(self, trial: "optuna.Trial") -> dict[str, Any]:
        """The values of a trial: those that it has, and the others drawn.

        Every value has a seed of its own, so that one who was killed between two goes on as before.
        """
        import optuna

        drawn = {}
        for place, axis in enumerate(axes(self.search)):
            entropy = np.random.SeedSequence([self.search.seed, trial.number, place])
            seed = int(entropy.generate_state(1)[0])
            # One value after the other: a joint draw would not go on from some that are drawn.
            self._study.sampler = optuna.samplers.TPESampler(seed=seed, multivariate=False)
            drawn[axis.key] = _rounded(axis, _suggested(trial, axis))
        return drawn

    def _tried(self, trial: "optuna.trial.FrozenTrial") -> Tried:
        values = tuple(value for _, value in sorted(trial.intermediate_values.items()))
        best = min if self.mode == "min" else max
        value = trial.value
        if trial.state.name == "PRUNED":
            value = best(values)
        states: dict[str, State] = {"COMPLETE": "finished", "PRUNED": "pruned"}
        state = states.get(trial.state.name, "failed")
        note = str(trial.user_attrs.get(NOTE, ""))
        drawn = {axis.key: _rounded(axis, trial.params[axis.key]) for axis in axes(self.search)}
        value = None if state == "failed" else value
        return Tried(trial.number + 1, drawn, state, values, value, note)

    def best(self) -> Tried | None:
        """The first of the best trials that were trained to their end; None if there is none."""
        found = [tried for tried in self.over() if tried.state == "finished"]
        sign = 1 if self.mode == "min" else -1
        return min(found, key=lambda tried: sign * (tried.value or 0.0), default=None)

    def importance(self) -> dict[str, float]:
        """How much each key matters among the good trials: shares of 1; empty of few trials.

        By PED-ANOVA (Watanabe, Bansal and Hutter, IJCAI 2023).
        """
        import optuna

        every = self._study.get_trials(deepcopy=False)[: self.search.trials]
        kept = [trial for trial in every if trial.state.name == "COMPLETE"]
        if len(kept) < ENOUGH or len(self.search.search) < 2:
            return {}
        study = optuna.create_study(direction=self._study.direction)
        study.add_trials(kept)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = optuna.importance.get_param_importances(study)
        return {key: float(share) for key, share in found.items()}


def _suggested(trial: "optuna.Trial", axis: Axis) -> Any:
    if axis.range is None:
        return trial.suggest_categorical(axis.key, [*axis.choices])
    low, high, log = axis.range.low, axis.range.high, axis.range.log
    if axis.range.whole:
        return trial.suggest_int(axis.key, int(low), int(high), log=log)
    return trial.suggest_float(axis.key, low, high, log=log)


def _rounded(axis: Axis, value: Any) -> Any:
    """A value as it is tried: what is chosen can be written down as a person would."""
    if axis.range is None or axis.range.whole:
        return value
    return min(max(float(f"{value:.{DIGITS}g}"), axis.range.low), axis.range.high)


def values_of(search: Search, drawn: Drawn) -> dict[str, Any]:
    """The values of a trial as an experiment has them."""
    return {
        axis.key: drawn[axis.key] if axis.range else axis.choices[drawn[axis.key]]
        for axis in axes(search)
    }


def in_words(drawn: Drawn) -> list[str]:
    """The values of a trial as they are shown."""
    return [f"{v:.4g}" if isinstance(v, float) else str(v) for v in drawn.values()]


@contextmanager
def opened(path: Path, search: Search, mode: Mode, epochs: int) -> Iterator[Trials]:
    """The trials of a search; see :class:`Trials`.

    Raises:
        DeepmirError: when their file is damaged or cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield Trials(path, search, mode, epochs)
    except DeepmirError:
        raise
    except Exception as error:  # SQLAlchemy's and Optuna's own, which have SQLite's below them
        if is_full(error):
            raise DeepmirError(f"{path}: {NO_ROOM}") from None
        if (reason := _of_sqlite(error)) is None:
            raise
        raise DeepmirError(
            f"{path} cannot be used ({reason}): make it writable; or delete {path.parent} and run "
            "again, which makes all its trials anew"
        ) from None


def _of_sqlite(error: BaseException | None) -> sqlite3.Error | None:
    """The error of SQLite that another one came from, if it did."""
    while error is not None and not isinstance(error, sqlite3.Error):
        error = error.__cause__ or error.__context__
    return error
