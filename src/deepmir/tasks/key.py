"""Key detection: the tonic and mode of a whole excerpt (Table 1: low subjectivity, long scale)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Effect, Metric, shares
from deepmir.tasks.shared.classes import SingleLabel
from deepmir.tasks.shared.harte import ROOTS

MODES = ("major", "minor")
LABELS = tuple(f"{tonic}:{mode}" for mode in MODES for tonic in ROOTS)
ENHARMONIC = {"Db": "C#", "D#": "Eb", "Gb": "F#", "G#": "Ab", "A#": "Bb", "Cb": "B", "E#": "F"}
ENHARMONIC |= {"B#": "C", "Fb": "E"}

RELATIONS = ("accuracy", "fifth", "relative", "parallel", "other")


def label_index(value: str) -> int | None:
    """Index in :data:`LABELS` of a JAMS `key_mode` value such as `Db:minor`.

    None for what has no place among 24 keys: no tonic, or a church mode.
    """
    tonic, _, mode = value.partition(":")
    label = f"{ENHARMONIC.get(tonic, tonic)}:{mode}"
    return LABELS.index(label) if label in LABELS else None


def relation(truth: int, guess: int) -> str:
    """Which of :data:`RELATIONS` an estimate is of, both keys as indices in :data:`LABELS`.

    As MIREX scores them: `fifth` is the key a fifth above, of the same mode.
    """
    steps = (guess - truth) % 12
    if guess // 12 == truth // 12:
        return {0: "accuracy", 7: "fifth"}.get(steps, "other")
    relative = 9 if truth < 12 else 3
    return {0: "parallel", relative: "relative"}.get(steps, "other")


@dataclass(frozen=True)
class Key(SingleLabel):
    """24 classes, softmax."""

    name: str = "key"
    namespaces: tuple[str, ...] = ("key_mode",)

    labels = LABELS

    def index(self, jams: Jams) -> int | None:
        """The key that lasts longest in an annotation."""
        found = jams.first("key_mode")
        if found is None or not found.observations:
            return None
        longest = max(found.observations, key=lambda observation: observation.duration)
        return label_index(str(longest.value))

    def annotation(self, index: int, confidence: float) -> Annotation:
        """A `key_mode`."""
        return Annotation("key_mode", (Observation(0.0, 0.0, LABELS[index], confidence),))

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "weighted"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """A fifth, relative or parallel key is worth something (MIREX), any other nothing."""
        other = {"other": Metric("less", worst=1.0)}
        return shares(("weighted", *RELATIONS)) | other

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """MIREX's weighted score, and what the estimate is to the reference.

        `accuracy`, `fifth`, `relative`, `parallel` and `other` are 1 for the :func:`relation` of
        the two keys and 0 for the rest, so their means are shares; the weighted score is 1 for the
        same key, 0.5 for the fifth, 0.3 for the relative and 0.2 for the parallel key.
        """
        import mir_eval

        truth, guess = self.index(reference), self.index(estimate)
        if truth is None:
            return {}
        found = "other" if guess is None else relation(truth, guess)
        shares = {name: float(name == found) for name in RELATIONS}
        if guess is None:
            return {"weighted": 0.0, **shares}
        # The musical spelling does not matter to mir_eval, the space between the words does.
        words = [LABELS[index].replace(":", " ") for index in (truth, guess)]
        return {"weighted": float(mir_eval.key.weighted_score(*words)), **shares}

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A pitch shift moves the tonic; stretching time moves nothing."""
        return {"pitch_shift": "change", "time_stretch": "keep"}

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """Move the tonic by `amount` semitones within each mode."""
        return np.roll(target.reshape(2, 12), round(amount), axis=1).reshape(24)


TASK = Key()
