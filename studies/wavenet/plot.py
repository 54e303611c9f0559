"""Draw the tables and figures of README.md.

Run after snakemake: ``python studies/wavenet/plot.py``.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
SEEDS = ("wavenet", "wavenet-again")
PHRASES = "wavenet-phrases"
SHOWN = {"wavenet": 6, PHRASES: 3}  # sounds, the recordings above and what was generated below
GAP = 6  # pixels


def judgement(name: str) -> dict:
    """What a seed was judged by."""
    return json.loads((HERE / f"reports/generated/{name}/judgement.json").read_text())


def cell(estimate: dict | None) -> str:
    """A mean with its interval."""
    return "{mean:.2f} [{low:.2f}, {high:.2f}]".format(**estimate) if estimate else "–"


def table() -> str:
    """Metrics of both seeds, their spread, and the baselines."""
    found = [judgement(name) for name in SEEDS]
    baselines = found[0]["baselines"]
    lines = [["metric", "seed 1", "seed 2", "deviation", *baselines]]
    for metric in found[0]["metrics"]:
        means = [each["metrics"][metric]["mean"] for each in found]
        own = [cell(each["metrics"][metric]) for each in found]
        others = [cell(each.get(metric)) for each in baselines.values()]
        lines.append([metric, *own, f"{np.std(means, ddof=1):.2f}", *others])
    lines.insert(1, ["---"] * len(lines[0]))
    lines += [
        [f"bits less {name}", *(cell(each["differences"][name]) for each in found)]
        for name in found[0]["differences"]
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def table_of_phrases() -> str:
    """Metrics on phrases, beside those of the baselines."""
    found = judgement(PHRASES)
    baselines = found["baselines"]
    lines = [["metric", "phrases", *baselines], ["---"] * (2 + len(baselines))]
    for metric, own in found["metrics"].items():
        lines.append([metric, cell(own), *(cell(one.get(metric)) for one in baselines.values())])
    differences = found["differences"].items()
    lines += [[f"bits less {name}", cell(one)] for name, one in differences]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def picture(name: str) -> Image.Image:
    """Spectrograms of recordings, and below each of what was generated like it."""
    folder = HERE / f"reports/generated/{name}"
    groups = judgement(name)["sounds"][: SHOWN[name]]
    rows = [
        [np.array(Image.open(folder / group["sounds"][side]["picture"])) for group in groups]
        for side in (0, 1)
    ]
    wide = [np.hstack([np.pad(one, GAP, constant_values=255) for one in row]) for row in rows]
    whole = Image.fromarray(np.vstack(wide))
    return whole.resize((1200, 1200 * whole.height // whole.width))


if __name__ == "__main__":
    print(table(), table_of_phrases(), sep="\n\n")
    picture(SEEDS[0]).save(HERE / "notes.png", optimize=True)
    picture(PHRASES).save(HERE / "phrases.png", optimize=True)
