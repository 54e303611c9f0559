"""Which recordings a command line means, and what the results of each are called."""

import glob
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deepmir.errors import DeepmirError
from deepmir.files.decoding import SUFFIXES
from deepmir.files.folders import files_below, spelled


@dataclass(frozen=True)
class Recording:
    """A recording to be analysed.

    Attributes:
        path: of the recording.
        name: of its results, without suffix: below the folder that was named, or the file's own.
    """

    path: Path
    name: Path


def expand(arguments: Iterable[str]) -> list[Recording | DeepmirError]:
    """The recordings that files, folders and patterns mean, each once, in their order.

    A folder means what is below it and has the suffix of a recording; hidden files are not meant.
    Where only the suffix differs (song.mp3, song.wav), their results keep it. Where
    nothing does, all but the first are errors, as are folders and patterns that mean nothing.
    """
    found = [one for argument in arguments for one in _meant(argument)]
    once: dict[Path, Recording] = {}
    for one in found:
        if isinstance(one, Recording):
            once.setdefault(one.path.resolve(), one)
    alike = Counter(_key(one.name) for one in once.values())
    first: dict[str, Path] = {}
    results: list[Recording | DeepmirError] = []
    for one in found:
        if isinstance(one, DeepmirError):
            results.append(one)
        elif once.get(one.path.resolve()) is one:
            longer = one.name.with_name(one.path.name)
            named = one if alike[_key(one.name)] == 1 else Recording(one.path, longer)
            results.append(_unless_taken(named, first))
    return results


def _unless_taken(recording: Recording, first: dict[str, Path]) -> Recording | DeepmirError:
    other = first.setdefault(_key(recording.name), recording.path)
    if other is recording.path:
        return recording
    return DeepmirError(
        f"{recording.path}: its result would overwrite that of {other}: analyse it by itself, with "
        "another --output"
    )


def _key(name: Path) -> str:
    """What names have in common that some file systems take for one."""
    return str(name).casefold()


def _meant(argument: str) -> Iterator[Recording | DeepmirError]:
    path = spelled(Path(argument))
    if path.exists() or not glob.has_magic(argument):
        yield from _at(path)
        return
    matches = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207 - absolute ones, too
    if not matches:
        yield DeepmirError(f"{argument}: nothing matches it")
    for match in matches:
        yield from _at(Path(match))


def _at(path: Path) -> Iterator[Recording | DeepmirError]:
    if path.is_dir():
        yield from _below(path)
    else:
        yield Recording(path, Path(_without_suffix(path.name)))


def _below(folder: Path) -> Iterator[Recording | DeepmirError]:
    try:
        found = [p for p in files_below(folder) if p.suffix.lower() in SUFFIXES]
    except DeepmirError as error:
        yield error
        return
    if not found:
        yield DeepmirError(f"{folder}: there are no recordings in this folder")
    for path in found:
        inside = path.relative_to(folder)
        yield Recording(path, inside.with_name(_without_suffix(path.name)))


def _without_suffix(name: str) -> str:
    """The name without the suffix of a recording; any other end belongs to the name."""
    path = Path(name)
    return path.stem if path.suffix.lower() in SUFFIXES else name


def printable(text: object) -> str:
    """A text as one line that every terminal can show, whatever is in the name of a file."""
    return "".join(_printable(letter) for letter in str(text))


def _printable(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()
