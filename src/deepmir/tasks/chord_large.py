"""Chord recognition with a large vocabulary (Table 1: medium subjectivity, short time scale).

The output structure follows B. McFee and J. P. Bello, "Structured training for large-vocabulary
chord recognition", ISMIR 2017: pitch classes and bass in addition to the chord.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from deepmir.decoders.chord_sequence import FLOOR, WEIGHTS, ChordSequence, transposed
from deepmir.files import chords
from deepmir.files.annotations import Jams
from deepmir.tasks.base import Array, Floats, Grid
from deepmir.tasks.output import Head, Output
from deepmir.tasks.shared import harte
from deepmir.tasks.shared.chords import Chords

NAMES = (  # of qualities, in the order of the labels
    *("maj", "min", "dim", "aug", "min6", "maj6", "min7", "minmaj7", "maj7", "7", "dim7", "hdim7"),
    *("sus2", "sus4"),
)
QUALITIES = {name: chords.QUALITIES[name] for name in NAMES}
LABELS = harte.states(NAMES)
BY_STEPS = {frozenset(steps): index for index, steps in enumerate(QUALITIES.values())}
NONE = len(LABELS) - 1

ROOT, PITCHES, BASS, QUALITY = slice(0, 13), slice(13, 25), slice(25, 38), slice(38, 53)


def label_index(label: str) -> int | None:
    """Index in :data:`LABELS` of a label in Harte's syntax; None for other qualities."""
    chord = harte.parse(label)
    if chord.root is None:
        return NONE if chord.known else None
    quality = BY_STEPS.get(chord.steps)
    return None if quality is None else quality * 12 + chord.root


def heads(label: str) -> Floats | None:
    """The target of a label, shape (53,): root, pitch classes, bass, quality.

    Only the quality is NaN if it is outside the vocabulary; None for an unknown chord.
    """
    chord = harte.parse(label)
    if not chord.known:
        return None
    target = np.zeros(QUALITY.stop)
    if chord.root is None:
        target[[ROOT.stop - 1, BASS.stop - 1, QUALITY.stop - 1]] = 1
        return target
    target[ROOT.start + chord.root] = 1
    target[[PITCHES.start + (chord.root + step) % 12 for step in chord.steps]] = 1
    target[BASS.start + (chord.root + chord.bass) % 12] = 1
    quality = BY_STEPS.get(chord.steps)
    if quality is None:
        target[QUALITY] = np.nan
    else:
        target[QUALITY.start + quality] = 1
    return target


class LargeChordSequence(ChordSequence):
    """A sequence of chords that also weighs their pitch classes."""

    qualities: ClassVar[int] = len(NAMES)
    pitch_weight: float = Field(
        0.0, ge=0, description="exponent of the probability of the pitch classes"
    )

    def log_probabilities(self, activations: Floats) -> Floats:
        """Log probabilities of the states, shape (frames, states), from shape (frames, 53)."""
        log = np.log(np.maximum(activations, FLOOR))
        joint = _joined(log[:, ROOT], log[:, QUALITY], np.add)
        if self.pitch_weight:
            silent = np.log(np.maximum(1 - activations[:, PITCHES], FLOOR))
            sounding = templates()
            joint += self.pitch_weight * (log[:, PITCHES] @ sounding + silent @ (1 - sounding))
        return joint


def _joined(root: Floats, quality: Floats, how: np.ufunc) -> Floats:
    """Root and quality of every state, shape (frames, states), combined by a function."""
    chords = how(quality[:, :-1, None], root[:, None, :-1]).reshape(len(root), -1)
    return np.concatenate([chords, how(root[:, -1:], quality[:, -1:])], axis=1)


def templates() -> Floats:
    """1 for each pitch class in the chord of a state, shape (12, states)."""
    pitches = np.zeros((12, len(LABELS)))
    for quality, steps in enumerate(QUALITIES.values()):
        for root in range(12):
            pitches[[(root + step) % 12 for step in steps], quality * 12 + root] = 1
    return pitches


def inverted(state: int, bass: Floats) -> str:
    """The label of a state with its bass, if that is a chord note.

    Args:
        state: index in :data:`LABELS`.
        bass: probability of each pitch class, and of no bass, shape (13,).
    """
    label = LABELS[state]
    if state == NONE:
        return label
    steps = QUALITIES[NAMES[state // 12]]
    name = steps.get((int(np.argmax(bass[:-1])) - state) % 12, "1")
    return label if name == "1" else f"{label}/{name}"


@dataclass(frozen=True)
class LargeChord(Chords):
    """Root and quality, with a softmax each, plus pitch classes and bass."""

    name: str = "chord_large"
    sequence = LargeChordSequence

    def state(self, label: str) -> int | None:
        """See :func:`label_index`."""
        return label_index(label)

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """The share of each label in each frame, shape (frames, 53); NaN where unknown."""
        chords = harte.timeline(jams)
        if chords is None or set(chords.labels) == {harte.UNKNOWN}:
            return None
        values = [heads(label) for label in chords.labels]
        target = harte.spread(chords, values, grid)
        # A quality outside the vocabulary is unknown, but the rest of its chord is not.
        known = [v if v is None or np.isfinite(v).all() else None for v in values]
        target[:, QUALITY] = harte.spread(chords, known, grid)[:, QUALITY]
        return target

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """Four heads."""
        roots = (*harte.ROOTS, harte.NO_CHORD)
        return Output(
            (
                Head(tuple(f"root {root}" for root in roots), "softmax"),
                Head(tuple(f"pitch {root}" for root in harte.ROOTS), "sigmoid"),
                Head(tuple(f"bass {root}" for root in roots), "softmax"),
                Head(tuple(f"quality {name}" for name in (*NAMES, harte.NO_CHORD)), "softmax"),
            )
        )

    # 3. Decoder -----------------------------------------------------------------------------

    def shares(self, values: Floats) -> Floats:
        """The upper bound for a chord: exact if two chords share a frame."""
        return _joined(values[:, ROOT], values[:, QUALITY], np.minimum)

    def label(self, values: Floats, state: int, span: slice) -> str:
        """The label of a state with the bass in its frames, see :func:`inverted`."""
        return inverted(state, values[span, BASS].mean(0))

    @property
    def choices(self) -> Mapping[str, tuple[Any, ...]]:
        """The weights of the chord sequence and of pitch classes relative to the chord."""
        return {"transition_weight": WEIGHTS, "pitch_weight": (0.0, 0.3)}

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "tetrads"

    # 5. Deformations ------------------------------------------------------------------------

    def moved(self, target: Array, semitones: int) -> Array:
        """Root, bass and pitch classes are transposed."""
        moved = target.copy()
        for head in (ROOT, BASS):
            moved[..., head] = transposed(target[..., head], semitones)
        moved[..., PITCHES] = np.roll(target[..., PITCHES], semitones, axis=-1)
        return moved


TASK = LargeChord()
