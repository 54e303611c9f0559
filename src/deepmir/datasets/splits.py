"""The assignment of groups of tracks to training, validation and testing.

A split file assigns each *group* to a part: no group can be in two parts, whatever its tracks, and
a missing file moves no other. It is CSV, sorted, made once from the parts given by the data set's
authors or from a seed, readable and committed.
"""

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, get_args

import numpy as np

from deepmir import paths
from deepmir.datasets.index import Member, Track
from deepmir.errors import DeepmirError
from deepmir.files.text import read_csv
from deepmir.files.writing import replacing

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)
BY_NAME: Mapping[str, Part] = {part: part for part in PARTS}
SHARES: Mapping[Part, float] = {"train": 0.6, "validation": 0.15, "test": 0.25}
# Of the authors' training groups, if they give no validation part: as 0.15 to 0.6.
HELD_OUT: Mapping[Part, float] = {"train": 0.8, "validation": 0.2}

T = TypeVar("T")


def deal(dataset: str, members: Iterable[Member], seed: int) -> str:
    """Make the split file of a data set, or assign its new groups; returns what was done.

    Raises:
        DeepmirError: when the authors' parts leak, or differ from the file.
    """
    members = list(members)
    path = paths.split(dataset)
    before = read(path) if path.exists() else {}
    given = official(members)
    parts = make(members, seed) | before
    for group, part in sorted(given.items()):
        held_out = part == "train" and parts[group] == "validation" and lacks_validation(given)
        if parts[group] != part and not held_out:
            raise DeepmirError(
                f"{path} has the group {group!r} in {parts[group]}, but the data set's "
                f"authors put it in {part}: delete the file to use theirs"
            )
    write(path, parts)
    counts = ", ".join(f"{list(parts.values()).count(part)} {part}" for part in PARTS)
    lines = [f"{path}: {counts} groups, {len(parts) - len(before)} of them new"]
    lines += without_tracks(before, members)
    if given:
        lines.append(f"the data set's authors define the part of {len(given)} groups")
    if lacks_validation(given):
        lines.append("they define no validation part: it was taken from their training groups")
    return "\n".join(lines)


def without_tracks(groups: Collection[str], members: Iterable[Member]) -> list[str]:
    """A line that counts the groups without a track; no line if there are none."""
    left = sorted({*groups} - {member.group for member in members})
    return [f"{len(left)} groups of the file have no track, such as {left[0]}"] if left else []


def make(members: Iterable[Member], seed: int) -> dict[str, Part]:
    """Assign every group to a part: that of the authors if given, otherwise by stratum.

    If the authors give a training part but no validation part, the latter is taken from their
    training groups.

    Args:
        members: every track; a group's stratum is that of its first track.
        seed: of the order within a stratum.

    Returns:
        The part of each group.

    Raises:
        DeepmirError: when the authors give two tracks of one group different parts.
    """
    members = list(members)
    given = official(members)
    dealt = _deal([m for m in members if m.group not in given], seed, SHARES)
    if lacks_validation(given):
        training = [m for m in members if given.get(m.group) == "train"]
        given |= _deal(training, seed, HELD_OUT)
    return given | dealt


def official(members: Iterable[Member]) -> dict[str, Part]:
    """The part of each group given by the data set's authors.

    Raises:
        DeepmirError: when they give two tracks of one group different parts.
    """
    stated: dict[str, set[str]] = defaultdict(set)
    for member in members:
        if member.part:
            stated[member.group].add(member.part)
    for group, parts in sorted(stated.items()):
        if len(parts) > 1:
            names = " and in ".join(sorted(parts))
            raise DeepmirError(
                f"leak: the data set's authors have tracks of the group {group!r} in {names}: "
                "give these tracks groups of their own, or leave some out"
            )
    return {group: BY_NAME[part] for group, parts in stated.items() for part in parts}


def lacks_validation(parts: Mapping[str, Part]) -> bool:
    """Whether there is a training part but no validation part for early stopping."""
    return "train" in parts.values() and "validation" not in parts.values()


