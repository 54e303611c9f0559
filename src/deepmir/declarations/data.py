"""The files of data sets, including those that a model was trained on before."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deepmir import paths
from deepmir.declarations import activations, sources
from deepmir.declarations.schema import Experiment, Params, System
from deepmir.features.corpus import Files


def files_of(params: Params, dataset: str) -> Files:
    """The files of a data set, divided by its split."""
    declared = params.datasets[dataset]
    return Files(dataset, declared.source, declared.shards, declared.max_failures)


def compared(params: Params, dataset: str, sample_rate: int) -> Files:
    """As :func:`files_of`, with the recordings that have the same audio."""
    files = files_of(params, dataset)
    if not params.datasets[dataset].recorded:
        return files
    return replace(files, duplicates=paths.duplicates([dataset], sample_rate))


def learned(params: Params, row: System) -> list[Files]:
    """The data sets other than its own that a network is or was trained on.

    This includes those that its initial weights, or the layers that are its input, were trained on.
    """
    if row.representation is None:
        return []
    representation = params.representations[row.representation]
    names = [*(row.also if isinstance(row, Experiment) else ())]
    names += activations.heard(params, representation)
    if isinstance(row, Experiment):
        rows = sources.before(params, row)
        names += [name for one in rows for name in (one.dataset, *one.also)]
    return [compared(params, name, representation.sample_rate) for name in names]


def having_heard(files: Files, others: Sequence[Files], sample_rate: int) -> Files:
    """A data set to test on, with those that the model was trained on and that may share its audio.

    Recorded and synthetic data sets share no audio.
    """
    pairs: list[tuple[Files, Path | None]] = []
    for other in dict.fromkeys(others):
        same_parts = (other.name, other.folds) == (files.name, files.folds)
        if not same_parts and bool(other.duplicates) == bool(files.duplicates):
            names = {files.name, other.name}
            found = paths.duplicates(names, sample_rate) if files.duplicates else None
            pairs.append((other, found))
    return replace(files, heard=tuple(pairs))
