"""The results as tables with units in the names of the columns, which CSV and JSON share."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from deepmir.analysis.results import KNOWN, Analysis, Key, Mood, Note, Span, Tempo
from deepmir.tasks.names import NAMES

Cell = float | int | str | None

DIGITS = 6


@dataclass(frozen=True)
class Table:
    """One kind of result.

    Attributes:
        name: what it is called in file names and keys.
        columns: their names.
        rows: of an analysis; None where the task was not run.
    """

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Analysis], Iterable[tuple[Cell, ...]] | None]

    def of(self, analysis: Analysis) -> list[dict[str, Cell]] | None:
        """The rows by column, numbers rounded to a millionth; None if it was not run."""
        found = self.rows(analysis)
        if found is None:
            return None
        return [dict(zip(self.columns, map(_rounded, row), strict=True)) for row in found]


def _rounded(cell: Cell) -> Cell:
    return round(cell, DIGITS) if isinstance(cell, float) else cell


def _beats(analysis: Analysis) -> Iterable[tuple[Cell, ...]] | None:
    found = analysis.beats
    return None if found is None else zip(found.times.tolist(), found.positions.tolist())  # noqa: B905


def _onsets(analysis: Analysis) -> Iterable[tuple[Cell, ...]] | None:
    found = analysis.onsets
    return None if found is None else ((time,) for time in found.tolist())


def _melody(analysis: Analysis) -> Iterator[tuple[Cell, ...]] | None:
    found = analysis.melody
    if found is None:
        return None
    columns = (found.times.tolist(), found.frequencies.tolist(), found.voiced.tolist())
    return ((time, hertz if sung else 0.0) for time, hertz, sung in zip(*columns, strict=True))


def _cells(
    found: Iterable[Span | Note] | Tempo | Key | Mood | None, *names: str
) -> Iterable[tuple[Cell, ...]] | None:
    """Some attributes of each of what was found, or of the one that was."""
    if found is None:
        return None
    every = [found] if isinstance(found, Tempo | Key | Mood) else found
    return (tuple(getattr(one, name) for name in names) for one in every)


INTERVAL = ("start_seconds", "end_seconds")
SPAN = (*INTERVAL, "label", "confidence")

TABLES = (
    Table("tempo", ("bpm", "confidence"), lambda a: _cells(a.tempo, "bpm", "confidence")),
    Table(
        "key",
        ("tonic", "mode", "confidence"),
        lambda a: _cells(a.key, "tonic", "mode", "confidence"),
    ),
    Table("mood", ("valence", "arousal"), lambda a: _cells(a.mood, "valence", "arousal")),
    Table("genre", ("label", "confidence"), lambda a: _cells(a.genre, "label", "confidence")),
    Table("tags", ("label", "confidence"), lambda a: _cells(a.tags, "label", "confidence")),
    Table("beats", ("time_seconds", "position"), _beats),
    Table("onsets", ("time_seconds",), _onsets),
    Table("melody", ("time_seconds", "frequency_hz"), _melody),
    Table("notes", (*INTERVAL, "pitch_midi"), lambda a: _cells(a.notes, "start", "end", "pitch")),
    Table(
        "chords",
        SPAN,
        lambda a: _cells(a.chords, "start", "end", "label", "confidence"),
    ),
    Table("segments", (*INTERVAL, "label"), lambda a: _cells(a.sections, "start", "end", "label")),
    Table("singing", INTERVAL, lambda a: _cells(a.singing, "start", "end")),
    Table(
        "instruments",
        SPAN,
        lambda a: _cells(a.instruments, "start", "end", "label", "confidence"),
    ),
)


def _other(task: str, analysis: Analysis) -> Iterable[tuple[Cell, ...]] | None:
    return _cells(analysis.others.get(task), "start", "end", "label", "confidence")


# Of every task that the tables above do not have, by its name.
OTHERS = {name: Table(name, SPAN, partial(_other, name)) for name in NAMES if name not in KNOWN}
