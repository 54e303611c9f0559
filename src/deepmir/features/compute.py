"""Audio to a representation, once per data set and representation, kept in HDF5 shard by shard."""

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from deepmir.datasets.index import each_track
from deepmir.errors import DeepmirError
from deepmir.features import downmix
from deepmir.files import store
from deepmir.files.store import Entry, Failure, Header, Store
from deepmir.representations import Representation


def compute(source: Path, out: Path, representation: Representation, workers: int) -> None:
    """Compute a representation of every track of a shard, stored as declared.

    Raises:
        DeepmirError: when the audio is missing or of another declaration, or the disk is full.
    """
    recordings = Store([source], downmix.digest(representation.sample_rate))
    header = Header(
        kind="features",
        digest=representation.digest,
        attributes={
            "representation": representation.model_dump_json(),
            "frame_rate": representation.frame_rate,
            "frequencies": representation.frequencies,
            "units": representation.units,
        },
    )
    work = _Transform(recordings, representation)
    results = each_track(work, recordings.tracks, str, workers)
    failures = [Failure(track, reason) for track, reason in recordings.failures.items()]
    store.write(out, header, chain(failures, results))


@dataclass(frozen=True)
class _Transform:
    recordings: Store
    representation: Representation

    def __call__(self, track: str) -> Entry:
        values = self.representation(downmix.samples_of(self.recordings, track))
        with np.errstate(over="ignore"):
            stored = values.astype(self.representation.storage)
        if not np.isfinite(stored).all():
            raise DeepmirError(
                "its features exceed what float16 can hold (65504): declare a logarithm or decibel "
                f"in the conditioning of {self.representation.kind}, or storage: float32"
            )
        return Entry(track, stored, self.recordings.sources[track])
