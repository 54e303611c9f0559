"""The names of all deformations.

They are kept apart so that a new name does not change the code of existing deformations.
"""

NAMES = (
    *("time_stretch", "pitch_shift"),
    *("reverb", "equaliser", "clipping", "gain", "noise", "bandwidth", "codec"),
    *("time_mask", "frequency_mask"),
)
