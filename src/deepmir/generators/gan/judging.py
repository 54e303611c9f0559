"""The judgement of a GAN, on the test part and with the features of one of our classifiers.

It consists of the Frechet distance, the accuracy of the classifier, the estimated pitch, the number
of classes and their evenness, and whether training notes are copied. For comparison there are real
notes (as many from the training part) and a Gaussian with the mean and the covariance of the
training patches, per instrument if that is a condition. All sets have the same size.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from deepmir.declarations.generated import GeneratorEntry
from deepmir.declarations.schema import Evaluation
from deepmir.errors import DeepmirError
from deepmir.generators import frechet
from deepmir.generators.gan import figures, hearing, patches, statistics, trained
from deepmir.generators.gan.patches import Array, Patches
from deepmir.generators.gan.trained import Trained
from deepmir.generators.judgement import Estimate, Judgement, estimate
from deepmir.models import model
from deepmir.tasks.base import Metric, shares

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Sets = Mapping[str, "Judged"]

MEASURES = {
    "frechet": Metric(better="less", of="part"),
    **shares(("accuracy", "pitch")),
    **shares(("classes", "evenness"), of="part"),
    "copied": Metric(better="less", worst=1.0),
}
COPIED = 0.05  # share of the training notes that are as near to another one
EARS = 64  # notes per batch


@dataclass(frozen=True)
class Judged:
    """A set of notes as classified.

    Attributes:
        frames: shape (n, T, F).
        features: the input of its last layer, averaged over time, shape (n, H).
        heard: the index of its most probable label, shape (n,).
    """

    frames: Array
    features: Floats
    heard: Places


def judge(entry: GeneratorEntry, generated: Path, folder: Path) -> Judgement:
    """Evaluate a trained GAN; the files of figures and sounds go into the folder.

    Raises:
        DeepmirError: when something is missing or damaged, or the classifier lacks an instrument.
    """
    options, made = trained.declared(entry), Trained.load(entry)
    train, test, groups = _parts(entry)
    labels, truth = _truth(entry, test)
    own = made.make(test.classes(made.vocabulary), options.training.seed)
    told = "instrument" in made.vocabulary
    listen = _classifier(entry)
    reference = listen(test.frames)
    others = _others(train, test, told, np.random.default_rng(options.training.seed))
    sets = {name: listen(frames) for name, frames in {"own": own, **others}.items()}
    metrics, differences = _distances(sets, reference, groups, entry.evaluation)
    for name, one in {**sets, "real": reference}.items():
        metrics[name] |= _of_set(one.heard, len(labels), groups, entry.evaluation)
        if told:
            hits = (one.heard == truth).astype(np.float64)
            metrics[name]["accuracy"] = estimate(hits, entry.evaluation, groups)
    copies = _copies(own, test.frames, train.frames)
    metrics["own"]["copied"] = estimate(copies.copied, entry.evaluation, groups)
    heard = hearing.listen(entry, test, own if "pitch" in made.vocabulary else None)
    for name, hits in heard.right.items():
        listened = [groups[place] for place in heard.places]
        metrics[name]["pitch"] = estimate(hits, entry.evaluation, listened)
    shown = figures.Shown(
        own, test, train.frames[copies.places], sets["own"].heard, reference.heard, labels
    )
    return Judgement(
        metrics=metrics.pop("own"),
        baselines=metrics,
        differences=differences,
        figures=figures.draw(folder, entry, shown),
        sounds=hearing.sounds(entry, generated, folder, train, test),
        notes=[_SIZES.format(n=len(test)), copies.said, *heard.said],
    )


_SIZES = (
    "Frechet distances are between sets of {n} notes: other sizes give other values. "
    "Real notes are from the training part, whose notes of an instrument have other "
    "pitches than those of the test part; their accuracy, pitch and classes are those of "
    "the test part itself."
)


def _parts(entry: GeneratorEntry) -> tuple[Patches, Patches, list[str]]:
    """The training part, the test part limited to the size of it, and the groups of the latter."""
    options = trained.declared(entry)
    data, store = entry.files.read(), entry.files.open_features(entry.representation)
    train, test = (
        patches.read(store, part, options.frames(entry.representation))
        for part in (data.divided.train, data.divided.test)
    )
    if len(test) > len(train):
        rng = np.random.default_rng(entry.evaluation.seed)
        test = test.some(np.sort(rng.choice(len(test), len(train), replace=False)))
    group_of = {track.id: track.group for track in data.divided.test}
    return train, test, [group_of[track] for track in test.tracks]


def _truth(entry: GeneratorEntry, test: Patches) -> tuple[tuple[str, ...], Places]:
    """The labels of the classifier, and the index of each test note's instrument in them."""
    labels = entry.judges["classifier"].task.output.labels
    for said in test.said:
        if said["instrument"] not in labels:
            raise DeepmirError(
                f"classifier: it has no label {said['instrument']}: declare the instruments of the "
                "data set as its labels"
            )
    return labels, np.array([labels.index(said["instrument"]) for said in test.said])


