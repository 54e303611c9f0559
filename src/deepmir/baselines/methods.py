"""The names of all baselines and of their tasks.

They are kept apart so that a new name does not change the code of existing baselines.
"""

import re
from collections.abc import Mapping
from pathlib import Path

# The tasks of each method.
TASKS: Mapping[str, tuple[str, ...]] = {
    "analyze": (
        *("tempo", "key", "onset", "beat", "melody", "chord", "chord_large", "structure"),
        *("tagging", "mood", "genre", "instrument", "singing", "notes"),
    ),
    "librosa_tempo": ("tempo",),
    "essentia_rhythm": ("tempo", "beat"),
    "essentia_key": ("key",),
    "essentia_onsets": ("onset",),
    "essentia_melody": ("melody",),
    "krumhansl": ("key",),
    "temperley": ("key",),
    "logistic": ("key",),
    "librosa_onsets": ("onset",),
    "superflux": ("onset",),
    "librosa_beats": ("beat",),
    "pyin": ("melody",),
    "chord_templates": ("chord", "chord_large"),
    "laplacian": ("structure",),
    "mfcc_logistic": ("tagging", "mood_quadrant", "genre", "instrument", "singing"),
    "mfcc_ridge": ("mood",),
    "logistic_regression": ("tagging", "mood_quadrant", "genre", "instrument", "singing", "key"),
    "linear_svm": ("tagging", "mood_quadrant", "genre", "instrument", "singing", "key"),
    "ridge": ("mood",),
    "popularity": ("tagging", "genre"),
    "cqt_chroma": ("chroma",),
}


# Methods that take a representation instead of audio.
ON_FRAMES = ("logistic_regression", "linear_svm", "ridge")


def methods_of(task: str) -> list[str]:
    """The names of a task's baselines."""
    return [name for name, of in TASKS.items() if task in of]


def learns(method: str) -> bool:
    """Whether a method has a `fit`; its file is read, as importing it can take seconds."""
    code = Path(__file__).with_name(f"{method}.py").read_text("utf-8")
    return re.search(r"^def fit\(", code, re.M) is not None
