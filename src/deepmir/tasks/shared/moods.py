"""Valence and arousal of a recording, and the words for their quadrants."""

import numpy as np

from deepmir.files.annotations import Jams
from deepmir.tasks.base import Floats

# By the signs of valence and arousal, zero counting as positive: J. A. Russell, "A circumplex model
# of affect", 1980.
QUADRANTS = {
    (True, True): "happy",
    (False, True): "angry",
    (False, False): "sad",
    (True, False): "calm",
}


def quadrant(valence: float, arousal: float) -> str:
    """The word for a point: happy, angry, sad or calm."""
    return QUADRANTS[bool(valence >= 0), bool(arousal >= 0)]


def valence_arousal(jams: Jams) -> Floats | None:
    """Valence and arousal, each in [-1, 1], shape (2,).

    R. E. Thayer, *The Biopsychology of Mood and Arousal*, Oxford 1989. Of several statements
    about one recording the mean, each counting for as long as it lasts.

    Returns:
        None where the recording has no `mood_thayer`.
    """
    found = jams.first("mood_thayer")
    if found is None or not found.observations:
        return None
    values = np.array(found.values, dtype=np.float64)
    # An instant counts too, though next to nothing beside an interval.
    durations = np.array([o.duration for o in found.observations]) + 1e-6
    return np.asarray(np.average(values, axis=0, weights=durations), dtype=np.float64)
