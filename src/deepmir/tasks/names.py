"""The names of all tasks, in the order of the tutorial's Table 1.

They are kept apart so that a new name does not change the code of existing tasks.
"""

NAMES = (
    *("tempo", "key", "onset", "offset", "beat", "melody", "chord", "chord_large", "structure"),
    *("tagging", "mood", "mood_quadrant", "genre", "instrument", "singing", "notes", "chroma"),
    *("mode", "pitch_class"),  # teaching examples
)
