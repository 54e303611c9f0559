"""Names of keys as people write them."""

import re

NAME = re.compile(r"([A-Ga-g])([#b♯♭]?)[\s:_-]*([A-Za-z]*)")
SIGNS = {"♯": "#", "♭": "b"}

CHURCH = ("ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "locrian")
MODES = {"maj": "major", "major": "major", "min": "minor", "minor": "minor"}
MODES |= {mode: mode for mode in CHURCH}


def key_mode(name: str) -> str | None:
    """A key as JAMS writes it: `A minor`, `Am` and `A:min` are `A:minor`, a lone `A` is `A:major`.

    None for what is no key, and for a lone `a`, which is minor to some and major to others.
    """
    found = NAME.fullmatch(name.strip())
    if found is None:
        return None
    letter, sign, mode = found.groups()
    known = MODES.get(mode.lower())
    if mode == "m":
        known = "minor"
    elif mode == "M" or (not mode and letter.isupper()):
        known = "major"
    return f"{letter.upper()}{SIGNS.get(sign, sign)}:{known}" if known else None
