"""Measure the programs of the installed soundfonts and write the table of those that are usable.

Run by hand, with one thread: ``OMP_NUM_THREADS=1 python benchmarks/soundfonts.py``. Prints the
excluded programs with the reasons. It takes some minutes.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepmir.errors import DeepmirError
from deepmir.files.writing import replacing
from deepmir_render.instruments import INSTRUMENTS, Instrument
from deepmir_render.playing import fluidsynth
from deepmir_render.playing.fluidsynth import SAMPLE_RATE, STRIKE, Channel, Event
from deepmir_render.sources import soundfonts
from deepmir_render.sources.soundfonts import SoundFont

Sound = NDArray[np.float64]

VELOCITY = 90
SECONDS = 2.2
STEP = 2  # semitones between the notes that are measured
DRUMS = (36, 38, 42)  # bass drum, snare drum and closed hi-hat
SILENT = -45.0  # dB: what is softer is not there
FIRST = 0.01  # share of a note's peak that is its first sound
MOST_LATE = round(0.01 * SAMPLE_RATE)  # samples: what takes longer is a swell, not a latency
UNEVEN = 20.0  # dB below the program's median: a note that is softer is not usable
OUT_OF_TUNE = 15.0  # cents between a note and the program's median
MISTUNED = 60.0  # cents of the whole program: more is another pitch
LEAST = 0.6  # share of a program's range that must be usable
CENTS = np.arange(-70.0, 70.5, 0.5)


@dataclass(frozen=True)
class Note:
    """What is measured of one note; units as in :class:`soundfonts.Measured`."""

    level: float
    tuning: float
    latency: int
    rise: float
    sustained: bool


def play(font: SoundFont, program: Instrument, pitch: int) -> Sound:
    """A note that is held, left and right, shape (samples, 2)."""
    channel = Channel(program.program, program.drums)
    note = Event(0, STRIKE, 0, pitch, VELOCITY)
    sound = fluidsynth.play(font.path, [channel], [note], round(SECONDS * SAMPLE_RATE))
    return sound.T.astype(np.float64)


def tuning(sound: Sound, pitch: int) -> float:
    """Cents above equal temperament: where the first six harmonics add up to the most."""
    part = sound[round(0.06 * SAMPLE_RATE) : round(SECONDS * SAMPLE_RATE)].sum(axis=1)
    length = 2**19
    magnitude = np.abs(np.fft.rfft(part * np.hanning(len(part)), length))
    frequencies = 440 * 2 ** ((pitch - 69 + CENTS / 100) / 12)
    # Long strings are stiff: the harmonics of a low note are sharp, the more the higher they are.
    harmonics = range(1, 7 if pitch >= 45 else 4)
    bins = [np.round(k * frequencies * length / SAMPLE_RATE).astype(int) for k in harmonics]
    salience = sum(np.sqrt(magnitude[b]) / k for k, b in zip(harmonics, bins, strict=True))
    return float(CENTS[np.argmax(salience)])


def measure(sound: Sound, pitch: int) -> Note:
    energy = np.mean(np.square(sound), axis=1)
    total = np.concatenate([[0.0], np.cumsum(energy)])

    def power(seconds: float) -> Sound:
        width = round(seconds * SAMPLE_RATE)
        return np.asarray((total[width:] - total[:-width]) / width)

    level = 10 * np.log10(power(0.05).max() + 1e-20)
    short = power(0.003)
    rise = np.argmax(short >= 0.1 * short.max()) / SAMPLE_RATE + 0.0015
    peak = np.abs(sound).max()
    latency = int(np.argmax(np.abs(sound).max(axis=1) > FIRST * peak)) if peak > 0 else 0
    held = 10 * np.log10(power(0.05)[-1] + 1e-20)
    return Note(float(level), tuning(sound, pitch), latency, 1000 * rise, held > level - 20)


def usable(notes: Sequence[Note]) -> slice:
    """The longest run of notes that sound and are in tune with each other."""
    cents = np.median([note.tuning for note in notes])
    loudness = np.median([note.level for note in notes])
    good = [
        abs(note.tuning - cents) <= OUT_OF_TUNE and note.level > max(SILENT, loudness - UNEVEN)
        for note in notes
    ]
    best, begin = slice(0, 0), 0
    for index, fits in enumerate([*good, False]):
        if not fits:
            if index - begin > best.stop - best.start:
                best = slice(begin, index)
            begin = index + 1
    return best


def row(font: SoundFont, program: Instrument) -> dict[str, object] | str:
    """A row of the table, or why there is none."""
    try:
        play(font, program, program.low)
    except DeepmirError:
        return "missing"
    if program.drums:
        pitches = list(DRUMS)
        notes = [replace(measure(play(font, program, p), p), tuning=0.0) for p in DRUMS]
        heard = notes[:2]  # the bass drum and the snare drum make a kit
        low, high = program.low, program.high
    else:
        pitches = list(range(program.low, program.high + 1, STEP))
        notes = [measure(play(font, program, pitch), pitch) for pitch in pitches]
        kept = usable(notes)
        if kept.stop - kept.start < LEAST * len(notes):
            levels, cents = ([getattr(n, k) for n in notes] for k in ("level", "tuning"))
            return f"levels {np.round(levels).tolist()}, cents {cents}"
        heard = notes[kept]
        low, high = pitches[kept.start], pitches[kept.stop - 1]
    cents = float(np.median([note.tuning for note in heard]))
    if abs(cents) > MISTUNED:
        return f"{cents:+.1f} cents"
    return {
        "font": font.name,
        "name": program.name,
        "low": low,
        "high": high,
        "level": round(float(np.median([note.level for note in heard])), 1),
        "tuning": round(cents, 1),
        "latency": min(MOST_LATE, round(float(np.median([note.latency for note in heard])))),
        "rise": round(float(np.median([note.rise for note in heard])), 1),
        "sustained": "yes" if np.median([note.sustained for note in heard]) > 0.5 else "no",
    }


def main() -> None:
    rows: list[dict[str, object]] = []
    for name in soundfonts.KNOWN:
        font = soundfonts.find(name)
        for program in INSTRUMENTS.values():
            found = row(font, program)
            if isinstance(found, str):
                print(f"{name:18} {program.name:20} {found}", flush=True)
            else:
                rows.append(found)
    with (
        replacing(soundfonts.TABLE) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
