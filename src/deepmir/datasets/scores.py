"""Shards of data sets that are rendered from scores."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deepmir.datasets.index import Member, Track, each_track, shard_of
from deepmir.declarations.schema import Scores
from deepmir.files.store import Failure
from deepmir_render import plain_tracks as source


def tracks(declaration: Scores) -> list[source.ScoreTrack]:
    """The tracks that a declaration asks for."""
    return source.tracks(declaration.size, declaration.style)[: declaration.limit]


def collect(root: Path, declaration: Scores, shard: int, workers: int) -> Iterator[Track | Failure]:
    """Render the tracks of one shard to `root`/audio and `root`/annotations."""
    mine = [t for t in tracks(declaration) if shard_of(t.id, declaration.shards) == shard]
    return each_track(_Render(root, declaration.seed), mine, lambda track: track.id, workers)


@dataclass(frozen=True)
class _Render:
    root: Path
    seed: int

    def __call__(self, track: source.ScoreTrack) -> Track:
        audio = self.root / "audio" / f"{track.id}.flac"
        annotations = self.root / "annotations" / f"{track.id}.jams"
        for path in (audio, annotations):
            path.parent.mkdir(parents=True, exist_ok=True)
        source.render(track, self.seed, audio, annotations)
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
    return [Member(track.group, track.stratum) for track in source.tracks("full")]
