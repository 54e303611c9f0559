"""Score every network of the study on recordings and rendered songs, as they are and at 8 kHz.

Run by hand, in the folder of the study: ``python judge.py``. Scores of every track go to
reports/wild.json; a network with the same weights that is already there is not run again.
"""

import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from deepmir import paths
from deepmir.declarations import loading
from deepmir.declarations.data import files_of
from deepmir.declarations.schema import Evaluation
from deepmir.evaluation import prediction, scoring
from deepmir.features import corpus, downmix
from deepmir.files import audio
from deepmir.files.annotations import Jams
from deepmir.models import model
from deepmir.models.card import task_of

RATE, NARROW = 22050, 8000  # Hz
RENDERED = 3  # every third rendered song is enough
SCORES = Path("reports/wild.json")
STEPS = ("rendered", "wild", "recordings", "taught")
SETS = {
    "beat": ("modules", "lmms", "fretsonfire", "rendered-again"),
    "onset": ("modules", "rendered-again"),
    "singing": ("jamendolyrics", "eif", "eif-stems", "rendered-again"),
}
SHOWN = {
    "beat": ("f_measure", "amlt"),
    "onset": ("f_measure",),
    "singing": ("accuracy", "recall", "false_alarm"),
}
NEVER_TRAINED_ON = ("fretsonfire", "jamendolyrics")

Samples = npt.NDArray[np.float32]
PerTrack = dict[str, dict[str, float]]


class Heard(NamedTuple):
    """What networks are asked about: a part of a data set, as it is or as 8 kHz keep it."""

    dataset: str
    part: str
    narrow: bool

    def __str__(self) -> str:
        return " ".join((self.dataset, self.part, *(["narrow"] if self.narrow else [])))


def heard(task: str) -> Iterator[Heard]:
    """Test parts, recordings also at 8 kHz, and the validation parts of recordings."""
    for dataset in SETS[task]:
        yield Heard(dataset, "test", False)
        if dataset not in (*NEVER_TRAINED_ON, "rendered-again"):
            yield Heard(dataset, "validation", False)
    for dataset in SETS[task]:
        if dataset != "rendered-again":
            yield Heard(dataset, "test", True)


def kept(samples: Samples) -> Samples:
    """Rounded to the 16 bits of the audio store."""
    whole = np.rint(samples.clip(-1, 1) * downmix.FULL_SCALE)
    return np.asarray(whole / downmix.FULL_SCALE, dtype=np.float32)


def narrowed(samples: Samples) -> Samples:
    """As a file at 8 kHz would be heard: nothing is left above 4 kHz."""
    back = audio.resample(kept(audio.resample(samples, RATE, NARROW)), NARROW, RATE)
    levelled = audio.from_samples(back, RATE).blocks
    return kept(np.concatenate([block.copy() for block in levelled]))


def recordings(params: Any, task: Any, what: Heard) -> Iterator[tuple[str, Samples, Jams]]:
    """Every track that is annotated for a task: identifier, samples, annotations.

    In `sectoid` the annotated grid is often half a beat off.
    """
    files = files_of(params, what.dataset)
    data, store = files.read(), files.open_audio(RATE)
    tracks = [t for t in getattr(data.divided, what.part) if t.group != "sectoid"]
    if what.dataset == "rendered-again":
        tracks = tracks[::RENDERED]
    for track, jams in corpus.read_annotations(tracks, task.namespaces).items():
        if task.metrics(jams, jams):
            samples = downmix.samples_of(store, track)
            yield track, narrowed(samples) if what.narrow else samples, jams


