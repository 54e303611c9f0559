"""Recordings that are the same audio under two names, coded, louder or shifted.

J. Haitsma and T. Kalker, "A highly robust audio fingerprinting system", ISMIR 2002. A fingerprint
has 32 bits for each frame, the signs of energy differences between neighbouring bands and frames.
Frames whose bits agree propose at what shift two recordings might be the same; the share of bits
that differ there, over all of the frames, decides.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE = 5512  # Hz
WINDOW = 2048  # samples, 0.37 s
HOP = 64  # samples, 11.6 ms: a window that is shifted by half of it is next to the same
BITS = 32
LOWEST, HIGHEST = 300.0, 2000.0  # Hz

# Of the mean energy: frames below it say more about the coder than about the music.
QUIET = 1e-4

BLOCK = 1 << 10  # frames transformed at once

Words = npt.NDArray[np.uint32]

# Of a recording's different words so many are looked up, by an order that is the same in all
# recordings: two that share a tenth of their words share a tenth of these.
SKETCH = 2048
NEIGHBOURS = 12  # recordings with the same word that a recording is compared to
VOTES = 2  # words that have to agree at a shift; the same recordings have dozens that do
PROPOSED = 4  # shifts that are tried for a pair of recordings
# Share of the bits that differ. Measured: up to 0.09 after coding, 0.49 for different songs, down
# to 0.2 within some seconds of two pieces by one synthesiser in one key.
DIFFERING = 0.17
SHARED = 0.5  # of the shorter recording has to be in both
LEAST = 5.0  # seconds that have to be in both, or nine tenths of a shorter recording

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Fingerprint:
    """That of one recording.

    Attributes:
        words: 32 bits for each frame, shape (frames,).
        sounding: whether the frame is loud enough to say something, shape (frames,).
    """

    words: Words
    sounding: npt.NDArray[np.bool_]


def fingerprint(samples: npt.NDArray[np.float32]) -> Fingerprint:
    """The fingerprint of a recording.

    Args:
        samples: at :data:`RATE`, shape (samples,).

    Returns:
        A frame for each :data:`HOP` samples, from the second window on; none of a recording that
        is not longer than a window.
    """
    energies = _energies(samples)
    # E(n, m) - E(n, m + 1) - (E(n - 1, m) - E(n - 1, m + 1)) > 0, equation 1 of the paper.
    across = energies[:, :-1] - energies[:, 1:]
    bits = across[1:] > across[:-1]
    words = np.packbits(bits, axis=1).view(">u4")[:, 0].astype(np.uint32)
    totals = energies[1:].sum(axis=1)
    return Fingerprint(words, totals > QUIET * (totals.mean() if totals.size else 0.0))


def _energies(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Energy of 33 bands, logarithmically spaced, shape (frames, 33)."""
    from scipy.fft import rfft

    if samples.size < WINDOW:
        return np.zeros((1, BITS + 1), dtype=np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    window = np.hanning(WINDOW).astype(np.float32)
    edges = np.geomspace(LOWEST, HIGHEST, BITS + 2) * WINDOW / RATE
    bins = np.arange(WINDOW // 2 + 1)
    bands = ((bins[:, None] >= edges[:-1]) & (bins[:, None] < edges[1:])).astype(np.float32)
    blocks = []
    for start in range(0, len(frames), BLOCK):
        spectra = rfft(frames[start : start + BLOCK] * window, axis=1)
        blocks.append((spectra.real**2 + spectra.imag**2) @ bands)
    return np.concatenate(blocks)


@dataclass(frozen=True)
class Match:
    """Two recordings that are the same audio.

    Attributes:
        first: index of one recording.
        second: index of the other one, which is greater.
        shift: how much later the second one has the same, in seconds.
        differing: share of the bits that differ.
    """

    first: int
    second: int
    shift: float
    differing: float


def matches(fingerprints: Sequence[Fingerprint]) -> list[Match]:
    """The pairs of recordings that are the same audio, in the order of their indices."""
    found: dict[tuple[int, int], Match] = {}
    for first, second, shift in _proposals(fingerprints):
        differing = _compared(fingerprints[first], fingerprints[second], shift)
        best = found.get((first, second))
        if differing <= DIFFERING and (best is None or differing < best.differing):
            match = Match(first, second, shift * HOP / RATE, differing)
            found[first, second] = match
    return [found[pair] for pair in sorted(found)]


def _proposals(fingerprints: Sequence[Fingerprint]) -> Iterator[tuple[int, int, int]]:
    """Pairs of recordings, and by how many frames the second one may be later."""
    words, tracks, frames = _sketches(fingerprints)
    number, longest = len(fingerprints), int(frames.max(initial=0)) + 1
    votes = []
    for distance in range(1, NEIGHBOURS + 1):
        # Sorted by word, then by track, and each has a word once: the tracks are different.
        same = np.flatnonzero(words[distance:] == words[:-distance])
        other = same + distance
        shift = frames[other] - frames[same] + longest
        votes.append((tracks[same] * number + tracks[other]) * 2 * longest + shift)
    voted, counts = np.unique(np.concatenate(votes), return_counts=True)
    voted, counts = voted[counts >= VOTES], counts[counts >= VOTES]
    pairs, shifts = voted // (2 * longest), voted % (2 * longest) - longest
    order = np.lexsort((-counts, pairs))
    tried: Counter[int] = Counter()
    for pair, shift in zip(pairs[order].tolist(), shifts[order].tolist(), strict=True):
        tried[pair] += 1
        if tried[pair] <= PROPOSED:
            yield pair // number, pair % number, shift


def _sketches(fingerprints: Sequence[Fingerprint]) -> tuple[Ints, Ints, Ints]:
    """Words, the recordings that have them and the frames, sorted by word and recording."""
    rows = [np.zeros((3, 0), dtype=np.int64)]
    for index, each in enumerate(fingerprints):
        frames = np.flatnonzero(each.sounding)
        words, first = np.unique(each.words[frames], return_index=True)
        # Knuth's multiplicative hashing, since low words are no fair sample of all.
        chosen = np.argsort(words * np.uint32(2654435761), kind="stable")[:SKETCH]
        kept = words[chosen].astype(np.int64)
        rows.append(np.stack([kept, np.full(kept.size, index), frames[first[chosen]]]))
    words, tracks, frames = np.concatenate(rows, axis=1)
    order = np.lexsort((tracks, words))
    return words[order], tracks[order], frames[order]


def _compared(first: Fingerprint, second: Fingerprint, shift: int) -> float:
    """Share of the bits that differ at a shift; 1 where too little is in both."""
    start, end = max(0, -shift), min(len(first.words), len(second.words) - shift)
    if end <= start:
        return 1.0
    here, there = slice(start, end), slice(start + shift, end + shift)
    sounding = first.sounding[here] & second.sounding[there]
    shorter = min(first.sounding.sum(), second.sounding.sum())
    if sounding.sum() < max(SHARED * shorter, min(0.9 * shorter, LEAST * RATE / HOP), 1):
        return 1.0
    differing = np.bitwise_count(first.words[here] ^ second.words[there])[sounding]
    return float(differing.mean() / BITS)
