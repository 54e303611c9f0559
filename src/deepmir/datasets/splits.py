"""Which group of tracks is for training, for validation, for testing.

A split file gives each *group* its part: no group can be in two parts, whatever tracks it has,
and a file that goes missing moves no other. It is CSV, sorted, made once from a seed, read by
people and committed.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from deepmir.datasets import Member, Track
from deepmir.errors import DeepmirError
from deepmir.store import replacing

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)
SHARES: Mapping[Part, float] = {"train": 0.6, "validation": 0.15, "test": 0.25}


def make(members: Iterable[Member], seed: int) -> dict[str, Part]:
    """Deal groups out to the parts, stratum by stratum.

    Args:
        members: every track; a group's stratum is that of its first track.
        seed: what the order within a stratum is drawn from.

    Returns:
        The part of each group.
    """
    strata: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for member in sorted(members, key=lambda m: (m.group, m.stratum)):
        if member.group not in seen:
            seen.add(member.group)
            strata[member.stratum].append(member.group)
    parts: dict[str, Part] = {}
    rng = np.random.default_rng(seed)
    filled = dict.fromkeys(PARTS, 0)
    for stratum in sorted(strata):
        for index in rng.permutation(len(strata[stratum])):
            part = _most_wanting(filled)
            filled[part] += 1
            parts[strata[stratum][index]] = part
    return parts


def _most_wanting(filled: Mapping[Part, int]) -> Part:
    """The part that is furthest below its share; dealing in turn keeps every stratum balanced."""
    total = sum(filled.values()) + 1
    return max(PARTS, key=lambda part: SHARES[part] * total - filled[part])


def write(path: Path, parts: Mapping[str, Part]) -> None:
    """Write a split file, sorted by group."""
    with replacing(path) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["group", "part"])
        writer.writerows(sorted(parts.items()))


def read(path: Path) -> dict[str, Part]:
    """Read a split file.

    Raises:
        DeepmirError: when it is missing, malformed, or gives a group to two parts (a leak).
    """
    if not path.exists():
        raise DeepmirError(
            f"{path} is missing: make it with `deepmir split {path.stem}`, read it, commit it"
        )
    parts: dict[str, Part] = {}
    with path.open(newline="") as file:
        rows = csv.reader(file)
        if next(rows, None) != ["group", "part"]:
            raise DeepmirError(f"{path}, line 1: the header has to be `group,part`")
        for row in rows:
            where = f"{path}, line {rows.line_num}"
            if len(row) != 2 or row[1] not in PARTS:
                raise DeepmirError(f"{where}: expected a group and one of {', '.join(PARTS)}")
            group, part = row[0], PARTS[PARTS.index(row[1])]
            if parts.get(group, part) != part:
                raise DeepmirError(f"{where}: leak, {group} is in {parts[group]} and in {part}")
            parts[group] = part
    return parts


@dataclass(frozen=True)
class Divided:
    """The tracks of a data set by part."""

    train: tuple[Track, ...]
    validation: tuple[Track, ...]
    test: tuple[Track, ...]


def divide(tracks: Sequence[Track], parts: Mapping[str, Part]) -> Divided:
    """Put every track in the part of its group.

    Raises:
        DeepmirError: when a group has no part, or the same audio is in two parts (a leak).
    """
    divided: dict[Part, list[Track]] = {part: [] for part in PARTS}
    where: dict[str, tuple[Part, str]] = {}
    for track in tracks:
        if track.group not in parts:
            raise DeepmirError(
                f"the split has no part for the group {track.group!r} of the track {track.id}: "
                "make the split again, or add the line"
            )
        part = parts[track.group]
        other, twin = where.setdefault(track.sha256, (part, track.id))
        if other != part:
            raise DeepmirError(
                f"leak: {track.id} ({part}) and {twin} ({other}) are the same audio; "
                "put them in one group"
            )
        divided[part].append(track)
    return Divided(*(tuple(divided[part]) for part in PARTS))
