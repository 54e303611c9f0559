"""A mood made by rule: valence and arousal from what listeners are known to judge them by.

The directions of the effects are those of the reviews by Juslin & Laukka (2004, "Expression,
perception, and induction of musical emotions") and Gabrielsson & Lindström (2010, "The role of
structure in the musical expression of emotions"); the weights are ours. What
the label is worth is in `docs/explanation/renderer.md`.
"""

import math

from deepmir_render.labelling.facts import Facts

# Of each cause: the value without effect, and the difference that has three quarters of the effect.
TEMPO = (98.0, 30.0)  # beats a minute
DENSITY = (3.3, 1.8)  # notes a second
REGISTER = (71.0, 9.0)  # MIDI pitch
LEVEL = (-21.0, 4.0)  # dB
DETACHED = (0.1, 0.08)  # share of the time that is silent between notes
STEEPNESS = math.atanh(0.75)

VALENCE = {"mode": 0.5, "tempo": 0.2, "density": 0.1, "register": 0.1, "detached": 0.1}
AROUSAL = {"tempo": 0.3, "density": 0.25, "level": 0.3, "detached": 0.1, "register": 0.05}


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
    """Between -1 and 1, 0 at the neutral value, and never falling."""
    return math.tanh(STEEPNESS * (value - neutral) / difference)
