"""Entries of `params.yaml` with all their references resolved.

Every stage of the workflow gets its entry here, once, and its parts take what they need from the
entry. An entry is an experiment, a sequence, a baseline, a cross-validation, one fold of it
(under the name ``<name>-fold<number>``), or a model that is carried over to another data set.
"""

from dataclasses import replace
from typing import Any

from deepmir.declarations import data, sources
from deepmir.declarations.entry import BaselineEntry, Entry
from deepmir.declarations.neural import NetworkEntry, SequenceEntry
from deepmir.declarations.schema import Baseline, Params, System
from deepmir.declarations.sequences import SequenceNetwork
from deepmir.errors import DeepmirError
from deepmir.naming import known


def resolve(params: Params, name: str) -> Entry:
    """The entry with a name.

    Raises:
        DeepmirError: when there is none.
    """
    entries = everything(params)
    return entries[known(name, entries, "experiment")]


def to_train(params: Params, name: str) -> Entry:
    """The entry with a name that can be trained or fitted.

    Raises:
        DeepmirError: when there is none, or it has no model of its own.
    """
    entry = resolve(params, name)
    if entry.trained_on:
        raise DeepmirError(f"{name} is a carried-over model: train {entry.model} instead")
    if entry.folds:
        each = ", ".join(fold.name for fold in entry.folds)
        raise DeepmirError(f"{name} is a cross-validation: train its folds instead: {each}")
    return entry


def shown(params: Params) -> list[Entry]:
    """All declared entries in order, without single folds."""
    entries = everything(params)
    return [entries[name] for name in params.shown]


def everything(params: Params) -> dict[str, Entry]:
    """All entries by name, including the single folds of cross-validations."""
    made: dict[str, Entry] = {}
    for name, row in params.systems.items():
        made[name] = _declared(params, name, row)
    for name, crossed in params.folds.items():
        entry = made[crossed.entry]
        files = replace(
            data.compared(params, crossed.dataset, entry.sample_rate), folds=crossed.folds
        )
        files = data.having_heard(files, data.learned(params, entry.row), entry.sample_rate)
        whole = replace(entry, name=name, model=name, files=files)
        each = tuple(
            replace(whole, name=fold, model=fold, files=replace(files, tested=number))
            for number, fold in enumerate(f"{name}-fold{i}" for i in range(crossed.folds))
        )
        made |= {fold.name: fold for fold in each}
        made[name] = replace(whole, written=crossed, folds=each)
    for name, carried in params.carried.items():
        own = made[carried.model]
        files = data.compared(params, carried.dataset, own.sample_rate)
        learned = [replace(own.files, heard=()), *data.learned(params, own.row)]
        files = data.having_heard(files, learned, own.sample_rate)
        made[name] = replace(
            own,
            name=name,
            files=files,
            written=carried,
            trained_on=", ".join(dict.fromkeys(each.name for each in learned)),
        )
    return made


def _declared(params: Params, name: str, row: System) -> Entry:
    given = params.representations[row.representation] if row.representation else None
    audio = row.sample_rate if isinstance(row, Baseline) else 0
    rate = given.sample_rate if given else audio
    learned = data.learned(params, row)
    common: dict[str, Any] = {
        "name": name,
        "files": data.having_heard(data.compared(params, row.dataset, rate), learned, rate),
        "written": row,
        "model": name,
        "decoder": dict(params.decoders.get(row.task, {})),
        "evaluation": params.evaluation,
        "before": tuple(files.name for files in learned),
        "representation": given,
    }
    if isinstance(row, Baseline):
        return BaselineEntry(**common, baseline=row)
    if isinstance(row, SequenceNetwork):
        return SequenceEntry(**common, sequence=row)
    return NetworkEntry(
        **common,
        experiment=row,
        others=tuple((data.compared(params, o, rate), share) for o, share in row.also.items()),
        source=sources.of(row.start_from) if row.start_from else None,
        search=params.searches.get(name),
    )
