"""Detection of settings of the same tune, independent of key, notation and ornaments.

Bach harmonised many hymn tunes several times, in several keys, and the collections of tunes share
reels and jigs under other names and often with slight variations. A split that treated them as
different works would leak.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import combinations

import numpy as np

from deepmir_render.song import Song

GENERIC = frozenset(
    {
        *("a", "an", "and", "the", "of", "st", "nd", "rd", "th", "regt", "regiment", "untitled"),
        *("reel", "jig", "hornpipe", "strathspey", "clog", "march", "quick", "step", "slow", "air"),
        *("minuet", "gavotta", "allegro", "cotillion", "country", "dance", "scotch", "irish"),
    }
)
Grams = frozenset[tuple[int, ...]]

NOTE_GRAM = 7  # intervals in an n-gram of notes
BEAT_GRAM = 7  # intervals in an n-gram of sampled pitches
OVERLAP = 0.25  # share of the smaller work's n-grams that identifies a common tune
SHARED = 5  # minimum number of shared n-grams
COMMON = 40  # works with an n-gram above which it counts as a common phrase


def fingerprint(song: Song) -> tuple[Grams, Grams]:
    """Two sets of interval n-grams that are invariant under transposition.

    Returns:
        The n-grams of the melody's notes, without repeated notes, which are independent of note
        values; and those of the melody sampled at equal steps of the bar, which are robust to
        passing notes and ornaments.
    """
    pitches = [note.pitch for note in song.melody]
    moved = [p for i, p in enumerate(pitches) if i == 0 or p != pitches[i - 1]]
    return _grams(moved, NOTE_GRAM), _grams(_sampled(song), BEAT_GRAM)


def _grams(pitches: list[int], length: int) -> Grams:
    steps = np.diff(pitches).tolist()
    grams = (tuple(steps[i : i + length]) for i in range(len(steps) - length + 1))
    return frozenset(gram for gram in grams if len(set(gram)) > 2)


def _sampled(song: Song) -> list[int]:
    """The melody's pitch at every beat, and in between for simple bars of two beats."""
    metre = song.metre
    step = metre.beat_length if metre.beats > 2 or metre.compound else metre.beat_length / 2
    first = song.bars[0].start + step * np.ceil(-song.bars[0].start / step)
    steps = np.arange(first, song.end - 1e-3, step)
    index = np.searchsorted([n.start for n in song.melody], steps + 1e-3, side="right") - 1
    return [song.melody[i].pitch for i in np.maximum(index, 0)]


def groups(
    fingerprints: Mapping[str, tuple[Grams, Grams]], titles: Mapping[str, str]
) -> dict[str, str]:
    """The tune of each work, named after its first work in order of names.

    Two works have the same tune if they share many n-grams of either kind or have the same title
    (settings of a hymn in another metre share few n-grams), or if both have the same tune as a
    third.

    Args:
        fingerprints: of every work, by its name.
        titles: of every work; empty ones are not compared.
    """
    pairs = _same_title(titles)
    for kind in (0, 1):
        pairs += _similar({name: both[kind] for name, both in fingerprints.items()})
    parent = {name: name for name in fingerprints}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return {name: root(name) for name in fingerprints}


def _same_title(titles: Mapping[str, str]) -> list[tuple[str, str]]:
    first: dict[str, str] = {}
    named = [(name, _plain(title)) for name, title in titles.items() if _plain(title)]
    return [(first.setdefault(title, name), name) for name, title in named]


def _plain(title: str) -> str:
    """A title without case, accents, articles and the kind of dance."""
    words = re.findall(r"[^\W\d_]+", title.casefold())
    return " ".join(sorted(set(words) - GENERIC))


def _similar(sets: Mapping[str, Grams]) -> list[tuple[str, str]]:
    """Pairs of works that share enough n-grams, without common phrases."""
    owners: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for name, grams in sets.items():
        for gram in grams:
            owners[gram].append(name)
    shared: Counter[tuple[str, str]] = Counter()
    for names in owners.values():
        if len(names) <= COMMON:
            shared.update(combinations(sorted(names), 2))
    return [
        pair
        for pair, count in shared.items()
        if count >= SHARED and count >= OVERLAP * min(len(sets[name]) for name in pair)
    ]
