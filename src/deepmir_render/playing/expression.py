"""Expressive solo playing: phrasing, rolled chords, pedalling, dynamics.

The tempo of a phrase is a parabola, slow at its beginning and end (Todd, 1992), the melody precedes
simultaneous notes and is louder (Goebl, 2001), and the pedal changes just after the harmony. The
ranges are ours.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepmir_render.playing.fluidsynth import on_grid
from deepmir_render.playing.played import (
    SHORTEST,
    PlayedNote,
    PlayedPart,
    TempoCurve,
    released,
    steady,
)
from deepmir_render.song import Note, Song
from deepmir_render.writing.arrangement import MELODY, Voice

SOFTEST, LOUDEST = 18, 118  # velocities


@dataclass(frozen=True)
class Freedom:
    """The expressive range of a soloist in one track.

    Attributes:
        phrase: length of a phrase in bars.
        depth: how much slower a phrase is at its ends than in its middle, as a share.
        unrest: standard deviation of the length of a beat, as a share; consecutive beats are
            similar.
        pause: probability that a phrase ends with a held beat.
        soft: velocity of the softest phrase.
        loud: velocity of the loudest phrase.
        lead: seconds by which the melody precedes other notes.
        loose: standard deviation of onsets, in seconds.
        rolled: probability that a chord is rolled.
        pedal: probability that the pedal is down in a bar.
        legato: share of its notated length for which a key is held.
    """

    phrase: int
    depth: float
    unrest: float
    pause: float
    soft: float
    loud: float
    lead: float
    loose: float
    rolled: float
    pedal: float
    legato: float


def draw(rng: np.random.Generator) -> Freedom:
    """Draw the expressive range of a soloist."""
    soft = float(rng.uniform(24, 64))
    return Freedom(
        phrase=(2, 4, 4, 8)[int(rng.integers(4))],
        depth=float(rng.uniform(0.02, 0.45)),
        unrest=float(rng.uniform(0.005, 0.08)),
        pause=float(rng.uniform(0, 0.3)),
        soft=soft,
        loud=min(108.0, soft + float(rng.uniform(8, 52))),
        lead=float(rng.uniform(0, 0.03)),
        loose=float(rng.uniform(0.003, 0.014)),
        rolled=float(rng.uniform(0, 0.5)) if rng.random() < 0.7 else 0.0,
        pedal=float(rng.uniform(0.6, 1.0)) if rng.random() < 0.8 else 0.0,
        legato=float(rng.uniform(0.6, 1.0)),
    )


def curve(
    song: Song, bpm: float, start: float, free: Freedom, rng: np.random.Generator
) -> TempoCurve:
    """The tempo curve of a song that is played freely.

    Args:
        song: to play.
        bpm: approximate quarter notes per minute.
        start: seconds before its position 0.
        free: expressive range.
        rng: random number generator.
    """
    positions, lengths = steady(song, bpm)
    place, last = _phrases(song, positions[:-1], free)
    # The mean of the parabola over a phrase is a third: the overall tempo is preserved.
    lengths *= np.exp(np.log1p(free.depth) * ((2 * place - 1) ** 2 - 1 / 3))
    unrest = rng.standard_normal(len(lengths)) * free.unrest
    for beat in range(1, len(unrest)):
        unrest[beat] += 0.6 * unrest[beat - 1]
    lengths *= np.exp(unrest - unrest.mean())
    held = last & (rng.random(len(lengths)) < free.pause)
    lengths[held] *= rng.uniform(1.15, 1.7, int(held.sum()))
    ending = min(4, len(lengths))
    lengths[-ending:] *= 1 + float(rng.uniform(0, 0.8)) * np.linspace(0, 1, ending) ** 2
    return TempoCurve.through(positions, lengths, start)


def _phrases(
    song: Song, positions: npt.NDArray[np.float64], free: Freedom
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """The position in its phrase, from 0 to 1, and whether it is on the last beat of it."""
    length = free.phrase * song.metre.bar_length
    place = ((positions - song.bars[0].start) / length) % 1.0
    return place, place > 1 - 1.01 * song.metre.beat_length / length


def play(
    voices: Sequence[Voice],
    song: Song,
    curve: TempoCurve,
    free: Freedom,
    rng: np.random.Generator,
) -> tuple[PlayedPart, ...]:
    """Play all voices of a soloist.

    Args:
        voices: in the order of the returned parts.
        song: of the voices.
        curve: time of each position.
        free: expressive range.
        rng: random number generator.
    """
    delays = _delays(voices, free, rng)
    pedal = _pedal(song, curve, free, rng)
    levels = _levels(song, free, rng)
    return tuple(_part(each, curve, free, delays, pedal, levels, rng) for each in voices)


@dataclass(frozen=True)
class Pedal:
    """The times of pedal releases in seconds, in order, and whether it was down before each."""

    up: list[float]
    down: list[bool]

    def holds(self, end: float) -> float | None:
        """The time until which the pedal holds a note released at `end`; None if it is not down."""
        change = min(bisect_left(self.up, end), len(self.up) - 1)
        return max(end, self.up[change]) if self.down[change] else None


Struck = dict[tuple[str, Note], float]


def _delays(voices: Sequence[Voice], free: Freedom, rng: np.random.Generator) -> Struck:
    """Delay of each note in seconds: chords rolled from below, the melody first."""
    together: dict[float, list[tuple[str, Note]]] = defaultdict(list)
    for voice in voices:
        for note in voice.notes:
            together[round(note.start, 3)].append((voice.name, note))
    late: Struck = {}
    for _, struck in sorted(together.items()):
        struck.sort(key=lambda each: (each[1].pitch, each[0]))
        rolled = len(struck) > 2 and rng.random() < free.rolled
        gap = float(rng.uniform(0.015, 0.06)) if rolled else 0.0
        for index, (name, note) in enumerate(struck):
            first = free.lead if name == MELODY and not rolled else 0.0
            loose = float(np.clip(rng.standard_normal(), -2.5, 2.5)) * free.loose
            late[name, note] = index * gap - first + loose
    return late


def _pedal(song: Song, curve: TempoCurve, free: Freedom, rng: np.random.Generator) -> Pedal:
    """Late pedal changes at bars and chords; it is down for some of them."""
    places = {bar.start for bar in song.bars} | {chord.start for chord in song.chords}
    ordered = [*sorted(place for place in places if place > 0), song.end]
    late = rng.uniform(0.02, 0.12, len(ordered))
    down = rng.random(len(ordered)) < free.pedal
    changes = [curve.at(at) + delay for at, delay in zip(ordered, late.tolist(), strict=True)]
    return Pedal(np.maximum.accumulate(changes).tolist(), down.tolist())


Levels = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def _levels(song: Song, free: Freedom, rng: np.random.Generator) -> Levels:
    """Positions and velocities: each phrase has a level, and swells in its middle."""
    step = free.phrase * song.metre.bar_length / 4
    count = int(np.ceil((song.end - song.bars[0].start) / step)) + 2
    phrase = rng.uniform(0, 1, -(-count // 4))
    arc = np.array([-0.1, 0.0, 0.1, 0.0])
    share = np.clip(np.repeat(phrase, 4) + np.tile(arc, phrase.size), 0, 1)[:count]
    positions = song.bars[0].start + step * np.arange(count, dtype=np.float64)
    return positions, free.soft + (free.loud - free.soft) * share


def _part(
    voice: Voice,
    curve: TempoCurve,
    free: Freedom,
    delays: Struck,
    pedal: Pedal,
    levels: Levels,
    rng: np.random.Generator,
) -> PlayedPart:
    notes = []
    rough = rng.standard_normal(len(voice.notes)) * 5
    ahead = 10 if voice.name == MELODY else -4
    for note, change in zip(voice.notes, rough.tolist(), strict=True):
        start = max(0.0, curve.at(note.start) + delays[voice.name, note])
        end = start + max(SHORTEST, free.legato * (curve.at(note.end) - curve.at(note.start)))
        force = np.interp(note.start, *levels) + ahead + 0.4 * (note.velocity - 80) + change
        velocity = int(np.clip(round(force), SOFTEST, LOUDEST))
        held = pedal.holds(end)
        damped = None if held is None else on_grid(held)
        notes.append(PlayedNote(on_grid(start), on_grid(end), note.pitch, velocity, damped))
    return PlayedPart(voice.name, voice.instrument, voice.level, voice.pan, released(notes))
