"""Rhythms of accompanying parts: drums by metre, figures of chords, bass lines."""

from collections.abc import Callable, Iterator

from deepmir_render.writing.harmonisation import Triad
from deepmir_render.writing.notation import Metre, Note

KICK, SIDE_STICK, SNARE, CLAP, LOW_TOM, HAT, HIGH_TOM, TAMBOURINE = 36, 37, 38, 39, 41, 42, 48, 54
CRASH = 49

Hit = tuple[float, int, int]  # position in the bar in beats, drum, velocity


def _kit(metre: Metre) -> Iterator[Hit]:
    """Kick on the strong beats, snare on the weak ones, hi-hat on every part of a beat."""
    for beat in range(metre.beats):
        strong = beat == 0 or (metre.beats == 4 and beat == 2)
        yield float(beat), KICK if strong else SNARE, 96 if beat == 0 else 84
    parts = 3 if metre.compound else 2
    for step in range(metre.beats * parts):
        yield step / parts, HAT, 112 if step % parts == 0 else 84


def _march(metre: Metre) -> Iterator[Hit]:
    """A snare drum on the beats and before them, a low drum on the first."""
    parts = 3 if metre.compound else 4
    yield 0.0, KICK, 100
    for beat in range(metre.beats):
        yield float(beat), SNARE, 88 if beat == 0 else 70
        yield beat + (parts - 1) / parts, SNARE, 48


def _frame_drum(metre: Metre) -> Iterator[Hit]:
    """Low and high strokes of a hand drum on every part of a beat."""
    parts = 3 if metre.compound else 2
    for step in range(metre.beats * parts):
        accent = 96 if step == 0 else 78 if step % parts == 0 else 46
        yield step / parts, LOW_TOM if step % parts == 0 else HIGH_TOM, accent


def _claps(metre: Metre) -> Iterator[Hit]:
    """Kick on the first beat, claps on the others, a tambourine between."""
    yield 0.0, KICK, 96
    for beat in range(metre.beats):
        if beat:
            yield float(beat), CLAP, 80
        yield beat + (2 / 3 if metre.compound else 1 / 2), TAMBOURINE, 76


def _sticks(metre: Metre) -> Iterator[Hit]:
    """A side stick on every beat, a kick on the first."""
    for beat in range(metre.beats):
        yield float(beat), SIDE_STICK, 100 if beat == 0 else 76
    yield 0.0, KICK, 84


DRUM_STYLES: dict[str, Callable[[Metre], Iterator[Hit]]] = {
    "kit": _kit,
    "march": _march,
    "frame drum": _frame_drum,
    "claps": _claps,
    "sticks": _sticks,
}


def fill(hits: list[tuple[Note, int]], end: float, metre: Metre) -> list[tuple[Note, int]]:
    """Hits of a section, with a roll down the drums in place of the last beats before its end."""
    beats = 2 if metre.beats > 2 else 1
    step = metre.beat_length / (3 if metre.compound else 4)
    start = end - beats * metre.beat_length
    count = round((end - start) / step)
    drums = [(SNARE, HIGH_TOM, LOW_TOM)[3 * i // count] for i in range(count)]
    roll = [
        (Note(start + i * step, start + (i + 1) * step, drum), 70 + 40 * i // count)
        for i, drum in enumerate(drums)
    ]
    return [hit for hit in hits if hit[0].start < start - 1e-3] + roll


def _held(triad: Triad, beat: float, thirds: bool) -> Iterator[tuple[float, float, int]]:
    yield from ((triad.start, triad.end, voice) for voice in range(3))


def _on_beats(triad: Triad, beat: float, thirds: bool) -> Iterator[tuple[float, float, int]]:
    for start in _steps(triad, beat):
        yield from ((start, start + 0.6 * beat, voice) for voice in range(3))


def _off_beats(triad: Triad, beat: float, thirds: bool) -> Iterator[tuple[float, float, int]]:
    delay = beat * 2 / 3 if thirds else beat / 2
    for start in _steps(triad, beat):
        yield from ((start + delay, start + beat, voice) for voice in range(3))


def _broken(triad: Triad, beat: float, thirds: bool) -> Iterator[tuple[float, float, int]]:
    step = beat / 3 if thirds else beat / 2
    for index, start in enumerate(_steps(triad, step)):
        yield start, start + step, (0, 1, 2)[index % 3] if thirds else (0, 2, 1, 2)[index % 4]


CHORD_FIGURES = {
    "held": _held,
    "on beats": _on_beats,
    "off beats": _off_beats,
    "broken": _broken,
}


def _steps(triad: Triad, step: float) -> list[float]:
    """Positions every `step` quarter notes from the triad's start to before its end."""
    count = max(1, round((triad.end - triad.start) / step - 0.01))
    return [triad.start + i * step for i in range(count)]


def chord_notes(triads: tuple[Triad, ...], figure: str, metre: Metre) -> tuple[Note, ...]:
    """The notes of a chord instrument that plays the triads as a figure, around middle C."""
    notes = []
    for triad in triads:
        voices = sorted(52 + (pitch_class - 52) % 12 for pitch_class in triad.pitch_classes)
        for start, end, voice in CHORD_FIGURES[figure](triad, metre.beat_length, metre.compound):
            if start < triad.end - 1e-3:
                notes.append(Note(start, min(end, triad.end), voices[voice]))
    return tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))


def bass_notes(triads: tuple[Triad, ...], alternating: bool, metre: Metre) -> tuple[Note, ...]:
    """The notes of a bass: roots held, or root and fifth in turn on the beats."""
    notes = []
    for triad in triads:
        root = 31 + (triad.root - 31) % 12
        if not alternating:
            notes.append(Note(triad.start, triad.end, root))
            continue
        fifth = root + 7 if root < 36 else root - 5
        for index, start in enumerate(_steps(triad, metre.beat_length)):
            end = min(start + metre.beat_length, triad.end)
            notes.append(Note(start, end, root if index % 2 == 0 else fifth))
    return tuple(notes)
