"""The names of all deformations.

They stand apart from the deformations: a new name changes the code of none that is there.
"""

NAMES = (
    *("time_stretch", "pitch_shift"),
    *("reverb", "equaliser", "clipping", "gain", "noise", "bandwidth", "codec"),
    *("time_mask", "frequency_mask"),
)
