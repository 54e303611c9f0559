"""The report: results, examples and sounds, in pages that work offline.

`reports/index.html` has the results, every experiment beside the baselines of its task;
`reports/experiments/<name>.html` has one system, with its best and its worst test tracks.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deepmir import paths
from deepmir.declarations import searches, sweeps
from deepmir.declarations.entry import Entry
from deepmir.declarations.sweeps import Group
from deepmir.evaluation import results
from deepmir.files.writing import replacing
from deepmir.report import html, overview, pages, results_page
from deepmir.report.generated import Judged


def write(
    entries: Sequence[Entry],
    confidence: float,
    notes: Sequence[str] = (),
    groups: Sequence[Group] = (),
    judged: Sequence[Judged] = (),
) -> Path:
    """Write the report; returns the path of its first page.

    Args:
        entries: what is shown.
        confidence: of the intervals, from 0 to 1.
        notes: what is left out, and why.
        groups: the sweeps, whose pages already exist.
        judged: generators.

    Raises:
        DeepmirError: when results, data or predictions are missing or broken.
    """
    found = results.read(entries)
    single = {result.name: result for result in found}
    found = results.table(found, groups)
    tables = overview.tables(found)
    data = overview.data_sets(found)
    curves = {}
    for table in tables:
        for row in table.rows:
            # A page is about one training: what it says of its tracks can be looked at.
            one = replace(row, result=single[row.result.name])
            page = pages.make(one, table, data[table.dataset].corpus, found)
            text = html.render("experiment.html", page=page, confidence=confidence)
            _write(_page(page.result.name), text)
            curves[page.result.name] = page.curves
    for each in judged:
        text = html.render("generator.html", judged=each, page=each.page(), confidence=confidence)
        _write(_page(each.name), text)
    shown = {_page(name) for name in [*curves, *(each.name for each in judged)]}
    for stale in set(paths.REPORT_PAGES.glob("*.html")) - shown:
        stale.unlink()
    index = html.render(
        "index.html",
        tables=tables,
        data_sets=[overview.describe(each) for each in data.values()],
        curves=curves,
        confidence=confidence,
        notes=notes,
        command=paths.snakemake(),
        judged=judged,
        sweeps={group.name: _figure(sweeps.page(group.name)) for group in groups},
        searches={name: _figure(searches.page(name)) for name in results.searched(found)},
    )
    _write(paths.REPORT_SUMMARY, results_page.markdown(found, confidence, notes, groups, judged))
    _write(paths.REPORT, index)
    return paths.REPORT


def _figure(page: Path) -> str:
    drawn = page.with_suffix(".svg")
    return html.data_uri("image/svg+xml", drawn.read_bytes())


def _page(name: str) -> Path:
    return paths.REPORT_PAGES / f"{name}.html"


def _write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
