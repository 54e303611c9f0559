"""The results as a Markdown page that is committed: every number with what it was made from."""

from deepmir import paths, results
from deepmir.params import Params
from deepmir.results import Comparison, Result


def markdown(params: Params) -> str:
    """Two tables: networks against their baselines, and what each row was made from and by.

    Raises:
        DeepmirError: when a result is missing or broken.
    """
    found = results.read(params)
    rows = ["| task | data set | system | metric | score | against the baselines | test tracks |"]
    rows += ["|---|---|---|---|---|---|---|"]
    made = ["| system | data | split | model | made again by |", "|---|---|---|---|---|"]
    for result in found:
        compared = results.comparisons(result, found, params)
        name = f"**{result.name}**" if result.kind == "network" else result.name
        name += f" ({result.origin})" if result.origin else ""
        rows.append(
            f"| {result.task} | {result.dataset} | {name} | {result.primary} | {_score(result)} | "
            f"{'<br>'.join(map(_against, compared))} | {result.tracks} |"
        )
        hashes = (result.raw[key][:8] for key in ("data_hash", "split_hash", "model_hash"))
        command = f"`{paths.snakemake(str(paths.metrics(result.name)))}`"
        made.append(f"| {result.name} | {' | '.join(hashes)} | {command} |")
    return "\n".join([*rows, "", *made, ""])


def _score(result: Result) -> str:
    score = result.score
    return f"{score['mean']:.3f} [{score['low']:.3f}, {score['high']:.3f}]"


def _against(c: Comparison) -> str:
    word = "even with" if c.verdict == "even" else f"{c.verdict} than"
    return f"{c.mean:+.3f} [{c.low:+.3f}, {c.high:+.3f}] {word} {c.baseline}"
