"""Compares all files that the workflow has made with the checksums recorded then."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deepmir import paths
from deepmir.datasets.index import read_index
from deepmir.declarations import generated
from deepmir.declarations.data import files_of
from deepmir.declarations.entries import everything
from deepmir.declarations.entry import Entry
from deepmir.declarations.neural import NetworkEntry, NeuralEntry
from deepmir.declarations.schema import Params
from deepmir.errors import DeepmirError
from deepmir.evaluation import predictions, results, scoring
from deepmir.features import corpus, downmix
from deepmir.files.store import Store
from deepmir.files.writing import hash_file
from deepmir.models import model
from deepmir.models.card import read_card


@dataclass
class Found:
    """The result of a verification.

    Attributes:
        counts: how many files of each kind were compared.
        bytes: of all that was compared, except small files.
        problems: a line for each damaged file, with the command that makes it again.
    """

    counts: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
    problems: list[str] = field(default_factory=list)

    def count(self, kind: str, number: int = 1) -> None:
        """Count what is about to be compared."""
        self.counts[kind] = self.counts.get(kind, 0) + number

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note a problem, and continue."""
        try:
            yield
        except DeepmirError as error:
            if str(error) not in self.problems:  # a file that several entries read
                self.problems.append(str(error))

    def __str__(self) -> str:
        """How much was checked, in a line."""
        counts = ", ".join(f"{kind} {number}" for kind, number in self.counts.items())
        return f"checked: {counts or 'nothing has been made yet'} ({self.bytes / 1e6:.0f} MB)"


def verify(params: Params) -> Found:
    """Compare everything that is declared and has been made."""
    found = Found()
    for name in params.datasets:
        for index in filter(Path.is_file, files_of(params, name).indices):
            found.count("indices")
            with found.noting():
                _recordings(index, found)
    for path, digest in sorted(_stores(params)):
        if path.is_file():
            found.count("files of arrays")
            with found.noting():
                _arrays(path, digest, found)
    for entry in everything(params).values():
        _entry(entry, found)
    for generator in generated.everything(params).values():
        if generator.folder.is_dir():
            found.count("models")
            with found.noting():
                model.read_weights(generator.folder)
    return found


def _entry(entry: Entry, found: Found) -> None:
    """Compare what has been made of an entry: its model, predictions and scores."""
    if entry.is_trained and entry.folder.is_dir():
        found.count("models")
        with found.noting():
            _model(entry)
    if paths.predictions(entry.name).is_file():
        with found.noting():
            _predictions(entry, found)
    if paths.scores(entry.name).is_file():
        found.count("scores")
        with found.noting():
            _scores(entry)


def _recordings(index: Path, found: Found) -> None:
    """Compare recordings and annotations with the hashes of their index."""
    for track in read_index([index]).tracks:
        files = {track.audio: track.sha256, track.annotations: track.annotations_sha256}
        for path, sha256 in files.items():
            found.count("recordings and annotations")
            with found.noting():
                corpus.compare(track, Path(path), sha256)
                found.bytes += Path(path).stat().st_size


def _stores(params: Params) -> Iterator[tuple[Path, str]]:
    """Every file of audio or features that is declared, and the digest of its declaration."""
    seen: set[tuple[Path, str]] = set()
    for entry in everything(params).values():
        rate = entry.sample_rate
        each = [(path, downmix.digest(rate)) for path in entry.files.audio(rate)]
        on_the_fly = isinstance(entry, NeuralEntry) and entry.on_the_fly
        if entry.representation is not None and not on_the_fly:
            each += [(path, entry.representation.stamp) for path in entry.arrays]
        seen.update(each)
    for generator in generated.everything(params).values():
        rate, representation = generator.representation.sample_rate, generator.representation
        seen.update((path, downmix.digest(rate)) for path in generator.files.audio(rate))
        if representation.kind != "audio":
            seen.update((path, representation.stamp) for path in generator.arrays)
    yield from seen


def _arrays(path: Path, digest: str, found: Found) -> None:
    store = Store([path], digest)
    found.count("arrays", len(store.tracks))
    for track in store.tracks:
        found.bytes += store.read(track).nbytes


def _model(entry: Entry) -> None:
    if isinstance(entry, NetworkEntry):
        model.load(entry.folder)
    elif read_card(entry.folder).weights_sha256:
        model.read_weights(entry.folder)


def _predictions(entry: Entry, found: Found) -> None:
    listed = predictions.read(entry.name, entry.files.read())
    found.count("predictions", len(listed["tracks"]))


def _scores(entry: Entry) -> None:
    """Refuse scores that are not of the predictions that are there."""
    path, made_from = paths.scores(entry.name), paths.predictions(entry.name)
    scored = results.read_one(entry).raw
    if made_from.is_file() and scored.get("predictions_hash") != hash_file(made_from):
        raise DeepmirError(
            f"{path} does not belong to the current predictions: {paths.again(path)}"
        )
    metrics = paths.metrics(entry.name)
    try:
        recorded = json.loads(metrics.read_text())
    except (OSError, ValueError):
        recorded = None
    if recorded != scoring.means(scored):
        raise DeepmirError(f"{metrics} does not belong to {path}: {paths.again(path)}")
