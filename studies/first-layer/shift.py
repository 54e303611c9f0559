"""Shift the test tracks along the frequency axis, run every network again, and draw: shift.png.

Run after snakemake: ``python studies/first-layer/shift.py``. A track shifted by k bins is what it
would be if everything in it, including formants and drums, sounded k semitones higher.
"""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from deepmir import paths
from deepmir.datasets.index import Track
from deepmir.declarations import entries, loading, sweeps
from deepmir.declarations.neural import NetworkEntry
from deepmir.drawing import figures
from deepmir.drawing.figures import COLOURS
from deepmir.evaluation import prediction
from deepmir.evaluation.scoring import interval
from deepmir.features import corpus
from deepmir.features.inputs import open_inputs
from deepmir.files.annotations import Jams
from deepmir.models import model
from deepmir.models.card import task_of
from deepmir.tasks.base import Task

HERE = Path(__file__).parent
SHIFTS = (-6, -3, -1, 0, 1, 3, 6)  # bins, which are semitones
ROOM = max(SHIFTS)
Array = npt.NDArray[np.float64]


def wide(entry: NetworkEntry) -> dict[str, npt.NDArray[np.floating]]:
    """The test tracks with so many more bins on either side, by track."""
    narrow = entry.representation
    fmin = narrow.frequencies[0] * 2 ** (-ROOM / 12)
    more = narrow.model_copy(update={"fmin": float(fmin), "bins": narrow.bins + 2 * ROOM})
    inputs = open_inputs(entry.files, more, on_the_fly=True)
    tracks = entry.files.read().divided.test
    return {track.id: inputs.features(track.id).astype(np.float16) for track in tracks}


def moved(task: Task, reference: Jams, bins: int) -> Jams:
    """The annotation of a track that is moved: another key, and the same singing."""
    if task.name != "key":
        return reference
    index = task.index(reference)
    mode, tonic = divmod(index, 12)
    annotation = task.annotation(12 * mode + (tonic + bins) % 12, 1.0)
    return Jams(reference.duration, (annotation,))


def scores(entry: NetworkEntry, tracks: list[Track], heard: dict[str, npt.NDArray]) -> Array:
    """The primary metric of each track at each shift, shape (shifts, tracks)."""
    network, card, representation = model.load(entry.folder)
    task = task_of(card)
    decode = task.decoder(representation.frame_rate, **card.decoder)
    references = corpus.read_annotations(tracks, task.namespaces)
    found = np.zeros((len(SHIFTS), len(tracks)))
    for column, track in enumerate(tracks):
        reference = references[track.id]
        for row, bins in enumerate(SHIFTS):
            x = heard[track.id][:, ROOM - bins : ROOM - bins + representation.bins]
            estimate = Jams(
                reference.duration, tuple(decode(prediction.activations(network, card, x)))
            )
            truth = moved(task, reference, bins)
            found[row, column] = task.metrics(truth, estimate)[task.primary]
    return found


def main() -> None:
    """Print the tables of what has been scored, and draw them."""
    os.chdir(HERE)
    params = loading.load()
    groups = [g for g in sweeps.groups(params) if all(paths.scores(n).exists() for n in g.members)]
    figure = Figure(figsize=(4.5 * len(groups), 3.4), layout="constrained")
    axes = figure.subplots(1, len(groups), squeeze=False)[0]
    heard: dict[str, npt.NDArray] = {}
    colours: dict[str, str] = {}
    for axis, group in zip(axes, groups, strict=True):
        members = {n: entries.resolve(params, n) for n in group.members}
        first = next(iter(members.values()))
        tracks = first.files.read().divided.test
        heard = heard or wide(first)
        print(
            f"\n| {group.name} | {' | '.join(f'{bins:+d}' for bins in SHIFTS)} | lost at ±3, ±6 |"
        )
        print(f"|---|{'---|' * (len(SHIFTS) + 1)}")
        for setting in group.settings:
            each = np.mean([scores(members[n], tracks, heard) for n in setting.members], axis=0)
            here = each[SHIFTS.index(0)]
            lost = here - each[[abs(bins) >= 3 for bins in SHIFTS]].mean(axis=0)
            low, high = interval(lost, params.evaluation)
            values = " | ".join(f"{value:.3f}" for value in each.mean(axis=1))
            print(
                f"| {group.title(setting)} | {values} | {lost.mean():.3f} [{low:.3f}, {high:.3f}] |"
            )
            title = group.title(setting)
            colours.setdefault(title, COLOURS[len(colours)])  # the same on both sides
            style = {"color": colours[title], "marker": "o", "label": title}
            axis.plot(SHIFTS, each.mean(axis=1), **style)
        axis.set_title(f"{group.name}: {first.task.primary}", fontsize=10)
        axis.set_xlabel("semitones that the test tracks are moved by")
        axis.set_xticks(SHIFTS)
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False, fontsize=8)
    (HERE / "shift.png").write_bytes(figures.png(figure))


if __name__ == "__main__":
    main()
