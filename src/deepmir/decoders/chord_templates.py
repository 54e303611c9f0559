"""Chords of a chromagram by template matching with the pitch classes of the 24 triads.

T. Fujishima, "Realtime chord recognition of musical sound: a system using Common Lisp Music", ICMC
1999; the sequence is smoothed as in J. P. Bello and J. Pickens, "A robust mid-level representation
for harmonic content in music signals", ISMIR 2005.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmir.decoders.chord_sequence import ChordSequence, annotate
from deepmir.files.annotations import Annotation

Floats = NDArray[np.float64]

TRIADS = ((0, 4, 7), (0, 3, 7))

# The constant cosine for no chord: twelve equal values have 0.5 with every triad.
NO_CHORD = 0.55

# Weight of a cosine relative to the transitions: 0.1 more is e times as probable.
SHARPNESS = 10.0


def similarities(chroma: ArrayLike) -> Floats:
    """Cosine with each of the 24 triads, then the constant for no chord, shape (frames, 25).

    Args:
        chroma: not negative, shape (frames, 12), C first; a silent frame matches no triad.
    """
    values = np.asarray(chroma, dtype=np.float64)
    triads = np.zeros((12, 12 * len(TRIADS)))
    for quality, steps in enumerate(TRIADS):
        for root in range(12):
            triads[[(root + step) % 12 for step in steps], quality * 12 + root] = 3**-0.5
    norm = np.linalg.norm(values, axis=1, keepdims=True)
    cosines = values @ triads / np.maximum(norm, 1e-9)
    return np.concatenate([cosines, np.full((len(values), 1), NO_CHORD)], axis=1)


def decode(chroma: ArrayLike, frame_rate: float, labels: Sequence[str]) -> Annotation:
    """The chords of a chromagram.

    Args:
        chroma: shape (frames, 12), C first.
        frame_rate: frames per second.
        labels: of twelve major chords, twelve minor ones and no chord, from C upwards.
    """
    scores = SHARPNESS * similarities(chroma)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    path = ChordSequence(frame_rate=frame_rate)(scores)
    return annotate(path, shares, frame_rate, lambda state, _: labels[state])
