"""The entries of `params.yaml` that can run on this machine, as their data are available."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deepmir import paths
from deepmir.datasets import folds, splits
from deepmir.declarations import entries, generated
from deepmir.declarations.schema import Params
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.files.writing import write_json

NAMED = 3  # targets shown in a command


@dataclass(frozen=True)
class Available:
    """The entries that can run here.

    Attributes:
        declared: all declarations.
        params: the declarations, restricted to the entries that can run.
        states: external data of each available data set; see `Dataset.state`.
        missing: the data sets that are not available, with the remedy.
        left_out: by missing data set, the entries that need it.
    """

    declared: Params
    params: Params
    states: Mapping[str, str]
    missing: Mapping[str, str]
    left_out: Mapping[str, tuple[str, ...]]

    @property
    def notes(self) -> list[str]:
        """One line per missing data set that an entry needs."""
        return [
            f"left out because the data set {name} is not available: "
            f"{', '.join(entries)}. {self.missing[name]}"
            for name, entries in self.left_out.items()
        ]

    @property
    def waiting(self) -> list[str]:
        """One line on the entries that can run and have no scores; empty if there are none."""
        names = [name for name in self.params.shown if not paths.scores(name).exists()]
        run = paths.snakemake(*(str(paths.metrics(name)) for name in names[:NAMED]))
        return [f"not scored yet: {', '.join(names)}; to score them: `{run}`"] if names else []

    @property
    def removed(self) -> list[str]:
        """A line that names the metrics of entries that params.yaml no longer declares."""
        declared = entries.everything(self.declared)
        found = sorted(paths.metrics("x").parent.glob("*.json"))
        left = [str(path) for path in found if path.stem not in declared]
        names = ", ".join(left[:NAMED]) + (f" and {len(left) - NAMED} more" * (len(left) > NAMED))
        return [f"metrics of entries that are not in params.yaml: {names}; delete them"] * bool(
            left
        )

    @property
    def remarks(self) -> list[str]:
        """Everything that a reader of the results should know."""
        return [*self.notes, *self.waiting, *self.removed]

    @property
    def scored(self) -> list[str]:
        """The entries with scores, including those whose data are no longer available."""
        return [name for name in self.declared.shown if paths.scores(name).exists()]

    @property
    def judged(self) -> list[str]:
        """The generators that have been judged."""
        return [name for name in self.declared.generators if paths.judgement(name).exists()]


def of(params: Params) -> Available:
    """Look for every data set, whether or not an entry needs it.

    Raises:
        DeepmirError: when data that an entry needs are available but invalid.
    """
    used = {name for datasets in _used(params).values() for name in datasets}
    states, missing = {}, {}
    for name, dataset in params.datasets.items():
        try:
            states[name] = dataset.state()
        except MissingDataError as error:
            missing[name] = str(error)
        except DeepmirError as error:
            if name in used:
                raise
            missing[name] = str(error)
    return _available(params, states, missing)


def undivided(found: Available) -> list[str]:
    """One line per missing split, with the command that makes it, or malformed split.

    Snakemake would only report a missing input, and find a malformed split late.
    """
    wanted: list[tuple[str, Path, int]] = []
    for entry in entries.shown(found.params):
        divided = {entry.files.name: entry.files, **{f.name: f for f, _ in entry.files.heard}}
        others = sorted(entry.datasets - divided.keys())
        wanted += [(name, f.division, f.folds) for name, f in divided.items()]
        wanted += [(name, paths.split(name), 0) for name in others]
    for generator in generated.everything(found.params).values():
        wanted += [(name, paths.split(name), 0) for name in sorted(generator.datasets)]
    # Many entries share a split, which is read once.
    return [line for each in dict.fromkeys(wanted) if (line := _fault(*each))]


def _fault(name: str, path: Path, number: int) -> str:
    """The error of reading a split, or a file of so many folds; empty if it is all right."""
    try:
        if number:
            folds.read(name, number)
        else:
            splits.read(path)
    except DeepmirError as error:
        return str(error)
    return ""


def remember(found: Available) -> None:
    """Store the result of the plan for the processes of its jobs."""
    write_json(paths.AVAILABLE, {"states": found.states, "missing": found.missing})


def planned(params: Params) -> Available:
    """The result of the plan, for the process of one of its jobs.

    On a cluster each job runs in its own Snakemake process: if each checked every recording again,
    the time of a run would grow with the square of the data.

    Raises:
        DeepmirError: as :func:`of`, if nothing is stored.
    """
    try:
        raw = json.loads(paths.AVAILABLE.read_text())
        states, missing = dict(raw["states"]), dict(raw["missing"])
    except (OSError, ValueError, KeyError, TypeError):
        return of(params)
    if states.keys() | missing.keys() != params.datasets.keys():
        return of(params)
    return _available(params, states, missing)


def _used(params: Params) -> dict[str, set[str]]:
    """The data sets that each entry and each generator needs."""
    found = {entry.name: entry.datasets for entry in entries.shown(params)}
    return found | {n: entry.datasets for n, entry in generated.everything(params).items()}


def _available(params: Params, states: dict[str, str], missing: dict[str, str]) -> Available:
    used = _used(params)
    left_out = {
        dataset: names
        for dataset in sorted(missing)
        if (names := tuple(name for name, names in used.items() if dataset in names))
    }
    here = [name for name, names in used.items() if not missing.keys() & {*names}]
    return Available(params, params.only(here), states, missing, left_out)
