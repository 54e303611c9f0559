"""The commands that the rules of the Snakefile run, and the table of their results."""

import argparse
import sys
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from deepmir import paths
from deepmir.errors import DeepmirError

if TYPE_CHECKING:
    from deepmir.datasets.base import Dataset
    from deepmir.declarations.entry import Entry
    from deepmir.declarations.generated import GeneratorEntry
    from deepmir.declarations.sweeps import Group
    from deepmir.features.compute import Function
    from deepmir.report.generated import Judged
    from deepmir.representations.base import Base
    from deepmir.workflow.availability import Available


def _available() -> "Available":
    from deepmir.declarations import loading
    from deepmir.workflow import availability

    return availability.of(loading.load())


def _has_run(
    available: "Available", names: "Collection[str]"
) -> "tuple[list[Entry], list[Group], list[Judged]]":
    """Which of some entries and generators have results, and the sweeps that are whole."""
    from deepmir.declarations import entries, generated, sweeps
    from deepmir.report import generated as judgements

    declared = available.declared
    every, generators = entries.everything(declared), generated.everything(declared)
    scored = [name for name in available.scored if name in names]
    judged = [generators[name] for name in available.judged if name in names]
    groups = sweeps.groups(declared.only(scored))
    return [every[name] for name in scored], groups, judgements.read(judged)


def results(options: argparse.Namespace) -> None:
    """Print the results table and the paths of the reports."""
    from deepmir.evaluation import results
    from deepmir.report import results_page, terminal

    available = _available()
    declared = available.declared
    scored, groups, judged = _has_run(available, [*declared.shown, *declared.generators])
    if declared.shown and not scored:
        recorded = f", or read {paths.REPORT_SUMMARY}" if paths.REPORT_SUMMARY.exists() else ""
        raise DeepmirError(f"nothing has been scored here: run `{paths.snakemake()}`{recorded}")
    found = results.table(results.read(scored), groups)
    page = results_page.markdown if options.markdown else terminal.text
    notes = available.remarks
    print(page(found, declared.evaluation.confidence, notes, groups, judged))


def render(options: argparse.Namespace) -> None:
    """Make one shard of a data set: render it, or index a folder."""
    from deepmir.datasets import base
    from deepmir.declarations import loading

    dataset = loading.load().dataset(options.dataset)
    index = base.make_shard(options.dataset, dataset, options.shard, options.threads)
    failures = {f.track: f.reason for f in index.failures}
    _tell_left_out("render", dataset, len(index.tracks), failures)


def downmix(options: argparse.Namespace) -> None:
    """Decode, downmix and resample one shard."""
    from deepmir.declarations import loading
    from deepmir.features import downmix
    from deepmir.files.store import Store

    declaration = loading.load().dataset(options.dataset)
    out = paths.audio(options.dataset, options.sample_rate, options.shard)
    source = paths.index(options.dataset, options.shard)
    downmix.compute(
        source,
        out,
        options.sample_rate,
        declaration.min_seconds,
        options.threads,
        declaration.recorded,
    )
    store = Store([out], downmix.digest(options.sample_rate))
    _tell_left_out("downmix", declaration, len(store.tracks), store.failures)


def duplicates(options: argparse.Namespace) -> None:
    """Find recordings with the same audio, within one data set or across two."""
    from deepmir.declarations import data, loading
    from deepmir.features import duplicates

    params, rate = loading.load(), options.sample_rate
    sources = {name: data.files_of(params, name).audio(rate) for name in options.datasets}
    out = paths.duplicates(sources, rate)
    print(f"{out}: {duplicates.compute(sources, rate, out)} pairs of recordings are the same audio")


def features(options: argparse.Namespace) -> None:
    """Compute a representation of one shard."""
    from deepmir.declarations import loading
    from deepmir.features import compute as features
    from deepmir.files.store import Store

    declared = loading.load()
    representation = declared.representation(options.representation)
    dataset = declared.dataset(options.dataset)
    source = paths.audio(options.dataset, representation.sample_rate, options.shard)
    out = paths.features(options.dataset, representation, options.shard)
    features.compute(source, out, representation, options.threads, _of_network(representation))
    store = Store([out], representation.stamp)
    _tell_left_out("features", dataset, len(store.tracks), store.failures)


def _of_network(representation: "Base") -> "Function | None":
    """What computes a representation that a network makes; None for all others."""
    from deepmir.declarations.activations import source_of
    from deepmir.representations import Code, Network, Onnx

    source = source_of(representation)
    if isinstance(representation, Onnx):
        from deepmir.models import external

        return external.function(representation)
    if isinstance(representation, Code):
        from deepmir.models import codes

        assert source is not None
        return codes.function(representation, source.folder)
    if not isinstance(representation, Network):
        return None
    from deepmir.models import activations

    return activations.function(representation, source.folder if source else None)


def _tell_left_out(stage: str, dataset: "Dataset", kept: int, lost: Mapping[str, str]) -> None:
    """Name the tracks of a shard that were left out.

    Raises:
        DeepmirError: when none is kept, and more are lost than the whole data set may lose.
    """
    for track, reason in sorted(lost.items()):
        print(f"deepmir: {stage}: left out {track}: {reason}", file=sys.stderr)
    if not lost or kept:
        return
    total, allowed = len(dataset.recordings()), dataset.max_failures
    if len(lost) > allowed * total or len(lost) == total:
        raise DeepmirError(
            f"{stage}: all tracks of this shard were left out ({len(lost)} of {total} in the data "
            f"set; max_failures allows {allowed:.0%}): fix the problems above, or remove these "
            "tracks from the data set"
        )


