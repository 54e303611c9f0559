"""The results as a table for a terminal."""

from collections.abc import Sequence

from deepmir import paths
from deepmir.evaluation.results import Result, comparisons


def text(results: Sequence[Result], confidence: float, notes: Sequence[str] = ()) -> str:
    """The table for a terminal, and where to look for more.

    Args:
        results: in the order of :func:`deepmir.evaluation.results.read`.
        confidence: of the intervals, from 0 to 1.
        notes: what is left out, and why.
    """
    titles = ("task", "data set", "system", "metric", "score", "interval", "tracks")
    rows: list[tuple[str, ...]] = [(*titles, "against baselines")]
    for result in results:
        score = result.score
        against = (
            f"{c.mean:+.3f} [{c.low:+.3f}, {c.high:+.3f}] {c.verdict} than {c.baseline}"
            if c.verdict != "even"
            else f"{c.mean:+.3f} [{c.low:+.3f}, {c.high:+.3f}] even with {c.baseline}"
            for c in comparisons(result, results)
        )
        first, *others = [*against] or [""]
        interval = f"[{score['low']:.3f}, {score['high']:.3f}]"
        system = f"{result.name} ({result.origin})" if result.origin else result.name
        cells = (result.task, result.dataset, system, result.primary, f"{score['mean']:.3f}")
        rows.append((*cells, interval, str(result.tracks), first))
        rows += [("",) * len(titles) + (other,) for other in others]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    dashboard = "make dashboard" if paths.study() is None else paths.deepmir("dashboard")
    failed = [result.failure_note for result in results if result.failures]
    return "\n".join(
        [
            *lines,
            "",
            *notes,
            *failed,
            f"Test tracks alone; intervals are {confidence:.0%} bootstrap over tracks, differences "
            "paired.",
            f"Report:    {paths.from_top(paths.REPORT)}",
            f"Dashboard: {dashboard}",
        ]
    )