def _others(
    train: Patches, test: Patches, told: bool, rng: np.random.Generator
) -> dict[str, Array]:
    """As many patches as there are test notes: real ones, and samples of a Gaussian.

    Args:
        train: the training part.
        test: the test part.
        told: whether instruments are a condition, so each has its own Gaussian.
        rng: the generator of random numbers.
    """
    real = train.some(rng.choice(len(train), len(test), replace=False)).frames
    if not told:
        return {"real": real, "gaussian": frechet.gaussian(train.frames, len(test), rng)}
    wanted, known = ([said["instrument"] for said in part.said] for part in (test, train))
    drawn = np.empty_like(test.frames)
    for name in sorted(set(wanted)):
        own, like = np.array(wanted) == name, np.array(known) == name
        drawn[own] = frechet.gaussian(train.frames[like], int(own.sum()), rng)
    return {"real": real, "gaussian": drawn}


def _classifier(entry: GeneratorEntry) -> Callable[[Array], Judged]:
    network, _, _ = model.load(entry.judges["classifier"].folder)

    def listen(frames: Array) -> Judged:
        features, heard = [], []
        with torch.inference_mode():
            for some in torch.split(torch.from_numpy(frames), EARS):
                logits, hidden = network.with_hidden(model.as_input(some))
                features.append(hidden.mean(dim=2))
                heard.append(torch.sigmoid(logits).mean(dim=2).argmax(dim=1))
        return Judged(
            frames, torch.cat(features).double().numpy(), torch.cat(heard).numpy().astype(np.int64)
        )

    return listen


def _distances(
    sets: Sets, reference: Judged, groups: Sequence[str], options: Evaluation
) -> tuple[dict[str, dict[str, Estimate]], dict[str, Estimate]]:
    """The Frechet distance of each set to the test part, and the difference of ours."""

    def drawn_of(one: Judged) -> Floats:
        return statistics.of_draws(
            lambda which: frechet.distance(one.features[which], reference.features[which]),
            groups,
            options,
        )

    drawn = {name: drawn_of(one) for name, one in sets.items()}
    metrics = {
        name: {"frechet": statistics.centred(values, groups, options)}
        for name, values in drawn.items()
    }
    differences = {
        name: statistics.centred(drawn["own"] - values, groups, options)
        for name, values in drawn.items()
        if name != "own"
    }
    return metrics, differences


def _of_set(
    heard: Places, classes: int, groups: Sequence[str], options: Evaluation
) -> dict[str, Estimate]:
    """The number of classes in a set of notes, and their evenness."""
    each: dict[str, Callable[[Places], float]] = {
        "classes": lambda which: len(np.unique(heard[which])) / classes,
        "evenness": lambda which: statistics.evenness(heard[which], classes),
    }
    return {
        name: statistics.centred(
            statistics.of_draws(statistic, groups, options), groups, options, 1.0
        )
        for name, statistic in each.items()
    }


@dataclass(frozen=True)
class _Copies:
    """The nearest training note of each generated one, and whether it is copied."""

    places: Places
    copied: Floats
    said: str


def _copies(own: Array, test: Array, train: Array) -> _Copies:
    """A copy is closer to a training note than 95 % of the training notes are to another one."""
    places, apart = frechet.nearest(own, train)
    _, of_test = frechet.nearest(test, train)
    _, among = frechet.nearest_others(train)
    said = (
        f"The nearest training note is {np.median(apart):.2f} away from a generated one, "
        f"{np.median(of_test):.2f} from a test note and {np.median(among):.2f} from another "
        "training note (medians of the root mean square, in the unit of the representation)."
    )
    return _Copies(places, (apart < np.quantile(among, COPIED)).astype(np.float64), said)
