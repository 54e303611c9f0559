"""Music tagging (Table 1: high subjectivity, long decision time scale): several words at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Decoder, Effect, Floats, Grid, Metric, Task, shares
from deepmir.tasks.output import Output
from deepmir.tasks.shared import options, ranking, tags

# Of the data set `scores`.
LABELS = (
    *("bass", "brass", "compound", "dance", "drums", "duple", "fast", "flutes", "guitar", "hymn"),
    *("lo-fi", "major", "minor", "noisy", "organ", "piano", "reeds", "reverberant", "singing"),
    *("slow", "strings", "triple"),
)

LIKELY = 0.5
AREAS = {"roc_auc": ranking.roc_auc, "pr_auc": ranking.average_precision}


@dataclass(frozen=True)
class Tagging(Task):
    """A sigmoid a tag, over a vocabulary that the data decide."""

    shortest: float = 1.0  # what a person would not judge from less
    name: str = "tagging"
    namespaces: tuple[str, ...] = ("tag_open",)
    time_varying: bool = False
    confident: bool = True
    labels: tuple[str, ...] = LABELS

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """How sure each tag is in the mean over a stretch of a recording, shape (V,)."""
        return self._vector(tags.heard(jams, "tags", grid.start, grid.end))

    def _confidences(self, jams: Jams) -> Array | None:
        """How sure each tag is; None where a recording has no tags annotated, not even none."""
        return self._vector(tags.words(jams, "tags"))

    def _vector(self, said: Mapping[str, float] | None) -> Array | None:
        if said is None:
            return None
        return np.array([said.get(label, 0.0) for label in self.labels], dtype=np.float32)

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """Independent labels: a recording may have all of them or none."""
        return Output.of(self.labels, "sigmoid")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **given: Any) -> Decoder:
        """Every tag with its activation as confidence: how many to believe is the reader's."""
        options.refuse(self.name, given)

        def decode(activations: Array) -> list[Annotation]:
            pairs = zip(self.labels, activations.astype(float).tolist(), strict=True)
            return [tags.annotation("tags", (Observation(0.0, 0.0, w, a) for w, a in pairs))]

        return decode

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "roc_auc"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """Areas: over the tags of each recording, and of each tag over the whole part."""
        whole = [f"{name}/{label}" for name in AREAS for label in self.labels]
        return shares(("track_auc",)) | shares((*AREAS, *whole), of="part")

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """`track_auc`: P(a tag that the recording has is above one that it has not)."""
        row = self.row(reference, estimate)
        if row is None:
            return {}
        truth, guess = np.array(row).reshape(2, -1, 1)
        area = float(ranking.roc_auc(truth, guess)[0])
        return {"track_auc": area} if np.isfinite(area) else {}

    def row(self, reference: Jams, estimate: Jams) -> tuple[float, ...] | None:
        """Which tags it has, then confidences; one that the estimate does not mention has 0."""
        truth, guess = self._has(reference), self._confidences(estimate)
        if truth is None:
            return None
        return *truth.tolist(), *(np.zeros_like(truth) if guess is None else guess).tolist()

    def _has(self, reference: Jams) -> Array | None:
        """1 for a tag that is likelier than not somewhere in a recording, 0 for the others."""
        sure = self._confidences(reference)
        return None if sure is None else (sure >= LIKELY).astype(np.float32)

    def claims(self, reference: Jams, estimate: Jams) -> Floats:
        """One for each tag."""
        row = self.row(reference, estimate)
        if row is None:
            return np.zeros((0, 3))
        truth, sure = np.array(row).reshape(2, -1)
        return np.stack([sure, truth, np.ones_like(sure)], axis=1)

    def failed_row(self, reference: Jams) -> tuple[float, ...] | None:
        """Confidences the wrong way round, and beyond all: nobody is sure below 0 or above 1.

        With 0 and 1, the track would be on a par with those of a system that only says yes or no.
        """
        truth = self._has(reference)
        return None if truth is None else (*truth.tolist(), *(2 - 3 * truth).tolist())

    def corpus_metrics(self, rows: Floats) -> dict[str, float]:
        """Area under the ROC and the precision-recall curve, of each tag and in the mean over tags.

        Tags that all the tracks have, or none, have no such area and do not count.

        Args:
            rows: of :meth:`row`, shape (tracks, 2 V).
        """
        truth, guess = np.split(rows, 2, axis=1)
        scores: dict[str, float] = {}
        for name, area in AREAS.items():
            values = area(truth, guess)
            known = np.flatnonzero(np.isfinite(values))
            if known.size:
                scores[name] = float(values[known].mean())
            scores |= {f"{name}/{self.labels[i]}": float(values[i]) for i in known}
        return scores

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """Tags name tempi and how a recording sounds (noisy, reverberant, lo-fi), and no keys."""
        sound = ("reverb", "equaliser", "clipping", "noise", "bandwidth", "codec")
        forbidden: dict[str, Effect] = dict.fromkeys(("time_stretch", *sound), "forbid")
        return {"pitch_shift": "keep", **forbidden}


TASK = Tagging()
