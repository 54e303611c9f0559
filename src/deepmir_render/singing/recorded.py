"""Syllables from recordings of speech.

A vowel is a local maximum of the level between 300 and 3000 Hz, after Mermelstein 1975, "Automatic
segmentation of speech into syllabic units". The sound before it is its onset; the sound after the
last vowel before a silence is its coda. The content of the speech is unknown.
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, find_peaks, sosfilt

from deepmir.errors import DeepmirError, MissingDataError
from deepmir.files import audio
from deepmir.files.decoding import SUFFIXES
from deepmir.files.folders import files_below
from deepmir_render.singing.speaking import (
    RATE,
    SEED,
    SYLLABLES,
    Part,
    SpokenVoice,
    analyse,
    decibels,
    joined,
    levelled,
)
from deepmir_render.singing.syllables import FRAME

VERSION = 1  # to be increased with every change below, as it identifies a bank
RUMBLE = butter(4, 80.0, "highpass", fs=RATE, output="sos")  # breath noise, and below
VOWELS = (300.0, 3000.0)  # Hz
SMOOTHED = 5  # frames
APART = 0.12  # minimum seconds between two vowels
PROMINENT = 4.0  # dB of a vowel above its surroundings
QUIET = 18.0  # dB: maximum distance of a vowel from the loudest of its recording
EDGE = 8.0  # dB below its loudest frame at which a vowel ends
VOWEL = (0.06, 0.4)  # minimum seconds of a vowel, and maximum used
AUDIBLE = -35.0  # dB relative to the vowel: of unvoiced consonants
HELD = -20.0  # dB: of voiced ones, as a decaying voice is not a consonant
CONSONANTS = 0.2  # maximum seconds of an onset or a coda
SECONDS = 10.0  # read from a recording
HIGH = 165.0  # Hz: a speaker above this sings as a woman or a child


def speakers(people: Path) -> dict[Path, list[Path]]:
    """The folder of every speaker, and its recordings.

    Raises:
        MissingDataError: when there are none.
    """
    inside = sorted(people.glob("[!.]*")) if people.is_dir() else ()
    found = {folder: files(folder) for folder in inside if folder.is_dir()}
    heard = {folder: recordings for folder, recordings in found.items() if recordings}
    if not heard:
        raise MissingDataError(f"{people} has no folders of recordings, one for each who speaks")
    return heard


def files(speaker: Path) -> list[Path]:
    """The audio files of a speaker."""
    return sorted(p for p in files_below(speaker) if p.suffix.lower() in SUFFIXES)


def listen(speaker: Path, count: int = SYLLABLES) -> SpokenVoice:
    """Some syllables of a speaker, from as many recordings as needed.

    Args:
        speaker: folder of recordings with no other speakers.
        count: maximum number of syllables.

    Raises:
        DeepmirError: when pyworld is not installed, or no vowel is found in the readable files.
    """
    rng = np.random.default_rng([SEED, *speaker.name.encode()])
    paths = files(speaker)
    found: list[Part] = []
    pitches: list[float] = []
    for index in rng.permutation(len(paths)).tolist():
        try:
            samples = audio.load(paths[index], RATE, seconds=SECONDS).astype(np.float64)
        except DeepmirError as error:
            print(f"skipped: {error}", file=sys.stderr)
            continue
        parts, heights = divided(samples)
        found += parts
        pitches += heights
        if len(found) >= count:
            break
    if not found:
        raise DeepmirError(f"no speech is audible in {speaker}: remove the folder")
    return joined(found[:count], woman=float(np.median(pitches)) > HIGH)


def divided(samples: npt.NDArray[np.float64]) -> tuple[list[Part], list[float]]:
    """The syllables of a recording and their fundamentals in Hz.

    Args:
        samples: at `RATE`, shape (samples,).
    """
    power, pitch = analyse(sosfilt(RUMBLE, samples))
    heard = decibels(power)
    vowels = _vowels(power, pitch)
    syllables, heights = [], []
    most = round(CONSONANTS / FRAME)
    ends = [0, *(end for _, end in vowels)]
    starts = [*(vowel for vowel, _ in vowels[1:]), len(heard)]
    for before, (vowel, end), after in zip(ends, vowels, starts, strict=False):
        if (end - vowel) * FRAME < VOWEL[0]:
            continue
        audible = heard > heard[vowel:end].max() + np.where(pitch > 0, HELD, AUDIBLE)
        first = max(_around(audible, vowel)[0], before, vowel - most)
        coda = stop = min(end, vowel + round(VOWEL[1] / FRAME))
        if coda == end and not (after < len(heard) and audible[end:after].all()):
            stop = min(max(_around(audible, end - 1)[1], end), after, end + most)
        kept = slice(first, stop)
        harmonic = np.where(pitch[kept] > 0, 255, 0).astype(np.uint8)
        harmonic[vowel - first : coda - first] = 255
        sung = levelled(power[kept], vowel - first, coda - first)
        syllables.append(Part(sung, harmonic, vowel - first, coda - first))
        heights.append(float(np.median(pitch[vowel:end])))
    return syllables, heights


def _vowels(
    power: npt.NDArray[np.float64], pitch: npt.NDArray[np.float64]
) -> list[tuple[int, int]]:
    """First frame of every vowel, and the one after its last."""
    bins = np.arange(power.shape[1]) * (RATE / 2 / (power.shape[1] - 1))
    level = decibels(power[:, (bins >= VOWELS[0]) & (bins <= VOWELS[1])])
    level = uniform_filter1d(level, SMOOTHED, mode="nearest")
    voiced = np.where(pitch > 0, level, level.min())
    found, _ = find_peaks(voiced, distance=round(APART / FRAME), prominence=PROMINENT)
    peaks = [p for p in found.tolist() if voiced[p] > voiced[found].max() - QUIET]
    cuts = [0, *(a + int(np.argmin(level[a:b])) for a, b in pairwise(peaks)), len(level)]
    vowels = []
    for peak, low, high in zip(peaks, cuts, cuts[1:], strict=False):
        start, end = _around(voiced > level[peak] - EDGE, peak)
        vowels.append((max(start, low), min(end, high)))
    return vowels


def _around(mask: npt.NDArray[np.bool_], frame: int) -> tuple[int, int]:
    """First frame, and the one after the last, of the true interval around a frame."""
    before = np.flatnonzero(~mask[:frame])
    after = np.flatnonzero(~mask[frame:])
    return (
        int(before[-1]) + 1 if before.size else 0,
        frame + int(after[0]) if after.size else len(mask),
    )
