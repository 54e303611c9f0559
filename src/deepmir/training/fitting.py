"""Fitting of baselines: the ones that do not learn have a card and no weights."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from deepmir import baselines, paths, tasks
from deepmir.baselines import Learned
from deepmir.datasets.index import Track
from deepmir.declarations.schema import Params
from deepmir.features import corpus, downmix
from deepmir.files.annotations import Jams
from deepmir.files.audio import Samples
from deepmir.files.store import Store
from deepmir.models.card import BaselineCard, write_card


def fit(params: Params, name: str) -> Path:
    """Fit the baseline of a name, if it learns; returns the folder of its card.

    Raises:
        DeepmirError: when data are missing, stale or unusable.
    """
    baseline = params.baseline(name)
    folder = paths.model(name)
    method = baselines.get(baseline.method)
    if not isinstance(method, Learned):
        card = BaselineCard(name=name, task=baseline.task, method=baseline.method)
        write_card(folder, card)
        return folder
    data = corpus.to_learn_from(params, baseline)
    recordings = corpus.open_audio(params, baseline.dataset, baseline.sample_rate)
    task = tasks.of(baseline)
    parts = {
        "train": _Examples(recordings, data.divided.train, task.namespaces),
        "validation": _Examples(recordings, data.divided.validation, task.namespaces),
    }
    made_from = {
        "data_hash": data.data_hash,
        "split_hash": data.split_hash,
        "tracks": {part: len(examples.tracks) for part, examples in parts.items()},
    }
    method.fit(folder, name, task, parts, baseline.sample_rate, made_from)
    return folder


class _Examples:
    """Audio and annotations of some tracks, read one by one as they are asked for."""

    def __init__(
        self, recordings: Store, tracks: Sequence[Track], namespaces: Collection[str]
    ) -> None:
        self.recordings = recordings
        self.namespaces = namespaces
        self.tracks = [track for track in tracks if track.id in recordings]

    def __iter__(self) -> Iterator[tuple[Samples, Jams]]:
        for track in self.tracks:
            jams = corpus.read_annotations([track], self.namespaces)[track.id]
            yield downmix.samples_of(self.recordings, track.id), jams
