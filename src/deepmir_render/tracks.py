"""The tracks of a rendered set: songs, takes of them, and the part of each.

Listing the tracks of the scores is cheap: the catalogue is a table.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product, zip_longest
from pathlib import Path
from typing import Literal

from deepmir_render.sources import catalogue, pop909
from deepmir_render.sources.catalogue import Work

CollectionName = Literal["pop909", "music21"]
Size = Literal["small", "medium", "full"]

RENDERINGS = 3  # of each work in the full set of scores
SMALL = 240  # works in the small set, half of them chorales, half of each kind in minor
MEDIUM = 600  # works in the medium set: every chorale's tune, as many tunes in minor as in major
WHOLE_SECONDS = {"pop909": 240.0, "music21": 90.0}  # approximate, for a whole song
TURN = {"pop909": 3, "music21": 1}  # consecutive songs, before it is the other collection's turn
# Parts of the songs, by a hash of their group; the test part is small, as tests use recordings.
TEST, VALIDATION = 0.1, 0.1


@dataclass(frozen=True)
class Track:
    """One rendering of a song.

    Attributes:
        id: unique and stable; the name of its files.
        collection: `pop909` or `music21`.
        song: its identifier in the collection.
        group: the song in all its versions, which are never in two splits.
        stratum: balanced over the splits.
        licence: of the song.
        part: `train`, `validation` or `test`; empty if defined by the splits of the set.
        whole: whether the song is played from beginning to end.
    """

    id: str
    collection: CollectionName
    song: str
    group: str
    stratum: str
    licence: str
    part: str = ""
    whole: bool = False


def scores(size: Size, style: Literal["plain", "song"] = "plain") -> list[Track]:
    """The tracks of the scores for a size, in an order whose first few are already a mixture.

    The small and the medium set have one rendering each of works with different tunes; the full set
    has several of every work in the catalogue. Each set contains the previous one.
    """
    works, takes = catalogue.works(), range(RENDERINGS if size == "full" else 1)
    if size != "full":
        few = _small(works)
        works = tuple(few if size == "small" else _medium(works, few))
    tracks = [_score(work, take, style) for work in works for take in takes]
    return sorted(tracks, key=lambda track: _hash(track.id))


def _score(work: Work, take: int, style: str) -> Track:
    return Track(
        id=f"{work.id}-{'r' if style == 'plain' else 's'}{take}",
        collection="music21",
        song=work.id,
        group=work.group,
        stratum=f"{'chorale' if work.chorale else 'tune'}-{work.mode}-{work.metre}",
        licence=work.collection.licence,
    )


def _small(works: Sequence[Work]) -> list[Work]:
    """One work from each of `SMALL` tunes: as many chorales as tunes, as many in minor as in major.

    Works are drawn by a hash of their identifiers, and metres alternate, so that rare ones are
    included.
    """
    chosen: list[Work] = []
    taken: set[str] = set()
    for chorale, mode in product((True, False), ("major", "minor")):
        share = [work for work in works if work.chorale == chorale and work.mode == mode]
        of_tune: dict[str, Work] = {}
        for work in _metres_in_turn(share):
            if work.group not in taken:
                of_tune.setdefault(work.group, work)
        new = list(of_tune.values())[: SMALL // 4]
        taken |= {work.group for work in new}
        chosen += new
    return chosen


def _medium(works: Sequence[Work], small: Sequence[Work]) -> list[Work]:
    """The small set, and one work each from other tunes up to `MEDIUM`.

    First all chorales, then tunes in minor and in major alternately; in either mode genres
    alternate and, within a genre, metres.
    """
    chosen = {work.group: work for work in small}
    for work in _metres_in_turn([work for work in works if work.chorale]):
        chosen.setdefault(work.group, work)
    queues = [
        _in_turn(_metres_in_turn(share), lambda work: work.genre)
        for mode in ("minor", "major")
        if (share := [work for work in works if not work.chorale and work.mode == mode])
    ]
    for work in chain.from_iterable(zip_longest(*queues)):
        if work is not None and len(chosen) < MEDIUM:
            chosen.setdefault(work.group, work)
    return list(chosen.values())


def _metres_in_turn(works: Sequence[Work]) -> list[Work]:
    ordered = sorted(works, key=lambda work: _hash(work.id))
    return _in_turn(ordered, lambda work: work.metre)


def _in_turn(works: Sequence[Work], value: Callable[[Work], str]) -> list[Work]:
    """The works in an order in which the values alternate while there are any left."""
    turns: dict[str, int] = {}

    def turn(work: Work) -> int:
        name = value(work)
        turns[name] = turns.get(name, -1) + 1
        return turns[name]

    return sorted(works, key=turn)


def mixture(
    collections: Sequence[CollectionName], hours: float, seconds: float, whole: float, home: Path
) -> list[Track]:
    """Tracks of several collections with approximately the given hours.

    The order mixes collections and parts, so that the first few are already a mixture; a longer
    set has the tracks of a shorter one first.

    Args:
        collections: of the songs.
        hours: of the whole set.
        seconds: approximate duration of a track.
        whole: share of the tracks that are whole songs.
        home: the folder of the downloaded sources.
    """
    songs = _mixed({name: _songs(name, home) for name in sorted(collections, reverse=True)})
    chosen: list[Track] = []
    left, take = hours * 3600, 0
    while left > 0 and songs:
        for collection, song, group, licence in songs:
            name = f"{collection}-{song}-t{take}"
            all_of_it = _fraction(f"whole {name}") < whole
            chosen.append(
                Track(name, collection, song, group, collection, licence, part_of(group), all_of_it)
            )
            left -= WHOLE_SECONDS[collection] if all_of_it else seconds
            if left <= 0:
                break
        take += 1
    return chosen


Named = tuple[str, str, str]  # a song's identifier in its collection, its group and its licence


def _mixed(songs: dict[CollectionName, list[Named]]) -> list[tuple[CollectionName, str, str, str]]:
    """The songs of all collections alternately, each in a mixed order."""
    queues = [
        (name, iter(sorted(rows, key=lambda row: _hash(f"{name}-{row[0]}"))))
        for name, rows in songs.items()
    ]
    ordered: list[tuple[CollectionName, str, str, str]] = []
    while queues:
        for name, queue in list(queues):
            some = list(islice(queue, TURN[name]))
            ordered += [(name, *row) for row in some]
            if len(some) < TURN[name]:
                queues.remove((name, queue))
    return ordered


def _songs(collection: CollectionName, home: Path) -> list[Named]:
    if collection == "pop909":
        return [(song, f"pop909-{song}", pop909.LICENCE) for song in pop909.songs(home)]
    return [
        (work.id, f"music21-{work.group}", work.collection.licence) for work in catalogue.works()
    ]


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
