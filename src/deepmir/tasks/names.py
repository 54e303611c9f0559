"""The names of all tasks, in the order of the tutorial's Table 1.

They stand apart from the tasks: a new name changes the code of no task that is there.
"""

NAMES = (
    *("tempo", "key", "onset", "offset", "beat", "melody", "chord", "chord_large", "structure"),
    *("tagging", "mood", "mood_quadrant", "genre", "instrument", "singing", "notes", "chroma"),
    *("mode", "pitch_class"),  # to teach with
)
