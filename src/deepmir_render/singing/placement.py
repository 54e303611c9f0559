"""The placement of syllables: every 5 ms, a position in the speaker's frames and a gain."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from deepmir_render.playing.played import SAMPLE_RATE
from deepmir_render.singing.delivery import Delivery
from deepmir_render.singing.syllables import HOP, SungSyllable

Array = npt.NDArray[np.float64]

STEP = HOP / 2  # samples between controls
HELD = (0.4, 0.5)  # part of a spoken vowel that is held
RELEASE = 0.05  # seconds of fade-out at the end of a phrase
ATTACK = 0.03  # seconds of fade-in
LOUDER = 0.25  # dB per semitone above the middle of the melody
FLICKER = 1.5  # dB, standard deviation of the level within notes
BREATHING = (0.15, 0.45)  # duration of a breath in seconds
BREATHLESS = 0.03  # seconds between a breath and a syllable


def place(
    syllables: Sequence[SungSyllable], controls: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """The position in the speaker's frames, -1 in rests, and the gain in dB, of every control."""
    rows, gain = np.full(controls, -1.0), np.zeros(controls)
    middle = float(np.median([n.pitch for s in syllables for n in s.notes])) if syllables else 0.0
    for syllable in syllables:
        frames = syllable.frames
        start, vowel, coda, end = (
            min(round(sample / STEP), controls)
            for sample in (syllable.start, syllable.vowel, syllable.coda, syllable.end)
        )
        rows[start:vowel] = _even(frames.first, frames.vowel, vowel - start)
        rows[vowel:coda] = _stretched(frames.vowel, frames.coda, coda - vowel)
        rows[coda:end] = _even(frames.coda, frames.end, end - coda)
        gain[start:end] = _force(syllable, middle, start, end)
        if syllable.breath:
            rise = np.arange(coda - vowel) * STEP / SAMPLE_RATE
            gain[vowel:coda] += 12 * np.minimum(rise / ATTACK - 1, 0)
        if syllable.last:
            left = np.arange(coda - vowel, 0, -1) * STEP / SAMPLE_RATE
            gain[vowel:coda] += 25 * np.minimum(left / RELEASE - 1, 0)
            gain[coda:end] -= 6
    flicker = np.repeat(rng.standard_normal(controls // 20 + 2), 20)
    window = np.hanning(42)[1:-1]
    gain += FLICKER * np.convolve(flicker, window / window.sum(), mode="same")[:controls]
    return rows, gain


def _even(first: int, last: int, controls: int) -> Array:
    return np.asarray(first + (np.arange(controls) + 0.5) * (last - first) / max(controls, 1) - 0.5)


def _stretched(first: int, last: int, controls: int) -> Array:
    """Positions in a vowel's frames, with its middle held and its ends at original speed."""
    length = last - first
    held = tuple(share * length for share in HELD)
    if controls <= length:
        return np.clip(_even(first, last, controls), first, last - 1)
    times = [0.0, held[0], held[0] + held[1] - held[0] + controls - length, float(controls)]
    places = np.interp(np.arange(controls) + 0.5, times, [0.0, *held, float(length)])
    return np.asarray(np.clip(first + places - 0.5, first, last - 1))


def _force(syllable: SungSyllable, middle: float, start: int, end: int) -> Array:
    """Gain of the notes of a syllable: by velocity, and louder for high notes."""
    levels = [
        16 * np.log10(note.velocity / 90) + LOUDER * (note.pitch - middle)
        for note in syllable.notes
    ]
    times = [note.start / STEP for note in syllable.notes]
    return np.asarray(np.interp(np.arange(start, end), times, levels))


def breathe(
    rows: Array,
    gain: Array,
    syllables: Sequence[SungSyllable],
    delivery: Delivery,
    rng: np.random.Generator,
) -> npt.NDArray[np.int_]:
    """Place breaths in rests before phrases; returns the controls of inhalation."""
    breaths: list[npt.NDArray[np.int_]] = []
    previous = 0
    for syllable in syllables:
        last = syllable.start - round(BREATHLESS * SAMPLE_RATE)
        length = min(rng.uniform(*BREATHING) * SAMPLE_RATE, last - previous)
        previous = syllable.end
        heard = rng.random() < delivery.breaths
        if not (syllable.breath and heard) or length < BREATHING[0] / 2 * SAMPLE_RATE:
            continue
        where = np.arange(max(0, round((last - length) / STEP)), min(rows.size, round(last / STEP)))
        rows[where] = (syllable.frames.vowel + syllable.frames.coda) // 2
        shape = np.sin(np.pi * (np.arange(where.size) + 0.5) / max(where.size, 1))
        gain[where] = delivery.breath + 20 * np.log10(shape)
        breaths.append(where)
    return np.concatenate(breaths) if breaths else np.zeros(0, dtype=np.int64)
