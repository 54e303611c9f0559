"""Views of each task's reference and prediction: one function per task, in one table.

A new task is a file with a `view(scene) -> View` and a line in :data:`VIEWS`; until it has one, its
annotations are shown as a list.
"""

from collections.abc import Mapping

from deepmir.report.views import anything, beat, key, pitches
from deepmir.report.views.base import Drawing, Scene, View
from deepmir.report.views.lanes import Lanes
from deepmir.report.views.tags import Words

VIEWS: Mapping[str, Drawing] = {
    "tempo": Words("tempo", unit=" BPM"),
    "key": key.view,
    "beat": beat.view,
    "melody": pitches.melody,
    "chord": Lanes("chord"),
    "chord_large": Lanes("chord"),
    "structure": Lanes("segment_open", named=False),
    "tagging": Words("tag_open", "tags"),
    "mood": Words("mood_thayer"),
    "mood_quadrant": Words("tag_open", "mood"),
    "genre": Words("tag_open", "genre"),
    "instrument": Lanes("tag_open", "instrument"),
    "singing": Lanes("tag_open", "voice"),
    "notes": pitches.notes,
}


def draw(task: str, scene: Scene) -> View:
    """The view of a track for a task."""
    return VIEWS.get(task, anything.view)(scene)
