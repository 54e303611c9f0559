"""Genre classification (Table 1: high subjectivity, long decision time scale)."""

from collections.abc import Mapping
from dataclasses import dataclass

from deepmir.files.annotations import Jams
from deepmir.tasks.base import Effect
from deepmir.tasks.shared import tags
from deepmir.tasks.shared.classes import Tagged

# Of the data set `scores`.
LABELS = ("air", "chorale", "hornpipe", "jig", "march", "reel", "slip jig", "strathspey")


@dataclass(frozen=True)
class Genre(Tagged):
    """Softmax over a vocabulary given by the data."""

    name: str = "genre"
    namespaces: tuple[str, ...] = ("tag_open",)
    labels: tuple[str, ...] = LABELS

    kind = "genre"

    def index(self, jams: Jams) -> int | None:
        """The genre of a recording, from `tag_open` of kind genre."""
        word = tags.strongest(jams.first("tag_open", self.kind))
        return self.labels.index(word) if word in self.labels else None

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A piece keeps its genre in another key and at a slightly different tempo."""
        return {"pitch_shift": "keep", "time_stretch": "keep"}


TASK = Genre()
