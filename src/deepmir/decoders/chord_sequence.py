"""Transitions and durations of chords: a hidden Markov model over chords.

States are chords of some qualities on twelve roots, and no chord: state `quality * 12 + root`, and
the last one for no chord. Counts are tied over transposition: A minor after C major counts as D
minor after F major (A. Sheh and D. Ellis, "Chord segmentation and recognition using EM-trained
hidden Markov models", ISMIR 2003, tie their models likewise).
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, pairwise
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from deepmir.decoders.base import FrameDecoder
from deepmir.fields import Number
from deepmir.files.annotations import Annotation, Observation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Float = TypeVar("Float", bound=np.floating[Any])

# Probabilities are kept above this: a saturated softmax must not forbid a path.
FLOOR = 1e-6

# Duration of a chord in seconds, in the absence of any data.
USUAL_DURATION = 1.0

# Added to the count of every transition: unseen transitions are rare, not impossible.
PRIOR = 0.1

# Candidates for the weight of the transitions in validation; the default wins a tie.
WEIGHTS = (1.0, 0.0, 0.1, 0.3, 3.0)


class ChordSequence(FrameDecoder):
    """Exact Viterbi search for the sequence of chords, of two or (in a subclass) more qualities."""

    qualities: ClassVar[int] = 2

    transitions: tuple[tuple[Number, ...], ...] | None = Field(
        None, description="of each quality on C, then of no chord: probability of the next state"
    )
    durations: tuple[Number, ...] | None = Field(
        None, description="mean of each quality, then of no chord, s"
    )
    transition_weight: Number = Field(
        1.0,
        ge=0,
        le=1000,
        description="exponent of the transition probabilities; 0: each frame alone",
    )

    none_cost: Number = Field(
        0.0,
        ge=0,
        le=100,
        description="nats that a frame without a chord costs beside what the network says",
    )

    @model_validator(mode="after")
    def _check_shapes(self) -> Self:
        kinds, states = self.qualities + 1, self.qualities * 12 + 1
        if self.transitions is not None and np.shape(self.transitions) != (kinds, states):
            raise ValueError(f"transitions must be {kinds} lists of {states} numbers")
        if self.durations is not None and len(self.durations) != kinds:
            raise ValueError(f"durations must be {kinds} numbers")
        if min(self.durations or (1.0,)) <= 0 or np.min(self.transitions or 0.0) < 0:
            raise ValueError("durations must be positive, and transitions not negative")
        return self

    def __call__(self, log_probabilities: Floats) -> Integers:
        """The most probable states, shape (frames,), given frame-wise log probabilities."""
        from deepmir.decoders.viterbi import viterbi

        costly = log_probabilities.copy()
        costly[:, -1] -= self.none_cost
        return viterbi(costly, self.transition_weight * self.log_transition())

    def log_probabilities(self, activations: Floats) -> Floats:
        """Log probabilities of the states, shape (frames, states), from a softmax over them."""
        return np.asarray(np.log(np.maximum(activations, FLOOR)))

    def log_transition(self) -> Floats:
        """Natural log of the transition probabilities between frames, shape (from, to)."""
        states = self.qualities * 12 + 1
        change = np.maximum(_untied(self.transitions, states), FLOOR / states)
        np.fill_diagonal(change, 0.0)
        durations = np.array(self.durations or [USUAL_DURATION] * (self.qualities + 1))
        each = np.append(np.repeat(durations[:-1], 12), durations[-1])
        stay = np.exp(-1 / (each * self.frame_rate))
        matrix = (1 - stay[:, None]) * change / change.sum(axis=1, keepdims=True)
        np.fill_diagonal(matrix, stay)
        return np.asarray(np.log(matrix))


def _untied(transitions: Sequence[Sequence[float]] | None, states: int) -> Floats:
    """Transitions of all states, shape (states, states), from the row of each quality on C."""
    if transitions is None:
        return np.ones((states, states))
    rows = np.array(transitions, dtype=np.float64)
    matrix = np.empty((states, states))
    for state in range(states - 1):
        matrix[state] = transposed(rows[state // 12], state % 12)
    matrix[-1] = rows[-1]
    return matrix


def transposed(row: NDArray[Float], semitones: int) -> NDArray[Float]:
    """State values, shape (..., states), of the same chords transposed by some semitones."""
    chords = row[..., :-1].reshape(*row.shape[:-1], -1, 12)
    moved = np.roll(chords, semitones, axis=-1).reshape(*row.shape[:-1], -1)
    return np.concatenate([moved, row[..., -1:]], axis=-1)


def learn(
    sequences: Iterable[Sequence[tuple[int | None, float]]], qualities: int
) -> dict[str, Any]:
    """Estimate the options `transitions` and `durations` of :class:`ChordSequence`.

    Args:
        sequences: states of recordings with their durations in seconds; None, for a chord that is
            not one of the states, is not counted and separates its neighbours.
        qualities: number of chord qualities.
    """
    states = qualities * 12 + 1
    counts = np.full((qualities + 1, states), PRIOR)
    seconds, runs = np.zeros(qualities + 1), np.zeros(qualities + 1)
    for sequence in sequences:
        merged = [
            (state, sum(length for _, length in group))
            for state, group in groupby(sequence, key=lambda each: each[0])
        ]
        for state, length in merged:
            if state is not None:
                seconds[state // 12] += length
                runs[state // 12] += 1
        for (state, _), (following, _) in pairwise(merged):
            if state is not None and following is not None:
                counts[state // 12] += _tied(state, following, states)
    counts[np.arange(qualities), np.arange(qualities) * 12] = 0  # a chord does not follow itself
    counts[-1, -1] = 0
    # As if each kind had been seen once more, with the mean duration of all chords.
    usual = seconds.sum() / runs.sum() if runs.sum() else USUAL_DURATION
    durations = (seconds + usual) / (runs + 1)
    return {
        "transitions": np.round(counts / counts.sum(axis=1, keepdims=True), 6).tolist(),
        "durations": np.round(durations, 4).tolist(),
    }


def _tied(state: int, following: int, states: int) -> Floats:
    """One transition as a row of counts, shape (states,), transposed to C.

    After no chord, all transpositions of the following chord are counted alike.
    """
    row = np.zeros(states)
    row[following] = 1.0
    if state < states - 1:
        return transposed(row, -(state % 12))
    return np.asarray(np.mean([transposed(row, semitones) for semitones in range(12)], axis=0))


def annotate(
    path: Integers, shares: Floats, frame_rate: float, name: Callable[[int, slice], str]
) -> Annotation:
    """The chords of a path without gaps, each with its mean probability as confidence.

    At a chord change, the probabilities of the two frames determine how much of one frame still
    belongs to the previous chord, or of the other one already to the next.

    Args:
        path: states, shape (frames,).
        shares: probabilities of the states, shape (frames, states).
        frame_rate: frames per second; frame k lasts from k - 1/2 to k + 1/2.
        name: the label of a chord, given its state and its frames.
    """
    if not path.size:
        return Annotation("chord", ())
    changes = np.flatnonzero(np.diff(path)) + 1
    still = shares[changes, path[changes - 1]] - shares[changes - 1, path[changes]]
    between = (changes - 0.5 + np.clip(still, -0.5, 0.5)) / frame_rate
    edges = np.round([0.0, *between, len(path) / frame_rate], 6).tolist()
    frames = [0, *changes.tolist(), len(path)]
    certain = shares[np.arange(len(path)), path]
    observations = []
    for (first, last), (start, end) in zip(pairwise(frames), pairwise(edges), strict=True):
        if end > start:
            label = name(int(path[first]), slice(first, last))
            confidence = round(float(np.clip(certain[first:last].mean(), 0, 1)), 4)
            observations.append(Observation(start, round(end - start, 6), label, confidence))
    return Annotation("chord", tuple(observations))
