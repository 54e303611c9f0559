"""Views of each task's reference and prediction: one function per task, in one table.

A new task is a file with a `view(scene) -> View` and a line in :data:`VIEWS`; until it has one, its
annotations are shown as a list.
"""

from collections.abc import Callable, Mapping

from deepmir.report.views import anything, beat, key, pitches
from deepmir.report.views.base import Drawing, Scene, View
from deepmir.report.views.lanes import Lanes
from deepmir.report.views.tags import Quadrant, Words
from deepmir.tasks import chord, chord_large, instrument


def _chords(index: Callable[[str], int | None]) -> Lanes:
    """Chords, compared as their task reduces them."""

    def same(label: str, other: str) -> bool:
        return label == other or (index(label) is not None and index(label) == index(other))

    return Lanes("chord", same=same)


VIEWS: Mapping[str, Drawing] = {
    "tempo": Words("tempo", unit=" BPM"),
    "key": key.view,
    "beat": beat.view,
    "melody": pitches.melody,
    "chord": _chords(chord.label_index),
    "chord_large": _chords(chord_large.label_index),
    "structure": Lanes("segment_open", same=None),
    "tagging": Words("tag_open", "tags"),
    "mood": Words("mood_thayer"),
    "mood_quadrant": Quadrant("tag_open", "mood"),
    "genre": Words("tag_open", "genre"),
    "instrument": Lanes("tag_open", "instrument", same=instrument.alike),
    "singing": Lanes("tag_open", "voice"),
    "notes": pitches.notes,
}


def draw(task: str, scene: Scene) -> View:
    """The view of a track for a task."""
    return VIEWS.get(task, anything.view)(scene)
