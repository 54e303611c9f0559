"""The tracks that something can be learned from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deepmir.datasets import fewer
from deepmir.datasets.index import Track
from deepmir.features import corpus
from deepmir.files.annotations import Jams
from deepmir.tasks.base import Grid

if TYPE_CHECKING:
    from deepmir.training.patches import Target


def labelled(
    tracks: Sequence[Track], task: "Target", number: int | None = None, seed: int = 0
) -> dict[str, Jams]:
    """The annotations of the tracks that have a target, by identifier.

    Args:
        tracks: what there is.
        task: what is learned.
        number: of tracks with a target to draw; None for all.
        seed: for drawing them.

    Raises:
        DeepmirError: when there are fewer, but some.
    """
    annotations = corpus.read_annotations(tracks, task.namespaces)
    known = {track: jams for track, jams in annotations.items() if has_target(task, jams)}
    if number is None or not known:
        return known
    drawn = fewer.draw([track for track in tracks if track.id in known], number, seed)
    return {track: jams for track, jams in known.items() if track in drawn}


def has_target(task: "Target", jams: Jams) -> bool:
    """Whether a task has something to learn from some annotations."""
    return task.target(jams, Grid(0.0, 1.0, 1)) is not None
