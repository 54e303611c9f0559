"""Notes of a voice: which of them, in which octave, one at a time."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from deepmir_render.playing.soundfonts import Measured
from deepmir_render.writing.notation import Metre, Section
from deepmir_render.writing.song import Song, SongNote


def bars_of(song: Song, section: Section) -> list[tuple[float, float, Metre]]:
    """Start, end and metre of the bars of a section."""
    ends = [*(bar.start for bar in song.bars[1:]), song.end]
    return [
        (bar.start, end, bar.metre)
        for bar, end in zip(song.bars, ends, strict=True)
        if section.start - 1e-6 <= bar.start < section.end - 1e-6
    ]


def where(sections: Sequence[Section], wanted: Sequence[bool]) -> list[Section]:
    """The sections that are wanted."""
    return [section for section, want in zip(sections, wanted, strict=True) if want]


def during(notes: Sequence[SongNote], sections: Sequence[Section]) -> tuple[SongNote, ...]:
    """The notes that start in some sections."""
    spans = [(s.start - 1e-3, s.end - 1e-3) for s in sections]
    return tuple(n for n in notes if any(a <= n.start < b for a, b in spans))


def skyline(notes: Sequence[SongNote]) -> list[SongNote]:
    """The highest note at each time, none of which overlap."""
    top: list[SongNote] = []
    for note in sorted(notes, key=lambda n: (n.start, -n.pitch)):
        if top and note.start < top[-1].start + 1e-6:
            continue
        if top and note.start < top[-1].end - 1e-6:
            if note.pitch < top[-1].pitch:
                continue
            top[-1] = replace(top[-1], end=note.start)
        top.append(note)
    return top


def centred(notes: Sequence[SongNote], player: Measured) -> list[SongNote]:
    """The notes in the octave that fits a player best; those who can, play where it is written."""
    if not notes:
        return []
    pitches = np.array([note.pitch for note in notes])
    outside: Callable[[int], float] = lambda octave: float(  # noqa: E731
        (
            (pitches + 12 * octave < player.program.low)
            | (pitches + 12 * octave > player.program.high)
        ).mean()
    )
    best = min(range(-3, 4), key=lambda octave: (round(outside(octave), 2), abs(octave)))
    return [replace(note, pitch=note.pitch + 12 * best) for note in notes]


def in_range(notes: Sequence[SongNote], player: Measured) -> list[SongNote]:
    """Notes beyond a player's range come into it by octaves."""
    moved = []
    for note in notes:
        pitch = note.pitch
        while pitch < player.program.low:
            pitch += 12
        while pitch > player.program.high:
            pitch -= 12
        moved.append(replace(note, pitch=pitch))
    return moved
