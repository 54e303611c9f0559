"""Spoken syllables and their analysis into frames for singing.

A frame is an envelope every 5 ms in half decibels, and the frequency that separates harmonics from
noise (the maximum voiced frequency of Stylianou 2001, "Applying the harmonic plus noise model in
concatenative speech synthesis"). WORLD (Morise, Yokomori & Ozawa 2016, "WORLD: a vocoder-based
high-quality speech synthesis system") finds the fundamental with DIO, refined by StoneMask, and
the envelope with CheapTrick.
"""

import functools
import importlib.machinery
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir_render.singing.espeak import MISSING, Spoken, espeak
from deepmir_render.singing.languages import NOISY, VOICELESS, Sounds, Speaker, draw_sounds
from deepmir_render.singing.syllables import FRAME, SpokenSyllable

RATE = 22050  # Hz, espeak-ng's rate
BINS = 257  # from 0 Hz to half of that rate
SYLLABLES = 64  # per speaker
SEED = 1
VERSION = 2  # to be increased with every change below, as it identifies a bank
SPEED = 110  # words per minute
PITCHES = {True: 20, False: 55}  # of women and men: low, so that harmonics cover the whole envelope
CLOSURE = 0.04  # seconds of silence before a plosive's burst
PLOSIVES = frozenset("ptkbdg")
KEPT = 0.8  # of the vowel of an open syllable: afterwards the speaker fades
LEVELLED = 0.7  # of the level changes of a vowel: dynamics come from the singer
STEP = 0.5  # dB
FLOOR = -120.0  # dB
SILENCE = -60.0  # dB relative to the vowel: a quieter frame is empty
NOISE_ABOVE = 2000.0  # Hz, for voiced fricatives
STEP_HZ = 50.0


@dataclass(frozen=True)
class SpokenVoice:
    """The frames of a speaker.

    Attributes:
        woman: whether the speaker is a woman or a child.
        power: in steps of `STEP` above `FLOOR`, shape (frames, bins) from 0 to 11025 Hz; vowels
            sum to 0 dB.
        harmonic: highest frequency of harmonics in steps of `STEP_HZ`, 255 without any noise
            except the singer's and 0 for noise only, shape (frames,).
        syllables: in no order.
    """

    woman: bool
    power: npt.NDArray[np.uint8]
    harmonic: npt.NDArray[np.uint8]
    syllables: tuple[SpokenSyllable, ...]


@dataclass(frozen=True)
class Part:
    """The frames of one syllable, as in :class:`SpokenVoice`, and the starts of vowel and coda.

    Attributes:
        power: shape (frames, bins).
        harmonic: shape (frames,).
        vowel: first frame of the vowel.
        coda: first frame after it.
    """

    power: npt.NDArray[np.uint8]
    harmonic: npt.NDArray[np.uint8]
    vowel: int
    coda: int


def joined(parts: Sequence[Part], woman: bool) -> SpokenVoice:
    """A voice from concatenated syllables."""
    starts = np.cumsum([0, *(len(part.power) for part in parts)]).tolist()
    return SpokenVoice(
        woman,
        np.concatenate([part.power for part in parts]),
        np.concatenate([part.harmonic for part in parts]),
        tuple(
            SpokenSyllable(start, start + part.vowel, start + part.coda, end)
            for part, start, end in zip(parts, starts, starts[1:], strict=False)
        ),
    )


def speak(speaker: Speaker, count: int = SYLLABLES) -> SpokenVoice:
    """Let a speaker say some syllables.

    Raises:
        DeepmirError: when espeak-ng or pyworld is not installed.
    """
    espeak().become(speaker.name, PITCHES[speaker.woman], SPEED)
    rng = np.random.default_rng([SEED, *speaker.name.encode()])
    parts = [_syllable(draw_sounds(speaker.language, rng)) for _ in range(count)]
    return joined(parts, speaker.woman)


