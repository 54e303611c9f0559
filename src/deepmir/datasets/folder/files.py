"""The recordings of a folder, and which annotation files belong to which of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deepmir.datasets.folder import foreign, tables
from deepmir.datasets.folder.conventions import AUDIO, CONVENTIONS, JAMS, split_name
from deepmir.datasets.folder.problems import Problem
from deepmir.datasets.folder.tables import Description, Tables
from deepmir.errors import DeepmirError
from deepmir.files.folders import files_below
from deepmir.naming import composed, nearest


@dataclass(frozen=True)
class Recording:
    """A recording and its annotation files.

    Attributes:
        id: the path below the folder without its suffix, `/` written as `--`.
        audio: the recording.
        jams: the JAMS file beside it, if there is one.
        beside: the other annotation files beside it, by their endings.
        description: what tables say.
    """

    id: str
    audio: Path
    jams: Path | None
    beside: Mapping[str, Path]
    description: Description = field(default_factory=Description)

    @property
    def annotated(self) -> bool:
        """Whether it has any annotations."""
        return self.jams is not None or bool(self.beside) or self.description.annotates


@dataclass(frozen=True)
class Scan:
    """The contents of a folder.

    Attributes:
        recordings: in order of their paths; of two that would be one track the first.
        problems: of names and of tables.
        tables: what they say.
        paths: of every file that is read.
    """

    recordings: tuple[Recording, ...]
    problems: tuple[Problem, ...]
    tables: Tables
    paths: tuple[Path, ...]


def scan(folder: Path) -> Scan:
    """Look for recordings, annotation files and tables in a folder and in those below it.

    Raises:
        DeepmirError: when the folder is missing or contains no audio.
    """
    if not folder.is_dir():
        raise DeepmirError(f"the folder {folder} is missing: correct the path")
    paths = files_below(folder)
    audio = [path for path in paths if path.suffix.lower() in AUDIO]
    if not audio:
        raise DeepmirError(
            f"the folder {folder} contains no audio files ({', '.join(sorted(AUDIO))})"
        )
    problems: list[Problem] = []
    tracks: dict[str, Path] = {}
    for path in audio:
        first = tracks.setdefault(track_id(folder, path), path)
        if first != path:
            text = f"it and {first.name} would both be the track {track_id(folder, path)}: keep one"
            problems.append(Problem("error", path, 0, text))
    beside: dict[str, dict[str, Path]] = defaultdict(dict)
    unread: list[Path] = []
    for path in paths:
        name, ending = split_name(path.name)
        if ending == foreign.ANALYSIS and not foreign.is_analysis(path):
            continue
        if path.suffix.lower() in AUDIO:
            continue
        if not ending:
            unread.append(path)
        else:
            first = beside[_key(path.with_name(name))].setdefault(ending, path)
            if first != path:
                text = f"its name looks the same as {first.name}: keep one"
                problems.append(Problem("error", path, 0, text))
    described = [path for path in paths if tables.is_table(path)]
    read = tables.read(described, {path: track_id(folder, path) for path in audio})
    recordings = [
        _recording(name, path, beside.pop(_key(path.with_suffix("")), {}), read)
        for name, path in tracks.items()
    ]
    problems += [
        Problem("warning", path, 0, "there is no recording with this name")
        for stray in beside.values()
        for path in stray.values()
    ]
    problems += _misspelt(unread, audio)
    own = [p for r in recordings for p in (r.audio, r.jams, *r.beside.values()) if p is not None]
    return Scan(tuple(recordings), (*problems, *read.problems), read, (*own, *described))


def _misspelt(unread: Sequence[Path], audio: Sequence[Path]) -> Iterator[Problem]:
    """Files that have the name of a recording and an ending much like that of annotations."""
    names = {_key(path.with_suffix("")) for path in audio}
    kinds = [f".{each.kind}" for each in CONVENTIONS]
    for path in unread:
        if _key(path.with_suffix("")) in names and (meant := nearest(path.suffix.lower(), kinds)):
            yield Problem("warning", path, 0, f"not read{meant}")


def _recording(name: str, audio: Path, beside: Mapping[str, Path], read: Tables) -> Recording:
    others = {ending: path for ending, path in beside.items() if ending != JAMS}
    return Recording(name, audio, beside.get(JAMS), others, read.of(name))


def track_id(folder: Path, path: Path) -> str:
    """The path below the folder without its suffix, composed, `/` written as `--`."""
    return composed("--".join(path.relative_to(folder).with_suffix("").parts))


def _key(path: Path) -> str:
    """What a recording and its annotations have in common, however their names are stored."""
    return composed(str(path))
