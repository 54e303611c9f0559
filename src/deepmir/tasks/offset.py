"""Offset detection: ends of notes (Table 1: low subjectivity, short decision time scale).

JAMS has no namespace for offsets. An estimate is a `tag_open` annotation of kind `offset` in the
sandbox, with instants of value "offset": valid JAMS, and unambiguous.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from deepmir.files.annotations import Annotation, Jams
from deepmir.tasks.base import Effect, Floats
from deepmir.tasks.shared import tags
from deepmir.tasks.shared.events import Events, instants
from deepmir.tasks.shared.instants import is_new
from deepmir.tasks.shared.pitched import pitched_notes

# Seconds. Players release notes together less exactly than they attack them; events closer than
# the window of the score count as one for the score too.
SIMULTANEOUS = 0.05


@dataclass(frozen=True)
class Offset(Events):
    """The events are the ends of all pitched notes; simultaneous ones are merged."""

    name: str = "offset"
    namespaces: tuple[str, ...] = ("note_midi", "tag_open")

    def times(self, jams: Jams) -> Floats | None:
        """Times of the offsets in seconds, shape (offsets,), ascending.

        Read from `tag_open` of kind `offset`, or else from `note_midi`; None without both.
        """
        for found in jams.find("tag_open"):
            if found.sandbox.get("kind") == "offset":
                return np.unique(found.times)
        notes = pitched_notes(jams)
        if notes is None:
            return None
        ends = np.unique(notes.ends)
        return ends[is_new(ends, SIMULTANEOUS)]

    def annotation(self, times: Iterable[float]) -> Annotation:
        """A `tag_open` annotation of kind `offset`."""
        return tags.annotation("offset", instants(times, "offset"))

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """As for all events; in addition, reverb sustains notes past their ends."""
        return {**super().deformations, "reverb": "forbid"}


TASK = Offset()
