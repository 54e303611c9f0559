"""A singer whose voice is synthesised by summing the harmonics of a fundamental.

The source falls by 12 dB per octave and the radiation from the mouth rises by 6, so the amplitudes
of harmonics fall as 1 over their number before the vocal tract shapes them (Fant 1960; Klatt 1980).
All time-varying parameters are given every 10 ms, including the annotated frequency.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from numba import njit

from deepmir_render.playing.played import SAMPLE_RATE, PlayedPart
from deepmir_render.singing.contour import contour, smoothed
from deepmir_render.singing.phonetics import CONSONANTS, VOWELS, Array, Consonant, envelope
from deepmir_render.singing.sung import Sung, scaled
from deepmir_render.singing.syllables import FRAME, HOP, SpokenSyllable, SungSyllable, lay
from deepmir_render.writing.singer import Singer

AUDIBLE = 0.01  # gain relative to a full vowel below which the voice counts as silent
HIGHEST = 10_500.0  # Hz of the highest harmonic
BLOCK = 40  # frames processed at a time, which fit into a processor's cache
GRAIN = HOP // 3  # samples between grains of noise
LEVELLED = 0.7  # how far level differences between vowels and pitches are compensated
# All possible syllables, not from a speaker: each has as many frames as the longest needs.
SOUNDS = tuple(product(CONSONANTS.values(), VOWELS.values()))
LENGTH = 100
VOCABULARY = tuple(
    SpokenSyllable(
        LENGTH * index,
        LENGTH * index + round(consonant.frames * HOP / SAMPLE_RATE / FRAME),
        LENGTH * (index + 1),
        LENGTH * (index + 1),
    )
    for index, (consonant, _) in enumerate(SOUNDS)
)
Hiss = tuple[int, int, Consonant]  # first frame, the one after the last, and the consonant


def sing(part: PlayedPart, singer: Singer, samples: int, rng: np.random.Generator) -> Sung:
    """Sing a part.

    Args:
        part: in the singer's octave.
        singer: the singer.
        samples: length of the whole recording.
        rng: for words, vibrato and noise.
    """
    syllables = lay(part.notes, VOCABULARY, singer, rng)
    frames = -(-samples // HOP) + 1
    gain, formants, hisses = _controls(syllables, singer, frames)
    frequencies = contour(syllables, singer, frames, rng)
    sound = _harmonics(frequencies, gain, formants, singer)
    sound += _noise(gain, formants, hisses, singer, rng)
    voiced = np.round(np.where(gain > AUDIBLE, frequencies, 0.0), 3).tolist()
    notes = tuple(note for syllable in syllables for note in syllable.notes)
    spans = tuple((syllable.start, syllable.end) for syllable in syllables)
    made = replace(part, notes=notes, contour=tuple(voiced))
    return Sung(made, scaled(sound[:samples], part.level), spans)


def _controls(
    syllables: Sequence[SungSyllable], singer: Singer, frames: int
) -> tuple[Array, Array, list[Hiss]]:
    """Gain and formants of every frame, and the frames of consonant noise."""
    gain, formants = np.zeros(frames), np.zeros((4, frames))
    formants[:3], formants[3] = np.array([[500.0], [1500.0], [2500.0]]), 1 / singer.tract
    hisses = []
    for syllable in syllables:
        consonant, vowel = SOUNDS[syllable.frames.vowel // LENGTH]
        begin, first, last = (
            round(sample / HOP) for sample in (syllable.start, syllable.vowel, syllable.end)
        )
        for note in syllable.notes:
            gain[round(note.start / HOP) : round(note.end / HOP) + 1] = (note.velocity / 90) ** 0.8
        formants[:3, first:last] = np.array(vowel)[:, np.newaxis] / singer.tract
        if begin == first:
            continue
        gain[begin:first] = consonant.murmur
        if consonant.formants is not None:
            formants[:3, begin:first] = np.array(consonant.formants)[:, np.newaxis] / singer.tract
        if consonant.noise:
            hisses.append((max(begin, first - consonant.noise), first, consonant))
    return smoothed(gain, 3), np.stack([smoothed(row, 5) for row in formants]), hisses


def _harmonics(frequencies: Array, gain: Array, formants: Array, singer: Singer) -> Array:
    """The voiced sound, in blocks of frames that are not silent."""
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
        sound[begin * HOP : end * HOP] = _summed(turned, levels, ramp).ravel()
    return sound


def _tuned(formants: Array, frequencies: Array) -> Array:
    """Formants, the first of which is raised to the fundamental, as singers open their mouths."""
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
    hisses: Sequence[Hiss],
    singer: Singer,
    rng: np.random.Generator,
) -> Array:
    """Breath through the vocal tract, and consonant noise, in overlapping grains."""
    bins = np.arange(GRAIN + 1, dtype=np.float64) * (SAMPLE_RATE / (2 * GRAIN))
    shape = envelope(formants, bins[:, np.newaxis]) * np.clip(bins / 1500, 0.02, 1.0)[:, np.newaxis]
    shape /= np.sqrt(np.mean(np.square(shape), axis=0))
    spectra = shape * gain * 10 ** (singer.breath / 20)
    for begin, end, consonant in hisses:
        band = np.exp(-0.5 * ((bins - consonant.centre) / consonant.width) ** 2)
        band *= 10 ** (consonant.level / 20) / np.sqrt(np.mean(np.square(band)))
        spectra[:, begin:end] += band[:, np.newaxis]
    return _grains(np.round(spectra.T, 9), rng)


def _grains(spectra: Array, rng: np.random.Generator) -> Array:
    """Noise with given amplitude spectra, three grains per frame, whose powers sum to 1."""
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _summed(phase: Array, levels: Array, ramp: Array) -> Array:
    """Sum of the harmonics, each sine from the two before: sin(k+1)x = 2 cos x sin kx - sin(k-1)x.

    Args:
        phase: of the fundamental, shape (frames, samples of a frame).
        levels: at the edges of the frames, shape (harmonics, frames + 1).
        ramp: from 0 to 1 over a frame.
    """
    total = np.zeros_like(phase)
    for frame in range(phase.shape[0]):
        into = total[frame]
        twice_cosine, sine = 2 * np.cos(phase[frame]), np.sin(phase[frame])
        last = np.zeros_like(sine)
        for harmonic in range(levels.shape[0]):
            level = levels[harmonic, frame]
            rise = levels[harmonic, frame + 1] - level
            for i in range(ramp.size):
                into[i] += (level + rise * ramp[i]) * sine[i]
                last[i], sine[i] = sine[i], twice_cosine[i] * sine[i] - last[i]
    return total
