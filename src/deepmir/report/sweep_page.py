"""The page of a sweep: each setting with its spread over seeds and its interval over tracks."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepmir import paths
from deepmir.declarations import sweeps
from deepmir.declarations.entry import Entry
from deepmir.declarations.sweeps import Group, Setting
from deepmir.drawing import figures
from deepmir.evaluation import results
from deepmir.evaluation.results import Comparison, Result
from deepmir.files.writing import replacing
from deepmir.report import html, overview
from deepmir.report.results_page import against, cell
from deepmir.workflow import benchmarks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEAD = """\
# {name}

Sweep of `{of}` (task {task}, data set {dataset}): {metric} on {tracks} test tracks.

![{metric} of every setting]({figure})

{settings}

- **Over seeds**: standard deviation of the scores of n trainings that differ in their seed alone (sample, n - 1).
- **Over tracks**: {share} bootstrap interval of the mean over seeds, test tracks drawn with replacement. It says how far
  other music may change the score; it knows nothing of other seeds.
- **Against the reference**: difference of the means over seeds, paired track by track, with its {share} interval over
  tracks; *even* where it holds zero.
- **Training**: mean time of one training as this machine took it; a dash where it was made elsewhere.

Every training, with {share} intervals over tracks:

{trainings}
"""  # noqa: E501


@dataclass(frozen=True)
class Row:
    """A setting with its results.

    Attributes:
        setting: which one.
        result: the mean over its seeds.
        difference: to the reference; None of the reference itself.
        parameters: numbers that one network has learned.
        seconds: of one training, in the mean; None where any is not known.
    """

    setting: Setting
    result: Result
    difference: Comparison | None
    parameters: int | None
    seconds: float | None


def write(group: Group, entries: Sequence[Entry], confidence: float) -> None:
    """Write the page and the figure of a sweep.

    Args:
        group: the sweep.
        entries: its members, and baselines to compare them with.
        confidence: of the intervals, from 0 to 1.

    Raises:
        DeepmirError: when a result is missing or broken.
    """
    found = results.read(entries)
    table = rows(group, {result.name: result for result in found})
    path = sweeps.page(group.name)
    with replacing(path.with_suffix(".svg")) as temporary:
        temporary.write_bytes(figures.svg(figure(group, table, confidence)))
    with replacing(path) as temporary:
        temporary.write_text(markdown(group, table, found, confidence), encoding="utf-8")


def figure(group: Group, table: Sequence[Row], confidence: float) -> "Figure":
    """The scores of all settings: means, seeds, and intervals over tracks."""
    drawn = [
        figures.Setting(
            group.title(row.setting),
            [seed.score["mean"] for seed in row.result.seeds],
            row.result.score["mean"],
            row.result.score["low"],
            row.result.score["high"],
            row.result.deviation,
        )
        for row in table
    ]
    return figures.sweep(drawn, table[0].result.primary, confidence)


def rows(group: Group, found: Mapping[str, Result]) -> list[Row]:
    """The settings of a sweep in its order, compared with its reference."""
    means = {
        setting: results.average(
            found[setting.members[0]], [found[name] for name in setting.members]
        )
        for setting in group.settings
    }
    reference = means[group.reference]
    return [
        Row(
            setting,
            mean,
            None if mean is reference else results.compare(mean, reference),
            overview.parameters(mean.entry),
            _seconds(setting),
        )
        for setting, mean in means.items()
    ]


def _seconds(setting: Setting) -> float | None:
    measured = [benchmarks.training_seconds(name) for name in setting.members]
    known = [seconds for seconds in measured if seconds is not None]
    return statistics.mean(known) if len(known) == len(measured) else None


def markdown(group: Group, table: Sequence[Row], found: Sequence[Result], confidence: float) -> str:
    """The page as text.

    Args:
        group: the sweep.
        table: of :func:`rows`.
        found: every member, and baselines to compare them with.
        confidence: of the intervals, from 0 to 1.
    """
    result = table[0].result
    return HEAD.format(
        name=group.name,
        of=group.of,
        task=result.task,
        dataset=result.dataset,
        metric=result.primary,
        tracks=result.tracks,
        figure=sweeps.page(group.name).with_suffix(".svg").name,
        settings="\n".join(_settings(group, table)),
        trainings="\n".join(_trainings(group, found)),
        share=f"{confidence:.0%}",
    )


def _settings(group: Group, table: Sequence[Row]) -> list[str]:
    titles = [*(cell(key) for key in group.keys or ("setting",)), "mean", "over seeds"]
    titles += ["over tracks", "against the reference", "parameters", "training"]
    lines = [_line(titles), _line(["---"] * len(titles))]
    for row in table:
        deviation, score = row.result.deviation, row.result.score
        number = f"n = {len(row.result.seeds)}"
        lines.append(
            _line(
                [
                    *(cell(value) for value in row.setting.values or (group.of,)),
                    f"{score['mean']:.3f}",
                    number if deviation is None else f"± {deviation:.3f}, {number}",
                    f"[{score['low']:.3f}, {score['high']:.3f}]",
                    against(row.difference, "it") if row.difference else "reference",
                    "–" if row.parameters is None else f"{row.parameters:,}",
                    html.seconds(row.seconds),
                ]
            )
        )
    return lines


def _trainings(group: Group, found: Sequence[Result]) -> list[str]:
    titles = ["setting", "seed", "name", "score", "against the baselines", "made again by"]
    lines = [_line(titles), _line(["---"] * len(titles))]
    named = {result.name: result for result in found}
    for setting in group.settings:
        for name in setting.members:
            result = named[name]
            score = result.score
            compared = results.comparisons(result, found)
            lines.append(
                _line(
                    [
                        cell(group.title(setting)),
                        str(result.raw["declaration"]["training"]["seed"]),
                        name,
                        f"{score['mean']:.3f} [{score['low']:.3f}, {score['high']:.3f}]",
                        "<br>".join(against(c, c.baseline) for c in compared),
                        f"`{paths.snakemake(str(paths.metrics(name)))}`",
                    ]
                )
            )
    return lines


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
