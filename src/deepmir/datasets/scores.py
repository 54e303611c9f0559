"""Shards of data sets that are rendered from scores."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from deepmir.datasets.index import Member, Track, each_track, shard_of
from deepmir.declarations.schema import Scores
from deepmir.files.store import Failure
from deepmir_render import recipes
from deepmir_render.recipes import Recipe
from deepmir_render.tracks import Track as Planned
from deepmir_render.tracks import scores as planned


def recipe(declaration: Scores) -> Recipe:
    """The recipe that a declaration asks for."""
    preset = recipes.PLAIN if declaration.style == "plain" else recipes.SONG
    return replace(preset, seed=declaration.seed)


def tracks(declaration: Scores) -> list[Planned]:
    """The tracks that a declaration asks for."""
    return planned(declaration.size, declaration.style)[: declaration.limit]


def collect(root: Path, declaration: Scores, shard: int, workers: int) -> Iterator[Track | Failure]:
    """Render the tracks of one shard to `root`/audio and `root`/annotations."""
    mine = [t for t in tracks(declaration) if shard_of(t.id, declaration.shards) == shard]
    return each_track(Render(root, recipe(declaration)), mine, lambda track: track.id, workers)


@dataclass(frozen=True)
class Render:
    """Renders tracks to a folder."""

    root: Path
    recipe: Recipe

    def __call__(self, track: Planned) -> Track:
        """The rendered track."""
        from deepmir_render.rendering import render

        audio = self.root / "audio" / f"{track.id}.flac"
        annotations = self.root / "annotations" / f"{track.id}.jams"
        render(track, self.recipe, audio, annotations)
        return Track.of(
            id=track.id,
            group=track.group,
            stratum=track.stratum,
            audio=audio,
            annotations=annotations,
            licence=track.licence,
        )


def members(declaration: Scores) -> list[Member]:
    """Every track of any size, so that one split serves them all."""
    return [Member(track.group, track.stratum) for track in planned("full")]
