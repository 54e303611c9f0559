"""Shards of the rendered set."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deepmir.datasets.index import Member, Track, each_track, shard_of
from deepmir.declarations.schema import Rendered
from deepmir.files.store import Failure
from deepmir_render.playing import soundfonts
from deepmir_render.singing import voices
from deepmir_render.sources import fetching
from deepmir_render.tracks import RenderedTrack, tracks


def collect(
    root: Path, declaration: Rendered, shard: int, workers: int
) -> Iterator[Track | Failure]:
    """Render the tracks of one shard to `root`/audio and `root`/annotations.

    Raises:
        DeepmirError: when the sources or a soundfont are missing.
    """
    _check(declaration)
    if "speech" in declaration.singers:
        voices.prepare()
    mine = [t for t in tracks(declaration) if shard_of(t.id, declaration.shards) == shard]
    return each_track(_Render(root, declaration), mine, lambda track: track.id, workers)


def members(declaration: Rendered) -> list[Member]:
    """Every track; its part is that of its song."""
    _check(declaration)
    return [Member(track.group, track.collection, track.part) for track in tracks(declaration)]


def fetch(declaration: Rendered) -> str:
    """Fetch the sources from where their authors publish them."""
    return fetching.fetch(declaration.home, _sources(declaration))


def listing(declaration: Rendered) -> str:
    """Nothing that changes: what is fetched is held to its checksum then.

    Raises:
        MissingDataError: when sources, a soundfont or the singers' software are not there.
    """
    _check(declaration)
    return ""


def _check(declaration: Rendered) -> None:
    fetching.check(declaration.home, _sources(declaration))
    for name in (*declaration.soundfonts, declaration.test_soundfont):
        if name is not None:
            soundfonts.find(name)
    if "speech" in declaration.singers:
        voices.check()


def _sources(declaration: Rendered) -> list[str]:
    names = []
    if "pop909" in declaration.collections:
        names += ["pop909", "pop909_cl", "pop909_structure"]
    return [*names, "groove_midi"] if declaration.drums == "human" else names


@dataclass(frozen=True)
class _Render:
    root: Path
    declaration: Rendered

    def __call__(self, track: RenderedTrack) -> Track:
        from deepmir_render import rendering

        audio, annotations = rendering.render(track, self.declaration, self.root)
        return Track.of(
            id=track.id,
            group=track.group,
            stratum=track.collection,
            audio=audio,
            annotations=annotations,
            licence=rendering.licence(track),
        )
