"""The singer: voice, vocal tract and manners, drawn for one track."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepmir_render.song import Note

# MIDI numbers of the lowest and the highest note, and the length of the vocal tract relative to
# that of the men whose formants were measured.
VOICES = {
    "bass": (40, 62, (1.0, 1.2)),
    "baritone": (45, 67, (0.97, 1.12)),
    "tenor": (48, 71, (0.92, 1.05)),
    "alto": (55, 76, (0.86, 0.98)),
    "soprano": (60, 81, (0.85, 0.93)),
}
OCTAVES = range(-3, 3)
STRAINED = 0.06  # share of the time that may be out of a voice's range


@dataclass(frozen=True)
class Singer:
    """A singer.

    Attributes:
        voice: one of `VOICES`.
        octaves: transposition of the melody in octaves.
        tract: length of the vocal tract, relative to the average man's.
        tilt: exponent by which the source amplitude decreases with the harmonic number.
        breath: level of the aspiration noise relative to the harmonics, in dB.
        vibrato_rate: in Hz.
        vibrato_depth: in cents, to either side of the mean.
        vibrato_delay: seconds from a note's start to its vibrato.
        jitter: standard deviation of the frequency, in cents.
        glide: seconds of the portamento between two notes.
        scoop: cents by which the first note of a phrase starts too low.
        diction: probability that a syllable starts with a consonant.
        melisma: probability that a note has no new syllable.
        phrase: seconds after which the singer breathes at the next long note.
        speed: length of consonants relative to that in speech.
        overshoot: of a transition between notes, relative to its size.
        intonation: standard deviation of a note's pitch in cents.
        falls: probability that the pitch falls at the end of a phrase.
    """

    voice: str
    octaves: int
    tract: float
    tilt: float
    breath: float
    vibrato_rate: float
    vibrato_depth: float
    vibrato_delay: float
    jitter: float
    glide: float
    scoop: float
    diction: float
    melisma: float = 0.0
    phrase: float = 3.0
    speed: float = 1.0
    overshoot: float = 0.0
    intonation: float = 0.0
    falls: float = 0.0


def draw_singer(melody: Sequence[Note], rng: np.random.Generator) -> Singer:
    """Draw a singer for whom the melody is in range in some octave."""
    fits = {name: _best_octave(melody, *VOICES[name][:2]) for name in VOICES}
    least = min(strain for strain, _ in fits.values())
    able = [name for name, (strain, _) in fits.items() if strain <= max(STRAINED, least)]
    voice = able[int(rng.integers(len(able)))]

    def drawn(low: float, high: float) -> float:
        return round(float(rng.uniform(low, high)), 3)

    return Singer(
        voice=voice,
        octaves=fits[voice][1],
        tract=drawn(*VOICES[voice][2]),
        tilt=drawn(0.85, 1.35),
        breath=drawn(-36, -16),
        vibrato_rate=drawn(4.5, 6.5),
        vibrato_depth=drawn(0, 100),
        vibrato_delay=drawn(0.12, 0.4),
        jitter=drawn(2, 8),
        glide=drawn(0.04, 0.12),
        scoop=drawn(0, 150) if rng.random() < 0.5 else 0.0,
        diction=drawn(0.55, 1.0),
        melisma=drawn(0.02, 0.25),
        phrase=drawn(2.5, 6.0),
        speed=drawn(0.7, 1.1),
        overshoot=drawn(0, 0.6),
        intonation=drawn(2, 12),
        falls=drawn(0, 0.3),
    )


def _best_octave(melody: Sequence[Note], low: int, high: int) -> tuple[float, int]:
    """The share of the time out of range in the best octave, and that octave."""
    lengths = np.array([note.end - note.start for note in melody])
    pitches = np.array([note.pitch for note in melody])

    def strain(octave: int) -> tuple[float, float]:
        moved = pitches + 12 * octave
        outside = float(lengths[(moved < low) | (moved > high)].sum() / lengths.sum())
        return round(outside, 6), abs(float(moved.mean()) - (low + high) / 2)

    best = min(OCTAVES, key=strain)
    return strain(best)[0], best
