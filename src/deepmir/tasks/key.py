"""Key detection: tonic and mode of a whole excerpt (Table 1: low subjectivity, long scale)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Effect, Metric, shares
from deepmir.tasks.shared.classes import SingleLabel
from deepmir.tasks.shared.harte import ROOTS
from deepmir.tasks.shared.keys import LABELS, MODES, label_index, one_spelling

RELATIONS = {"accuracy": 1.0, "fifth": 0.5, "relative": 0.3, "parallel": 0.2, "other": 0.0}
"""What an estimate is to the reference, and what mir_eval gives for it."""


def relation(truth: str, guess: str) -> str:
    """The one of :data:`RELATIONS` between an estimate and the truth, JAMS `key_mode` values.

    As scored by mir_eval: `fifth` is the key a fifth above, in the same mode, and a church mode
    differs from major and minor.
    """
    import mir_eval

    score = mir_eval.key.weighted_score(_words(truth), _words(guess))
    return next(name for name, worth in RELATIONS.items() if worth == score)


def _words(value: str) -> str:
    """A key in mir_eval's syntax; `X` for none."""
    tonic, _, mode = one_spelling(value).partition(":")
    return f"{tonic} {mode if mode in MODES else 'other'}" if tonic in ROOTS else "X"


@dataclass(frozen=True)
class Key(SingleLabel):
    """24 classes, softmax."""

    name: str = "key"
    namespaces: tuple[str, ...] = ("key_mode",)

    labels = LABELS

    def index(self, jams: Jams) -> int | None:
        """The key with the longest total duration in an annotation."""
        return label_index(_longest(jams))

    def annotation(self, index: int, confidence: float) -> Annotation:
        """A `key_mode` annotation."""
        return Annotation("key_mode", (Observation(0.0, 0.0, LABELS[index], confidence),))

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "weighted"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """Fifth, relative and parallel keys get partial credit, others none."""
        other = {"other": Metric("less", worst=1.0)}
        return shares(("weighted", "weighted_both_fifths", *RELATIONS)) | other

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Two weighted scores, and the relation of the estimate to the reference.

        `weighted` is that of mir_eval, the rule of MIREX until 2016: 1 for the same key, 0.5 for
        the one a fifth above, 0.3 for the relative and 0.2 for the parallel key.
        `weighted_both_fifths` is the rule of MIREX since 2017: also 0.5 for a fifth below.
        `accuracy`, `fifth`, `relative`, `parallel` and `other` are 1 for the :func:`relation` of
        the two keys and 0 otherwise, so their means are shares.
        """
        truth, guess = _longest(reference), _longest(estimate)
        if label_index(truth) is None:
            return {}
        found = relation(truth, guess)
        below = relation(guess, truth) == "fifth"
        return {
            "weighted": RELATIONS[found],
            "weighted_both_fifths": 0.5 if below else RELATIONS[found],
            **{name: float(name == found) for name in RELATIONS},
        }

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A pitch shift moves the tonic; time stretching changes nothing."""
        return {"pitch_shift": "change", "time_stretch": "keep"}

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """Move the tonic by `amount` semitones within each mode."""
        return np.roll(target.reshape(2, 12), round(amount), axis=1).reshape(24)


def _longest(jams: Jams) -> str:
    """The value of the longest key (the first of equal ones); empty without any."""
    found = jams.first("key_mode")
    lengths: dict[str, float] = {}
    for observation in () if found is None else found.observations:
        value = one_spelling(str(observation.value))
        lengths[value] = lengths.get(value, 0.0) + observation.duration
    return max(lengths, key=lambda value: lengths[value], default="")


TASK = Key()
