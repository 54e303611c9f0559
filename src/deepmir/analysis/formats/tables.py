"""The results as tables with units in the names of the columns, which CSV and JSON share."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from deepmir.analysis.results import KNOWN, Analysis, Span
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


def _tempo(analysis: Analysis) -> Iterable[tuple[Cell, ...]] | None:
    found = analysis.tempo
    return None if found is None else [(found.bpm, found.confidence)]


def _key(analysis: Analysis) -> Iterable[tuple[Cell, ...]] | None:
    found = analysis.key
    return None if found is None else [(found.tonic, found.mode, found.confidence)]


def _mood(analysis: Analysis) -> Iterable[tuple[Cell, ...]] | None:
    found = analysis.mood
    return None if found is None else [(found.valence, found.arousal)]


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


def _notes(analysis: Analysis) -> Iterable[tuple[Cell, ...]] | None:
    found = analysis.notes
    return None if found is None else ((note.start, note.end, note.pitch) for note in found)


def _cells(spans: Iterable[Span] | None, *names: str) -> Iterable[tuple[Cell, ...]] | None:
    """Some attributes of each span."""
    return None if spans is None else (tuple(getattr(s, n) for n in names) for s in spans)


INTERVAL = ("start_seconds", "end_seconds")
SPAN = (*INTERVAL, "label", "confidence")

TABLES = (
    Table("tempo", ("bpm", "confidence"), _tempo),
    Table("key", ("tonic", "mode", "confidence"), _key),
    Table("mood", ("valence", "arousal"), _mood),
    Table("genre", ("label", "confidence"), lambda a: _cells(a.genre, "label", "confidence")),
    Table("tags", ("label", "confidence"), lambda a: _cells(a.tags, "label", "confidence")),
    Table("beats", ("time_seconds", "position"), _beats),
    Table("onsets", ("time_seconds",), _onsets),
    Table("melody", ("time_seconds", "frequency_hz"), _melody),
    Table("notes", (*INTERVAL, "pitch_midi"), _notes),
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
