"""Names of chords that are given as notes, in Harte's syntax.

C. Harte, M. Sandler, S. Abdallah and E. Gomez, "Symbolic representation of musical chords", ISMIR
2005.
"""

from collections.abc import Iterable

UNKNOWN = "X"
# Steps in semitones above the root, with their names in the shorthand.
QUALITIES = {
    "maj": {0: "1", 4: "3", 7: "5"},
    "min": {0: "1", 3: "b3", 7: "5"},
    "dim": {0: "1", 3: "b3", 6: "b5"},
    "aug": {0: "1", 4: "3", 8: "#5"},
    "sus2": {0: "1", 2: "2", 7: "5"},
    "sus4": {0: "1", 5: "4", 7: "5"},
    "maj6": {0: "1", 4: "3", 7: "5", 9: "6"},
    "min6": {0: "1", 3: "b3", 7: "5", 9: "6"},
    "7": {0: "1", 4: "3", 7: "5", 10: "b7"},
    "maj7": {0: "1", 4: "3", 7: "5", 11: "7"},
    "min7": {0: "1", 3: "b3", 7: "5", 10: "b7"},
    "minmaj7": {0: "1", 3: "b3", 7: "5", 11: "7"},
    "dim7": {0: "1", 3: "b3", 6: "b5", 9: "bb7"},
    "hdim7": {0: "1", 3: "b3", 6: "b5", 10: "b7"},
    "9": {0: "1", 2: "9", 4: "3", 7: "5", 10: "b7"},
    "maj9": {0: "1", 2: "9", 4: "3", 7: "5", 11: "7"},
    "min9": {0: "1", 2: "9", 3: "b3", 7: "5", 10: "b7"},
}
_BY_STEPS = {frozenset(steps): name for name, steps in QUALITIES.items()}
FIFTH = 7


def name(pitches: Iterable[int]) -> tuple[int | None, str]:
    """The root's pitch class, and what follows the root in Harte's syntax, such as `:min7/b3`.

    The lowest note is taken for the root wherever that gives a chord of :data:`QUALITIES`, and
    otherwise the others in their order: so C E G A is a sixth chord and A C E G a seventh. A chord
    that has a third and no fifth is named as if the fifth were there. None and `X` for any other.

    Args:
        pitches: MIDI note numbers, at least one.
    """
    ordered = sorted(pitches)
    bass, classes = ordered[0] % 12, frozenset(pitch % 12 for pitch in ordered)
    if third := classes & {(bass + 3) % 12, (bass + 4) % 12}:
        fifths = frozenset((bass + step) % 12 for step in (6, 7, 8))
        added = frozenset({(bass + FIFTH) % 12}) if third and not classes & fifths else frozenset()
    else:
        added = frozenset()
    roots = list(dict.fromkeys(pitch % 12 for pitch in ordered))
    for complete in (classes, classes | added):
        for root in roots:
            quality = _BY_STEPS.get(frozenset((pitch - root) % 12 for pitch in complete))
            if quality is not None:
                return root, _label(quality, (bass - root) % 12)
    return None, UNKNOWN


def _label(quality: str, bass: int) -> str:
    return f":{quality}" if bass == 0 else f":{quality}/{QUALITIES[quality][bass]}"
