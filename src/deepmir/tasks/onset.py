"""Onset detection: starts of any sounds (Table 1: low subjectivity, short scale)."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from deepmir.files.annotations import Annotation, Jams
from deepmir.tasks.base import Floats
from deepmir.tasks.shared.events import Events, instants


@dataclass(frozen=True)
class Onset(Events):
    """The events of a JAMS `onset` annotation."""

    name: str = "onset"
    namespaces: tuple[str, ...] = ("onset",)

    def times(self, jams: Jams) -> Floats | None:
        """Times of the onsets in seconds, shape (onsets,), ascending; None if not annotated."""
        found = jams.first("onset")
        return None if found is None else np.unique(found.times)

    def annotation(self, times: Iterable[float]) -> Annotation:
        """An `onset` annotation; its values are None."""
        return Annotation("onset", instants(times))


TASK = Onset()
