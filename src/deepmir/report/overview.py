"""The content of the index: the data, the results by task, and what was left out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from deepmir import paths
from deepmir.datasets import splits
from deepmir.declarations.entry import Entry
from deepmir.evaluation.results import Comparison, Result, comparisons
from deepmir.features import downmix
from deepmir.features.corpus import Corpus
from deepmir.files.store import Store
from deepmir.models.card import CARD, read_card
from deepmir.report import glossary
from deepmir.report.glossary import Term
from deepmir.tasks.names import NAMES


@dataclass(frozen=True)
class DataSet:
    """A data set that something was scored on.

    Attributes:
        parts: tracks in each part of its split; empty if it was used only in folds.
        folds: tracks in each fold; empty if there are none.
    """

    name: str
    source: str
    parts: dict[str, int]
    folds: list[int]
    data_hash: str
    split_hash: str
    licences: list[tuple[str, int]]
    failures: list[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """A system in the table of its task."""

    result: Result
    comparisons: list[Comparison]
    parameters: int | None


@dataclass(frozen=True)
class Table:
    """The systems of one task on one data set, with the scale that their intervals share."""

    task: str
    dataset: str
    term: Term
    metrics: list[tuple[str, Term]]
    rows: list[Row]

    @property
    def primary(self) -> Term:
        """The metric that the systems are ranked by."""
        return dict(self.metrics)[self.rows[0].result.primary]

    @property
    def scale(self) -> tuple[float, float]:
        """From 0 to 1, or wider if an interval extends beyond."""
        scores = [row.result.score for row in self.rows]
        return min(0.0, *(s["low"] for s in scores)), max(1.0, *(s["high"] for s in scores))

    def share(self, value: float) -> float:
        """The position of a score on the scale, in percent."""
        low, high = self.scale
        return 100 * (value - low) / (high - low)


def tables(results: Sequence[Result]) -> list[Table]:
    """One table for each task and data set, in the order of `results.read`."""
    made = []
    # Python's sort keeps the order within what is equal: networks first, the best first.
    together = sorted(results, key=lambda r: (_place(r, results), r.dataset))
    for (task, dataset), group in groupby(together, key=lambda r: (r.task, r.dataset)):
        rows = [Row(r, comparisons(r, results), parameters(r.entry)) for r in group]
        names = {name for row in rows for name in row.result.raw["metrics"]}
        names = {name for name in names if not of_a_label(name)}
        known = {k: m for row in rows for k, m in row.result.measures.items()}
        metrics = [
            (name, glossary.metric(task, name, known[name])) for name in _ordered(task, names)
        ]
        made.append(Table(task, dataset, glossary.task(task), metrics, rows))
    return made


def of_a_label(metric: str) -> bool:
    """Whether a metric is one of many, of a tag or class (`roc_auc/drums`), too many for a table.

    `tempo/acc1` is not: it is a metric of an auxiliary task.
    """
    first, _, rest = metric.partition("/")
    return bool(rest) and first not in NAMES


def _place(result: Result, results: Sequence[Result]) -> int:
    return next(i for i, other in enumerate(results) if other.task == result.task)


def _ordered(task: str, names: set[str]) -> list[str]:
    """Metrics in the order of the glossary, then the ones that it does not know."""
    known = [name for of, name in glossary.METRICS if of == task and name in names]
    return known + sorted(names - set(known))


def parameters(entry: Entry) -> int | None:
    """Number of parameters of a system; of one fold's model if there are several."""
    model = next((fold.model for fold in entry.folds), entry.model)
    learned: int | None = training(model).get("parameters")
    return learned


def training(name: str) -> Mapping[str, Any]:
    """How the model of a system was made, from its card; nothing if it has none."""
    folder = paths.model(name)
    return read_card(folder).training if (folder / CARD).exists() else {}


@dataclass(frozen=True)
class Used:
    """A data set, and the entries that were scored on it."""

    corpus: Corpus
    entries: tuple[Entry, ...]


def data_sets(results: Sequence[Result]) -> dict[str, Used]:
    """Every data set that something was scored on.

    If there was a cross-validation on it, all its tracks are test tracks.

    Raises:
        DeepmirError: when index or split of one are missing or broken.
    """
    used = {}
    for name in sorted({result.dataset for result in results}):
        entries = tuple(result.entry for result in results if result.dataset == name)
        crossed = next((entry for entry in entries if entry.folds), entries[0])
        used[name] = Used(crossed.files.read(), entries)
    return used


def describe(used: Used) -> DataSet:
    """A data set in numbers."""
    data, files = used.corpus, used.entries[0].files.undivided()
    split = files.read() if data.folds and files.division.exists() else data
    counts: dict[str, int] = {part: len(getattr(split.divided, part)) for part in splits.PARTS}
    licences = Counter(track.licence for track in data.index.tracks)
    return DataSet(
        name=data.name,
        source=glossary.SOURCES.get(files.source, ""),
        parts={} if split.folds else counts,
        folds=[len(fold) for fold in data.folds],
        data_hash=data.data_hash,
        split_hash=split.split_hash,
        licences=sorted(licences.items(), key=lambda item: (-item[1], item[0])),
        failures=sorted(_left_out(used).items()),
    )


def _left_out(used: Used) -> dict[str, str]:
    """Tracks of any part that were left out, by the first stage that did."""
    reasons: dict[str, str] = {}
    for store in _stores(used.entries):
        reasons = store.failures | reasons
    return reasons | {failure.track: failure.reason for failure in used.corpus.index.failures}


def _stores(entries: Sequence[Entry]) -> Iterator[Store]:
    """The audio and features of a data set that exist, each once however many entries use it."""
    digests: dict[tuple[Path, ...], str] = {}
    for entry in entries:
        rate = entry.sample_rate
        digests[tuple(entry.files.audio(rate))] = downmix.digest(rate)
        if entry.representation is not None:
            arrays = tuple(entry.files.features(entry.representation))
            digests[arrays] = entry.representation.stamp
    for files, digest in digests.items():
        yield Store([path for path in files if path.exists()], digest)
