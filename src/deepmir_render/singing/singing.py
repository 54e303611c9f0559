"""Singing: a melody as a singer sings it, by adding up the harmonics of its fundamental.

The source falls by 12 dB an octave and the radiation from the mouth rises by 6, so that the
harmonics fall as 1 over their number before the vocal tract shapes them (Fant 1960; Klatt 1980).
Everything that changes is given every 10 ms, and that is the frequency that is annotated.
"""

from dataclasses import dataclass, replace

import numpy as np

from deepmir_render.playing.performance_plain import SAMPLE_RATE, PlayedPart
from deepmir_render.singing.phonetics import Array, envelope
from deepmir_render.singing.singer import Singer
from deepmir_render.singing.syllables import HOP, Syllable, sing_words

AUDIBLE = 0.01  # gain relative to a full vowel below which the voice is taken for silent
HIGHEST = 10_500.0  # Hz of the highest harmonic
BLOCK = 40  # frames that are made at a time, which fit a processor's cache
GRAIN = HOP // 3  # samples between grains of noise
LEVELLED = 0.7  # how far differences in level between vowels and pitches are made up for
LEVEL = -34.0  # dB of the loud parts, as the soundfont's instruments have it (synthesis.py)


@dataclass(frozen=True)
class Sung:
    """A sung part.

    Attributes:
        part: its notes, shortened where the singer breathes or says a consonant, and its contour.
        samples: of the voice alone, shape (samples,).
        spans: first and last sample of every syllable with its consonant.
    """

    part: PlayedPart
    samples: Array
    spans: tuple[tuple[int, int], ...]


