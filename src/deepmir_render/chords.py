"""Chords as labels in Harte's syntax: from notes to names, and from names to notes."""

from collections.abc import Iterable

from deepmir.files.chords import QUALITIES
from deepmir_render.song import Chord

UNKNOWN = "X"
FIFTH = 7
_BY_STEPS = {frozenset(steps): name for name, steps in QUALITIES.items()}
# Semitones above the root by the prefix of a quality, the longest name first; a ninth is an octave
# higher than a second.
_TONES = {
    name: tuple(sorted(14 if step == "9" else semitones for semitones, step in steps.items()))
    for name, steps in sorted(QUALITIES.items(), key=lambda item: -len(item[0]))
} | {"11": (0, 4, 7, 10, 14), "13": (0, 4, 7, 10, 14), "5": (0, 7), "1": (0,)}
DEGREES = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11, "9": 14}


def name(pitches: Iterable[int]) -> tuple[int | None, str]:
    """The root's pitch class, and the rest of the label in Harte's syntax, such as `:min7/b3`.

    The lowest note is taken for the root if that gives a chord of `QUALITIES`, otherwise the others
    in order: so C E G A is a sixth chord and A C E G a seventh. A chord with a third and no fifth
    is named as if it had the fifth. None and `X` for all others.

    Args:
        pitches: MIDI note numbers, at least one.
    """
    ordered = sorted(pitches)
    bass, classes = ordered[0] % 12, frozenset(pitch % 12 for pitch in ordered)
    third = classes & {(bass + 3) % 12, (bass + 4) % 12}
    fifths = frozenset((bass + step) % 12 for step in (6, 7, 8))
    added = {(bass + FIFTH) % 12} if third and not classes & fifths else set()
    roots = list(dict.fromkeys(pitch % 12 for pitch in ordered))
    for complete in (classes, classes | added):
        for root in roots:
            if quality := quality_of(root, complete, bass):
                return root, quality
    return None, UNKNOWN


def quality_of(root: int, classes: Iterable[int], bass: int) -> str:
    """The label in Harte's syntax, after the root, for some pitch classes; empty if unknown."""
    quality = _BY_STEPS.get(frozenset((pitch - root) % 12 for pitch in classes))
    step = (bass - root) % 12
    if quality is None or step not in QUALITIES[quality]:
        return ""
    return f":{quality}" if step == 0 else f":{quality}/{QUALITIES[quality][step]}"


def tones(chord: Chord) -> tuple[int, ...]:
    """Chord tones in semitones above the root; those of a major triad if the quality is unknown."""
    quality = chord.quality.lstrip(":").partition("/")[0].partition("(")[0]
    return next((steps for name, steps in _TONES.items() if quality.startswith(name)), (0, 4, 7))


def bass_step(chord: Chord) -> int:
    """Semitones from the root up to the lowest tone of a chord."""
    degree = chord.quality.partition("/")[2]
    number = degree.lstrip("b#")
    if number not in DEGREES:
        return 0
    return (DEGREES[number] + degree.count("#") - degree.count("b")) % 12
