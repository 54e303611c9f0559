"""The results as a table for a terminal."""

from collections.abc import Sequence

from deepmir import paths
from deepmir.declarations import searches, sweeps
from deepmir.declarations.sweeps import Group
from deepmir.evaluation.results import Result, comparisons, searched
from deepmir.report.generated import Judged
from deepmir.report.results_page import against


def text(
    results: Sequence[Result],
    confidence: float,
    notes: Sequence[str] = (),
    groups: Sequence[Group] = (),
    judged: Sequence[Judged] = (),
) -> str:
    """The table for a terminal, and where to look for more.

    Args:
        results: of :func:`deepmir.evaluation.results.table`.
        confidence: of the intervals, from 0 to 1.
        notes: what is left out, and why.
        groups: the sweeps, each of which has a page.
        judged: generators.
    """
    titles = ("task", "data set", "system", "metric", "score", "interval", "tracks")
    rows: list[tuple[str, ...]] = [(*titles, "against baselines")]
    for result in results:
        score = result.score
        compared = [against(c, c.baseline) for c in comparisons(result, results)]
        first, *others = compared or [""]
        interval = f"[{score['low']:.3f}, {score['high']:.3f}]"
        system = f"{result.name} ({result.origin})" if result.origin else result.name
        mean = f"{score['mean']:.3f} {result.spread}".rstrip()
        cells = (result.task, result.dataset, system, result.primary, mean)
        rows.append((*cells, interval, str(result.tracks), first))
        rows += [("",) * len(titles) + (other,) for other in others]
    for each in judged:
        rows += _generator(each, len(titles))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    dashboard = "make dashboard" if paths.study() is None else paths.deepmir("dashboard")
    spread = ["After ± stands the standard deviation over seeds."]
    spread = spread if any(result.spread for result in results) else []
    failed = [result.failure_note for result in results if result.failures]
    return "\n".join(
        [
            *lines,
            "",
            *notes,
            *failed,
            f"Test tracks alone; intervals are {confidence:.0%} bootstrap over tracks, differences "
            "paired.",
            *spread,
            *(f"Sweep:     {paths.from_top(sweeps.page(group.name))}" for group in groups),
            *(f"Search:    {paths.from_top(searches.page(name))}" for name in searched(results)),
            f"Report:    {paths.from_top(paths.REPORT)}",
            f"Dashboard: {dashboard}",
        ]
    )


def _generator(judged: Judged, columns: int) -> list[tuple[str, ...]]:
    """The rows of a generator: the first as that of a system, then its other baselines."""
    score, kind = judged.score, judged.entry.kind
    first, *others = [against(c, c.baseline) for c in judged.comparisons] or [""]
    interval = f"[{score['low']:.3f}, {score['high']:.3f}]"
    cells = (kind, judged.entry.files.name, judged.name, judged.method.primary)
    row = (*cells, f"{score['mean']:.3f}", interval, f"{score['n']}", first)
    return [row, *(("",) * columns + (other,) for other in others)]
