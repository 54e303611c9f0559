"""Shards of the rendered set."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from deepmir.datasets.index import Member, Track, each_track, shard_of
from deepmir.datasets.scores import Render
from deepmir.declarations.schema import Rendered
from deepmir.files.store import Failure
from deepmir_render import recipes
from deepmir_render.recipes import Recipe
from deepmir_render.singing import bank
from deepmir_render.sources import fetching, soundfonts
from deepmir_render.tracks import Track as Planned
from deepmir_render.tracks import mixture


def recipe(declaration: Rendered) -> Recipe:
    """The recipe that a declaration asks for."""
    return replace(
        recipes.RENDERED,
        seconds=(declaration.seconds, declaration.seconds),
        arrangement=declaration.arrangement,
        drums=declaration.drums,
        soundfonts=declaration.soundfonts,
        test_soundfont=declaration.test_soundfont,
        singers=declaration.singers,
        mixing=declaration.mixing,
        timing=declaration.timing,
        transposition=declaration.transposition,
        home=declaration.home,
        seed=declaration.seed,
    )


def tracks(declaration: Rendered) -> list[Planned]:
    """The tracks that a declaration asks for."""
    return mixture(
        declaration.collections,
        declaration.hours,
        declaration.seconds,
        declaration.whole,
        declaration.home,
    )


def collect(
    root: Path, declaration: Rendered, shard: int, workers: int
) -> Iterator[Track | Failure]:
    """Render the tracks of one shard to `root`/audio and `root`/annotations.

    Raises:
        DeepmirError: when the sources or a soundfont are missing.
    """
    _check(declaration)
    if "speech" in declaration.singers:
        bank.prepare()
    mine = [t for t in tracks(declaration) if shard_of(t.id, declaration.shards) == shard]
    return each_track(Render(root, recipe(declaration)), mine, lambda track: track.id, workers)


def members(declaration: Rendered) -> list[Member]:
    """Every track; its part is that of its song."""
    _check(declaration)
    return [Member(track.group, track.stratum, track.part) for track in tracks(declaration)]


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
        bank.check()


def _sources(declaration: Rendered) -> list[str]:
    names = []
    if "pop909" in declaration.collections:
        names += ["pop909", "pop909_cl", "pop909_structure"]
    return [*names, "groove_midi"] if declaration.drums == "human" else names
