"""What the page of one experiment or baseline shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from deepmir import networks, paths
from deepmir.declarations.entry import Entry
from deepmir.declarations.neural import NetworkEntry, NeuralEntry
from deepmir.drawing import figures
from deepmir.evaluation.results import Result
from deepmir.features.corpus import Corpus
from deepmir.report import confusion, excerpts, overview, reliability
from deepmir.report.confusion import Confusion
from deepmir.report.excerpts import Canvas, Excerpt
from deepmir.report.glossary import Term
from deepmir.report.html import data_uri
from deepmir.report.overview import Row, Table
from deepmir.report.reliability import Reliability


@dataclass(frozen=True)
class Page:
    """The page of a system."""

    row: Row
    table: Table
    declaration: str
    network: networks.Description | None
    curves: str
    alignment: str
    strip: list[tuple[str, float, str]]
    tracks: list[str]
    confusion: Confusion | None
    reliability: Reliability | None
    metrics: list[tuple[str, Term]]
    labels: list[tuple[str, dict[str, float]]]
    canvas: Canvas
    worst: list[Excerpt]
    best: list[Excerpt]
    provenance: list[tuple[str, str]]

    @property
    def result(self) -> Result:
        """The scores."""
        return self.row.result


def make(row: Row, table: Table, data: Corpus, results: Sequence[Result]) -> Page:
    """Gather everything about one system.

    Args:
        row: the system in the table of its task.
        table: that table.
        data: the data set that it was scored on.
        results: of all systems.

    Raises:
        DeepmirError: when one of the files of the line is missing or broken.
    """
    result = row.result
    canvas = excerpts.canvas_of(result, results)
    tracks = excerpts.ranked(result, result.measures)
    worst, best = excerpts.make(result, tracks, data, canvas)
    shown = dict.fromkeys((e.track for e in worst), "worst")
    shown |= dict.fromkeys((e.track for e in best), "best")
    return Page(
        row=row,
        table=table,
        declaration=yaml.safe_dump({result.name: result.raw["declaration"]}, width=1000),
        network=_network(result.entry),
        curves=curves(result.name),
        alignment=_alignment(result.name),
        strip=_strip(result, tracks, shown),
        tracks=tracks,
        confusion=confusion.of(result),
        reliability=reliability.of(result, data.divided.test),
        metrics=[pair for pair in table.metrics if pair[0] in result.raw["metrics"]],
        labels=sorted((k, v) for k, v in result.raw["metrics"].items() if overview.of_a_label(k)),
        canvas=canvas,
        worst=worst,
        best=best,
        provenance=_provenance(result),
    )


def curves(name: str) -> str:
    """The learning curves of a system as the address of an image, or '' if it learned nothing."""
    history = paths.model(name) / "history.csv"
    if not history.exists():
        return ""
    return data_uri("image/svg+xml", figures.svg(figures.learning_curves(history)))


def _alignment(name: str) -> str:
    """Where a system looked as it wrote, as the address of an image, or '' if it was not drawn."""
    path = paths.alignment(name)
    return data_uri("image/png", path.read_bytes()) if path.exists() else ""


def _network(entry: Entry) -> networks.Description | None:
    if not isinstance(entry, NeuralEntry):
        return None
    row = entry.chosen if isinstance(entry, NetworkEntry) else entry.row
    return networks.describe(row.network, entry.shape, entry.output)


def _strip(
    result: Result, tracks: Sequence[str], shown: dict[str, str]
) -> list[tuple[str, float, str]]:
    """Track, primary score and whether it is shown below, from the worst to the best."""
    return [
        (track, scores[result.primary], shown.get(track, ""))
        for track in tracks
        if result.primary in (scores := result.raw["per_track"][track])
    ]


def _provenance(result: Result) -> list[tuple[str, str]]:
    """Where a result comes from: pairs of a name and a hash, the ones that there are."""
    training = overview.training(result.name)
    found = {
        "data": result.raw["data_hash"],
        "split": result.raw["split_hash"],
        "features": training.get("features_hash"),
        "configuration": training.get("configuration_hash"),
        "model": result.raw["model_hash"],
        "predictions": result.raw["predictions_hash"],
    }
    return [(name, value) for name, value in found.items() if value]
