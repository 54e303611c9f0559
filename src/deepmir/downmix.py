"""Recordings to mono audio at a declared rate, once per data set, kept in HDF5 shard by shard."""

import hashlib
import json
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from deepmir import audio, datasets, store
from deepmir.datasets import Track, each_track
from deepmir.errors import DeepmirError
from deepmir.store import Entry, Header, Store

FULL_SCALE = 32767  # of 16-bit samples: half the bytes of float32, its noise below -96 dB


def digest(sample_rate: int) -> str:
    """Hash of what is done to recordings before they are stored."""
    declaration = {"sample_rate": sample_rate, "format": "int16", "resampler": "soxr HQ", "v": 1}
    return hashlib.sha256(json.dumps(declaration, sort_keys=True).encode()).hexdigest()[:16]


def compute(index: Path, out: Path, sample_rate: int, min_seconds: float, workers: int) -> None:
    """Decode, downmix and resample the recordings of a shard.

    Raises:
        DeepmirError: when the index is missing or the disk is full.
    """
    shard = datasets.read_index([index])
    header = Header(
        kind="audio",
        digest=digest(sample_rate),
        attributes={"sample_rate": sample_rate, "units": f"full scale = {FULL_SCALE}"},
    )
    work = _Downmix(sample_rate, min_seconds)
    results = each_track(work, shard.tracks, lambda track: track.id, workers)
    store.write(out, header, chain(shard.failures, results))


@dataclass(frozen=True)
class _Downmix:
    sample_rate: int
    min_seconds: float

    def __call__(self, track: Track) -> Entry:
        path = Path(track.audio)
        found = datasets.hash_file(path) if path.is_file() else track.sha256
        if found != track.sha256:
            raise DeepmirError(f"{path}: not the recording of the index (its hash has changed)")
        samples = audio.load(path, self.sample_rate, self.min_seconds)
        scaled = np.clip(np.rint(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE)
        return Entry(track.id, scaled.astype(np.int16), track.sha256)


def samples_of(recordings: Store, track: str) -> audio.Samples:
    """The audio of a track as float32 in [-1, 1], shape (samples,)."""
    samples: audio.Samples = recordings[track].astype(np.float32)
    samples /= FULL_SCALE
    return samples
