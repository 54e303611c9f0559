"""Figures: how chords and bass lines are played in time.

A figure says for one bar at which positions, how long and how loud something is struck; positions
are in beats. What is struck follows from the chord that holds there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deepmir_render.writing.notation import ChordSpan, Metre
from deepmir_render.writing.song import SongNote

# Semitones above the root by the beginning of a quality in Harte's syntax, the longest first.
TONES = {
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "minmaj7": (0, 3, 7, 11),
    "hdim7": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "maj6": (0, 4, 7, 9),
    "min6": (0, 3, 7, 9),
    "maj9": (0, 4, 7, 11, 14),
    "min9": (0, 3, 7, 10, 14),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "11": (0, 4, 7, 10, 14),
    "13": (0, 4, 7, 10, 14),
    "9": (0, 4, 7, 10, 14),
    "7": (0, 4, 7, 10),
    "5": (0, 7),
    "1": (0,),
}
DEGREES = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11, "9": 14}
STRUM = 0.012  # quarter notes between two strings


@dataclass(frozen=True)
class Stroke:
    """One stroke of a figure: position and length in beats, force relative to the loudest.

    Attributes:
        at: in beats from the bar line.
        length: in beats.
        force: from 0 to 1.
        tone: which tone of the chord, -1 for all of them.
    """

    at: float
    length: float
    force: float = 1.0
    tone: int = -1


def _every(step: float, beats: int, length: float, offset: float = 0.0) -> Iterator[Stroke]:
    position = offset
    while position < beats - 1e-6:
        on_beat = abs(position - round(position)) < 1e-6
        yield Stroke(position, length, 1.0 if position < 1e-6 else 0.85 if on_beat else 0.7)
        position += step


def _at(positions: Sequence[float], beats: int) -> Iterator[Stroke]:
    """Strokes that each sound until the next; positions after the bar are left out."""
    inside = [p for p in positions if p < beats - 1e-6]
    for begin, end in zip(inside, [*inside[1:], float(beats)], strict=True):
        yield Stroke(begin, 0.9 * (end - begin), 1.0 if begin < 1e-6 else 0.8)


def strokes(figure: str, metre: Metre) -> list[Stroke]:
    """The strokes of a figure in one bar.

    Args:
        figure: a name in :data:`FIGURES` or :data:`LINES`.
        metre: of the bar.
    """
    n = metre.beats
    half = 1 / 3 if metre.compound else 1 / 2
    quarter = 1 / 6 if metre.compound else 1 / 4
    last = 2 / 3 if metre.compound else 1 / 2
    made: dict[str, Iterator[Stroke]] = {
        "held": _every(n, n, n),
        "beats": _every(1, n, 0.8),
        "eighths": _every(half, n, 0.8 * half),
        "sixteenths": _every(quarter, n, 0.6 * quarter),
        "off": _every(1, n, 0.4, offset=last),
        "syncopated": _at([0, 1.5, 2.5, 3.5] if n >= 4 else [0, 1.5, 2.5], n),
        "charleston": _at([0, 1.5] if n < 4 else [0, 1.5, 3.5], n),
        "tresillo": _at([0, 1.5, 3] if n >= 4 else [0, 1.5], n),
        "octaves": _every(half, n, 0.7 * half),
        "fifths": _at([0, 2] if n >= 4 else [0, n - 1], n),
        "powered": _every(half, n, 0.95 * half),
        "galloping": iter(
            Stroke(beat + at, 0.9 * length, 1.0 if at == 0 else 0.75)
            for beat in range(n)
            for at, length in ((0, 0.5), (0.5, 0.25), (0.75, 0.25))
        ),
        "strummed": _at(
            [0, 1, 1.5, 2.5, 3, 3.5] if n >= 4 else [0, 1, 1.5, 2, 2.5] if n == 3 else [0, 1, 1.5],
            n,
        ),
        "montuno": _at([0, 0.5, 1.5, 2.5, 3.5], n),
        "walking": _every(1, n, 0.9),
        "broken": iter(
            Stroke(i * half, half, 0.9 if i == 0 else 0.7, tone=(0, 2, 1, 2, 3, 2, 1, 2)[i % 8])
            for i in range(round(n / half))
        ),
        "rolled": iter(
            Stroke(i * quarter, 2 * half, 0.8, tone=(0, 1, 2, 3, 2, 1)[i % 6])
            for i in range(round(n / quarter))
        ),
        "oompah": iter(
            Stroke(beat, 0.5, 1.0 if beat == 0 else 0.8, tone=0 if beat == 0 else -1)
            for beat in range(n)
        ),
    }
    return list(made[figure])


def tones(chord: ChordSpan) -> tuple[int, ...]:
    """Semitones of a chord above its root; those of a major triad where the quality is unknown."""
    quality = chord.quality.lstrip(":").partition("/")[0].partition("(")[0]
    return next((steps for name, steps in TONES.items() if quality.startswith(name)), (0, 4, 7))


def bass_step(chord: ChordSpan) -> int:
    """Semitones from the root up to the lowest tone of a chord."""
    degree = chord.quality.partition("/")[2]
    number = degree.lstrip("b#")
    if number not in DEGREES:
        return 0
    return (DEGREES[number] + degree.count("#") - degree.count("b")) % 12


def chord_notes(
    chords: Sequence[ChordSpan],
    bars: Sequence[tuple[float, float, Metre]],
    figure: str,
    centre: int,
    *,
    powered: bool,
    velocity: int,
) -> list[SongNote]:
    """The notes of somebody who plays chords.

    Args:
        chords: in order, with a root each.
        bars: start, end and metre of the bars to be played.
        figure: how.
        centre: MIDI number that the chords lie around.
        powered: root and fifth alone, as distorted guitars play.
        velocity: of the strongest stroke.
    """
    notes = []
    for chord, played in _played(chords, bars, figure):
        voiced = _voiced(chord, centre, powered)
        for begin, stop, loudness, tone in played:
            force = max(1, round(velocity * loudness))
            chosen = voiced if tone < 0 else [voiced[tone % len(voiced)]]
            spread = STRUM if len(chosen) > 1 and figure == "strummed" else 0.0
            notes += [
                SongNote(begin + i * spread, stop, pitch, force)
                for i, pitch in enumerate(chosen)
                if stop - begin - i * spread > 0.02
            ]
    return notes


def bass_notes(
    chords: Sequence[ChordSpan],
    bars: Sequence[tuple[float, float, Metre]],
    line: str,
    low: int,
    velocity: int,
) -> list[SongNote]:
    """The notes of a bass.

    Args:
        chords: in order, with a root each.
        bars: start, end and metre of the bars to be played.
        line: how.
        low: lowest MIDI number.
        velocity: of the strongest stroke.
    """
    notes = []
    for chord, played in _played(chords, bars, line):
        assert chord.root is not None  # such chords are left out
        base = low + (chord.root + bass_step(chord) - low) % 12
        steps = tones(chord)
        for index, (begin, stop, force, _) in enumerate(played):
            step = 0
            if line == "octaves":
                step = 12 * (index % 2)
            elif line == "fifths":
                step = (0, steps[2] if len(steps) > 2 else 7)[index % 2]
            elif line == "walking":
                step = (0, *steps[1:3], 9)[index % 4]
            notes.append(SongNote(begin, stop, base + step, max(1, round(velocity * force))))
    return notes


def _played(
    chords: Sequence[ChordSpan], bars: Sequence[tuple[float, float, Metre]], figure: str
) -> Iterator[tuple[ChordSpan, Iterator[tuple[float, float, float, int]]]]:
    """Each chord of each bar, with its strokes as :func:`_cut` has them."""
    for start, end, metre in bars:
        pattern = strokes(figure, metre)
        for chord in _sounding(chords, start, end):
            yield chord, _cut(pattern, start, end, metre.beat_length, chord)


def _sounding(chords: Sequence[ChordSpan], start: float, end: float) -> list[ChordSpan]:
    return [c for c in chords if c.root is not None and c.start < end - 1e-6 and c.end > start]


def _cut(
    pattern: Sequence[Stroke], start: float, end: float, unit: float, chord: ChordSpan
) -> Iterator[tuple[float, float, float, int]]:
    """Start, end, force and tone of the strokes of one bar that fall into a chord.

    A chord that comes between two strokes is struck when it comes.
    """
    begin, stop = max(start, chord.start), min(end, chord.end)
    struck = [s for s in pattern if begin - 1e-6 <= start + s.at * unit < stop - 1e-6]
    if not struck or struck[0].at * unit + start > begin + unit - 1e-6:
        before = [s for s in pattern if start + s.at * unit < begin - 1e-6]
        first = before[-1] if before else pattern[0]
        upto = struck[0].at * unit + start if struck else stop
        yield begin, upto, first.force, first.tone
    for s in struck:
        at = start + s.at * unit
        yield at, min(at + s.length * unit, stop), s.force, s.tone


def _voiced(chord: ChordSpan, centre: int, powered: bool) -> list[int]:
    """MIDI numbers of a chord around a centre."""
    assert chord.root is not None
    if powered:
        root = centre - 9 + (chord.root - centre + 9) % 12
        return [root, root + 7, root + 12]
    low = centre - 6
    return sorted({low + (chord.root + step - low) % 12 for step in tones(chord)})
