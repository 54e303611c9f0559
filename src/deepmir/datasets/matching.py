"""Detection of duplicate audio under different names, even if coded, louder or shifted.

Frames with the same words (fingerprint.py) suggest possible shifts between two recordings; the
share of differing bits at that shift, over all frames, decides. Words are sorted, not compared pair
by pair: the time depends on the number of recordings, not of pairs.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from deepmir.datasets.fingerprint import BITS, HOP, NOTHING, RATE, Words

# Number of different words looked up per recording, in an order common to all recordings: two that
# share a tenth of their words share a tenth of these.
SKETCH = 1024
NEIGHBOURS = 12  # recordings with the same word that are compared
VOTES = 2  # words that have to agree at a shift; duplicates have dozens
PROPOSED = 4  # shifts tried for a pair of recordings
# Share of differing bits. Measured (benchmarks/results/duplicates.md): up to 0.08 coded at 64
# kbit/s and more, above 0.24 for two pieces, 0.08 to 0.25 for two singers over one backing.
DIFFERING = 0.125
SHARED = 0.5  # minimum overlap as a share of the shorter recording
LEAST = 5.0  # minimum overlap in seconds, or three quarters of a shorter recording

Ints = npt.NDArray[np.int32]

T = TypeVar("T")


@dataclass(frozen=True)
class Match:
    """Two recordings of the same audio.

    Attributes:
        first: index of one recording.
        second: index of the other one, which is greater.
        shift: delay of the same audio in the second one, in seconds.
        differing: share of differing bits.
    """

    first: int
    second: int
    shift: float
    differing: float


def matches(recordings: Sequence[T], fingerprint_of: Callable[[T], Words]) -> list[Match]:
    """The pairs of recordings of the same audio, in the order of their indices.

    Args:
        recordings: of any kind.
        fingerprint_of: the fingerprint of one; called for the look-up and again for candidate
            duplicates, so that not all have to be in memory.
    """
    found: dict[tuple[int, int], Match] = {}
    sketches = _sketches(map(fingerprint_of, recordings))
    for first, second, shift in _proposals(sketches, len(recordings)):
        pair = fingerprint_of(recordings[first]), fingerprint_of(recordings[second])
        differing = _compared(*pair, shift)
        best = found.get((first, second))
        if differing <= DIFFERING and (best is None or differing < best.differing):
            match = Match(first, second, shift * HOP / RATE, differing)
            found[first, second] = match
    return [found[pair] for pair in sorted(found)]


def _proposals(sketches: tuple[Words, Ints, Ints], number: int) -> Iterator[tuple[int, int, int]]:
    """Candidate pairs of recordings, with the delay of the second one in frames."""
    words, tracks, frames = sketches
    longest = int(frames.max(initial=0)) + 1
    votes = []
    for distance in range(1, NEIGHBOURS + 1):
        # Sorted by word, then by track, with unique words per track: the tracks are different.
        same = np.flatnonzero(words[distance:] == words[:-distance])
        other = same + distance
        shift = frames[other].astype(np.int64) - frames[same] + longest
        votes.append((tracks[same].astype(np.int64) * number + tracks[other]) * 2 * longest + shift)
    voted, counts = np.unique(np.concatenate(votes), return_counts=True)
    voted, counts = voted[counts >= VOTES], counts[counts >= VOTES]
    pairs, shifts = voted // (2 * longest), voted % (2 * longest) - longest
    order = np.lexsort((-counts, pairs))
    tried: Counter[int] = Counter()
    for pair, shift in zip(pairs[order].tolist(), shifts[order].tolist(), strict=True):
        tried[pair] += 1
        if tried[pair] <= PROPOSED:
            yield pair // number, pair % number, shift


def _sketches(fingerprints: Iterable[Words]) -> tuple[Words, Ints, Ints]:
    """Words, the recordings that have them and the frames, sorted by word and recording."""
    rows = [(np.zeros(0, np.uint32), np.zeros(0, np.int32), np.zeros(0, np.int32))]
    for index, each in enumerate(fingerprints):
        words, first = np.unique(each, return_index=True)
        known = words != NOTHING
        words, first = words[known], first[known]
        # Knuth's multiplicative hashing, since low words are not a fair sample.
        chosen = np.argsort(words * np.uint32(2654435761), kind="stable")[:SKETCH]
        track = np.full(chosen.size, index, np.int32)
        rows.append((words[chosen], track, first[chosen].astype(np.int32)))
    words, tracks, frames = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.argsort(words, kind="stable")  # recordings stay in order
    return words[order], tracks[order], frames[order]


def _compared(first: Words, second: Words, shift: int) -> float:
    """Share of differing bits at a shift; 1 if the overlap is too short."""
    start, end = max(0, -shift), min(len(first), len(second) - shift)
    if end <= start:
        return 1.0
    here, there = first[start:end], second[start + shift : end + shift]
    sounding = (here != NOTHING) & (there != NOTHING)
    shorter = min(np.count_nonzero(first), np.count_nonzero(second))
    if sounding.sum() < max(SHARED * shorter, min(0.75 * shorter, LEAST * RATE / HOP), 1):
        return 1.0
    return float(np.bitwise_count(here ^ there)[sounding].mean() / BITS)
