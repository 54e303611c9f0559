"""The delivery of a spoken voice: drawn for one track in addition to the singer's properties."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deepmir_render.writing.singer import Singer

CROSSED = 0.1  # probability of a woman's speech in a man's range, or vice versa
HIGH = ("alto", "soprano")
WOMAN = 0.87  # length of a woman's vocal tract, relative to a man's
FACTORS = (0.85, 1.18)  # range of formant shifts without an unnatural sound


@dataclass(frozen=True)
class Delivery:
    """The delivery of a singer.

    Attributes:
        speaker: name of the speaker.
        formants: factor for the frequencies of all resonances.
        vocabulary: number of different syllables.
        breaths: probability of an audible breath before a phrase.
        breath: its level relative to the voice, in dB.
        harmonic: frequency in Hz up to which a loud vowel is harmonic.
        ring: height of the singer's formant (Sundberg 1974) in dB.
        slope: spectral slope above 4 kHz, in dB per octave.
        sibilance: gain of consonant noise in dB.
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
    """Draw the delivery of a singer.

    Args:
        singer: the singer.
        women: names of the speakers, and whether each is a woman or a child; one matching the
            singer is drawn if possible.
        rng: random number generator.
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
