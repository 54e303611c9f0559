"""Tracks with the same audio: listed in a file for each data set, refused in two parts."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from deepmir import paths
from deepmir.datasets.index import Track
from deepmir.errors import DeepmirError
from deepmir.files.writing import write_json


@dataclass(frozen=True)
class Duplicate:
    """Two tracks with the same audio.

    Attributes:
        first: data set and identifier of one.
        second: of the other one.
        shift: delay of the second one, in seconds.
        differing: share of the bits of their fingerprints that differ.
    """

    first: tuple[str, str]
    second: tuple[str, str]
    shift: float
    differing: float


@dataclass(frozen=True)
class Placed:
    """A track, and its use.

    Attributes:
        track: from the index.
        what: it is given, `part` or `fold`.
        value: of that.
        division: the file that says so.
    """

    track: Track
    what: str
    value: str
    division: Path

    def __str__(self) -> str:
        return f"{self.track.id} ({self.what} {self.value}, {self.track.audio})"


def write(path: Path, found: Iterable[Duplicate]) -> None:
    """Write the pairs of tracks with the same audio."""
    write_json(path, {"duplicates": [asdict(pair) for pair in found]})


def read(path: Path) -> list[Duplicate]:
    """Read the pairs of tracks with the same audio.

    Raises:
        DeepmirError: when the file is missing or broken.
    """
    try:
        rows = json.loads(path.read_text())["duplicates"]
        pairs = [((*row["first"],), (*row["second"],), row) for row in rows]
        return [Duplicate(a, b, row["shift"], row["differing"]) for a, b, row in pairs]
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing: {paths.again(path)}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DeepmirError(
            f"{path} is not a list of duplicates ({error}): {paths.again(path)}"
        ) from None


def refuse(placed: Mapping[tuple[str, str], Placed], path: Path | None) -> None:
    """Refuse the same audio in two parts.

    Args:
        placed: by data set and identifier, the tracks that have to be different.
        path: of pairs that were found; None where only equal bytes count.

    Raises:
        DeepmirError: naming the first pair, when there is one (a leak), or the file is broken.
    """
    leaks = {
        frozenset((pair.first, pair.second)): pair
        for pair in (*_identical(placed), *(read(path) if path else ()))
        if {pair.first, pair.second} <= placed.keys()
        and placed[pair.first].value != placed[pair.second].value
    }
    if not leaks:
        return
    pair, *others = leaks.values()
    first, second = placed[pair.first], placed[pair.second]
    apart = f", {abs(pair.shift):.2f} s apart" if pair.shift else ""
    where = f", see {path}" if path else ""
    more = f" ({len(others)} more such pairs{where})" if others else ""
    raise DeepmirError(
        f"leak: {first} and {second} are the same audio{apart}: {_advice(first, second)}, "
        f"or remove one of the two recordings{more}"
    )


def refuse_groups(
    learned: Mapping[tuple[str, str], Placed], tested: Mapping[tuple[str, str], Placed]
) -> None:
    """Refuse to test on a group of tracks that a network was trained on.

    Args:
        learned: by data set and identifier.
        tested: the same, of data whose groups have names of the same kind.

    Raises:
        DeepmirError: naming the first such track (a leak).
    """
    known = {_work(each.track.group): each for each in learned.values()}
    for each in tested.values():
        if heard := known.get(_work(each.track.group)):
            raise DeepmirError(
                f"leak: the network has learned from {heard}, and {each} is in the same "
                f"group, {each.track.group!r}: move it out of the test part in "
                f"{each.division}, or start from a network that has not heard it"
            )


def _work(group: str) -> str:
    """The name of a work: `rendered` puts that of the collection before what `scores` calls it."""
    return group.removeprefix("music21-")


def _identical(placed: Mapping[tuple[str, str], Placed]) -> Iterator[Duplicate]:
    """Tracks whose files have the same bytes as the first that has them."""
    first: dict[str, tuple[str, str]] = {}
    for place, each in placed.items():
        other = first.setdefault(each.track.sha256, place)
        if other != place:
            yield Duplicate(other, place, 0.0, 0.0)


def _advice(first: Placed, second: Placed) -> str:
    if first.division == second.division:
        groups = f"{first.track.group!r} and {second.track.group!r}"
        return f"give the groups {groups} the same {first.what} in {first.division}"
    tested = first if first.value == "test" else second
    group, division = tested.track.group, tested.division
    return f"move the group {group!r} out of the test part in {division}"
