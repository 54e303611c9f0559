"""Songs of POP909: pop songs arranged for piano by musicians, with a separate vocal melody.

Three data sets are read, each for its most reliable information:

- POP909 (Z. Wang et al., "POP909: a pop-song dataset for music arrangement generation", ISMIR
  2020): the assignment of notes to melody, second melody and piano, and the tempo;
- POP909-CL (M. Yao et al., arXiv 2510.06528): chords and keys corrected by experts, the
  metre, and the grid of beats (edition.py);
- the structure labels (S. Dai et al., 2020): phrases and bar lines (bar_grid.py).
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from deepmir.errors import DeepmirError
from deepmir_render.song import Bar, Metre, Note, Part, Song
from deepmir_render.sources import bar_grid, edition, human_sections, midi
from deepmir_render.sources.edition import BINS, Edition
from deepmir_render.sources.midi import Midi, MidiNote

LICENCE = "MIT"
TITLE = "POP909, POP909-CL and their structure labels"
PARTS, CORRECTED, STRUCTURE = "pop909", "pop909_cl/POP909_processed", "pop909_structure"
LEFT_OUT = Path(__file__).with_name("left_out.csv")  # made by duplicates.py
LEAST_FOUND = 0.9  # share of notes that have to be in both editions


def songs(home: Path) -> list[str]:
    """Numbers of the songs that are in all three folders, such as `001`, in order.

    Those known to be unreadable or duplicates are excluded: see duplicates.py.
    """
    return [number for number in published(home) if number not in left_out()]


@cache
def left_out() -> Mapping[str, str]:
    """The reason for each excluded number."""
    with LEFT_OUT.open(newline="", encoding="utf-8") as file:
        return {row["number"]: row["reason"] for row in csv.DictReader(file)}


def published(home: Path) -> list[str]:
    """Numbers of all songs that are in all three folders, in order."""
    corrected = {path.stem.strip() for path in (home / CORRECTED).glob("*.mid")}
    labelled = {path.parent.name for path in (home / STRUCTURE).glob("*/human_label1.txt")}
    parts = {path.stem for path in (home / PARTS).glob("[0-9]*/[0-9]*.mid")}
    return sorted(corrected & labelled & parts)


def read(home: Path, number: str) -> Song:
    """Read a song.

    Args:
        home: the folder with `pop909`, `pop909_cl` and `pop909_structure`.
        number: of :func:`songs`.

    Raises:
        DeepmirError: when a file is missing or damaged, or when the three do not match.
    """
    try:
        return _song(home, number)
    except DeepmirError as error:
        raise DeepmirError(f"POP909 song {number}: {error}") from None


def _song(home: Path, number: str) -> Song:
    corrected = edition.understand(midi.read(_corrected(home, number)))
    original = midi.read(home / PARTS / number / f"{number}.mid")
    parts = _parts(original, corrected)
    structure = home / STRUCTURE / number
    phrases = human_sections.read(structure / "human_label1.txt")
    grid = bar_grid.find(
        edition.pitch_classes(corrected.chords),
        bar_grid.read_chords(structure / "finalized_chord.txt"),
        corrected.beats,
        human_sections.starts(phrases),
    )
    bars = _bars(grid, corrected, parts)
    zero, end = bars[0][0], sum(bars[-1])
    return Song(
        id=f"pop909-{number}",
        group=f"pop909-{number}",
        title=f"POP909 {number}",
        artist="",
        collection=TITLE,
        licence=LICENCE,
        melody=_line(_placed(parts["MELODY"], zero)),
        second=_placed(parts["BRIDGE"], zero),
        parts=(Part("piano", _placed(parts["PIANO"], zero)),),
        bars=tuple(Bar(float(start - zero), Metre(length, 4)) for start, length in bars),
        end=float(end - zero),
        chords=edition.chord_spans(corrected.chords, zero),
        keys=edition.key_spans(corrected.keys, zero, end),
        sections=human_sections.place(
            phrases,
            [float(start - zero) for start in grid.starts],
            corrected.beats,
            float(end - zero),
        ),
        bpm=_bpm(original),
    )


def _corrected(home: Path, number: str) -> Path:
    """The file of POP909-CL; one is published with a space in its name."""
    found = sorted((home / CORRECTED).glob(f"{number}*.mid"))
    return found[0] if found else home / CORRECTED / f"{number}.mid"


def _parts(file: Midi, corrected: Edition) -> dict[str, list[MidiNote]]:
    """The melody (MELODY), the second melody (BRIDGE) and the piano (PIANO), in bins."""
    parts = {
        name: edition.quantised(file.tracks.get(name, ()), file.ticks)
        for name in ("MELODY", "BRIDGE", "PIANO")
    }
    notes = [note for part in parts.values() for note in part]
    shift = edition.find_shift(notes, corrected.notes)
    if shift.found < LEAST_FOUND:
        raise DeepmirError(f"only {shift.found:.0%} of its notes are in POP909-CL as well")
    if not parts["MELODY"]:
        raise DeepmirError("it has no melody")
    return {name: edition.moved(part, shift.bins) for name, part in parts.items()}


def _bars(
    grid: bar_grid.BarGrid, corrected: Edition, parts: Mapping[str, Sequence[MidiNote]]
) -> list[tuple[int, int]]:
    """Start and length of the bars in beats, with whole ones before and after for all notes."""
    beats, bars = corrected.beats, bar_grid.metres(grid, corrected.beats)
    notes = [*corrected.chords, *(note for part in parts.values() for note in part)]
    first, last = min(note.start for note in notes), max(note.end for note in notes)
    while bars[0][0] * BINS > first:
        bars.insert(0, (bars[0][0] - beats, beats))
    while sum(bars[-1]) * BINS < last:
        bars.append((sum(bars[-1]), beats))
    bar_grid.refuse_upbeats([chord.start / BINS for chord in corrected.chords], bars)
    return bars


def _placed(notes: Sequence[MidiNote], zero: int) -> tuple[Note, ...]:
    return tuple(
        Note(
            edition.quarters(n.start, zero),
            edition.quarters(n.end, zero),
            n.pitch,
            max(1, n.velocity),
        )
        for n in sorted(notes)
    )


def _line(notes: Sequence[Note]) -> tuple[Note, ...]:
    """One note at a time: the highest of simultaneous notes; later ones end earlier ones."""
    highest: dict[float, Note] = {}
    for note in sorted(notes, key=lambda note: (note.start, note.pitch)):
        highest[note.start] = note
    line = list(highest.values())
    cut = [
        Note(note.start, min(note.end, after.start), note.pitch, note.velocity)
        for note, after in pairwise(line)
    ]
    return (*cut, *line[-1:])


def _bpm(file: Midi) -> float:
    """Mean quarter notes per minute from the first note to the end of the last one."""
    first, last = min(n.start for n in file.notes), max(n.end for n in file.notes)
    changes = [at for at, _ in file.tempi]
    spans = zip(file.tempi, [*changes[1:], last], strict=True)
    microseconds = sum(
        max(0, min(stop, last) - max(at, first)) * tempo / file.ticks for (at, tempo), stop in spans
    )
    if microseconds <= 0:
        raise DeepmirError("POP909 does not say how fast it is")
    return round((last - first) / file.ticks * 60e6 / microseconds, 3)
