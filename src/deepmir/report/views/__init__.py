"""How each task's reference and prediction are drawn: one function a task, in one table.

A new task is a file with a `view(scene) -> View` and a line in :data:`VIEWS`; until it has one, its
annotations are shown as a list.
"""

from collections.abc import Mapping

from deepmir.report.views import anything, beat, key
from deepmir.report.views.base import Drawing, Scene, View

VIEWS: Mapping[str, Drawing] = {"beat": beat.view, "key": key.view}


def draw(task: str, scene: Scene) -> View:
    """The view of a track for a task."""
    return VIEWS.get(task, anything.view)(scene)