def train(options: argparse.Namespace) -> None:
    """Train a network, a generator or the trials of a search, or fit a baseline that learns."""
    from deepmir.declarations import entries, generated, loading
    from deepmir.declarations.entry import BaselineEntry
    from deepmir.declarations.neural import NetworkEntry, SequenceEntry

    declared = loading.load()
    if options.name in declared.generators:
        _teach(generated.resolve(declared, options.name), options.threads)
        return
    entry = entries.to_train(declared, options.name)
    if isinstance(entry, BaselineEntry):
        from deepmir.training import fitting

        fitting.fit(entry)
        return
    from deepmir.tracking.recorder import Recorder
    from deepmir.workflow import stages

    bar = sys.stderr.isatty()
    if isinstance(entry, NetworkEntry) and entry.search is not None:
        from deepmir.training import search

        code = stages.code_hash("search", entry.coded)
        search.search(entry, threads=options.threads, progress=bar, recording=Recorder, code=code)
        return
    code = stages.code_hash("train", entry.row)
    if isinstance(entry, NetworkEntry):
        from deepmir.training import loop

        with Recorder(entry) as recorder:
            loop.train(
                entry, threads=options.threads, progress=bar, code=code, callbacks=[recorder]
            )
    elif isinstance(entry, SequenceEntry):
        from deepmir.training import sequence

        with Recorder(entry) as recorder:
            sequence.train(
                entry, threads=options.threads, progress=bar, code=code, callbacks=[recorder]
            )


def _teach(entry: "GeneratorEntry", threads: int) -> None:
    from deepmir.generators import training
    from deepmir.tracking.recorder import Recorder
    from deepmir.workflow import stages

    code, bar = stages.code_hash("teach", entry.generator), sys.stderr.isatty()
    with Recorder(entry) as recorder:
        training.train(entry, threads=threads, progress=bar, code=code, callbacks=[recorder])


def judge(options: argparse.Namespace) -> None:
    """Judge a generator by the test part and by the samples that it generated."""
    from deepmir.analysis import threads
    from deepmir.declarations import generated, loading
    from deepmir.generators import judging

    threads.limit(options.threads)
    judging.judge(generated.resolve(loading.load(), options.name))


def predict(options: argparse.Namespace) -> None:
    """Write a JAMS file for every test track."""
    from deepmir.declarations import entries, loading
    from deepmir.declarations.neural import SequenceEntry

    entry = entries.resolve(loading.load(), options.name)
    if isinstance(entry, SequenceEntry):
        from deepmir.evaluation import sequence

        sequence.predict(entry, threads=options.threads)
        return
    from deepmir.evaluation import prediction

    prediction.predict(entry, threads=options.threads)


def pool(options: argparse.Namespace) -> None:
    """Gather the predictions of all folds of a cross-validation."""
    from deepmir.declarations import entries, loading
    from deepmir.evaluation import pooling

    pooling.pool(entries.resolve(loading.load(), options.name))


def evaluate(options: argparse.Namespace) -> None:
    """Score the predictions for the test tracks."""
    from deepmir.declarations import entries, loading
    from deepmir.evaluation import results, scoring

    entry = entries.resolve(loading.load(), options.name)
    note = results.Result(entry, scoring.evaluate(entry)).failure_note
    if note:
        print(f"deepmir: {note}", file=sys.stderr)


def sweep(options: argparse.Namespace) -> None:
    """Write the page of a sweep, or of an experiment with several seeds, and its figure."""
    from deepmir.declarations import entries, loading, sweeps
    from deepmir.naming import known
    from deepmir.report import sweep_page

    declared = loading.load()
    groups = {group.name: group for group in sweeps.groups(declared)}
    group = groups[known(options.name, groups, "sweep")]
    every = entries.everything(declared)
    chosen = [every[name] for name in sweeps.compared(declared, group)]
    sweep_page.write(group, chosen, declared.evaluation.confidence)


def search(options: argparse.Namespace) -> None:
    """Write the page of a search and its figure; `train` makes its trials."""
    from deepmir.declarations import entries, loading
    from deepmir.declarations.neural import NetworkEntry
    from deepmir.naming import known
    from deepmir.report import search_page

    declared = loading.load()
    entry = entries.resolve(declared, known(options.name, declared.searches, "search"))
    assert isinstance(entry, NetworkEntry)
    search_page.write(entry)


def report(options: argparse.Namespace) -> None:
    """Write reports/index.html and reports/README.md."""
    from deepmir import report

    available = _available()
    params = available.params
    scored, groups, judged = _has_run(available, [*params.shown, *params.generators])
    notes = available.remarks
    report.write(scored, params.evaluation.confidence, notes, groups, judged)


def track(options: argparse.Namespace) -> None:
    """Send the runs to MLflow: to the server in MLFLOW_TRACKING_URI, or a database in mlruns/."""
    from deepmir.tracking import runs

    available = _available()
    params = available.params
    scored, groups, judged = _has_run(available, [*params.shown, *params.generators])
    added = runs.track(sorted(scored, key=lambda entry: entry.name), groups, judged)
    print(f"MLflow: {len(added)} new runs{': ' if added else ''}{', '.join(added)}")
