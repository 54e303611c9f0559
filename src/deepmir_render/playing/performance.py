"""Performing an arrangement: every note gets its second, its length and its force."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from deepmir_render.playing.fluidsynth import on_grid
from deepmir_render.playing.performance_plain import SAMPLE_RATE, PlayedNote, PlayedPart, released
from deepmir_render.playing.tempo import TempoCurve
from deepmir_render.writing.arrangement import Arrangement
from deepmir_render.writing.song import Song
from deepmir_render.writing.styles import STYLES
from deepmir_render.writing.voice import Voice

DRUM_LENGTH = 0.1  # seconds of a drum's note, which its sound does not depend on
SHORTEST = 0.04  # seconds of a note
EDGES = ((0.05, 0.6), (0.6, 3.0))  # seconds of silence before the music and after it: short, long
RING = 1.2  # seconds after the last note in which it may fade
DETUNED = 0.5  # probability that the whole recording is not at A4 = 440 Hz
DETUNING = 30.0  # cents: the deviation of those that are not


@dataclass(frozen=True)
class Manner:
    """How the players of one track play.

    Attributes:
        looseness: standard deviation of onsets, in seconds.
        roughness: standard deviation of velocities.
        swell: greatest change of the velocity by slow dynamics.
        wave: length of a swell in quarter notes.
        legato: share of its notated length that a note is held.
        swing: place of the second eighth in a beat; 0.5 is even.
    """

    looseness: float
    roughness: float
    swell: float
    wave: float
    legato: float
    swing: float


@dataclass(frozen=True)
class Performance:
    """An arrangement in time.

    Attributes:
        arrangement: what is played.
        parts: of the voices of the arrangement, in their order.
        sung: of the voices that are sung, in their order, as they are to be sung.
        curve: when each position of the song is.
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


def perform(arrangement: Arrangement, timing: bool, rng: np.random.Generator) -> Performance:
    """Draw a performance; without `timing` it is that of a machine."""
    head = float(rng.uniform(*EDGES[int(rng.random() < 0.25)]))
    tail = RING + float(rng.uniform(*EDGES[int(rng.random() < 0.25)]))
    curve = _curve(arrangement, head, timing, rng)
    manner = Manner(
        looseness=float(rng.uniform(0.002, 0.012)) if timing and rng.random() < 0.75 else 0.0,
        roughness=float(rng.uniform(2, 8)),
        swell=float(rng.uniform(0, 14)),
        wave=float(rng.uniform(16, 40)),
        legato=float(rng.uniform(0.8, 1.0)),
        swing=arrangement.swing if timing else 0.5,
    )
    parts = tuple(_play(v, arrangement.song, curve, manner, rng) for v in arrangement.voices)
    # A singer has a timing of his own, which singing draws.
    sung = tuple(
        _play(replace(v, loose=False), arrangement.song, curve, manner, rng)
        for v in arrangement.sung
    )
    last = max(note.end for part in (*parts, *sung) for note in part.notes)
    detuned = timing and rng.random() < DETUNED
    detuning = round(float(rng.normal(0.0, DETUNING)), 2) if detuned else 0.0
    samples = last + round(tail * SAMPLE_RATE)
    return Performance(arrangement, parts, sung, curve, samples, detuning, manner)


def beats(song: Song, curve: TempoCurve) -> list[tuple[float, int]]:
    """Time in seconds and position in the bar, from 1, of every beat."""
    return [(curve.at(position), index + 1) for position, index in _beats(song)]


def _beats(song: Song) -> Iterator[tuple[float, int]]:
    ends = [*(bar.start for bar in song.bars[1:]), song.end]
    for bar, end in zip(song.bars, ends, strict=True):
        for index in range(bar.metre.beats):
            position = bar.start + index * bar.metre.beat_length
            if position < end - 1e-3:
                yield position, index


def _curve(
    arrangement: Arrangement, start: float, timing: bool, rng: np.random.Generator
) -> TempoCurve:
    """A tempo that is steady, sways, or slows down at the end."""
    song, most = arrangement.song, STYLES[arrangement.style].rubato
    positions = np.array([p for p, _ in _beats(song)] + [song.end])
    lengths = np.diff(positions) * 60 / arrangement.bpm
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
    seconds = start + np.concatenate([[0.0], np.cumsum(lengths)])
    return TempoCurve(positions, np.round(seconds, 9))


def _swung(position: float, song: Song, swing: float) -> float:
    """A position moved so that the second half of each simple beat comes later."""
    metre = song.bars[0].metre
    if swing == 0.5 or metre.compound:
        return position
    beat, place = divmod(position / metre.beat_length, 1.0)
    moved = 2 * place * swing if place < 0.5 else swing + (2 * place - 1) * (1 - swing)
    return (beat + moved) * metre.beat_length


def _play(
    voice: Voice, song: Song, curve: TempoCurve, manner: Manner, rng: np.random.Generator
) -> PlayedPart:
    drums = voice.instrument.drums
    looseness = 0.0 if not voice.loose else manner.looseness / 2 if drums else manner.looseness
    late = np.clip(rng.standard_normal(len(voice.notes)), -2.5, 2.5) * looseness
    force = rng.standard_normal(len(voice.notes)) * manner.roughness
    # A person who drums swings himself.
    swing = 0.5 if drums and not voice.loose else manner.swing
    notes = []
    for index, note in enumerate(voice.notes):
        begin = curve.at(_swung(note.start, song, swing))
        end = curve.at(_swung(note.end, song, swing))
        start = max(0.0, begin + float(late[index]))
        held = DRUM_LENGTH if drums else max(SHORTEST, manner.legato * (end - begin))
        swell = manner.swell * math.sin(2 * math.pi * note.start / manner.wave)
        velocity = note.velocity + swell + float(force[index])
        first, release = on_grid(start), on_grid(start + held)
        notes.append(PlayedNote(first, release, note.pitch, min(127, max(15, round(velocity)))))
    return PlayedPart(voice.name, voice.instrument, voice.level, voice.pan, released(notes))
