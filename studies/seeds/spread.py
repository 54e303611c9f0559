"""The spread over seeds, and whether every seed is better than every baseline, as Markdown."""

import os
import statistics
from itertools import groupby
from pathlib import Path

from deepmir.declarations import entries, loading
from deepmir.evaluation import results


def main() -> None:
    """Print a row for each baseline that a network is compared with."""
    os.chdir(Path(__file__).parent)
    declared = loading.load()
    found = results.read(entries.shown(declared))
    networks = [result for result in found if result.kind == "network"]
    print("| network | scores of the seeds | mean, deviation | against | least difference |")
    print("|---|---|---|---|---|")
    for task, group in groupby(sorted(networks, key=lambda r: r.task), key=lambda r: r.task):
        seeds = [*group]
        scores = sorted(seed.score["mean"] for seed in seeds)
        listed = ", ".join(f"{score:.3f}" for score in scores)
        spread = f"{statistics.mean(scores):.3f}, {statistics.stdev(scores):.3f}"
        against = [c for seed in seeds for c in results.comparisons(seed, found)]
        for name, pairs in groupby(sorted(against, key=lambda c: c.baseline), lambda c: c.baseline):
            least = min(pairs, key=lambda c: c.low)
            difference = f"{least.mean:+.3f} [{least.low:+.3f}, {least.high:+.3f}] {least.verdict}"
            print(f"| {task} | {listed} | {spread} | {name} | {difference} |")


if __name__ == "__main__":
    main()
