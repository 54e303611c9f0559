"""Tones and triads of sines: data with known answers, for teaching examples of networks.

A timbre is a group: a network is tested on timbres that it has not heard. Every timbre plays every
pitch class once, in a random octave, or every major and minor triad.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.datasets.base import Dataset
from deepmir.datasets.index import Member, Track, audio_file, jams_file
from deepmir.fields import Seconds, Seed, Whole
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation

SAMPLE_RATE = 22050
PITCHES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
TRIADS = {"maj": (0, 4, 7), "min": (0, 3, 7)}
NOISE = 10 ** (-50 / 20)  # of full scale
LICENCE = "CC0-1.0"


@dataclass(frozen=True)
class Sound:
    """A recording to make: pitch class of the root, and the quality of a triad."""

    timbre: int
    root: int
    quality: str | None

    @property
    def id(self) -> str:
        """An identifier such as `timbre03-Eb` or `timbre03-Eb-min`."""
        parts = [f"timbre{self.timbre:02d}", PITCHES[self.root], self.quality]
        return "-".join(part for part in parts if part).replace("#", "s")

    @property
    def member(self) -> Member:
        """The group is the timbre."""
        return Member(f"timbre{self.timbre:02d}", "")


class Tones(Dataset):
    """Tones or triads of sines, for teaching: see studies/teaching."""

    source: Literal["tones"]
    recorded: ClassVar[bool] = False
    content: Literal["tone", "triad"] = Field("tone", description="what each recording holds")
    timbres: Whole = Field(
        20, ge=3, le=100, description="each plays every pitch class or triad once"
    )
    partials: Whole = Field(12, ge=1, le=40, description="sines of a tone")
    seconds: Seconds = Field(2.5, description="length of a recording")
    seed: Seed = Field(1, description="seed of timbres, octaves, tuning and level")

    def recordings(self) -> list[Sound]:
        """Every pitch class or triad of every timbre."""
        qualities = [None] if self.content == "tone" else list(TRIADS)
        return [
            Sound(timbre, root, quality)
            for timbre in range(self.timbres)
            for root in range(12)
            for quality in qualities
        ]

    def track(self, recording: Sound, root: Path) -> Track:
        """Synthesise a sound."""
        import soundfile

        audio, jams = audio_file(root, recording.id), jams_file(root, recording.id)
        soundfile.write(audio, synthesised(recording, self), SAMPLE_RATE)
        found = annotation(recording, self.seconds)
        annotations.write(jams, Jams(self.seconds, (found,), title=recording.id))
        return Track.of(recording.id, recording.member, audio, jams, LICENCE)

    def members(self) -> list[Member]:
        """The timbre of every recording."""
        return [sound.member for sound in self.recordings()]


def annotation(sound: Sound, seconds: float) -> Annotation:
    """A `pitch_class` for a tone, a `chord` for a triad."""
    if sound.quality is None:
        value: object = {"tonic": "C", "pitch": sound.root}
        return Annotation("pitch_class", (Observation(0.0, seconds, value),))
    chord = f"{PITCHES[sound.root]}:{sound.quality}"
    return Annotation("chord", (Observation(0.0, seconds, chord),))


def synthesised(sound: Sound, declaration: Tones) -> npt.NDArray[np.float64]:
    """Partials with the timbre's own weights and decay, in a random octave, tuning and level."""
    seed, seconds, partials = declaration.seed, declaration.seconds, declaration.partials
    timbre = np.random.default_rng((seed, sound.timbre))
    rolloff, even, attack, decay = timbre.uniform([0.6, 0.1, 0.003, 0.2], [2.0, 1.0, 0.08, 2.0])
    own = timbre.uniform(0.5, 1.5, partials)
    rng = np.random.default_rng((seed, sound.timbre, sound.root, sound.quality == "min"))
    steps = TRIADS[sound.quality] if sound.quality else (0,)
    octave = rng.integers(3, 6)  # from C2 to B4; a triad is in root position above its root
    tuning = rng.uniform(-0.15, 0.15)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    envelope = np.minimum(time / attack, 1) * np.exp(-time / decay)
    samples = NOISE * rng.standard_normal(len(time))
    for step in steps:
        pitch = 12 * octave + sound.root + step + tuning
        fundamental = 440 * 2 ** ((pitch - 69) / 12)
        for partial in range(1, partials + 1):
            if partial * fundamental < SAMPLE_RATE / 2:
                weight = own[partial - 1] * (even if partial % 2 == 0 else 1) / partial**rolloff
                phase = rng.uniform(0, 2 * np.pi)
                angle = 2 * np.pi * partial * fundamental * time + phase
                samples += weight * envelope * np.sin(angle)
    level: npt.NDArray[np.float64] = rng.uniform(0.2, 0.9) * samples / np.abs(samples).max()
    return level
