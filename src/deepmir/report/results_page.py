"""The results as a Markdown page that is committed: every number with what it was made from."""

import html
from collections.abc import Sequence

from deepmir import paths
from deepmir.evaluation import results
from deepmir.evaluation.results import Comparison, Result

HEAD = """\
# Results

Scores on the test tracks, as `mir_eval` counts them, with {share} bootstrap intervals over tracks;
differences are paired.

`{snakemake}` makes the pages to look at and to listen to: open `reports/index.html`.
`dvc metrics show` prints every metric, `dvc metrics diff` what has changed since the last commit.
"""


def markdown(found: Sequence[Result], confidence: float, notes: Sequence[str] = ()) -> str:
    """Networks against their baselines, tracks that failed, and what each row was made from and by.

    Args:
        found: in the order of :func:`deepmir.evaluation.results.read`.
        confidence: of the intervals, from 0 to 1.
        notes: what is left out, and why.
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
            f"{'<br>'.join(map(_against, compared))} | {result.tracks} |"
        )
        hashes = (result.raw[key][:8] for key in ("data_hash", "split_hash", "model_hash"))
        command = f"`{paths.snakemake(str(paths.metrics(result.name)))}`"
        made.append(f"| {result.name} | {' | '.join(hashes)} | {command} |")
    head = HEAD.format(share=f"{confidence:.0%}", snakemake=paths.snakemake())
    left_out = [*notes, ""] if notes else []
    return "\n".join([head, *rows, "", *left_out, *_failures(found), *made, ""])


def _failures(found: Sequence[Result]) -> list[str]:
    """Which test tracks have no prediction, system by system; nothing where all have one."""
    rows = [
        f"| {result.name} | {track} | {_cell(reason)} |"
        for result in found
        for track, reason in result.failures
    ]
    if not rows:
        return []
    head = "Test tracks without a prediction, which count as the worst that a metric can be:"
    return [head, "", "| system | track | reason |", "|---|---|---|", *rows, ""]


def _cell(text: str) -> str:
    """Text that stays in its cell and is no markup."""
    return html.escape(" ".join(text.split()), quote=False).replace("|", "\\|")


def _score(result: Result) -> str:
    score = result.score
    return f"{score['mean']:.3f} [{score['low']:.3f}, {score['high']:.3f}]"


def _against(c: Comparison) -> str:
    word = "even with" if c.verdict == "even" else f"{c.verdict} than"
    return f"{c.mean:+.3f} [{c.low:+.3f}, {c.high:+.3f}] {word} {c.baseline}"