def sing(part: PlayedPart, singer: Singer, samples: int, rng: np.random.Generator) -> Sung:
    """Sing a part.

    Args:
        part: in the singer's octave.
        singer: who sings.
        samples: length of the whole recording.
        rng: for words, vibrato and noise.
    """
    syllables = sing_words(part.notes, singer, rng)
    frames = -(-samples // HOP) + 1
    gain, formants, noise = _controls(syllables, singer, frames)
    frequencies = _frequencies(syllables, singer, frames, rng)
    sound = _harmonics(frequencies, gain, formants, singer) + _noise(
        gain, formants, noise, singer, rng
    )
    sound = sound[:samples]
    loud = float(np.sqrt(np.mean(np.square(sound[np.abs(sound) > 1e-6])))) if sound.any() else 1.0
    sound *= round(10 ** ((LEVEL + part.level) / 20) / loud, 9)
    notes = tuple(s.note for s in syllables)
    voiced = np.round(np.where(gain > AUDIBLE, frequencies, 0.0), 3).tolist()
    spans = tuple((s.note.start - s.consonant_samples, s.note.end) for s in syllables)
    return Sung(replace(part, notes=notes, contour=tuple(voiced)), sound, spans)


def _controls(
    syllables: tuple[Syllable, ...], singer: Singer, frames: int
) -> tuple[Array, Array, list[tuple[int, int, Syllable]]]:
    """Gain and formants of every frame, and the frames in which consonants hiss."""
    gain, formants = np.zeros(frames), np.zeros((4, frames))
    formants[:3], formants[3] = np.array([[500.0], [1500.0], [2500.0]]), 1 / singer.tract
    noise = []
    for syllable in syllables:
        first, last = round(syllable.note.start / HOP), round(syllable.note.end / HOP)
        gain[first : last + 1] = (syllable.note.velocity / 90) ** 0.8
        formants[:3, first:last] = np.array(syllable.vowel)[:, np.newaxis] / singer.tract
        if (consonant := syllable.consonant) is None:
            continue
        begin = max(0, first - consonant.frames)
        gain[begin:first] = consonant.murmur
        if consonant.formants is not None:
            formants[:3, begin:first] = np.array(consonant.formants)[:, np.newaxis] / singer.tract
        if consonant.noise:
            noise.append((max(0, first - consonant.noise), first, syllable))
    smooth = np.stack([_smoothed(row, 5) for row in formants])
    return _smoothed(gain, 3), smooth, noise


def _frequencies(
    syllables: tuple[Syllable, ...], singer: Singer, frames: int, rng: np.random.Generator
) -> Array:
    """The fundamental in Hz: steps that glide, vibrato, jitter, and scoops up to first notes."""
    pitch, vibrato, scoop = np.full(frames, 60.0), np.zeros(frames), np.zeros(frames)
    for index, syllable in enumerate(syllables):
        note = syllable.note
        first, last = round(note.start / HOP), round(note.end / HOP)
        middle = 0 if index == 0 else (round(syllables[index - 1].note.end / HOP) + first + 1) // 2
        pitch[middle:] = note.pitch
        since = np.arange(last - first) * HOP / SAMPLE_RATE
        vibrato[first:last] = np.clip((since - singer.vibrato_delay) / 0.25, 0.0, 1.0)
        if syllable.breath:
            scoop[first:last] -= singer.scoop * np.exp(-since / 0.05)
    rate = singer.vibrato_rate * (1 + 0.06 * _smoothed(rng.standard_normal(frames), 60) * 5)
    swing = np.sin(2 * np.pi * np.cumsum(rate) * HOP / SAMPLE_RATE)
    flutter = _smoothed(rng.standard_normal(frames), 7)
    cents = singer.vibrato_depth * _smoothed(vibrato, 5) * swing + _smoothed(scoop, 3)
    cents += singer.jitter * flutter / max(float(flutter.std()), 1e-9)
    glided = _smoothed(pitch, max(3, round(singer.glide * SAMPLE_RATE / HOP)))
    return np.asarray(np.round(440 * 2 ** ((glided + cents / 100 - 69) / 12), 6))


def _smoothed(values: Array, frames: int) -> Array:
    """Convolved with a Hann window of so many frames, its ends held."""
    window = np.hanning(frames + 2)[1:-1]
    padded = np.pad(values, (frames // 2, frames - 1 - frames // 2), mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")


def _harmonics(frequencies: Array, gain: Array, formants: Array, singer: Singer) -> Array:
    """The voiced sound, block by block of frames that are not silent."""
    from deepmir_render.singing.harmonics import summed

    sound = np.zeros(frequencies.size * HOP)
    ramp = np.arange(HOP) / HOP
    steps = frequencies[:-1, np.newaxis] + np.diff(frequencies)[:, np.newaxis] * ramp
    phase = np.cumsum(steps.ravel()) * (2 * np.pi / SAMPLE_RATE)
    for begin in range(0, frequencies.size - 1, BLOCK):
        end = min(begin + BLOCK, frequencies.size - 1)
        frames = slice(begin, end + 1)
        if gain[frames].max() <= 1e-4:
            continue
        tract = _tuned(formants[:, frames], frequencies[frames])
        levels = _levels(frequencies[frames], gain[frames], tract, singer.tilt)
        turned = phase[begin * HOP : end * HOP].reshape(-1, HOP)
        sound[begin * HOP : end * HOP] = summed(turned, levels, ramp).ravel()
    return sound


def _tuned(formants: Array, frequencies: Array) -> Array:
    """Formants of which the first is not below the fundamental, as singers open their mouths."""
    tuned = formants.copy()
    tuned[0] = np.maximum(tuned[0], 1.02 * frequencies)
    tuned[1] = np.maximum(tuned[1], 1.2 * tuned[0])
    return tuned


def _levels(frequencies: Array, gain: Array, formants: Array, tilt: float) -> Array:
    """Amplitudes of the harmonics, shape (harmonics, frames)."""
    numbers = np.arange(1, int(HIGHEST / frequencies.min()) + 1)[:, np.newaxis]
    hertz = numbers * frequencies
    levels = numbers**-tilt * envelope(formants, hertz)
    levels *= np.clip((HIGHEST - hertz) / 1500, 0.0, 1.0)
    power = np.sqrt(np.square(levels).sum(axis=0))
    return np.asarray(levels * gain * power**-LEVELLED)


def _noise(
    gain: Array,
    formants: Array,
    consonants: list[tuple[int, int, Syllable]],
    singer: Singer,
    rng: np.random.Generator,
) -> Array:
    """Breath through the vocal tract, and the noise of consonants, in overlapping grains."""
    bins = np.arange(GRAIN + 1, dtype=np.float64) * (SAMPLE_RATE / (2 * GRAIN))
    shape = envelope(formants, bins[:, np.newaxis]) * np.clip(bins / 1500, 0.02, 1.0)[:, np.newaxis]
    shape /= np.sqrt(np.mean(np.square(shape), axis=0))
    spectra = shape * gain * 10 ** (singer.breath / 20)
    for begin, end, syllable in consonants:
        if (consonant := syllable.consonant) is not None:
            band = np.exp(-0.5 * ((bins - consonant.centre) / consonant.width) ** 2)
            band *= 10 ** (consonant.level / 20) / np.sqrt(np.mean(np.square(band)))
            spectra[:, begin:end] += band[:, np.newaxis]
    return _grains(np.round(spectra.T, 9), rng)


def _grains(spectra: Array, rng: np.random.Generator) -> Array:
    """Noise with given amplitude spectra, three grains a frame, whose powers add up to 1."""
    sound = np.zeros((spectra.shape[0] * 3 + 1, GRAIN))
    window = np.sin(np.pi * (np.arange(2 * GRAIN) + 0.5) / (2 * GRAIN))
    audible = np.flatnonzero(spectra.max(axis=1) > 1e-5)
    for begin in range(0, audible.size, BLOCK):
        active = audible[begin : begin + BLOCK]
        rows = (active[:, np.newaxis] * 3 + np.arange(3)).ravel()
        white = np.fft.rfft(rng.standard_normal((rows.size, 2 * GRAIN)), axis=1)
        white *= np.repeat(spectra[active], 3, axis=0)
        grains = np.fft.irfft(white, 2 * GRAIN, axis=1) * window
        sound[rows] += grains[:, :GRAIN]
        sound[rows + 1] += grains[:, GRAIN:]
    return sound.ravel()[: spectra.shape[0] * HOP]


def mixed(stereo: Array, sung: Sung) -> Array:
    """The other instruments, shape (2, samples), and the singer in their place."""
    angle = (sung.part.pan + 1) * np.pi / 4
    sides = np.round(np.array([[np.cos(angle)], [np.sin(angle)]]), 9)
    return np.asarray(stereo + sides * sung.samples)
