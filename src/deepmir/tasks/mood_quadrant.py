"""Mood as one of four classes: the quadrants of valence and arousal (Table 1, mood)."""

from collections.abc import Mapping
from dataclasses import dataclass

from deepmir.files.annotations import Jams
from deepmir.tasks.base import Effect
from deepmir.tasks.shared import tags
from deepmir.tasks.shared.classes import Tagged
from deepmir.tasks.shared.moods import DEFORMATIONS, QUADRANTS, quadrant, valence_arousal


@dataclass(frozen=True)
class MoodQuadrant(Tagged):
    """Softmax over four quadrants."""

    name: str = "mood_quadrant"
    namespaces: tuple[str, ...] = ("mood_thayer", "tag_open")

    kind = "mood"
    labels = tuple(QUADRANTS.values())

    def index(self, jams: Jams) -> int | None:
        """The quadrant of `mood_thayer`, zero counting as positive; else a `tag_open` of mood."""
        point = valence_arousal(jams)
        if point is not None:
            return self.labels.index(quadrant(*point))
        word = tags.strongest(jams.first("tag_open", self.kind))
        return self.labels.index(word) if word in self.labels else None

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """As for all moods."""
        return DEFORMATIONS


TASK = MoodQuadrant()
