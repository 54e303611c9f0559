"""The best and the worst tracks of a system, to look at and listen to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from deepmir import paths
from deepmir.datasets.index import Track
from deepmir.declarations.neural import NeuralEntry
from deepmir.drawing import axes, picture
from deepmir.drawing.axes import Tick
from deepmir.evaluation.results import Result
from deepmir.features.corpus import Corpus
from deepmir.files import annotations, audio
from deepmir.files.samples import Samples
from deepmir.files.store import Store
from deepmir.report import sound, views
from deepmir.report.html import data_uri
from deepmir.report.views.base import Scene, View
from deepmir.representations import Representation
from deepmir.tasks.base import Metric

SECONDS = 30.0
EACH = 3  # so many of the best and of the worst

# What a baseline is drawn over when no experiment of its task and data set declares anything.
DEFAULT = {"kind": "mel", "hop": 441, "window": 2048, "bins": 80, "fmin": 30.0, "fmax": 10000.0}
DEFAULT |= {"sample_rate": 22050, "conditioning": [{"kind": "log"}]}


@dataclass(frozen=True)
class Excerpt:
    """The beginning of a test track as the page shows it; addresses hold what they point at."""

    track: str
    title: str
    artist: str
    licence: str
    place: int
    scores: dict[str, float]
    seconds: float
    duration: float
    picture: str
    times: list[Tick]
    frequencies: list[Tick]
    view: View
    audio: str
    clicks: str


@dataclass(frozen=True)
class Canvas:
    """The representation that tracks of a system are drawn over, by its name in `params.yaml`.

    Attributes:
        seen: whether it is the input of the system itself.
    """

    name: str
    representation: Representation
    features: Store | None
    seen: bool

    def values(self, track: str, samples: Samples) -> npt.NDArray[np.float32]:
        """The representation of an excerpt, shape (frames, bins)."""
        if self.features is None:
            found = self.representation(samples)
        else:
            frames = 1 + int(SECONDS * self.representation.frame_rate)
            found = self.features[track][:frames].astype(np.float32)
        return found if found.ndim == 2 else found.mean(axis=2)


def ranked(result: Result, measures: Mapping[str, Metric]) -> list[str]:
    """All scored tracks, the worst first: by the primary metric, the others, the name."""
    per_track = result.raw["per_track"]

    def key(track: str) -> tuple[float, float, str]:
        scores = {name: measures[name].sign * value for name, value in per_track[track].items()}
        return scores.get(result.primary, 0.0), sum(scores.values()), track

    return sorted(per_track, key=key)


def extremes(tracks: Sequence[str]) -> tuple[list[str], list[str]]:
    """The worst and the best of ranked tracks, the most extreme first; no track is both."""
    worst = list(tracks[: min(EACH, len(tracks) // 2)])
    best = list(tracks[len(worst) :][-EACH:])
    return worst, best[::-1]


def canvas_of(result: Result, results: Sequence[Result]) -> Canvas:
    """The input of a system; for a baseline, that of a network for the same task and data set."""
    seen = isinstance(result.entry, NeuralEntry)
    for other in (result,) if seen else results:
        entry = other.entry
        if (other.task, other.dataset) != (result.task, result.dataset):
            continue
        if isinstance(entry, NeuralEntry) and entry.representation.kind != "audio":
            found = entry.representation
            features = None if entry.on_the_fly else entry.files.open_features(found)
            return Canvas(entry.row.representation, found, features, seen)
    default: Representation = TypeAdapter(Representation).validate_python(DEFAULT)
    return Canvas("mel", default, None, seen=False)


def make(
    result: Result, order: Sequence[str], data: Corpus, canvas: Canvas
) -> tuple[list[Excerpt], list[Excerpt]]:
    """The worst and the best excerpts of a system, from its tracks as they are :func:`ranked`.

    Raises:
        DeepmirError: when a recording, its annotations or its prediction cannot be read.
    """
    tracks = {
        track.id: track
        for track in data.divided.test
        if paths.prediction(result.name, track.id).exists()
        and (canvas.features is None or track.id in canvas.features)
    }
    places = {name: place for place, name in enumerate(reversed(order), 1)}
    worst, best = (
        [_excerpt(result, tracks[name], places[name], canvas) for name in names]
        for names in extremes([name for name in order if name in tracks])
    )
    return worst, best


def _excerpt(result: Result, track: Track, place: int, canvas: Canvas) -> Excerpt:
    reference = annotations.read(Path(track.annotations))
    estimate = annotations.read(paths.prediction(result.name, track.id))
    rate = canvas.representation.sample_rate
    samples, duration, address = _recording(track)
    seconds = len(samples) / sound.SAMPLE_RATE
    values = canvas.values(track.id, audio.resample(samples, sound.SAMPLE_RATE, rate))
    octaves = axes.tells_pitches_apart(canvas.representation)
    frequencies = canvas.representation.frequencies
    view = views.draw(
        result.task, Scene(reference, estimate, seconds, values, frequencies, octaves)
    )
    clicks = sound.with_clicks(samples, view.clicks) if view.clicks else None
    return Excerpt(
        track=track.id,
        title=reference.title,
        artist=reference.artist,
        licence=track.licence,
        place=place,
        scores=result.raw["per_track"][track.id],
        seconds=seconds,
        duration=duration,
        picture=data_uri("image/png", picture.png(values)),
        times=axes.time_ticks(seconds),
        frequencies=axes.frequency_ticks(canvas.representation),
        view=view,
        audio=address,
        clicks="" if clicks is None else data_uri("audio/mpeg", sound.mp3(clicks)),
    )


@lru_cache(maxsize=64)  # what is hard for one system is often hard for another
def _recording(track: Track) -> tuple[Samples, float, str]:
    """The beginning of a recording, how long all of it is, and the beginning as an address."""
    whole = audio.load(Path(track.audio), sound.SAMPLE_RATE)
    samples = whole[: int(SECONDS * sound.SAMPLE_RATE)].copy()
    address = data_uri("audio/mpeg", sound.mp3(samples))
    return samples, len(whole) / sound.SAMPLE_RATE, address
