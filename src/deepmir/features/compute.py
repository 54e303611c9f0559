"""Compute a representation of a data set from audio, once, and store it in HDF5 shards."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.datasets.index import each_track
from deepmir.errors import DeepmirError
from deepmir.features import downmix
from deepmir.files import store
from deepmir.files.samples import Samples
from deepmir.files.store import Entry, Failure, Header, Store
from deepmir.representations import Representation

Function = Callable[[Samples], npt.NDArray[np.float32]]


def compute(
    source: Path,
    out: Path,
    representation: Representation,
    workers: int,
    function: Function | None = None,
) -> None:
    """Compute a representation of every track of a shard, and store it with its declaration.

    Args:
        source: the audio.
        out: the file of the features.
        representation: of the features.
        workers: number of processes.
        function: computes them from mono samples; by default the representation itself.

    Raises:
        DeepmirError: when the audio is missing or has another declaration, or the disk is full.
    """
    recordings = Store([source], downmix.digest(representation.sample_rate))
    header = Header(
        kind="features",
        digest=representation.stamp,
        attributes={
            "representation": representation.model_dump_json(),
            "frame_rate": representation.frame_rate,
            "frequencies": representation.frequencies,
            "units": representation.units,
        },
    )
    work = _Transform(recordings, representation, function or representation)
    results = each_track(work, recordings.tracks, str, workers)
    failures = [Failure(track, reason) for track, reason in recordings.failures.items()]
    store.write(out, header, chain(failures, results))


@dataclass(frozen=True)
class _Transform:
    recordings: Store
    representation: Representation
    function: Function

    def __call__(self, track: str) -> Entry:
        values = self.function(downmix.samples_of(self.recordings, track))
        with np.errstate(over="ignore"):
            stored = values.astype(self.representation.storage)
            # All values are finite if the extremes are; checking each float16 is ten times slower.
            extremes = np.array([values.min(initial=0), values.max(initial=0)], np.float32)
            finite = np.isfinite(extremes.astype(stored.dtype)).all()
        if not finite:
            raise DeepmirError(
                "its features exceed the range of float16 (65504): declare a logarithm "
                f"or decibel in the conditioning of {self.representation.kind}, or "
                "storage: float32"
            )
        return Entry(track, stored, self.recordings.sources[track])
