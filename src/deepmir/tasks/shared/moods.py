"""Valence and arousal of a recording, and the names of their quadrants."""

from collections.abc import Mapping

import numpy as np

from deepmir.files.annotations import Jams
from deepmir.tasks.base import Effect, Floats

# By the signs of valence and arousal, zero counting as positive: J. A. Russell, "A circumplex model
# of affect", 1980.
QUADRANTS = {
    (True, True): "happy",
    (False, True): "angry",
    (False, False): "sad",
    (True, False): "calm",
}

# The mode keeps the valence in every key; tempo, level and roughness determine the arousal.
DEFORMATIONS: Mapping[str, Effect] = {
    "pitch_shift": "keep",
    **dict.fromkeys(("time_stretch", "gain", "clipping"), "forbid"),
}

# Angles in degrees on the circle of valence (0 degrees) and arousal (90 degrees): the same, the
# scaling of figure 2.
CIRCLE = {
    "happy": 7.8,
    "delighted": 24.9,
    "aroused": 73.8,
    "tense": 92.8,
    "angry": 99.0,
    "afraid": 116.0,
    "sad": 207.5,
    "gloomy": 209.0,
    "calm": 316.2,
    "relaxed": 318.0,
}
# Synonyms used for music, with the nearest of those words.
NEAREST = {
    "action": "aroused",
    "aggressive": "angry",
    "bouncy": "delighted",
    "bright": "happy",
    "calming": "calm",
    "dark": "gloomy",
    "driving": "aroused",
    "eerie": "afraid",
    "humorous": "happy",
    "intense": "tense",
    "somber": "sad",
    "suspenseful": "tense",
    "unnerving": "afraid",
    "uplifting": "delighted",
}


def quadrant(valence: float, arousal: float) -> str:
    """The word for a point: happy, angry, sad or calm."""
    return QUADRANTS[bool(valence >= 0), bool(arousal >= 0)]


def valence_arousal(jams: Jams) -> Floats | None:
    """Valence and arousal, each in [-1, 1], shape (2,).

    R. E. Thayer, *The Biopsychology of Mood and Arousal*, Oxford 1989. Several statements about
    one recording are averaged, weighted by duration. Without any, the mood words among its tags
    are placed on Russell's circle.

    Returns:
        None if the recording has neither `mood_thayer` nor such a word.
    """
    found = jams.first("mood_thayer")
    if found is None or not found.observations:
        return _of_words(jams)
    values = np.array(found.values, dtype=np.float64)
    # An instant counts too, though next to nothing compared with an interval.
    durations = np.array([o.duration for o in found.observations]) + 1e-6
    return np.asarray(np.average(values, axis=0, weights=durations), dtype=np.float64)


def _of_words(jams: Jams) -> Floats | None:
    """The mean position of the mood words on the circle, or None if there is none."""
    found = jams.first("tag_open", "tags")
    said = [str(value).casefold() for value in found.values] if found else []
    words = [NEAREST.get(word, word) for word in said]
    angles = np.radians([CIRCLE[word] for word in words if word in CIRCLE])
    if not angles.size:
        return None
    return np.array([np.cos(angles).mean(), np.sin(angles).mean()])