def ask(params: Any, name: str, scores: dict[str, Any]) -> None:
    """Score all networks of a task that have not been."""
    folders = {"before": Path("before") / name, "shipped": paths.SHIPPED / name}
    for step in STEPS:
        for suffix in ("", "-seed-2"):
            folders[step + suffix] = Path("models") / f"{name}-{step}{suffix}"
    there = {n: f for n, f in folders.items() if (f / "card.json").exists()}
    loaded = {n: model.load(folder) for n, folder in there.items()}
    for what in heard(name):
        known = scores.setdefault(name, {}).setdefault(str(what), {})
        asked = {
            n: one
            for n, one in loaded.items()
            if known.get(n, {}).get("weights") != one[1].weights_sha256
        }
        if not asked:
            continue
        found: dict[str, PerTrack] = {n: {} for n in asked}
        task = task_of(next(iter(asked.values()))[1])
        for track, samples, jams in recordings(params, task, what):
            features: dict[str, Any] = {}
            for n, (network, card, representation) in asked.items():
                if representation.digest not in features:
                    features[representation.digest] = representation(samples)
                values = prediction.activations(network, card, features[representation.digest])
                decode = task_of(card).decoder(representation.frame_rate, **card.decoder)
                estimate = Jams(jams.duration, tuple(decode(values)))
                said = task.metrics(jams, estimate)
                found[n][track] = {metric: said[metric] for metric in SHOWN[name]}
        for n, per_track in found.items():
            known[n] = {"weights": asked[n][1].weights_sha256, "tracks": per_track}
        SCORES.parent.mkdir(exist_ok=True)
        SCORES.write_text(json.dumps(scores))
        print(name, what, len(asked), file=sys.stderr, flush=True)


def seeds_of(networks: dict[str, Any], step: str) -> list[PerTrack]:
    """The scores of each track, by seed."""
    return [networks[n]["tracks"] for n in (step, f"{step}-seed-2") if n in networks]


def mean_of(networks: dict[str, Any], step: str) -> PerTrack:
    """The scores of each track, in the mean over seeds."""
    each = seeds_of(networks, step)
    return {
        track: {m: float(np.mean([one[track][m] for one in each])) for m in values}
        for track, values in each[0].items()
    }


def short(number: float, sign: str = "") -> str:
    """As the tables write it: .812 or +.012."""
    return f"{number:{sign}.3f}".replace("0.", ".", 1)


def cell(networks: dict[str, Any], step: str, before: str, metric: str) -> str:
    """Mean and each seed; the paired difference from the step before, with its interval."""
    options, ours = Evaluation(), mean_of(networks, step)
    of_seeds = [scoring.summarise(one, options)[metric]["mean"] for one in seeds_of(networks, step)]
    text = short(float(np.mean(of_seeds)))
    if not before:
        return text
    mean, low, high = scoring.difference(ours, mean_of(networks, before), metric, options)
    change = f"{short(mean, '+')} [{short(low, '+')}, {short(high, '+')}]"
    return f"{text} ({', '.join(map(short, of_seeds))})<br>{change}"


def show(scores: dict[str, Any]) -> None:
    """A table of all steps, each beside the one before."""
    head = ["task", "recordings", "tracks", "metric", "before", "shipped", *STEPS]
    print("|", " | ".join(head), "|")
    print("|", " | ".join("---" for _ in head), "|")
    for task, sets in scores.items():
        for what, networks in sets.items():
            for metric in SHOWN[task]:
                steps = ["before", *(step for step in STEPS if step in networks)]
                cells = [cell(networks, step, "", metric) for step in ("before", "shipped")]
                cells += [cell(networks, b, a, metric) for a, b in itertools.pairwise(steps)]
                tracks = len(networks["before"]["tracks"])
                print(f"| {task} | {what} | {tracks} | {metric} |", " | ".join(cells), "|")


def main() -> None:
    """Ask the networks of the tasks that are named, or of all; show all scores."""
    torch.set_num_threads(1)
    params = loading.load()
    scores = json.loads(SCORES.read_text()) if SCORES.exists() else {}
    for name in sys.argv[1:] or SETS:
        ask(params, name, scores)
    show(scores)


if __name__ == "__main__":
    main()
