"""The data sets that a network is trained on, and their tracks."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepmir.datasets.splits import Part
from deepmir.declarations.neural import NeuralEntry
from deepmir.declarations.training import Training
from deepmir.errors import DeepmirError
from deepmir.features.corpus import Corpus, Files
from deepmir.features.inputs import Inputs
from deepmir.training.labelled import labelled
from deepmir.training.patches import Example, Target


@dataclass(frozen=True)
class Taught:
    """A data set that a network is trained on.

    Attributes:
        files: that the workflow makes from it.
        corpus: its tracks by part.
        share: of the patches.
    """

    files: Files
    corpus: Corpus
    share: float


def of(entry: NeuralEntry) -> list[Taught]:
    """The data sets that a network is trained on, its own first.

    Raises:
        DeepmirError: when one cannot be read, or has no tracks to train or validate on.
    """
    own = 1 - sum(share for _, share in entry.others)
    return [
        Taught(files, files.read_to_train(), share)
        for files, share in [(entry.files, own), *entry.others]
    ]


def fingerprint(entry: NeuralEntry, data: Sequence[Taught], code: str) -> str:
    """Hash of everything that determines the result: other checkpoints are not resumed."""
    parts = {
        "experiment": entry.decides,
        "representation": entry.representation.digest,
        "code": code,
        "data": data[0].corpus.data_hash,
        "split": data[0].corpus.split_hash,
        **beside(data[1:]),
    }
    if entry.source is not None:
        parts["start_from"] = entry.source.weights_sha256
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def hashes(one: Taught) -> dict[str, str]:
    """Facts about a data set for a card."""
    return {"data_hash": one.corpus.data_hash, "split_hash": one.corpus.split_hash}


def beside(others: Sequence[Taught]) -> dict[str, Any]:
    """Facts for a card about the other data sets of a training; nothing without any."""
    each = {one.corpus.name: {"share": one.share, **hashes(one)} for one in others}
    return {"also": each} if each else {}


def examples(
    one: Taught, part: Part, task: Target, inputs: Inputs, fewer_by: Training | None = None
) -> list[Example]:
    """The usable tracks of a part that have annotations for a task.

    Args:
        one: the data set.
        part: of it.
        task: what is learned.
        inputs: of the data set.
        fewer_by: gives the number of tracks to draw; None for all.
    """
    usable = [track for track in getattr(one.corpus.divided, part) if track.id in inputs]
    number, seed = (fewer_by.tracks, fewer_by.seed) if fewer_by else (None, 0)
    known = labelled(usable, task, number, seed)
    if not known:
        raise DeepmirError(
            f"data set {one.corpus.name}: no {part} track has annotations for the task {task.name}"
        )
    lengths = np.array([inputs.frames(track) for track in known], dtype=np.float64)
    shares = one.share * (lengths / lengths.sum())
    return [
        Example(track, int(length), jams, inputs, float(share))
        for (track, jams), length, share in zip(known.items(), lengths, shares, strict=True)
    ]
