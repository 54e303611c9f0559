"""`metadata.csv` and `tags.csv`: tables about many recordings.

A table may be in any folder; it names files relative to its own, with or without their suffix.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deepmir.datasets.folder.events import Event, annotation
from deepmir.datasets.folder.kinds import key_mode
from deepmir.datasets.folder.lines import SEPARATORS, Line, cells_of, lines_of
from deepmir.datasets.folder.lines import read as read_text
from deepmir.datasets.folder.problems import Findings, Problem
from deepmir.datasets.folder.rows import number
from deepmir.files.annotations import Annotation
from deepmir.naming import composed

METADATA, TAGS = "metadata.csv", "tags.csv"
PARTS = ("train", "validation", "test")
KINDS = ("tags", "genre", "mood", "instrument")
YES, NO = frozenset({"1", "yes", "true", "x"}), frozenset({"0", "no", "false", "", "-"})


def _part(cell: str) -> str:
    if cell.lower() not in PARTS:
        raise ValueError(f"it must be one of {', '.join(PARTS)}, or empty")
    return cell.lower()


def _key(cell: str) -> str:
    key = key_mode(cell)
    if key is None:
        raise ValueError("not a key: write it as `A minor`, `Am` or `A:minor`")
    return key


def _bpm(cell: str) -> float:
    bpm = number(cell)
    if bpm is None or bpm <= 0:
        raise ValueError("it must be a number above 0")
    return bpm


def _level(cell: str) -> float:
    level = number(cell)
    if level is None or not -1 <= level <= 1:
        raise ValueError("it must be a number from -1 to 1")
    return level


# The function that reads a cell; it raises ValueError with what the cell has to be.
COLUMNS: Mapping[str, Callable[[str], Any]] = {
    "title": str,
    "artist": str,
    "group": str,
    "part": _part,
    "licence": str,
    "genre": str,
    "key": _key,
    "bpm": _bpm,
    "valence": _level,
    "arousal": _level,
}

# Those that a task learns from; the others are about the recording itself.
LEARNT = ("genre", "key", "bpm", "valence")


@dataclass
class Description:
    """Everything in the tables about one recording.

    Attributes:
        values: of `metadata.csv`, by column; see :data:`COLUMNS`.
        words: of `tags.csv`, by kind; none where a table with a column for each tag has no mark.
        problems: of the recording's rows.
        row: its place in `metadata.csv`; empty if it is not there.
    """

    values: dict[str, Any] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    row: str = ""

    @property
    def annotates(self) -> bool:
        """Whether it contains annotations."""
        return bool(self.words) or any(name in self.values for name in LEARNT)


NOTHING = Description()
"""Of all recordings that are in no table: a million of them have one."""


@dataclass
class Tables:
    """The contents of the tables of a folder.

    Attributes:
        descriptions: by the identifier of the track.
        problems: of the tables; those of a recording's rows are in its description.
        rows: of each table.
    """

    descriptions: dict[str, Description] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    rows: dict[Path, int] = field(default_factory=dict)

    def of(self, track: str) -> Description:
        """Their description of a track."""
        return self.descriptions.get(track, NOTHING)


def is_table(path: Path) -> bool:
    """Whether a file is one of the two tables, by its name."""
    return path.name.lower() in (METADATA, TAGS)


def read(paths: Sequence[Path], tracks: Mapping[Path, str]) -> Tables:
    """Read the tables of a folder.

    Args:
        paths: of the tables.
        tracks: the identifiers of the recordings, by their paths.
    """
    found = Tables()
    if not paths:
        return found
    names = {composed(p.as_posix()): track for p, track in tracks.items()}
    names |= {composed(p.with_suffix("").as_posix()): track for p, track in tracks.items()}
    for path in paths:
        findings = Findings(path)
        rows = _rows(findings, names)
        for row in rows:
            _describe(found, row, names, metadata=path.name.lower() == METADATA)
        found.rows[path] = len(rows)
        found.problems += findings.problems
    return found


@dataclass(frozen=True)
class _Row:
    """A row of a table: its cells by the names of their columns, and its findings."""

    line: int
    cells: dict[str, str]
    findings: Findings


def _rows(findings: Findings, names: Mapping[str, str]) -> list[_Row]:
    every = lines_of(read_text(findings), names=True)
    lines = [line for line in every if not line.comment]
    if not lines:
        return []
    separator = max(SEPARATORS[:-1], key=lambda s: len(cells_of(lines[0], s)))
    heading = [cell.lower() for cell in cells_of(lines[0], separator)]
    if "file" not in heading:
        findings.error(lines[0].number, "the header must name the columns, including `file`")
        return []
    place = heading.index("file")

    def is_row(line: Line) -> bool:
        """A name may begin with `#`; any other line that does is a comment."""
        cells = cells_of(line, separator)
        named = place < len(cells) and _path(findings.path, cells[place]) in names
        return not line.comment or named

    lines = [line for line in every if line.number >= lines[0].number and is_row(line)]
    if findings.path.name.lower() == METADATA:
        unknown = [name for name in heading if name not in ("file", *COLUMNS)]
        if unknown:
            findings.warning(
                lines[0].number,
                f"not read: {', '.join(map(repr, unknown))}; known columns are "
                f"{', '.join(COLUMNS)}",
            )
    elif len(heading) == 1:
        findings.error(lines[0].number, "a column `tag`, or one column for each tag, is missing")
        return []
    rows = (_row(line, heading, separator, findings) for line in lines[1:])
    return [row for row in rows if row is not None]


def _row(line: Line, heading: Sequence[str], separator: str, findings: Findings) -> _Row | None:
    cells = cells_of(line, separator)
    if not cells or len(cells) > len(heading):
        count = f"{len(cells)} columns, the header has {len(heading)}"
        findings.error(line.number, count if cells else "its quotes are not closed")
        return None
    named = dict(zip(heading, cells, strict=False))
    if not named["file"]:
        findings.error(line.number, "no file is named")
        return None
    return _Row(line.number, named, findings)


def _describe(found: Tables, row: _Row, names: Mapping[str, str], *, metadata: bool) -> None:
    """Add what a row says to the description of its track."""
    track = names.get(_path(row.findings.path, row.cells["file"]))
    if track is None:
        row.findings.warning(row.line, f"there is no recording {row.cells['file']!r}")
        return
    description = found.descriptions.setdefault(track, Description())
    own = Findings(row.findings.path)
    (_metadata if metadata else _tags)(description, row, own)
    description.problems += own.problems


def _path(table: Path, cell: str) -> str:
    """What a cell names, as the recordings are listed."""
    return composed((table.parent / cell.replace("\\", "/")).as_posix())


def _metadata(description: Description, row: _Row, findings: Findings) -> None:
    if description.row:
        findings.error(row.line, f"the recording is already described in {description.row}")
        return
    description.row = f"{row.findings.path.name}, line {row.line}"
    for name, column in COLUMNS.items():
        cell = row.cells.get(name, "")
        if cell:
            try:
                description.values[name] = column(cell)
            except ValueError as error:
                findings.error(row.line, f"{name} is {cell!r}: {error}")
    if bool(row.cells.get("valence")) != bool(row.cells.get("arousal")):
        findings.error(row.line, "valence and arousal go together: one of them is missing")


def _tags(description: Description, row: _Row, findings: Findings) -> None:
    stated = list(_long(row, findings) if "tag" in row.cells else _wide(row, findings))
    for kind, word in stated:
        words = description.words.setdefault(kind, [])
        if word in words:
            findings.warning(row.line, f"{word!r} appears twice")
        elif word:
            words.append(word)


def _long(row: _Row, findings: Findings) -> Iterator[tuple[str, str]]:
    """A row with one tag and, it may be, its kind."""
    kind = row.cells.get("kind", "") or KINDS[0]
    if kind not in KINDS:
        findings.error(row.line, f"kind is {kind!r}, not one of {', '.join(KINDS)}")
    elif not row.cells["tag"]:
        findings.error(row.line, "the tag is missing")
    else:
        yield kind, row.cells["tag"]


def _wide(row: _Row, findings: Findings) -> Iterator[tuple[str, str]]:
    """A row with a mark for each tag that the recording has."""
    yield KINDS[0], ""  # tags are annotated, even if it has none
    for tag, cell in row.cells.items():
        if cell.lower() in YES:
            yield KINDS[0], tag
        elif tag != "file" and cell.lower() not in NO:
            findings.error(row.line, f"{tag} is {cell!r}: write 1 or 0")


def annotations(
    values: Mapping[str, Any], words: Mapping[str, Sequence[str]], duration: float
) -> Iterator[Annotation]:
    """Annotations from tables about a whole recording of `duration` seconds.

    Args:
        values: of `metadata.csv`, by column.
        words: of `tags.csv`, by kind.
        duration: in seconds.
    """

    def whole(namespace: str, *about: Any, **sandbox: Any) -> Annotation:
        return annotation(
            namespace, (Event(0, 0.0, duration, x) for x in about), duration, **sandbox
        )

    if "key" in values:
        yield whole("key_mode", values["key"])
    if "bpm" in values:
        yield whole("tempo", values["bpm"])
    if "valence" in values and "arousal" in values:
        yield whole("mood_thayer", [values["valence"], values["arousal"]])
    genres = [values["genre"]] if "genre" in values else []
    tagged = {**words, "genre": [*genres, *words.get("genre", ())]}
    for kind in KINDS:
        if kind in words or tagged.get(kind):
            yield whole("tag_open", *dict.fromkeys(tagged[kind]), kind=kind)
