"""Which tracks the rendered set has: songs, takes of them, and the part that each is in."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from deepmir_render.sources import pop909, works

if TYPE_CHECKING:
    from deepmir.datasets.rendered import Rendered

WHOLE_SECONDS = {"pop909": 240.0, "music21": 90.0}  # about, of a song from beginning to end
TURN = {"pop909": 3, "music21": 1}  # songs, before it is the other collection's turn
# Of the songs, by a hash of their group. What is tested on recordings needs no large part here.
TEST, VALIDATION = 0.1, 0.1


@dataclass(frozen=True)
class RenderedTrack:
    """One rendering of a song.

    Attributes:
        id: unique and stable; the name of its files.
        collection: `pop909` or `music21`.
        song: what the collection knows it by.
        group: the song in all its versions.
        take: counted from 0.
        whole: whether the song is played from beginning to end.
        part: `train`, `validation` or `test`.
    """

    id: str
    collection: str
    song: str
    group: str
    take: int
    whole: bool
    part: str


def tracks(declaration: "Rendered") -> list[RenderedTrack]:
    """The tracks of a declaration, so many that together they last about as long as it asks.

    The order mixes collections and parts, so that the first few are already a mixture; a longer
    set has the tracks of a shorter one first.
    """
    songs = _in_turn(
        {name: _songs(name, declaration) for name in sorted(declaration.collections, reverse=True)}
    )
    chosen: list[RenderedTrack] = []
    left = declaration.hours * 3600
    take = 0
    while left > 0 and songs:
        for collection, song, group in songs:
            name = f"{collection}-{song}-t{take}"
            whole = _fraction(f"whole {name}") < declaration.whole
            part = part_of(group)
            chosen.append(RenderedTrack(name, collection, song, group, take, whole, part))
            left -= WHOLE_SECONDS[collection] if whole else declaration.seconds
            if left <= 0:
                break
        take += 1
    return chosen


def _in_turn(songs: Mapping[str, Sequence[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    """Collection, song and group of all songs, the collections in turn, each in a mixed order."""
    queues = [
        (name, iter(sorted(rows, key=lambda row: _hash(f"{name}-{row[0]}"))))
        for name, rows in songs.items()
    ]
    ordered: list[tuple[str, str, str]] = []
    while queues:
        for name, queue in list(queues):
            some = list(islice(queue, TURN[name]))
            ordered += [(name, *row) for row in some]
            if len(some) < TURN[name]:
                queues.remove((name, queue))
    return ordered


def _songs(collection: str, declaration: "Rendered") -> list[tuple[str, str]]:
    """What a collection knows its songs by, with their groups."""
    if collection == "pop909":
        return [(song, f"pop909-{song}") for song in pop909.songs(declaration.home)]
    return _works()


@cache
def _works() -> list[tuple[str, str]]:
    return [(song, works.group_of(song)) for song in works.songs()]


def part_of(group: str) -> str:
    """The part of a group, by a hash of its name."""
    place = _fraction(f"part {group}")
    if place < TEST:
        return "test"
    return "validation" if place < TEST + VALIDATION else "train"


def _fraction(name: str) -> float:
    return int(_hash(name)[:12], 16) / math.pow(16, 12)


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