def _syllable(sounds: Sounds) -> Part:
    spoken = espeak().say(f"{sounds.onset}'{sounds.vowel}{sounds.coda}")
    power, pitch = analyse(spoken.samples)
    vowel, coda, end = _parts(spoken, sounds, len(power))
    first = next(iter(_frames(spoken)))[1]
    if sounds.onset[:1] in PLOSIVES:
        first = max(0, first - round(CLOSURE / FRAME))
    first = min(first, vowel)
    harmonic = _harmonic(spoken, pitch > 0)
    harmonic[vowel:coda] = 255
    kept = slice(first, end)
    return Part(
        levelled(power[kept], vowel - first, coda - first),
        harmonic[kept],
        vowel - first,
        coda - first,
    )


def _frames(spoken: Spoken) -> list[tuple[str, int]]:
    """Name and first frame of every phoneme, without pauses."""
    return [
        (name, round(sample / RATE / FRAME))
        for name, sample in spoken.phonemes
        if not name.startswith("_")
    ]


def _parts(spoken: Spoken, sounds: Sounds, frames: int) -> tuple[int, int, int]:
    """The first frames of the vowel and of the coda, and the end of the syllable."""
    starts = _frames(spoken)
    vowel = next(frame for name, frame in starts if name.startswith("'"))
    pauses = [
        s for name, s in spoken.phonemes if name.startswith("_") and s > spoken.phonemes[0][1]
    ]
    end = min(frames, round(pauses[0] / RATE / FRAME) if pauses else frames)
    if sounds.coda:
        return vowel, starts[-len(sounds.coda)][1], end
    end = vowel + max(2, round(KEPT * (end - vowel)))
    return vowel, end, end


def _harmonic(spoken: Spoken, voiced: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    harmonic = np.where(voiced, 255, 0).astype(np.uint8)
    starts = _frames(spoken)
    for (name, begin), (_, end) in zip(starts, [*starts[1:], ("", len(voiced))], strict=True):
        if name in VOICELESS:
            harmonic[begin:end] = 0
        elif name in NOISY:
            limit = round(NOISE_ABOVE / STEP_HZ)
            harmonic[begin:end] = np.minimum(harmonic[begin:end], limit)
    return harmonic


def decibels(power: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The sum of some bins in dB, shape (frames,)."""
    return np.asarray(10 * np.log10(np.sum(10 ** (power / 10), axis=1)))


def levelled(power: npt.NDArray[np.float64], vowel: int, coda: int) -> npt.NDArray[np.uint8]:
    """Power in steps relative to the vowel, whose level changes are mostly compensated."""
    sums = decibels(power)
    level = float(np.median(sums[vowel:coda]))
    power = power - level
    power[vowel:coda] -= np.maximum(LEVELLED * (sums[vowel:coda] - level), -15.0)[:, np.newaxis]
    power[sums - level < SILENCE] = FLOOR
    return np.asarray(np.clip(np.round((power - FLOOR) / STEP), 0, 255).astype(np.uint8))


@functools.cache
def _world() -> ModuleType:
    """The extension module of pyworld only.

    Its package imports `pkg_resources`, which setuptools no longer has (pyworld 0.3.5).
    """
    package = importlib.util.find_spec("pyworld")
    if package is None:
        raise DeepmirError(MISSING)
    spec = importlib.machinery.PathFinder.find_spec(
        "pyworld.pyworld", package.submodule_search_locations
    )
    if spec is None or spec.loader is None:
        raise DeepmirError(MISSING)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def analyse(
    samples: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The envelope of speech, every `FRAME`.

    Args:
        samples: at `RATE`, shape (samples,).

    Returns:
        Power in dB, shape (frames, BINS), and the fundamental in Hz, 0 if unvoiced, shape
        (frames,).

    Raises:
        DeepmirError: when pyworld is not installed.
    """
    world = _world()
    coarse, times = world.dio(samples, RATE, frame_period=1000 * FRAME)
    pitch = world.stonemask(samples, coarse, times, RATE)
    power = world.cheaptrick(samples, pitch, times, RATE)
    step = (power.shape[1] - 1) // (BINS - 1)
    return 10 * np.log10(np.maximum(power[:, ::step], 1e-16)), pitch
