"""Fitting of the baselines that learn."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from deepmir import baselines, corpus, downmix, paths, provenance
from deepmir.annotations import Jams
from deepmir.audio import Samples
from deepmir.datasets import Track
from deepmir.params import Params
from deepmir.store import Store


def fit(params: Params, name: str) -> Path:
    """Fit the baseline of a name; returns the folder of its model.

    Raises:
        DeepmirError: when data are missing, stale or unusable.
    """
    baseline = params.baselines[name]
    data = corpus.load(params, baseline.dataset)
    recordings = corpus.open_audio(params, baseline.dataset, baseline.sample_rate)
    parts = {
        "train": _Examples(recordings, data.divided.train),
        "validation": _Examples(recordings, data.divided.validation),
    }
    made_from = {
        "data_hash": data.data_hash,
        "split_hash": data.split_hash,
        "commit": provenance.commit(),
        "tracks": {part: len(examples.tracks) for part, examples in parts.items()},
    }
    folder = paths.model(name)
    method = baselines.get_learned(baseline.method)
    method.fit(folder, name, parts, baseline.sample_rate, made_from)
    return folder


class _Examples:
    """Audio and annotations of some tracks, read one by one as they are asked for."""

    def __init__(self, recordings: Store, tracks: Sequence[Track]) -> None:
        self.recordings = recordings
        self.tracks = [track for track in tracks if track.id in recordings]

    def __iter__(self) -> Iterator[tuple[Samples, Jams]]:
        for track in self.tracks:
            jams = corpus.read_annotations([track])[track.id]
            yield downmix.samples_of(self.recordings, track.id), jams
