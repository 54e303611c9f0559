"""Mood as regression: valence and arousal (Table 1: high subjectivity, long decision scale)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Decoder, Effect, Floats, Grid, Metric, Task
from deepmir.tasks.output import Output
from deepmir.tasks.shared import options, ranking
from deepmir.tasks.shared.moods import DEFORMATIONS, valence_arousal

LABELS = ("valence", "arousal")


@dataclass(frozen=True)
class Mood(Task):
    """Two linear nodes (tutorial, section 2.2: regression)."""

    shortest: float = 1.0  # the least on which a person would judge
    name: str = "mood"
    namespaces: tuple[str, ...] = ("mood_thayer", "tag_open")
    time_varying: bool = False

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """Valence and arousal in [-1, 1], shape (2,)."""
        point = valence_arousal(jams)
        return None if point is None else point.astype(np.float32)

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """Two real numbers."""
        return Output.of(LABELS, "linear")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **given: Any) -> Decoder:
        """The two numbers, clipped to [-1, 1]."""
        options.refuse(self.name, given)

        def decode(activations: Array) -> list[Annotation]:
            point = np.clip(activations, -1, 1).astype(float).tolist()
            return [Annotation("mood_thayer", (Observation(0.0, 0.0, point),))]

        return decode

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "r2"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """Errors in a square with side 2, and shares of variance, which are unbounded below."""
        found = {
            "distance": Metric("less", worst=math.sqrt(8)),
            "r2": Metric(of="part", worst=-math.inf),
        }
        for label in LABELS:
            found[f"r2_{label}"] = found["r2"]
            found[f"concordance_{label}"] = Metric(of="part", worst=-1.0)
            found[f"rmse_{label}"] = Metric("less", of="part", worst=2.0)
            found[f"roc_auc_{label}"] = Metric(of="part")
        return found

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """The Euclidean distance between the two points."""
        return _distance(self.row(reference, estimate))

    def failed(self, reference: Jams) -> dict[str, float]:
        """The distance to the farthest corner."""
        return _distance(self.failed_row(reference))

    def row(self, reference: Jams, estimate: Jams) -> tuple[float, ...] | None:
        """True valence and arousal, then the estimates; a missing estimate counts as (0, 0)."""
        truth, guess = valence_arousal(reference), valence_arousal(estimate)
        if truth is None:
            return None
        return *truth.tolist(), *(np.zeros(2) if guess is None else guess).tolist()

    def failed_row(self, reference: Jams) -> tuple[float, ...] | None:
        """True valence and arousal, then the corner of the square farthest from them."""
        truth = valence_arousal(reference)
        if truth is None:
            return None
        return *truth.tolist(), *np.where(truth >= 0, -1.0, 1.0).tolist()

    def corpus_metrics(self, rows: Floats) -> dict[str, float]:
        """For valence and arousal: R2, concordance, RMSE, and ROC-AUC of the sign.

        R2 = 1 - sum (y - y^)^2 / sum (y - mean)^2; predicting the mean of the part gives 0. The
        concordance is L. I.-K. Lin's ("A concordance correlation coefficient to evaluate
        reproducibility", Biometrics 45, 1989): the correlation, reduced by any difference in mean
        or scale. Both are omitted if the truth does not vary, and the area under the ROC curve if
        its sign does not; zero counts as positive.

        Args:
            rows: of :meth:`row`, shape (tracks, 4).
        """
        truth, guess = rows[:, :2], rows[:, 2:]
        error = ((truth - guess) ** 2).mean(axis=0)
        variance, spread = truth.var(axis=0), guess.var(axis=0)
        offset = truth.mean(axis=0) - guess.mean(axis=0)
        covariance = (truth * guess).mean(axis=0) - truth.mean(axis=0) * guess.mean(axis=0)
        scores = {f"rmse_{label}": float(e) for label, e in zip(LABELS, error**0.5, strict=True)}
        for i, label in enumerate(LABELS):
            if np.ptp(truth[:, i]) > 0:
                scores[f"r2_{label}"] = float(1 - error[i] / variance[i])
                total = variance[i] + spread[i] + offset[i] ** 2
                scores[f"concordance_{label}"] = float(2 * covariance[i] / total)
            positive = (truth[:, [i]] >= 0).astype(np.float64)
            area = float(ranking.roc_auc(positive, guess[:, [i]])[0])
            scores |= {} if math.isnan(area) else {f"roc_auc_{label}": area}
        both = [scores[f"r2_{label}"] for label in LABELS if f"r2_{label}" in scores]
        return scores | ({"r2": float(np.mean(both))} if both else {})

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """As for all moods."""
        return DEFORMATIONS


def _distance(row: tuple[float, ...] | None) -> dict[str, float]:
    """The distance between the two points of a row."""
    return {} if row is None else {"distance": math.hypot(row[0] - row[2], row[1] - row[3])}


TASK = Mood()
