"""A singer whose voice is speech: spoken syllables of people or espeak-ng, sung on a melody.

The envelopes of speech (bank.py) are stretched to the notes and given the melody's fundamental, as
in Saitou et al. 2007, "Speech-to-singing synthesis". Consonants keep their speed and precede the
note, so the vowel starts with the note.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir_render.playing.played import SAMPLE_RATE, PlayedPart
from deepmir_render.singing import bank, placement, vocoder
from deepmir_render.singing.contour import contour
from deepmir_render.singing.delivery import Delivery, draw_delivery
from deepmir_render.singing.speaking import STEP_HZ, SpokenVoice
from deepmir_render.singing.sung import Sung, scaled
from deepmir_render.singing.syllables import HOP, SpokenSyllable, lay
from deepmir_render.singing.tract import tract
from deepmir_render.singing.vocoder import BINS, SIZE, Controls
from deepmir_render.writing.singer import Singer

Array = npt.NDArray[np.float64]

BLEND = 2  # controls of the cross-fade between syllables
SILENT = -200.0  # dB
SOUNDING = -45.0  # dB relative to a full vowel: below, the voice is annotated as silent
LEVELLED = 0.6  # how far the level of harmonics is equalised over vowels and pitches
PARTIALS = 12  # harmonics that determine the loudness
SHIMMER = 0.02  # standard deviation of a pulse's amplitude


def sing(
    part: PlayedPart,
    singer: Singer,
    samples: int,
    rng: np.random.Generator,
    voices: Path,
) -> Sung:
    """Sing a part; one without notes is silent.

    Args:
        part: in the singer's octave; notes beyond the recording are not sung.
        singer: the singer; a matching speaker is drawn.
        samples: length of the whole recording.
        rng: for the speaker, syllables, vibrato and noise.
        voices: the bank of voices.
    """
    delivery = draw_delivery(singer, bank.women(voices), rng)
    voice = bank.find(voices, delivery.speaker)
    vocabulary = _vocabulary(voice, delivery, rng)
    within = [
        replace(note, end=min(note.end, samples)) for note in part.notes if note.start < samples
    ]
    syllables = lay(within, vocabulary, singer, rng)
    frames = -(-samples // HOP) + 1
    pitch = contour(syllables, singer, frames, rng)
    rows, gain = placement.place(syllables, 2 * frames - 1, rng)
    breaths = placement.breathe(rows, gain, syllables, delivery, rng)
    power, harmonic = _envelopes(voice, rows, gain, singer, delivery)
    power[breaths] += _whisper()
    harmonic[breaths] = 0
    between = np.interp(np.arange(rows.size) / 2, np.arange(frames), pitch)
    power += _loudness(power, harmonic, between)[:, np.newaxis]
    starts = vocoder.pulses(pitch, HOP)
    heights = np.sqrt(SAMPLE_RATE / np.interp(starts, np.arange(frames) * HOP, pitch))
    heights *= 1 + SHIMMER * rng.standard_normal(starts.size)
    controls = Controls(power, harmonic, singer.breath, starts, heights)
    sound = vocoder.synthesise(controls, samples, rng).astype(np.float64)
    sounding = (harmonic > 0) & (power.max(axis=1) > SOUNDING)
    voiced = np.round(np.where(sounding[::2], pitch, 0.0), 3).tolist()
    notes = tuple(note for syllable in syllables for note in syllable.notes)
    return Sung(
        replace(part, notes=notes, contour=tuple(voiced)),
        scaled(sound, part.level),
        tuple((syllable.start, syllable.end) for syllable in syllables),
    )


def _vocabulary(
    voice: SpokenVoice, delivery: Delivery, rng: np.random.Generator
) -> tuple[SpokenSyllable, ...]:
    chosen = rng.permutation(len(voice.syllables))[: delivery.vocabulary]
    return tuple(voice.syllables[index] for index in chosen.tolist())


def _whisper() -> npt.NDArray[np.float32]:
    """Correction from a vowel to a breath: turbulence lacks the glottal slope, in dB."""
    hertz = np.arange(BINS) * (SAMPLE_RATE / SIZE)
    return np.asarray((9 * np.log2(np.clip(hertz, 200, 4000) / 1500)).astype(np.float32))


def _envelopes(
    voice: SpokenVoice, rows: Array, gain: Array, singer: Singer, delivery: Delivery
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Power in dB and highest harmonic frequency in Hz for every control."""
    power = np.full((rows.size, BINS), SILENT, dtype=np.float32)
    harmonic = np.zeros(rows.size, dtype=np.float32)
    active = np.flatnonzero(rows >= 0)
    left = rows[active].astype(np.int64)
    right = (rows[active] - left).astype(np.float32)[:, np.newaxis]
    used = np.unique(np.concatenate([left, left + 1]))
    used = used[used < len(voice.power)]
    shaped = tract(voice, used, singer, delivery)
    first = np.searchsorted(used, left)
    second = np.minimum(first + 1, used.size - 1)
    power[active] = shaped[first] * (1 - right) + shaped[second] * right
    power[active] += gain[active, np.newaxis].astype(np.float32)
    limits = voice.harmonic[left].astype(np.float32) * np.float32(STEP_HZ)
    limits[voice.harmonic[left] == 255] = delivery.harmonic
    # A soft voice has more noise.
    harmonic[active] = limits * np.clip(1 + gain[active] / 40, 0.4, 1.3)
    return _blended(power, rows), harmonic


def _blended(power: npt.NDArray[np.float32], rows: Array) -> npt.NDArray[np.float32]:
    """Envelopes with cross-fades between adjacent syllables."""
    jumps = np.flatnonzero((rows[1:] >= 0) & (rows[:-1] >= 0) & (np.abs(np.diff(rows)) > 3)) + 1
    for jump in jumps.tolist():
        first, last = max(jump - BLEND, 0), min(jump + BLEND, len(power) - 1)
        share = np.linspace(0, 1, last - first + 1, dtype=np.float32)[:, np.newaxis]
        power[first : last + 1] = power[first] * (1 - share) + power[last] * share
    return power


def _loudness(
    power: npt.NDArray[np.float32], harmonic: npt.NDArray[np.float32], pitch: Array
) -> npt.NDArray[np.float32]:
    """Gain that compensates for harmonics off the formants, in dB, for every control."""
    change = np.zeros(len(power), dtype=np.float32)
    voiced = np.flatnonzero(harmonic > 0)
    if not voiced.size:
        return change
    hertz = pitch[voiced, np.newaxis] * np.arange(1, PARTIALS + 1)
    bins = np.minimum(np.round(hertz * (SIZE / SAMPLE_RATE)).astype(np.int64), BINS - 1)
    partials = power[voiced[:, np.newaxis], bins]
    heard = 10 * np.log10(np.sum(10 ** (partials / 10), axis=1) * pitch[voiced])
    whole = 10 * np.log10(np.sum(10 ** (power[voiced] / 10), axis=1) * (SAMPLE_RATE / SIZE))
    change[voiced] = np.clip(LEVELLED * (whole - heard), -6, 12)
    return change
