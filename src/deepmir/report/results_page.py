"""The results as a Markdown page to commit: every number with its origin."""

import html
from collections.abc import Mapping, Sequence

from deepmir import paths
from deepmir.declarations.sweeps import Group
from deepmir.evaluation import results
from deepmir.evaluation.results import Comparison, Result
from deepmir.report.generated import Judged

HEAD = """\
# Results

Scores on the test tracks, as `mir_eval` counts them, with {share} bootstrap intervals over tracks;
differences are paired. After ± stands the standard deviation over seeds.

`{snakemake}` makes the pages to look at and to listen to: open `reports/index.html`.
`dvc metrics show` prints every metric, `dvc metrics diff` what has changed since the last commit.
"""


def markdown(
    found: Sequence[Result],
    confidence: float,
    notes: Sequence[str] = (),
    groups: Sequence[Group] = (),
    judged: Sequence[Judged] = (),
) -> str:
    """Networks against their baselines, tracks that failed, and what each row was made from and by.

    Args:
        found: of :func:`deepmir.evaluation.results.table`.
        confidence: of the intervals, from 0 to 1.
        notes: what is left out, and why.
        groups: the sweeps, each of which has a page.
        judged: generators.
    """
    rows = ["| task | data set | system | metric | score | against the baselines | test tracks |"]
    rows += ["|---|---|---|---|---|---|---|"]
    made = ["| system | data | split | model | made again by |", "|---|---|---|---|---|"]
    for result in found:
        compared = results.comparisons(result, found)
        name = f"**{result.name}**" if result.kind == "network" else result.name
        name += f" ({result.origin})" if result.origin else ""
        rows.append(
            f"| {result.task} | {result.dataset} | {name} | {result.primary} | {_score(result)} | "
            f"{'<br>'.join(against(c, c.baseline) for c in compared)} | {result.tracks} |"
        )
        data, split = (result.raw[key][:8] for key in ("data_hash", "split_hash"))
        models = ", ".join(one.raw["model_hash"][:8] for one in result.seeds or [result])
        made.append(f"| {result.name} | {data} | {split} | {models} | `{result.command}` |")
    head = HEAD.format(share=f"{confidence:.0%}", snakemake=paths.snakemake())
    pages = ", ".join(f"[{group.name}](sweeps/{group.name}.md)" for group in groups)
    more = [f"Sweeps: {pages}", ""] if groups else []
    if names := results.searched(found):
        more += [f"Searches: {', '.join(f'[{name}](searches/{name}.md)' for name in names)}", ""]
    more += [*notes, ""] if notes else []
    return "\n".join([head, *rows, "", *more, *_failures(found), *_generators(judged), *made, ""])


def _generators(judged: Sequence[Judged]) -> list[str]:
    """The generators against what they have to beat; nothing where there are none."""
    if not judged:
        return []
    rows = [
        f"| {each.name} ({each.term.title}) | {each.raw['dataset']} | {each.method.primary} | "
        f"{_range(each.score)} | {'<br>'.join(against(c, c.baseline) for c in each.comparisons)} |"
        for each in judged
    ]
    head = "| generator | data set | metric | score | against the baselines |"
    return [head, "|---|---|---|---|---|", *rows, ""]


def _failures(found: Sequence[Result]) -> list[str]:
    """Which test tracks have no prediction, system by system; nothing where all have one."""
    rows = [
        f"| {result.name} | {track} | {cell(reason)} |"
        for result in found
        for track, reason in result.failures
    ]
    if not rows:
        return []
    head = "Test tracks without a prediction, which count as the worst that a metric can be:"
    return [head, "", "| system | track | reason |", "|---|---|---|", *rows, ""]


def cell(text: str) -> str:
    """Text escaped for a cell of a table."""
    return html.escape(" ".join(text.split()), quote=False).replace("|", "\\|")


def _score(result: Result) -> str:
    return _range(result.score, f" {result.spread}" if result.seeds else "")


def _range(score: Mapping[str, float], spread: str = "") -> str:
    return f"{score['mean']:.3f}{spread} [{score['low']:.3f}, {score['high']:.3f}]"


def against(c: Comparison, other: str) -> str:
    """A difference with its interval and its verdict.

    Args:
        c: the difference.
        other: what it is to, in words.
    """
    return f"{c.mean:+.3f} [{c.low:+.3f}, {c.high:+.3f}] {c.words} {other}"
