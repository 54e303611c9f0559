"""Music tagging (Table 1: high subjectivity, long decision time scale): independent tags."""

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
    """A sigmoid per tag, over a vocabulary given by the data."""

    shortest: float = 1.0  # the least on which a person would judge
    name: str = "tagging"
    namespaces: tuple[str, ...] = ("tag_open",)
    time_varying: bool = False
    confident: bool = True
    labels: tuple[str, ...] = LABELS

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """The mean confidence of each tag over an excerpt of a recording, shape (V,)."""
        return self._vector(tags.heard(jams, "tags", grid.start, grid.end))

    def _confidences(self, jams: Jams) -> Array | None:
        """The confidence of each tag; None if the recording has no tag annotation at all."""
        return self._vector(tags.words(jams, "tags"))

    def _vector(self, said: Mapping[str, float] | None) -> Array | None:
        if said is None:
            return None
        return np.array([said.get(label, 0.0) for label in self.labels], dtype=np.float32)

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """Independent labels: a recording may have any number of them."""
        return Output.of(self.labels, "sigmoid")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **given: Any) -> Decoder:
        """Every tag with its activation as confidence; the threshold is left to the reader."""
        options.refuse(self.name, given)

        def decode(activations: Array) -> list[Annotation]:
            pairs = zip(self.labels, activations.astype(float).tolist(), strict=True)
            return [tags.annotation("tags", (Observation(0.0, 0.0, w, a) for w, a in pairs))]

        return decode

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "roc_auc"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """Areas: over the tags of each recording, and for each tag over the whole part."""
        whole = [f"{name}/{label}" for name in AREAS for label in self.labels]
        return shares(("track_auc",)) | shares((*AREAS, *whole), of="part")

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """`track_auc`: P(a tag that the recording has ranks above one that it does not have)."""
        row = self.row(reference, estimate)
        if row is None:
            return {}
        truth, guess = np.array(row).reshape(2, -1, 1)
        area = float(ranking.roc_auc(truth, guess)[0])
        return {"track_auc": area} if np.isfinite(area) else {}

    def row(self, reference: Jams, estimate: Jams) -> tuple[float, ...] | None:
        """Truth of each tag, then confidences; a tag missing from the estimate has 0."""
        truth, guess = self._has(reference), self._confidences(estimate)
        if truth is None:
            return None
        return *truth.tolist(), *(np.zeros_like(truth) if guess is None else guess).tolist()

    def _has(self, reference: Jams) -> Array | None:
        """1 for a tag with a confidence of one half or more somewhere in a recording, else 0."""
        sure = self._confidences(reference)
        return None if sure is None else (sure >= LIKELY).astype(np.float32)

    def claims(self, reference: Jams, estimate: Jams) -> Floats:
        """One per tag."""
        row = self.row(reference, estimate)
        if row is None:
            return np.zeros((0, 3))
        truth, sure = np.array(row).reshape(2, -1)
        return np.stack([sure, truth, np.ones_like(sure)], axis=1)

    def failed_row(self, reference: Jams) -> tuple[float, ...] | None:
        """Confidences in reverse, and out of range: no system has any below 0 or above 1.

        With 0 and 1, the track would tie with those of a system with binary output.
        """
        truth = self._has(reference)
        return None if truth is None else (*truth.tolist(), *(2 - 3 * truth).tolist())

    def corpus_metrics(self, rows: Floats) -> dict[str, float]:
        """Area under the ROC and precision-recall curves, for each tag and in the mean over tags.

        For tags of all tracks, or of none, the area is undefined and does not count.

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
        """Tags describe tempo and sound (noisy, reverberant, lo-fi), but not keys."""
        sound = ("reverb", "equaliser", "clipping", "noise", "bandwidth", "codec")
        forbidden: dict[str, Effect] = dict.fromkeys(("time_stretch", *sound), "forbid")
        return {"pitch_shift": "keep", **forbidden}


TASK = Tagging()
