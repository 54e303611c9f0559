"""How often a system is right at each confidence: the reliability diagram of its test tracks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deepmir import paths
from deepmir.datasets.index import Track
from deepmir.drawing import figures
from deepmir.evaluation.results import Result
from deepmir.features import corpus
from deepmir.files import annotations
from deepmir.models import calibration
from deepmir.models.calibration import Calibration
from deepmir.models.card import CARD, NetworkCard, read_card
from deepmir.report.html import data_uri
from deepmir.tasks.base import Floats

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Reliability:
    """The diagram, and the expected calibration errors.

    Attributes:
        image: its address.
        claims: number of statements.
        error: of the confidences as they are.
        calibrated: of those that `deepmir analyze` reports; None if the card has no curve.
    """

    image: str
    claims: int
    error: float
    calibrated: float | None


def of(result: Result, tracks: Sequence[Track]) -> Reliability | None:
    """The reliability of a system on its test tracks, or None if it states no confidences.

    Raises:
        DeepmirError: when annotations, predictions or its card cannot be read.
    """
    task = result.entry.task
    if not task.confident:
        return None
    predicted = [t for t in tracks if paths.prediction(result.name, t.id).exists()]
    references = corpus.read_annotations(predicted, task.namespaces)
    found = [
        task.claims(reference, annotations.read(paths.prediction(result.name, track)))
        for track, reference in references.items()
    ]
    claims = np.concatenate(found) if found else np.zeros((0, 3))
    if not claims[:, 2].sum() > 0:
        return None
    curve = _curve(result)
    sides = {"as the network states it": claims}
    if curve is not None:
        sides["calibrated on the validation part"] = calibration.calibrated(claims, curve)
    errors = [calibration.error(side) for side in sides.values()]
    return Reliability(
        image=data_uri("image/svg+xml", figures.svg(diagram(sides))),
        claims=len(claims),
        error=errors[0],
        calibrated=errors[1] if len(errors) > 1 else None,
    )


def diagram(sides: Mapping[str, Floats]) -> "Figure":
    """Claims in bins of equal confidence: confidence against the share that is right.

    Args:
        sides: the claims of each side by its name, shape (claims, 3), as a task gives them.
    """
    points = {
        name: [(each.confidence, each.right, each.weight) for each in calibration.bins(side)]
        for name, side in sides.items()
    }
    return figures.reliability(points)


def _curve(result: Result) -> Calibration | None:
    """That of its card; a system without a model, or of several folds, has none."""
    folder = result.entry.folder
    card = read_card(folder) if (folder / CARD).exists() else None
    return card.calibration.get(result.task) if isinstance(card, NetworkCard) else None
