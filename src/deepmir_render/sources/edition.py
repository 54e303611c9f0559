"""The POP909-CL edition of a song: beats, metre, chords and keys, corrected by experts."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir_render import chords as chord_names
from deepmir_render.song import Chord, Key
from deepmir_render.sources.midi import KeySignature, Midi, MidiNote

BINS = 24  # per quarter note: the grid of POP909-CL
# Beats per bar by time signature. Bars written as 3/8 last three quarter notes, and those written
# as 6/8 are sometimes in three and sometimes in four.
BEATS = {(4, 4): 4, (3, 4): 3, (3, 8): 3}


@dataclass(frozen=True)
class Edition:
    """One song, with all times in bins from a beat at the beginning of the file.

    Attributes:
        notes: of all parts.
        chords: notes of the chords.
        keys: with their starts, in order.
        beats: per bar.
    """

    notes: list[MidiNote]
    chords: list[MidiNote]
    keys: list[tuple[int, KeySignature]]
    beats: int


def understand(file: Midi) -> Edition:
    """Read a file of POP909-CL.

    Raises:
        DeepmirError: when it lacks the notes or the chords, or its metre is meaningless.
    """
    named = {name: notes for name, notes in file.tracks.items() if name != "piano"}
    if "piano" not in file.tracks or len(named) != 1:
        raise DeepmirError("POP909-CL has not one track of notes and one of chords")
    signatures = sorted({signature for _, signature in file.metres})
    if len(signatures) != 1 or signatures[0] not in BEATS:
        shown = ", ".join(f"{upper}/{lower}" for upper, lower in signatures) or "none"
        raise DeepmirError(f"its metre ({shown}) does not say where its beats are")
    notes = quantised(file.tracks["piano"], file.ticks)
    chords = quantised(next(iter(named.values())), file.ticks)
    phase = _phase(notes, chords)
    return Edition(
        notes=moved(notes, -phase),
        chords=[_on_eighths(chord) for chord in moved(chords, -phase)],
        keys=sorted(
            ((round(tick * BINS / file.ticks) - phase, key) for tick, key in file.keys),
            key=lambda change: change[0],
        ),
        beats=BEATS[signatures[0]],
    )


def _phase(notes: Sequence[MidiNote], chords: Sequence[MidiNote]) -> int:
    """The phase of the beats in bins: near most chord starts, at most note starts."""
    of_chords = Counter(chord.start % BINS for chord in chords)
    of_notes = Counter(note.start % BINS for note in notes)
    usual = max(of_chords, key=lambda place: (of_chords[place], -place))
    phase = max((usual - 1, usual, usual + 1), key=lambda place: of_notes[place % BINS])
    return phase if phase < BINS // 2 else phase - BINS


def _on_eighths(chord: MidiNote) -> MidiNote:
    """The note of a chord, with start and end moved to an eighth within one bin."""
    start, end = _near_eighth(chord.start), _near_eighth(chord.end)
    return MidiNote(start, max(end, start + 1), chord.pitch, chord.velocity)


def _near_eighth(time: int) -> int:
    step = BINS // 2
    nearest = round(time / step) * step
    return nearest if abs(time - nearest) <= 1 else time


def pitch_classes(chords: Sequence[MidiNote]) -> npt.NDArray[np.float64]:
    """Pitch classes of the chord on each beat, shape (beats, 12)."""
    beats = np.zeros((max(chord.end for chord in chords) // BINS + 1, 12))
    for chord in chords:
        start, end = round(chord.start / BINS), round(chord.end / BINS)
        beats[max(start, 0) : end, chord.pitch % 12] = 1
    return beats


def chord_spans(notes: Sequence[MidiNote], zero: int) -> tuple[Chord, ...]:
    """Named chords, in quarter notes from the beat `zero`; repeated chords are joined."""
    struck: dict[int, list[MidiNote]] = {}
    for note in sorted(notes):
        struck.setdefault(note.start, []).append(note)
    spans: list[Chord] = []
    for at, after in pairwise([*struck, max(note.end for note in notes) + 1]):
        end = quarters(min(after, max(note.end for note in struck[at])), zero)
        root, quality = chord_names.name(note.pitch for note in struck[at])
        span = Chord(quarters(at, zero), end, root, quality)
        last = spans[-1] if spans else None
        if last and (last.end, last.root, last.quality) == (span.start, root, quality):
            spans[-1] = Chord(last.start, end, root, quality)
        else:
            spans.append(span)
    return tuple(spans)


def key_spans(keys: Sequence[tuple[int, KeySignature]], zero: int, end: int) -> tuple[Key, ...]:
    """Keys from the beats on which they begin, the first one from the beginning.

    Args:
        keys: of an edition.
        zero: beat of the song's first bar line.
        end: last beat.
    """
    starts: dict[float, KeySignature] = {}
    for index, (at, key) in enumerate(keys):
        beat = max(0.0, float(round(at / BINS) - zero)) if index else 0.0
        if beat < end - zero and list(starts.values())[-1:] != [key]:
            starts[beat] = key
    edges = [*starts, float(end - zero)]
    return tuple(
        Key(start, stop, key.tonic, "minor" if key.minor else "major")
        for (start, stop), key in zip(pairwise(edges), starts.values(), strict=True)
    )


def quarters(bins: int, zero: int) -> float:
    """A position in quarter notes from the beat `zero`."""
    return round(bins / BINS - zero, 6)


@dataclass(frozen=True)
class Shift:
    """The shift in bins of the notes of one file relative to another.

    Attributes:
        bins: of a 24th of a quarter note.
        found: share of the notes that are also in the other file, within one bin.
    """

    bins: int
    found: float


def quantised(notes: Sequence[MidiNote], ticks: int) -> list[MidiNote]:
    """The notes with times in bins; each lasts at least one."""
    return [
        MidiNote(start, max(start + 1, _bin(n.end, ticks)), n.pitch, n.velocity)
        for n in notes
        for start in (_bin(n.start, ticks),)
    ]


def _bin(tick: int, ticks: int) -> int:
    return (2 * tick * BINS + ticks) // (2 * ticks)


def find_shift(notes: Sequence[MidiNote], merged: Sequence[MidiNote]) -> Shift:
    """The shift with the most of `notes` in `merged`, both in bins."""
    places: dict[int, list[int]] = defaultdict(list)
    for note in merged:
        places[note.pitch].append(note.start)
    starts: dict[int, list[int]] = defaultdict(list)
    for note in notes:
        starts[note.pitch].append(note.start)
    times = [note.start for note in (*notes, *merged)] or [0]
    farthest = max(times) - min(times) + 1
    counts = np.zeros(2 * farthest + 1, np.int64)
    for pitch, own in starts.items():
        differences = np.subtract.outer(places.get(pitch, []), own).astype(np.int64)
        counts += np.bincount(differences.ravel() + farthest, minlength=len(counts))
    near = 2 * counts
    near[1:] += counts[:-1]
    near[:-1] += counts[1:]
    bins = int(near.argmax()) - farthest
    known = {(n.pitch, n.start + around) for n in merged for around in (-1, 0, 1)}
    found = sum((n.pitch, n.start + bins) in known for n in notes)
    return Shift(bins, found / max(1, len(notes)))


def moved(notes: Sequence[MidiNote], bins: int) -> list[MidiNote]:
    """The notes delayed by some bins."""
    return [MidiNote(n.start + bins, n.end + bins, n.pitch, n.velocity) for n in notes]
