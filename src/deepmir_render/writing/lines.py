"""Notes of a voice: selection, octave, monophony; and the intensity of sections."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deepmir_render.chords import tones
from deepmir_render.song import Metre, Note, Section, Song
from deepmir_render.sources.soundfonts import Measured


def during(notes: Sequence[Note], sections: Sequence[Section]) -> tuple[Note, ...]:
    """The notes that start in some sections."""
    spans = [(s.start - 1e-3, s.end - 1e-3) for s in sections]
    return tuple(n for n in notes if any(a <= n.start < b for a, b in spans))


def near_chord(note: Note, step: int, song: Song) -> Note:
    """A note some steps away, moved to the nearest chord tone unless it is an octave."""
    target = note.pitch + step
    held = (c for c in song.chords if c.start <= note.start < c.end and c.root is not None)
    chord = next(held, None)
    if step % 12 == 0 or chord is None or chord.root is None:
        return replace(note, pitch=target)
    classes = {(chord.root + tone) % 12 for tone in tones(chord)}
    near = min(
        range(target - 3, target + 4), key=lambda p: (p % 12 not in classes, abs(p - target))
    )
    return replace(note, pitch=near)


def bars_of(song: Song, section: Section) -> list[tuple[float, float, Metre]]:
    """Start, end and metre of the bars of a section."""
    ends = [*(bar.start for bar in song.bars[1:]), song.end]
    return [
        (bar.start, end, bar.metre)
        for bar, end in zip(song.bars, ends, strict=True)
        if section.start - 1e-6 <= bar.start < section.end - 1e-6
    ]


def skyline(notes: Sequence[Note]) -> list[Note]:
    """The highest note at each time, without overlap."""
    top: list[Note] = []
    for note in sorted(notes, key=lambda n: (n.start, -n.pitch)):
        if top and note.start < top[-1].start + 1e-6:
            continue
        if top and note.start < top[-1].end - 1e-6:
            if note.pitch < top[-1].pitch:
                continue
            top[-1] = replace(top[-1], end=note.start)
        top.append(note)
    return top


def centred(notes: Sequence[Note], player: Measured) -> list[Note]:
    """The notes in the best octave for a player; unchanged if they are within the range."""
    low, high = player.instrument.low, player.instrument.high
    pitches = np.array([note.pitch for note in notes])

    def outside(octave: int) -> float:
        moved = pitches + 12 * octave
        return round(float(((moved < low) | (moved > high)).mean()), 2)

    if not notes:
        return []
    best = min(range(-3, 4), key=lambda octave: (outside(octave), abs(octave)))
    return [replace(note, pitch=note.pitch + 12 * best) for note in notes]


def in_range(notes: Sequence[Note], player: Measured) -> list[Note]:
    """Notes with those beyond a player's range moved into it by octaves."""
    low, high = player.instrument.low, player.instrument.high

    def octaves(pitch: int) -> int:
        return -(-(low - pitch) // 12) if pitch < low else (high - pitch) // 12

    return [
        replace(n, pitch=n.pitch + 12 * octaves(n.pitch)) if not low <= n.pitch <= high else n
        for n in notes
    ]


def together(notes: Sequence[Note], others: Sequence[Note]) -> bool:
    """Whether some notes start simultaneously with others."""
    starts = {round(n.start, 4) for n in others}
    return any(round(n.start, 4) in starts for n in notes)


def energies_of(song: Song, rng: np.random.Generator) -> list[float]:
    """The intensity of each section, from 0 to 1: equal for equal letters, rising with pitch."""
    heights: dict[str, list[int]] = defaultdict(list)
    for section in song.sections:
        heights[section.label] += [n.pitch for n in during(song.melody, [section])]
    means = {letter: float(np.mean(pitches)) for letter, pitches in heights.items() if pitches}
    ranked = sorted(means, key=lambda letter: means[letter])
    energy: dict[str, float] = {}
    for letter in heights:
        if letter in means:
            rank = (ranked.index(letter) + 1) / len(ranked)
            energy[letter] = float(0.4 + 0.5 * rank + rng.uniform(-0.15, 0.15))
        else:
            energy[letter] = float(rng.uniform(0.15, 0.8))
    rise = float(rng.uniform(0.0, 0.25))
    count = max(1, len(song.sections) - 1)
    return [
        float(np.clip(energy[s.label] + rise * i / count, 0.0, 1.0))
        for i, s in enumerate(song.sections)
    ]
