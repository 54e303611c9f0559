"""Prediction by networks that write symbols: one JAMS file for each test track, and pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir import paths
from deepmir.datasets.index import Track
from deepmir.declarations.neural import SequenceEntry
from deepmir.drawing import alignment
from deepmir.drawing.alignment import Alignment
from deepmir.errors import about
from deepmir.evaluation import prediction
from deepmir.features import corpus
from deepmir.features.inputs import Inputs, open_inputs
from deepmir.files.annotations import Annotation
from deepmir.files.writing import replacing
from deepmir.sequences.spelling import END

if TYPE_CHECKING:
    from deepmir.models.sequence import Writer


def predict(entry: SequenceEntry, *, threads: int) -> Path:
    """Predict every test track; returns the path of the list of predictions.

    If the network has attention, an excerpt of the first test track is drawn.

    Args:
        entry: the network, and the data set that it is tested on.
        threads: of the CPU.

    Raises:
        DeepmirError: as `prediction.write`, and when the model is missing or broken.
    """
    writer, inputs = _opened(entry, threads)

    def annotate(track: str) -> list[Annotation]:
        features = inputs.features(track)
        return [writer.annotation(writer.write(features), len(features))]

    listed = prediction.write(entry, inputs, annotate)
    picture = paths.alignment(entry.name)
    picture.unlink(missing_ok=True)
    if writer.options.attention != "none":
        _draw(picture, _written(entry, writer, inputs, _heard(entry, inputs)[0]))
    return listed


def show(entry: SequenceEntry, folder: Path, count: int, *, threads: int) -> list[str]:
    """Transcribe an excerpt of each of some test tracks, for people to read.

    Args:
        entry: the network.
        folder: for the pictures, if there is attention.
        count: how many of the test tracks, at most.
        threads: of the CPU.

    Returns:
        A line for each: the track, and the symbols in words.

    Raises:
        DeepmirError: when the model or data are missing or broken.
    """
    writer, inputs = _opened(entry, threads)
    lines = []
    for track in _heard(entry, inputs)[:count]:
        one = _written(entry, writer, inputs, track)
        if writer.options.attention != "none":
            _draw(folder / f"{track.id}.png", one)
        lines.append(f"{one.title}: {_in_words(writer, one.symbols)}")
    return lines


def _opened(entry: SequenceEntry, threads: int) -> "tuple[Writer, Inputs]":
    import torch

    from deepmir.models import sequence

    torch.set_num_threads(threads)
    with about(entry.name):
        writer, _ = sequence.load(entry.folder)
        return writer, open_inputs(entry.files, entry.representation, on_the_fly=False)


def _heard(entry: SequenceEntry, inputs: Inputs) -> list[Track]:
    """The test tracks that have features."""
    return [track for track in entry.files.read().divided.test if track.id in inputs]


def _written(entry: SequenceEntry, writer: "Writer", inputs: Inputs, track: Track) -> Alignment:
    """The excerpt in the middle of a track."""
    features = inputs.features(track.id)
    every = writer.write(features)
    one = every[len(every) // 2]
    first = round(one.start * writer.frame_rate)
    jams = corpus.read_annotations([track], ())[track.id]
    seconds = min(writer.frames, len(features)) / writer.frame_rate
    events = writer.spelling.read(one.tokens)
    heard = writer.spelling.heard(events, [1.0] * len(events), seconds)
    return Alignment(
        title=f"{jams.title or track.id}, from {one.start:.1f} s, by {entry.name}",
        start=one.start,
        values=features[first : first + writer.frames],
        representation=entry.representation,
        symbols=[writer.spelling.word(int(token)) for token in one.tokens],
        weights=one.weights,
        starts=[each.start for each in heard],
    )


def _in_words(writer: "Writer", symbols: Sequence[str]) -> str:
    """Symbols event by event, without the end."""
    width = len(writer.spelling.fields)
    said = symbols[:-1] if symbols[-1] == writer.spelling.word(END) else symbols
    return " | ".join(" ".join(said[i : i + width]) for i in range(0, len(said), width))


def _draw(path: Path, one: Alignment) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(alignment.png(one))
