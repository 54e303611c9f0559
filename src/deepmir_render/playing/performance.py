"""Performance of an arrangement: the timing, length and velocity of every note."""

import math
from dataclasses import dataclass, replace

import numpy as np

from deepmir_render.playing import expression
from deepmir_render.playing.fluidsynth import on_grid
from deepmir_render.playing.played import (
    SAMPLE_RATE,
    SHORTEST,
    PlayedNote,
    PlayedPart,
    TempoCurve,
    released,
    steady,
)
from deepmir_render.song import Song
from deepmir_render.styles import STYLES
from deepmir_render.writing.arrangement import Arrangement, Voice

DRUM_LENGTH = 0.1  # seconds of a drum's note, which do not affect its sound
EDGES = ((0.05, 0.6), (0.6, 3.0))  # seconds of silence before and after the music: short, long
RING = 1.2  # seconds after the last note for its decay
DETUNING = 30.0  # cents: standard deviation for recordings that are not at A4 = 440 Hz
ACCENTS = (9.0, 3.0, -3.0)  # in velocity: on the first beat, on others, between beats


@dataclass(frozen=True)
class Manner:
    """The playing style of the players of one track.

    Attributes:
        looseness: standard deviation of onsets, in seconds.
        roughness: standard deviation of velocities.
        force: offset of all velocities.
        swell: maximum change of the velocity by slow dynamics.
        wave: length of a swell in quarter notes.
        legato: share of its notated length for which a note is held.
        swing: position of the second eighth in a beat; 0.5 is straight.
    """

    looseness: float
    roughness: float
    force: float
    swell: float
    wave: float
    legato: float
    swing: float


@dataclass(frozen=True)
class Performance:
    """An arrangement in time.

    Attributes:
        arrangement: that is played.
        parts: for the voices of the arrangement, in order.
        sung: for the sung voices, in order, as they are to be sung.
        curve: time of each position of the song.
        samples: length of the audio.
        detuning: of the whole recording, in cents.
        manner: of the players.
    """

    arrangement: Arrangement
    parts: tuple[PlayedPart, ...]
    sung: tuple[PlayedPart, ...]
    curve: TempoCurve
    samples: int
    detuning: float
    manner: Manner

    @property
    def duration(self) -> float:
        """Length of the audio in seconds."""
        return self.samples / SAMPLE_RATE

    @property
    def beats(self) -> list[tuple[float, int]]:
        """Time in seconds and position in the bar, from 1, of every beat."""
        return [(self.curve.at(at), place) for at, place in self.arrangement.song.beats]


def perform(
    arrangement: Arrangement, rng: np.random.Generator, timing: bool = True, detuned: float = 0.0
) -> Performance:
    """Draw a performance.

    Args:
        arrangement: to play.
        rng: random number generator.
        timing: human timing; otherwise that of a machine.
        detuned: probability that the whole recording is not at A4 = 440 Hz.
    """
    head = float(rng.uniform(*EDGES[int(rng.random() < 0.25)]))
    tail = RING + float(rng.uniform(*EDGES[int(rng.random() < 0.25)]))
    free = expression.draw(rng) if timing and STYLES[arrangement.style].free else None
    if free is None:
        curve = _curve(arrangement, head, timing, rng)
    else:
        curve = expression.curve(arrangement.song, arrangement.bpm, head, free, rng)
    manner = Manner(
        looseness=float(rng.uniform(0.002, 0.012)) if timing and rng.random() < 0.75 else 0.0,
        roughness=float(rng.uniform(2, 8)),
        force=float(rng.uniform(-16, 6)),
        swell=float(rng.uniform(0, 14)),
        wave=float(rng.uniform(16, 40)),
        legato=float(rng.uniform(0.8, 1.0)),
        swing=arrangement.swing if timing else 0.5,
    )
    song = arrangement.song
    if free is None:
        parts = tuple(_play(voice, song, curve, manner, rng) for voice in arrangement.voices)
    else:
        parts = expression.play(arrangement.voices, song, curve, free, rng)
    # Singers have their own timing, drawn in singing.
    sung = tuple(
        _play(replace(voice, loose=False), song, curve, manner, rng) for voice in arrangement.sung
    )
    last = max(note.end for part in (*parts, *sung) for note in part.notes)
    off = rng.random() < detuned and timing
    # A greater deviation would be annotated as the next semitone.
    drawn = (float(rng.normal(0.0, DETUNING)) + 50) % 100 - 50 if off else 0.0
    detuning = round(drawn, 2)
    samples = last + round(tail * SAMPLE_RATE)
    return Performance(arrangement, parts, sung, curve, samples, detuning, manner)


