"""Tempo of a whole excerpt (Table 1: long decision time scale), as classification.

H. Schreiber and M. Mueller, "A single-step approach to musical tempo estimation using a
convolutional neural network", ISMIR 2018: 256 classes from 30 to 285 BPM.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepmir.decoders.tempo_peak import tempo_peaks
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Decoder, Effect, Floats, Grid, Metric, Task, shares
from deepmir.tasks.output import Output
from deepmir.tasks.shared.options import refuse

SLOWEST, CLASSES = 30, 256
LABELS = tuple(str(SLOWEST + index) for index in range(CLASSES))

# BPM: classes next to the true one are nearly right, and a tempo may lie between two classes.
SPREAD = 1.0

# F. Gouyon et al., "An experimental comparison of audio tempo induction algorithms", IEEE TASLP
# 14(5), 2006: a tempo is correct within 4 %; accuracy 2 allows other metrical levels.
TOLERANCE = 0.04
LEVELS = (1.0, 2.0, 3.0, 1 / 2, 1 / 3)


def tempi(jams: Jams) -> tuple[Floats, Floats]:
    """BPM and weight of the one or two most salient tempi of an annotation, the stronger first.

    Salience is the confidence; without any, all are equal. Shapes (tempi,), empty without an
    annotation; the weights sum to 1.
    """
    found = jams.first("tempo")
    observations = [] if found is None else [o for o in found.observations if o.value > 0]
    stated = [1.0 if o.confidence is None else o.confidence for o in observations]
    order = np.argsort(-np.array(stated), kind="stable")[:2]
    bpm = np.array([observations[index].value for index in order], dtype=np.float64)
    weights = np.array([stated[index] for index in order], dtype=np.float64)
    if not weights.any():
        weights = np.ones_like(weights)
    return bpm, weights / max(weights.sum(), 1e-9)


def distribution(bpm: Floats, weights: Floats) -> Array:
    """Gaussians over the classes, shape (256,), that sum to 1.

    Args:
        bpm: of the tempi, shape (tempi,), within the classes.
        weights: of the tempi, shape (tempi,), not all 0.
    """
    classes = np.arange(SLOWEST, SLOWEST + CLASSES)
    bells = np.exp(-0.5 * ((classes - bpm[:, None]) / SPREAD) ** 2)
    mixed = weights @ (bells / bells.sum(axis=1, keepdims=True))
    return np.asarray(mixed / mixed.sum(), dtype=np.float32)


@dataclass(frozen=True)
class Tempo(Task):
    """256 classes, softmax."""

    shortest: float = 2.0  # four beats at 120 BPM
    name: str = "tempo"
    namespaces: tuple[str, ...] = ("tempo",)
    time_varying: bool = False
    min_frame_rate: float = 10.0  # 285 BPM are 4.75 beats per second

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """The annotated tempi, each a narrow Gaussian, shape (256,); None outside the classes.

        The grid has no effect: :meth:`deform_target` handles stretching.
        """
        return _target(*tempi(jams))

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """One label out of 256."""
        return Output.of(LABELS, "softmax")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """The one or two strongest peaks, with their relative strength as confidence."""
        refuse(self.name, options)

        def decode(activations: Array) -> list[Annotation]:
            found = zip(*tempo_peaks(activations, SLOWEST), strict=True)
            observations = (
                Observation(0.0, 0.0, round(float(bpm), 3), round(float(weight), 6))
                for bpm, weight in found
            )
            return [Annotation("tempo", tuple(observations))]

        return decode

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "acc1"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """All are shares."""
        return shares(("acc1", "acc2", "p_score", "one_correct", "both_correct"))

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Accuracies 1 and 2 of the stronger tempo, and MIREX's P-score of both.

        `p_score` is the sum of the weights of the annotated tempi within 8 % of an estimated one,
        `one_correct` whether there is any, and `both_correct`, only if two are annotated, whether
        both are (mir_eval.tempo.detection).
        """
        import mir_eval

        (truth, weights), (guess, _) = tempi(reference), tempi(estimate)
        if not truth.size:
            return {}
        # A missing tempo is 0 for mir_eval, which never counts it as found.
        padded, padded_guess = (np.pad(bpm, (0, 2 - bpm.size)) for bpm in (truth, guess))
        p_score, one, both = mir_eval.tempo.detection(padded, float(weights[0]), padded_guess)
        levels = truth[0] * np.array(LEVELS)
        hits = np.abs(padded_guess[0] - levels) <= TOLERANCE * levels
        scores = {"acc1": hits[0], "acc2": hits.any(), "p_score": p_score, "one_correct": one}
        if truth.size == 2:
            scores["both_correct"] = both
        return {name: float(value) for name, value in scores.items()}

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """Stretching time changes the tempo; a pitch shift does not."""
        return {"time_stretch": "change", "pitch_shift": "keep"}

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """Multiply the tempi by `amount`: above 1 the music becomes faster.

        The tempi are read from the target to a fraction of a class. Those that leave the classes
        are dropped; the target is NaN (unknown) if all do.
        """
        if deformation != "time_stretch":
            return target
        bpm, weights = tempo_peaks(target, SLOWEST)
        moved = _target(bpm * amount, weights)
        return np.full_like(target, np.nan) if moved is None else moved


def _target(bpm: Floats, weights: Floats) -> Array | None:
    """The distribution of the tempi within the classes; None if there are none."""
    inside = (bpm >= SLOWEST) & (bpm <= SLOWEST + CLASSES - 1)
    if not (weights * inside).any():
        return None
    return distribution(bpm[inside], weights[inside])


TASK = Tempo()
