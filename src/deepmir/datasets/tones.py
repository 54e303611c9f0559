"""Tones and triads made of sines: data whose answer is known, for what networks are taught with.

A timbre is a group: a network is tested on timbres that it has not heard. Every timbre plays every
pitch class once, in an octave of its own for each, or every major and minor triad.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.datasets.index import Member, Track, each_track, shard_of
from deepmir.declarations.schema import Tones
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.files.store import Failure

SAMPLE_RATE = 22050
PITCHES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
TRIADS = {"maj": (0, 4, 7), "min": (0, 3, 7)}
NOISE = 10 ** (-50 / 20)  # of full scale
LICENCE = "CC0-1.0"


@dataclass(frozen=True)
class Sound:
    """One recording to be made: pitch class of the root, and the quality of a triad."""

    timbre: int
    root: int
    quality: str | None

    @property
    def id(self) -> str:
        """Such as `timbre03-Eb` or `timbre03-Eb-min`."""
        parts = [f"timbre{self.timbre:02d}", PITCHES[self.root], self.quality]
        return "-".join(part for part in parts if part).replace("#", "s")

    @property
    def group(self) -> str:
        """The timbre."""
        return f"timbre{self.timbre:02d}"


def sounds(declaration: Tones) -> list[Sound]:
    """All recordings of a declaration."""
    qualities = [None] if declaration.content == "tone" else list(TRIADS)
    return [
        Sound(timbre, root, quality)
        for timbre in range(declaration.timbres)
        for root in range(12)
        for quality in qualities
    ]


def collect(root: Path, declaration: Tones, shard: int, workers: int) -> Iterator[Track | Failure]:
    """Make the recordings of one shard in `root`/audio and `root`/annotations."""
    mine = [s for s in sounds(declaration) if shard_of(s.id, declaration.shards) == shard]
    return each_track(_Make(root, declaration), mine, lambda sound: sound.id, workers)


def members(declaration: Tones) -> list[Member]:
    """The timbre of every recording."""
    return [Member(sound.group, "") for sound in sounds(declaration)]


@dataclass(frozen=True)
class _Make:
    root: Path
    declaration: Tones

    def __call__(self, sound: Sound) -> Track:
        import soundfile

        audio = self.root / "audio" / f"{sound.id}.flac"
        jams = self.root / "annotations" / f"{sound.id}.jams"
        audio.parent.mkdir(parents=True, exist_ok=True)
        jams.parent.mkdir(parents=True, exist_ok=True)
        seconds = self.declaration.seconds
        soundfile.write(audio, synthesised(sound, self.declaration), SAMPLE_RATE)
        annotations.write(jams, Jams(seconds, (annotation(sound, seconds),), title=sound.id))
        return Track.of(
            id=sound.id,
            group=sound.group,
            stratum="",
            audio=audio,
            annotations=jams,
            licence=LICENCE,
        )


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
    octave = rng.integers(3, 6)  # from C2 to B4; a triad stands in root position above its root
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