def _curve(
    arrangement: Arrangement, start: float, timing: bool, rng: np.random.Generator
) -> TempoCurve:
    """A steady or fluctuating tempo, or one with a final ritardando."""
    song, most = arrangement.song, STYLES[arrangement.style].rubato
    positions, lengths = steady(song, arrangement.bpm)
    count = len(lengths)
    draws = rng.random(6)
    if timing and most and draws[0] < 0.7:
        wave = 12 + 36 * draws[1]
        sway = np.sin(2 * np.pi * (np.arange(count) / wave + draws[2]))
        lengths = lengths * (1 + most * draws[3] * sway)
        drift = 0.5 * most * (2 * draws[4] - 1) * np.linspace(0, 1, count)
        lengths = lengths * (1 + drift)
    if timing and draws[5] < min(0.5, 6 * most):
        ritard = min(6, count)
        lengths[-ritard:] *= 1 + 0.35 * draws[4] * np.linspace(0, 1, ritard) ** 2
    return TempoCurve.through(positions, lengths, start)


def _swung(position: float, song: Song, swing: float) -> float:
    """A position after swing, which delays the second half of each simple beat."""
    metre = song.metre
    if swing == 0.5 or metre.compound:
        return position
    first = song.bars[0].start
    beat, place = divmod((position - first) / metre.beat_length, 1.0)
    moved = 2 * place * swing if place < 0.5 else swing + (2 * place - 1) * (1 - swing)
    return first + (beat + moved) * metre.beat_length


def _play(
    voice: Voice, song: Song, curve: TempoCurve, manner: Manner, rng: np.random.Generator
) -> PlayedPart:
    drums = voice.instrument.drums
    looseness = 0.0 if not voice.loose else manner.looseness / 2 if drums else manner.looseness
    late = np.clip(rng.standard_normal(len(voice.notes)), -2.5, 2.5) * looseness
    rough = rng.standard_normal(len(voice.notes)) * manner.roughness
    human = drums and not voice.loose  # a human drummer already swings and accents
    notes = []
    for note, delay, change in zip(voice.notes, late.tolist(), rough.tolist(), strict=True):
        begin, end = (
            curve.at(_swung(position, song, 0.5 if human else manner.swing))
            for position in (note.start, note.end)
        )
        start = max(0.0, begin + delay)
        held = DRUM_LENGTH if drums else max(SHORTEST, manner.legato * (end - begin))
        swell = manner.swell * math.sin(2 * math.pi * note.start / manner.wave)
        force = 0.0 if drums else manner.force
        accent = 0.0 if human else _accent(note.start, song)
        velocity = min(127, max(15, round(note.velocity + force + accent + swell + change)))
        notes.append(PlayedNote(on_grid(start), on_grid(start + held), note.pitch, velocity))
    return PlayedPart(voice.name, voice.instrument, voice.level, voice.pan, released(notes))


def _accent(position: float, song: Song) -> float:
    """Velocity offset by the position in the bar; all bars are taken to be as long as the first."""
    metre = song.metre
    in_bar = (position - song.bars[0].start) % metre.bar_length
    off = min(in_bar % metre.beat_length, metre.beat_length - in_bar % metre.beat_length)
    first = min(in_bar, metre.bar_length - in_bar) < 1e-3
    return ACCENTS[0 if first else 1 if off < 1e-3 else 2]
