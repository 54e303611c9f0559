"""The fundamental frequency of a singer, every 10 ms, exactly as sung."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from deepmir_render.playing.played import SAMPLE_RATE
from deepmir_render.singing.syllables import HOP, SungSyllable
from deepmir_render.writing.singer import Singer

Array = npt.NDArray[np.float64]

STEADY = 0.25  # seconds in which vibrato reaches its full depth
FALL = (100.0, 400.0)  # depth of a fall in cents
FALLING = 0.15  # duration of a fall in seconds
SCOOPED = 0.1  # probability of a scoop inside a phrase
WANDER = 8.0  # cents, standard deviation of the slow drift


def contour(
    syllables: Sequence[SungSyllable],
    singer: Singer,
    frames: int,
    rng: np.random.Generator,
) -> Array:
    """Frequencies in Hz for every frame of `HOP` samples, including rests, shape (frames,).

    Transitions between notes glide and overshoot; vibrato sets in late; the first note of a phrase
    may be scooped and the last one may fall (Saitou, Unoki & Akagi 2005, "Development of an F0
    control model based on F0 dynamic characteristics for singing-voice synthesis").
    """
    pitch, depth, bent = np.full(frames, 60.0), np.zeros(frames), np.zeros(frames)
    previous = None
    for syllable in syllables:
        for index, note in enumerate(syllable.notes):
            first, last = round(note.start / HOP), round(note.end / HOP)
            middle = 0 if previous is None else (round(previous / HOP) + first + 1) // 2
            pitch[middle:] = note.pitch + rng.normal(0, singer.intonation) / 100
            since = np.arange(last - first) * HOP / SAMPLE_RATE
            depth[first:last] = np.clip((since - singer.vibrato_delay) / STEADY, 0.0, 1.0)
            if index == 0 and (syllable.breath or rng.random() < SCOOPED):
                bent[first:last] -= singer.scoop * np.exp(-since / 0.05)
            previous = note.end
        if syllable.last and rng.random() < singer.falls:
            _fall(bent, syllable, rng)
    rate = singer.vibrato_rate * (1 + 0.3 * smoothed(rng.standard_normal(frames), 60))
    vibrato = np.sin(2 * np.pi * np.cumsum(rate) * HOP / SAMPLE_RATE) * singer.vibrato_depth
    swell = 1 + 1.5 * smoothed(rng.standard_normal(frames), 60)
    cents = vibrato * smoothed(depth, 5) * np.clip(swell, 0.3, 1.5) + smoothed(bent, 3)
    cents += singer.jitter * _scaled(smoothed(rng.standard_normal(frames), 7))
    cents += WANDER * _scaled(smoothed(rng.standard_normal(frames), 50))
    length = max(3, round(singer.glide * SAMPLE_RATE / HOP))
    glided = smoothed(pitch, length)
    glided += singer.overshoot * (glided - smoothed(glided, 2 * length)) * (depth < 1)
    return np.asarray(np.round(440 * 2 ** ((glided + cents / 100 - 69) / 12), 6))


def _fall(bent: Array, syllable: SungSyllable, rng: np.random.Generator) -> None:
    """Let the pitch fall at the end of a syllable, including its coda."""
    last = round(syllable.coda / HOP)
    first = max(round(syllable.notes[-1].start / HOP), last - round(FALLING * SAMPLE_RATE / HOP))
    bent[first:last] -= rng.uniform(*FALL) * np.linspace(0, 1, last - first) ** 2
    bent[last : round(syllable.end / HOP)] = bent[last - 1] if last > first else 0.0


def _scaled(values: Array) -> Array:
    return np.asarray(values / max(float(values.std()), 1e-9))


def smoothed(values: Array, frames: int) -> Array:
    """Values convolved with a Hann window of some frames, with the ends held."""
    window = np.hanning(frames + 2)[1:-1]
    padded = np.pad(values, (frames // 2, frames - 1 - frames // 2), mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")
