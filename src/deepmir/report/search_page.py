"""The page of a search: every trial with its values and its validation score."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from deepmir import paths
from deepmir.declarations import searches
from deepmir.declarations.neural import NetworkEntry
from deepmir.drawing import figures, trials
from deepmir.errors import DeepmirError
from deepmir.files.writing import replacing
from deepmir.report.results_page import cell

TRIALS = "trials.json"
KEYS = ("of", "keys", "monitor", "mode", "best", "chosen", "logarithmic", "importance", "trials")
ORDER = ("finished", "pruned", "failed")

HEAD = """\
# {name}

Search of `{of}` (task {task}, data set {dataset}): {count} trials, compared by `{monitor}` of the validation part,
of which {better} is better. No trial has seen a test track.

![{monitor} of every trial]({figure})

Trial {best} is chosen; `{command}` makes its test score:

```yaml
{chosen}```

{rows}

- **{monitor}**: of the best epoch. The best of many is flattered by the part that chose it; the test score is not.
- **Pruned**: ended early, as its best value so far was worse than the median of earlier trials after as many epochs.
  Such a trial is not chosen.
{importance}
"""  # noqa: E501

IMPORTANCE = """\
- **What matters** among the good trials, as shares (PED-ANOVA, Watanabe and others 2023; rough for few trials): {shares}.
"""  # noqa: E501


def write(entry: NetworkEntry) -> None:
    """Write the page and the figure of a search.

    Raises:
        DeepmirError: when what it has found is missing or broken.
    """
    table = _read(entry.folder / TRIALS)
    path = searches.page(entry.name)
    drawn = [
        trials.Drawn(
            one["number"], _ordered(table, one["drawn"]), one["value"], one["state"] == "pruned"
        )
        for one in table["trials"]
        if one["value"] is not None
    ]
    figure = trials.search(
        drawn, table["best"], table["monitor"], table["mode"], table["logarithmic"]
    )
    with replacing(path.with_suffix(".svg")) as temporary:
        temporary.write_bytes(figures.svg(figure))
    with replacing(path) as temporary:
        temporary.write_text(markdown(entry, table), encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    again = paths.again(path)
    try:
        raw: dict[str, Any] = json.loads(path.read_text())
        for key in KEYS:
            raw[key]
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing: {again}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise DeepmirError(f"{path} is broken ({error}): {again}") from None
    return raw


def markdown(entry: NetworkEntry, table: Mapping[str, Any]) -> str:
    """The page as text.

    Args:
        entry: of the search.
        table: what its `trials.json` has.
    """
    shares = ", ".join(f"`{key}` {share:.0%}" for key, share in table["importance"].items())
    return (
        HEAD.format(
            name=entry.name,
            of=table["of"],
            task=entry.row.task,
            dataset=entry.row.dataset,
            count=len(table["trials"]),
            monitor=table["monitor"],
            better="less" if table["mode"] == "min" else "more",
            figure=searches.page(entry.name).with_suffix(".svg").name,
            best=table["best"],
            command=paths.snakemake(str(paths.metrics(entry.name))),
            chosen=yaml.safe_dump(_ordered(table, table["chosen"]), sort_keys=False, width=1000),
            rows="\n".join(_rows(table)),
            importance=IMPORTANCE.format(shares=shares) if shares else "",
        ).rstrip("\n")
        + "\n"
    )


def _ordered(table: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by key as they are declared; those of a file are sorted."""
    return {key: values[key] for key in table["keys"]}


def _rows(table: Mapping[str, Any]) -> list[str]:
    """The trials: those trained to their end, the best first, then those pruned, then failed."""
    sign = 1 if table["mode"] == "min" else -1
    keys = table["keys"]
    titles = ["trial", *(f"`{key}`" for key in keys), table["monitor"], "epochs", ""]
    lines = [_line(titles), _line(["---"] * len(titles))]

    def place(one: Mapping[str, Any]) -> tuple[int, float, int]:
        return ORDER.index(one["state"]), sign * (one["value"] or 0.0), one["number"]

    for one in sorted(table["trials"], key=place):
        values = [_shown(one["drawn"][key]) for key in keys]
        score = "–" if one["value"] is None else f"{one['value']:.4f}"
        epochs, remark = str(len(one["values"])), _remark(one, table["best"])
        lines.append(_line([str(one["number"]), *values, score, epochs, remark]))
    return lines


def _remark(one: Mapping[str, Any], best: int) -> str:
    if one["number"] == best:
        return "**chosen**"
    state = "" if one["state"] == "finished" else one["state"]
    return ": ".join(part for part in (state, cell(one["note"])) if part)


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else cell(str(value))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
