"""Fitting of baselines: those that do not learn have a card but no weights."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from deepmir import baselines
from deepmir.baselines import Learned
from deepmir.baselines.shared.lesson import Lesson
from deepmir.datasets.index import Track
from deepmir.declarations.entry import BaselineEntry
from deepmir.features import corpus, downmix
from deepmir.files.annotations import Jams
from deepmir.files.samples import Samples
from deepmir.files.store import Store
from deepmir.models.card import BaselineCard, write_card
from deepmir.tasks.base import Task
from deepmir.training import starting
from deepmir.training.labelled import labelled


def fit(entry: BaselineEntry) -> Path:
    """Fit a baseline, if it learns; returns the folder of its card.

    Raises:
        DeepmirError: when data are missing, stale or unusable.
    """
    name, baseline = entry.name, entry.baseline
    method = baselines.get(baseline.method)
    if not isinstance(method, Learned):
        card = BaselineCard(name=name, task=baseline.task, method=baseline.method)
        write_card(entry.folder, card)
        return entry.folder
    data = entry.files.read_to_train()
    given = entry.representation
    starting.check_layers(given, [data])
    rate = baseline.sample_rate if given is None else given.frame_rate
    recordings = (
        entry.files.open_audio(baseline.sample_rate)
        if given is None
        else entry.files.open_features(given)
    )
    parts = {
        part: _Examples(recordings, tracks, entry.task.namespaces, frames=given is not None)
        for part, tracks in (("train", data.divided.train), ("validation", data.divided.validation))
    }
    if baseline.tracks is not None:
        parts["train"].keep(baseline.tracks, baseline.seed, entry.task)
    made_from = {
        "data_hash": data.data_hash,
        "split_hash": data.split_hash,
        "tracks": {part: len(examples.tracks) for part, examples in parts.items()},
    }
    method.fit(Lesson(entry.folder, name, entry.task, parts, rate, made_from))
    return entry.folder


class _Examples:
    """Audio or frames, and annotations of some tracks, read one by one when they are needed."""

    def __init__(
        self,
        recordings: Store,
        tracks: Sequence[Track],
        namespaces: Collection[str],
        *,
        frames: bool,
    ) -> None:
        self.recordings = recordings
        self.frames = frames
        self.namespaces = namespaces
        self.tracks = [track for track in tracks if track.id in recordings]

    def keep(self, number: int, seed: int, task: Task) -> None:
        """Keep so many of the tracks that have a target."""
        kept = labelled(self.tracks, task, number, seed)
        self.tracks = [track for track in self.tracks if track.id in kept]

    def __iter__(self) -> Iterator[tuple[Samples, Jams]]:
        for track in self.tracks:
            jams = corpus.read_annotations([track], self.namespaces)[track.id]
            if self.frames:
                yield self.recordings[track.id], jams
            else:
                yield downmix.samples_of(self.recordings, track.id), jams
