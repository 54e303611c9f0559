"""The recordings that a command line names, and the names of their results."""

import glob
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from deepmir.errors import DeepmirError
from deepmir.files.decoding import SUFFIXES
from deepmir.files.folders import files_below, spelled


@dataclass(frozen=True)
class Recording:
    """A recording to be analysed.

    Attributes:
        path: of the recording.
        name: of its results, without suffix: relative to the folder that was named, or the file's
            own; if several folders were named, it begins with the folder's name.
    """

    path: Path
    name: Path

    @property
    def whole_name(self) -> Path:
        """The name with the suffix of the recording."""
        return self.name.with_name(self.path.name)


def expand(arguments: Iterable[str]) -> list[Recording | DeepmirError]:
    """The recordings that files, folders and patterns name, each once, in order.

    A folder stands for all files below it with the suffix of a recording, except hidden files and
    those that `--sonify` wrote. If names differ only in the suffix (song.mp3, song.wav), their
    results keep it. If names are equal, all but the first are errors, as are folders and patterns
    without a recording.
    """
    meant = [one for argument in arguments for one in _meant(argument)]
    folders = {one.resolve() for one in meant if isinstance(one, Path) and one.is_dir()}
    found = [one for each in meant for one in _at(each, len(folders) > 1)]
    once: dict[Path, Recording] = {}
    for one in found:
        if isinstance(one, Recording):
            once.setdefault(_place(one.path), one)
    alike: dict[str, set[str]] = defaultdict(set)
    for recording in once.values():
        alike[_key(recording.name)].add(_key(recording.whole_name))
    first: dict[str, Path] = {}
    results: list[Recording | DeepmirError] = []
    for one in found:
        if isinstance(one, DeepmirError):
            results.append(one)
        elif once.get(_place(one.path)) is one:
            named = replace(one, name=one.whole_name) if len(alike[_key(one.name)]) > 1 else one
            results.append(_unless_taken(named, first))
    return results


def _place(path: Path) -> Path:
    """A path with its folder's links followed; a link is a recording of its own name."""
    return path.parent.resolve() / path.name


def _unless_taken(recording: Recording, first: dict[str, Path]) -> Recording | DeepmirError:
    other = first.setdefault(_key(recording.name), recording.path)
    if other is recording.path:
        return recording
    return DeepmirError(
        f"{recording.path}: its result would overwrite that of {other}: analyse it "
        "separately, with another --output"
    )


def _key(name: Path) -> str:
    """What names have in common that some file systems take for one."""
    return str(name).casefold()


def _meant(argument: str) -> list[Path | DeepmirError]:
    """The files and folders that an argument means."""
    path = spelled(Path(argument))
    if path.exists() or not glob.has_magic(argument):
        return [path]
    matches = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207 - absolute ones, too
    return [*map(Path, matches)] or [DeepmirError(f"{argument}: no file matches")]


def _at(meant: Path | DeepmirError, several: bool) -> Iterator[Recording | DeepmirError]:
    if isinstance(meant, DeepmirError):
        yield meant
    elif meant.is_dir():
        yield from _below(meant, Path(meant.resolve().name if several else ""))
    else:
        yield Recording(meant, Path(_without_suffix(meant.name)))


def _below(folder: Path, before: Path) -> Iterator[Recording | DeepmirError]:
    try:
        found = [p for p in files_below(folder) if p.suffix.lower() in SUFFIXES]
    except DeepmirError as error:
        yield error
        return
    if not found:
        yield DeepmirError(f"{folder}: no recordings in this folder")
    for path in found:
        inside = path.relative_to(folder)
        yield Recording(path, before / inside.with_name(_without_suffix(path.name)))


def _without_suffix(name: str) -> str:
    """The name without the suffix of a recording; any other end belongs to the name."""
    path = Path(name)
    return path.stem if path.suffix.lower() in SUFFIXES else name


def printable(text: object) -> str:
    """A text as one line that every terminal can show, whatever a file name contains."""
    return "".join(_printable(letter) for letter in str(text))


def _printable(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()