def strata(members: Iterable[Member]) -> list[list[str]]:
    """The groups of each stratum, in an order that only depends on their names."""
    found: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for member in sorted(members, key=lambda m: (m.group, m.stratum)):
        if member.group not in seen:
            seen.add(member.group)
            found[member.stratum].append(member.group)
    return [found[stratum] for stratum in sorted(found)]


def _deal(members: Iterable[Member], seed: int, shares: Mapping[Part, float]) -> dict[str, Part]:
    """Deal out groups to the parts, stratum by stratum."""
    parts: dict[str, Part] = {}
    rng = np.random.default_rng(seed)
    filled = dict.fromkeys(shares, 0)
    for groups in strata(members):
        for index in rng.permutation(len(groups)):
            part = _most_wanting(filled, shares)
            filled[part] += 1
            parts[groups[index]] = part
    return parts


def _most_wanting(filled: Mapping[Part, int], shares: Mapping[Part, float]) -> Part:
    """The part furthest below its share; dealing in turn keeps every stratum balanced."""
    total = sum(filled.values()) + 1
    return max(shares, key=lambda part: shares[part] * total - filled[part])


def write(path: Path, parts: Mapping[str, Part]) -> None:
    """Write a split file, sorted by group."""
    write_table(path, "part", parts)


def read(path: Path) -> dict[str, Part]:
    """Read a split file.

    Raises:
        DeepmirError: when it is missing, malformed, or gives a group to two parts (a leak).
    """
    return read_table(path, "part", BY_NAME, paths.deepmir(f"split {path.stem}"))


def write_table(path: Path, column: str, values: Mapping[str, object]) -> None:
    """Write the value of each group, sorted by group."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["group", column])
        writer.writerows(sorted(values.items()))


def read_table(path: Path, column: str, values: Mapping[str, T], command: str) -> dict[str, T]:
    """Read the value of each group.

    Args:
        path: of a CSV file with the columns `group` and `column`.
        column: name of the values.
        values: the allowed cells, with their meanings.
        command: the command that makes the file.

    Raises:
        DeepmirError: when it is missing, malformed, or gives a group two values (a leak).
    """
    if not path.exists():
        raise DeepmirError(f"{path} is missing: make it with `{command}`, check it and commit it")
    found: dict[str, str] = {}
    rows = read_csv(path)
    if not rows or rows[0][1] != ["group", column]:
        raise DeepmirError(f"{path}, line 1: the header must be `group,{column}`")
    for line, row in rows[1:]:
        where = f"{path}, line {line}"
        if len(row) != 2 or row[1] not in values:
            raise DeepmirError(f"{where}: expected a group and one of {', '.join(values)}")
        group, value = row
        if found.setdefault(group, value) != value:
            raise DeepmirError(
                f"{where}: leak, {group} is in the {column} {found[group]} and in {value}"
            )
    return {group: values[value] for group, value in found.items()}


@dataclass(frozen=True)
class Divided:
    """The tracks of a data set by part."""

    train: tuple[Track, ...]
    validation: tuple[Track, ...]
    test: tuple[Track, ...]


def divide(tracks: Sequence[Track], parts: Mapping[str, Part], command: str) -> Divided:
    """Put every track in the part of its group.

    Raises:
        DeepmirError: when a group has no part.
    """
    divided = assign(tracks, parts, "part", command)
    return Divided(*(tuple(divided.get(part, ())) for part in PARTS))


def assign(
    tracks: Sequence[Track], values: Mapping[str, T], what: str, command: str
) -> dict[T, list[Track]]:
    """The tracks by the value of their group, in order.

    Args:
        tracks: of a data set.
        values: of each group.
        what: the kind of value, such as `part`, for errors.
        command: assigns values to new groups, for errors.

    Raises:
        DeepmirError: when a group has no value.
    """
    assigned: dict[T, list[Track]] = defaultdict(list)
    for track in tracks:
        if track.group not in values:
            raise DeepmirError(
                f"the split has no {what} for the group {track.group!r} of the track {track.id}: "
                f"run `{command}`, or add the line"
            )
        assigned[values[track.group]].append(track)
    return dict(assigned)
