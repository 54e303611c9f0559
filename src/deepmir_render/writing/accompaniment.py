"""The rhythm of chords and bass lines.

A figure defines the position, length and force of the strokes in a bar; positions are in beats.
Their pitches follow from the current chord.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deepmir_render.chords import bass_step, tones
from deepmir_render.song import Chord, Metre, Note

# Figures of regular strokes: the step, the length as a share of it, and the chord tones in turn, -1
# for all of them.
EVEN: dict[str, tuple[str, float, tuple[int, ...]]] = {
    "held": ("bar", 1.0, (-1,)),
    "fifths": ("half a bar", 0.9, (-1,)),
    "beats": ("beat", 0.8, (-1,)),
    "walking": ("beat", 0.9, (-1,)),
    "oompah": ("beat", 0.5, (0, -1, -1, -1)),
    "off": ("beat", 0.4, (-1,)),
    "eighths": ("eighth", 0.8, (-1,)),
    "octaves": ("eighth", 0.7, (-1,)),
    "powered": ("eighth", 0.95, (-1,)),
    "broken": ("eighth", 1.0, (0, 2, 1, 2, 3, 2, 1, 2)),
    "rolled": ("sixteenth", 2.0, (0, 1, 2, 3, 2, 1)),
    "sixteenths": ("sixteenth", 0.6, (-1,)),
    "arpeggio": ("thirty-second", 0.9, (0, 1, 2)),  # chords on sound chips with few voices
}
PARTS = {"eighth": 1, "sixteenth": 2, "thirty-second": 4}  # of half a beat, a third in 6/8
# Figures of strokes that each sound until the next; those after the bar are left out.
UNEVEN: dict[str, tuple[float, ...]] = {
    "syncopated": (0, 1.5, 2.5, 3.5),
    "charleston": (0, 1.5, 3.5),
    "tresillo": (0, 1.5, 3),
    "strummed": (0, 1, 1.5, 2.5, 3, 3.5),
    "montuno": (0, 0.5, 1.5, 2.5, 3.5),
    "galloping": tuple(beat + at for beat in range(4) for at in (0, 0.5, 0.75)),
    "rolling": tuple(beat + at for beat in range(4) for at in (0.25, 0.5, 0.75)),
}
STRUM = 0.012  # quarter notes between two strings


@dataclass(frozen=True)
class Stroke:
    """One stroke of a figure.

    Attributes:
        at: in beats from the bar line.
        length: in beats.
        force: relative to the loudest, from 0 to 1.
        tone: index of the chord tone, -1 for all of them.
    """

    at: float
    length: float
    force: float
    tone: int = -1


def strokes(figure: str, metre: Metre) -> list[Stroke]:
    """The strokes of a figure, a name in `EVEN` or `UNEVEN`, in one bar."""
    beats = metre.beats
    if figure in UNEVEN:
        places = [place for place in UNEVEN[figure] if place < beats - 1e-6]
        return [
            Stroke(begin, 0.9 * (end - begin), 1.0 if begin == 0 else 0.8)
            for begin, end in zip(places, [*places[1:], beats], strict=True)
        ]
    name, share, turns = EVEN[figure]
    parts = 3 if metre.compound else 2
    steps = {"bar": beats, "half a bar": -(-beats // 2), "beat": 1}
    step = steps.get(name) or 1 / parts / PARTS[name]
    late = (parts - 1) / parts if figure == "off" else 0.0
    return [
        Stroke(at, share * step, _force(at), turns[index % len(turns)])
        for index in range(round((beats - late) / step + 0.49))
        for at in (late + index * step,)
    ]


def _force(at: float) -> float:
    if at < 1e-6:
        return 1.0
    return 0.85 if abs(at - round(at)) < 1e-6 else 0.7


def chord_notes(
    chords: Sequence[Chord],
    bars: Sequence[tuple[float, float, Metre]],
    figure: str,
    centre: int,
    *,
    powered: bool,
    velocity: int,
) -> list[Note]:
    """The notes of a player of chords.

    Args:
        chords: in order.
        bars: start, end and metre of the bars to play.
        figure: name of the figure.
        centre: MIDI number around which the chords are voiced.
        powered: root and fifth only, as for distorted guitars.
        velocity: of the strongest stroke.
    """
    notes = []
    for chord, root, played in _played(chords, bars, figure):
        voiced = _voiced(chord, root, centre, powered)
        for begin, stop, loudness, tone in played:
            force = max(1, round(velocity * loudness))
            chosen = voiced if tone < 0 else [voiced[tone % len(voiced)]]
            spread = STRUM if len(chosen) > 1 and figure == "strummed" else 0.0
            notes += [
                Note(begin + i * spread, stop, pitch, force)
                for i, pitch in enumerate(chosen)
                if stop - begin - i * spread > 0.02
            ]
    return notes


def bass_notes(
    chords: Sequence[Chord],
    bars: Sequence[tuple[float, float, Metre]],
    line: str,
    low: int,
    velocity: int,
) -> list[Note]:
    """The notes of a bass.

    Args:
        chords: in order.
        bars: start, end and metre of the bars to play.
        line: name of the bass line.
        low: lowest MIDI number.
        velocity: of the strongest stroke.
    """
    notes = []
    for chord, root, played in _played(chords, bars, line):
        base = low + (root + bass_step(chord) - low) % 12
        steps = (*tones(chord), 7, 7)
        turns = {
            "octaves": (0, 12),
            "fifths": (0, steps[2]),
            "walking": (0, *steps[1:3], 9),
        }.get(line, (0,))
        notes += [
            Note(begin, stop, base + turns[index % len(turns)], max(1, round(velocity * force)))
            for index, (begin, stop, force, _) in enumerate(played)
        ]
    return notes


Struck = tuple[float, float, float, int]


def _played(
    chords: Sequence[Chord], bars: Sequence[tuple[float, float, Metre]], figure: str
) -> Iterator[tuple[Chord, int, Iterator[Struck]]]:
    """Each chord of each bar, its root, and its strokes as returned by :func:`_cut`."""
    for start, end, metre in bars:
        pattern = strokes(figure, metre)
        for chord in chords:
            if chord.root is not None and chord.start < end - 1e-6 and chord.end > start:
                yield chord, chord.root, _cut(pattern, start, end, metre.beat_length, chord)


def _cut(
    pattern: Sequence[Stroke], start: float, end: float, unit: float, chord: Chord
) -> Iterator[Struck]:
    """Start, end, force and tone of the strokes of one bar that fall within a chord.

    A chord that begins between two strokes is struck at its start.
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


def _voiced(chord: Chord, root: int, centre: int, powered: bool) -> list[int]:
    """MIDI numbers of a chord around a centre."""
    if powered:
        lowest = centre - 9 + (root - centre + 9) % 12
        return [lowest, lowest + 7, lowest + 12]
    low = centre - 6
    return sorted({low + (root + step - low) % 12 for step in tones(chord)})
