"""Decode the recordings of a data set to mono audio, once, and store it in HDF5 shards."""

import hashlib
import json
import sys
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from deepmir.datasets.fingerprint import fingerprint
from deepmir.datasets.index import Track, each_track, read_index
from deepmir.errors import DeepmirError
from deepmir.files import audio, decoding, store
from deepmir.files.blocks import BLOCK
from deepmir.files.samples import Samples
from deepmir.files.store import Entry, Header, Store
from deepmir.files.writing import hash_file

FULL_SCALE = 32767  # of 16-bit samples: half the bytes of float32, noise below -96 dB


def digest(sample_rate: int) -> str:
    """Hash of the processing of recordings before they are stored."""
    declaration = {
        "sample_rate": sample_rate,
        "format": "int16",
        "loudness": audio.LOUDNESS,
        "resampler": "soxr HQ",
        "v": 3,
    }
    return hashlib.sha256(json.dumps(declaration, sort_keys=True).encode()).hexdigest()[:16]


def compute(
    index: Path,
    out: Path,
    sample_rate: int,
    min_seconds: float,
    workers: int,
    fingerprints: bool = True,
) -> None:
    """Decode, downmix and resample the recordings of a shard, optionally with fingerprints.

    Raises:
        DeepmirError: when the index is missing or the disk is full.
    """
    shard = read_index([index])
    written = index.stat().st_mtime_ns
    header = Header(
        kind="audio",
        digest=digest(sample_rate),
        attributes={"sample_rate": sample_rate, "units": f"full scale = {FULL_SCALE}"},
    )
    work = _Downmix(sample_rate, min_seconds, written, fingerprints)
    results = each_track(work, shard.tracks, lambda track: track.id, workers)
    store.write(out, header, chain(shard.failures, results))


@dataclass(frozen=True)
class _Downmix:
    sample_rate: int
    min_seconds: float
    indexed: int  # time in nanoseconds
    fingerprints: bool

    def __call__(self, track: Track) -> Entry:
        path = Path(track.audio)
        if self._may_have_changed(path) and hash_file(path) != track.sha256:
            raise DeepmirError(f"{path}: not the recording of the index (its hash has changed)")
        samples, remarks = audio.listen(
            str(path), lambda: decoding.decode(path), self.sample_rate, self.min_seconds
        )
        for remark in remarks:
            print(f"deepmir: {path}: {remark}", file=sys.stderr)
        stored = np.empty(len(samples), np.int16)
        for first in range(0, len(samples), BLOCK):
            part = slice(first, first + BLOCK)
            scaled = samples[part] * np.float32(FULL_SCALE)
            np.rint(scaled, out=scaled)
            stored[part] = np.clip(scaled, -FULL_SCALE, FULL_SCALE, out=scaled)
        words = fingerprint(samples, self.sample_rate) if self.fingerprints else None
        return Entry(track.id, stored, track.sha256, words)

    def _may_have_changed(self, path: Path) -> bool:
        """Whether it was modified after indexing; hashing would take a third of the time."""
        if not path.is_file():
            return False  # decoding gives the better message
        status = path.stat()
        return max(status.st_mtime_ns, status.st_ctime_ns) >= self.indexed


def samples_of(recordings: Store, track: str) -> Samples:
    """The audio of a track as float32 in [-1, 1], shape (samples,)."""
    samples: Samples = recordings.read(track).astype(np.float32)
    samples /= FULL_SCALE
    return samples
