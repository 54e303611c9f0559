"""Generators in the report: their judgements, in tables and on pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from deepmir import generators, paths
from deepmir.declarations.generated import GeneratorEntry
from deepmir.drawing.figures import COLOURS
from deepmir.evaluation.results import Comparison
from deepmir.files import audio
from deepmir.generators import judging
from deepmir.report import glossary, sound
from deepmir.report.glossary import Term
from deepmir.report.html import data_uri
from deepmir.report.pages import curves

if TYPE_CHECKING:
    from deepmir.generators.base import Method

UNLABELLED = "#c6ccd3"
PICTURES = {".png": "image/png", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Judged:
    """A generator with its judgement.

    Attributes:
        entry: that was judged.
        raw: the values of `judgement.json`.
    """

    entry: GeneratorEntry
    raw: Mapping[str, Any]

    @property
    def name(self) -> str:
        """In params.yaml."""
        return self.entry.name

    @property
    def method(self) -> "Method":
        """What its kind does."""
        return generators.get(self.entry.kind)

    @property
    def term(self) -> Term:
        """The title of its kind."""
        return glossary.task(self.entry.kind)

    @property
    def primary(self) -> Term:
        """The title of the metric by which it is compared with its baselines."""
        return self.measure(self.method.primary)

    @property
    def score(self) -> Mapping[str, float]:
        """Mean and interval of the primary metric."""
        found: Mapping[str, float] = self.raw["metrics"][self.method.primary]
        return found

    @property
    def comparisons(self) -> list[Comparison]:
        """The primary metric minus that of each baseline."""
        better = self.method.measures[self.method.primary].better
        return [
            Comparison(name, found["mean"], found["low"], found["high"], found["groups"], better)
            for name, found in self.raw["differences"].items()
        ]

    @property
    def metrics(self) -> list[tuple[str, Term]]:
        """Metrics that it or a baseline has, in the order of its kind, the primary one first."""
        there = {name for _, metrics in self.rows for name in metrics}
        order = dict.fromkeys((self.method.primary, *self.method.measures))
        return [(name, self.measure(name)) for name in order if name in there]

    @property
    def rows(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The metrics of the generator, and of each baseline."""
        return [(self.name, self.raw["metrics"]), *self.raw["baselines"].items()]

    @property
    def command(self) -> str:
        """The command that makes it again."""
        return paths.snakemake(str(paths.judgement(self.name)))

    def measure(self, name: str) -> Term:
        """The title of a metric."""
        return glossary.metric(self.entry.kind, name, self.method.measures[name])

    def page(self) -> dict[str, Any]:
        """The further content of its page."""
        folder = paths.judgement(self.name).parent
        return {
            "curves": curves(self.name),
            "declaration": yaml.safe_dump({self.name: self.raw["declaration"]}, width=1000),
            "figures": [
                {**each, "image": _picture(folder, each["file"])} for each in self.raw["figures"]
            ],
            "sounds": [
                {**group, "sounds": [_heard(folder, one) for one in group["sounds"]]}
                for group in self.raw["sounds"]
            ],
            "maps": [{**each, **_drawn(folder, each["points"])} for each in self.raw["maps"]],
        }


def read(entries: Sequence[GeneratorEntry]) -> list[Judged]:
    """The judgements of generators.

    Raises:
        DeepmirError: when one is missing or broken.
    """
    return [Judged(entry, judging.read(entry)) for entry in entries]


def _picture(folder: Path, file: str) -> str:
    """A picture as an address; '' where there is none."""
    return data_uri(PICTURES[Path(file).suffix], (folder / file).read_bytes()) if file else ""


def _heard(folder: Path, one: Mapping[str, str]) -> dict[str, str]:
    return {
        "label": one["label"],
        "audio": _audio(folder / one["file"]),
        "image": _picture(folder, one["picture"]),
    }


def _audio(path: Path) -> str:
    """A recording as an address, as MP3."""
    import soundfile

    samples, rate = soundfile.read(path, dtype="float32")
    return data_uri("audio/mpeg", sound.mp3(audio.resample(samples, rate, sound.SAMPLE_RATE)))


def _drawn(folder: Path, points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Points in a square of 100 with their colours and sounds, and the colour of each label."""
    labels = sorted({point["label"] for point in points} - {""})
    colours = {label: COLOURS[n % len(COLOURS)] for n, label in enumerate(labels)}
    if any(not point["label"] for point in points):
        colours[""] = UNLABELLED
    spans = {}
    for axis in ("x", "y"):
        values = [point[axis] for point in points]
        spans[axis] = (min(values), max(max(values) - min(values), 1e-9))
    drawn = [
        {
            **point,
            **{axis: 3 + 94 * (point[axis] - low) / span for axis, (low, span) in spans.items()},
            "colour": colours[point["label"]],
            "audio": _audio(folder / point["file"]) if point["file"] else "",
        }
        for point in points
    ]
    return {"points": drawn, "colours": colours}
