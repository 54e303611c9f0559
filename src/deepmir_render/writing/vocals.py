"""Who sings along: lines for singers, and what instruments do meanwhile."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deepmir_render.playing.instruments import SINGING
from deepmir_render.singing.singer import Singer, draw_singer
from deepmir_render.writing import figures
from deepmir_render.writing.notation import Note
from deepmir_render.writing.song import Song, SongNote
from deepmir_render.writing.voice import MELODY, Voice


def sung_line(
    name: str, notes: Sequence[SongNote], level: float, rng: np.random.Generator
) -> tuple[Voice, Singer] | None:
    """Notes in the octave of a singer who is drawn to fit them; None where there are none."""
    if not notes:
        return None
    singer = draw_singer([Note(n.start, n.end, n.pitch) for n in notes], rng)
    moved = tuple(replace(n, pitch=n.pitch + 12 * singer.octaves) for n in notes)
    return Voice(name, SINGING, "lead", moved, level), singer


def plays_along(voice: Voice, other: Voice) -> bool:
    """Whether a voice of the melody's name sounds with the one that is sung."""
    if voice.name != MELODY or not voice.notes:
        return False
    starts = {round(n.start, 4) for n in other.notes}
    return any(round(n.start, 4) in starts for n in voice.notes)


def near_chord(note: SongNote, step: int, song: Song) -> SongNote:
    """A note some steps away, moved to the nearest tone of its chord unless it is an octave."""
    if step % 12 == 0:
        return replace(note, pitch=note.pitch + step)
    chord = next(
        (c for c in song.chords if c.start <= note.start < c.end and c.root is not None), None
    )
    target = note.pitch + step
    if chord is None or chord.root is None:
        return replace(note, pitch=target)
    classes = {(chord.root + tone) % 12 for tone in figures.tones(chord)}
    near = min(
        range(target - 3, target + 4), key=lambda p: (p % 12 not in classes, abs(p - target))
    )
    return replace(note, pitch=near)
