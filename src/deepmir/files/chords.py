"""Qualities of chords in Harte's syntax.

C. Harte, M. Sandler, S. Abdallah and E. Gomez, "Symbolic representation of musical chords", ISMIR
2005.
"""

from collections.abc import Mapping

# Semitones above the root for each quality, with the degree of each note in the shorthand.
QUALITIES: Mapping[str, Mapping[int, str]] = {
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
