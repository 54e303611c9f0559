"""How a spoken voice sings: what is drawn for one track beside the singer's own properties."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deepmir_render.writing.singer import Singer

CROSSED = 0.1  # probability that a woman's speech is sung in a man's range, or the other way
HIGH = ("alto", "soprano")
WOMAN = 0.87  # length of a woman's vocal tract, relative to a man's
FACTORS = (0.85, 1.18)  # by which formants may be moved without sounding like a toy


@dataclass(frozen=True)
class Delivery:
    """How somebody sings.

    Attributes:
        speaker: name of whose speech it is.
        formants: factor of all resonances' frequencies.
        vocabulary: different syllables that are sung.
        breaths: probability of a breath that is heard before a phrase.
        breath: its level relative to the voice, in dB.
        harmonic: frequency in Hz up to which a loud vowel is harmonic.
        ring: height of the singer's formant (Sundberg 1974) in dB.
        slope: fall of the spectrum above 4 kHz, in dB an octave.
        sibilance: gain of consonants' noise in dB.
    """

    speaker: str
    formants: float
    vocabulary: int
    breaths: float
    breath: float
    harmonic: float
    ring: float
    slope: float
    sibilance: float


def draw_delivery(singer: Singer, women: Mapping[str, bool], rng: np.random.Generator) -> Delivery:
    """Draw how a singer sings.

    Args:
        singer: who sings.
        women: names of the speakers, and whether each is a woman or a child; one of the singer's
            kind is drawn, if there is any.
        rng: what is drawn from.
    """

    def drawn(low: float, high: float) -> float:
        return round(float(rng.uniform(low, high)), 3)

    woman = (singer.voice in HIGH) != (rng.random() < CROSSED)
    speakers = [name for name in women if women[name] == woman] or list(women)
    formants = (WOMAN if woman else 1.0) / singer.tract * drawn(0.96, 1.04)
    return Delivery(
        speaker=speakers[int(rng.integers(len(speakers)))],
        formants=round(float(np.clip(formants, *FACTORS)), 3),
        vocabulary=int(rng.integers(16, 49)),
        breaths=drawn(0.1, 0.9),
        breath=drawn(-32, -20),
        harmonic=round(drawn(5500, 12_000)),
        ring=drawn(0, 9),
        slope=drawn(9, 18),
        sibilance=drawn(0, 9),
    )
