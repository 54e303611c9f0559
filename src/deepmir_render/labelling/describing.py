"""Tags, mood and genre of a whole recording, derived by rules from facts about it.

The directions of the effects on mood are those in the reviews by Juslin & Laukka (2004,
"Expression, perception, and induction of musical emotions") and Gabrielsson & Lindström (2010, "The
role of structure in the musical expression of emotions"); the weights are ours. The limits of these
labels are discussed in docs/explanation/renderer.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from deepmir_render.instruments import INSTRUMENTS, SINGING
from deepmir_render.mixing.mix import Effects
from deepmir_render.playing.performance import Performance
from deepmir_render.playing.played import SAMPLE_RATE, PlayedPart
from deepmir_render.song import Metre
from deepmir_render.writing.arrangement import MELODY

DANCES = ("hornpipe", "jig", "reel", "slip jig", "strathspey")
FAST, SLOW = 115.0, 80.0  # BPM
REVERBERANT = (0.7, -14.0)  # minimum seconds and dB
NOISY = 38.0  # maximum dB of music above noise
LO_FI = 9000.0  # maximum Hz of the low-pass filter

# Names of the instruments for each tag.
FAMILIES = {
    tag: {name for name, each in INSTRUMENTS.items() if each.family == family}
    for tag, family in {
        **{name: name for name in ("bass", "brass", "drums", "flutes", "organ", "reeds")},
        "singing": "singing",
        "strings": "strings",
    }.items()
}
FAMILIES["bass"] |= {"contrabass"}
FAMILIES["organ"] -= {"accordion", "bandoneon"}
FAMILIES["singing"] |= {SINGING.name}
FAMILIES["guitar"] = {name for name in INSTRUMENTS if name.endswith("guitar")}
FAMILIES["piano"] = {name for name in INSTRUMENTS if name.endswith(("piano", "electric grand"))}
TAGS = (
    *("bass", "brass", "compound", "dance", "drums", "duple", "fast", "flutes", "guitar", "hymn"),
    *("lo-fi", "major", "minor", "noisy", "organ", "piano", "reeds", "reverberant", "singing"),
    *("slow", "strings", "triple"),
)

# For each cause: the neutral value, and the difference with three quarters of the effect.
TEMPO = (98.0, 30.0)  # BPM
DENSITY = (3.3, 1.8)  # notes per second
REGISTER = (71.0, 9.0)  # MIDI pitch
LEVEL = (-21.0, 4.0)  # dB
DETACHED = (0.1, 0.08)  # share of the time between notes that is silent
STEEPNESS = math.atanh(0.75)
VALENCE = {"mode": 0.5, "tempo": 0.2, "density": 0.1, "register": 0.1, "detached": 0.1}
AROUSAL = {"tempo": 0.3, "density": 0.25, "level": 0.3, "detached": 0.1, "register": 0.05}


@dataclass(frozen=True)
class Facts:
    """Facts of one recording.

    Attributes:
        mode: `major` or `minor`.
        metre: of the song.
        genre: the annotated one, or empty.
        bpm: beats per minute.
        density: notes of the melody per second, during the melody.
        register: mean MIDI pitch of the melody, weighted by duration.
        held: duration of melody notes relative to the time to the next note, 1 for legato.
        level: RMS of the recording, in dB relative to full scale.
        instruments: names of all that sound.
        effects: of the recording.
    """

    mode: str
    metre: Metre
    genre: str
    bpm: float
    density: float
    register: float
    held: float
    level: float
    instruments: frozenset[str]
    effects: Effects


def facts_of(
    performance: Performance,
    parts: Sequence[PlayedPart],
    genre: str,
    effects: Effects,
    level: float,
) -> Facts | None:
    """The facts of a performance; None without a melody or a key.

    Args:
        performance: to describe.
        parts: all sounding parts, the sung ones as sung.
        genre: the annotated one, or empty.
        effects: of the recording.
        level: its RMS, in dB relative to full scale.
    """
    song = performance.arrangement.song
    melody = sorted(
        (n for part in parts if part.name == MELODY for n in part.notes), key=lambda n: n.start
    )
    steps = [(b.start - a.start, a.end - a.start) for a, b in pairwise(melody)]
    # A rest of a second or more is not a matter of articulation.
    played = [(step, held) for step, held in steps if 0 < step < held + SAMPLE_RATE]
    if not played or not song.keys:
        return None
    lengths = [note.end - note.start for note in melody]
    pitches = sum(note.pitch * length for note, length in zip(melody, lengths, strict=True))
    return Facts(
        mode=max(song.keys, key=lambda key: key.end - key.start).mode,
        metre=song.metre,
        genre=genre,
        bpm=performance.arrangement.bpm / song.metre.beat_length,
        density=SAMPLE_RATE * len(played) / max(1, sum(step for step, _ in played)),
        register=pitches / sum(lengths),
        held=fmean(min(1.0, held / step) for step, held in played),
        level=level,
        instruments=frozenset(part.instrument.name for part in parts if part.notes),
        effects=effects,
    )


def tags(facts: Facts) -> tuple[str, ...]:
    """The applicable tags, in the order of `TAGS`."""
    metre, effects = facts.metre, facts.effects
    seconds, wet = REVERBERANT
    held = {family: bool(names & facts.instruments) for family, names in FAMILIES.items()} | {
        "compound": metre.compound,
        "dance": facts.genre in DANCES,
        "duple": not metre.compound and metre.beats % 2 == 0,
        "fast": facts.bpm >= FAST,
        "hymn": facts.genre == "chorale",
        "lo-fi": effects.low_pass is not None and effects.low_pass <= LO_FI,
        "major": facts.mode == "major",
        "minor": facts.mode == "minor",
        "noisy": effects.snr is not None and effects.snr <= NOISY,
        "reverberant": effects.reverberation is not None
        and effects.reverberation >= seconds
        and effects.wet >= wet,
        "slow": facts.bpm < SLOW,
        "triple": not metre.compound and metre.beats == 3,
    }
    return tuple(tag for tag in TAGS if held[tag])


def mood(facts: Facts) -> tuple[float, float]:
    """Valence and arousal, each between -1 and 1: weighted means of the causes' effects."""
    causes = {
        "mode": 1.0 if facts.mode == "major" else -1.0,
        "tempo": _effect(facts.bpm, *TEMPO),
        "density": _effect(facts.density, *DENSITY),
        "register": _effect(facts.register, *REGISTER),
        "level": _effect(facts.level, *LEVEL),
        "detached": _effect(1 - facts.held, *DETACHED),
    }
    valence = sum(weight * causes[cause] for cause, weight in VALENCE.items())
    arousal = sum(weight * causes[cause] for cause, weight in AROUSAL.items())
    return round(valence, 4), round(arousal, 4)


def _effect(value: float, neutral: float, difference: float) -> float:
    """The effect between -1 and 1, 0 at the neutral value, monotonic."""
    return math.tanh(STEEPNESS * (value - neutral) / difference)
