"""Words without meaning: how the notes of a melody are phrased and what is sung on them."""

from dataclasses import dataclass, replace

import numpy as np

from deepmir_render.playing.performance_plain import SAMPLE_RATE, PlayedNote
from deepmir_render.singing.phonetics import CONSONANTS, VOWELS, Consonant
from deepmir_render.singing.singer import Singer

HOP = SAMPLE_RATE // 100  # samples between values of whatever changes
LEGATO = 0.12  # seconds: a shorter gap between two notes is sung through
PHRASE = 3.0  # seconds after which the singer breathes at the next long note
LONG = 0.45  # seconds of a note after which there is time to breathe
BREATH = 0.3  # seconds that breathing takes, at most
SYLLABLE = 0.2  # seconds: within less there is no new syllable
SHORTEST = 0.05  # seconds that are left of a note before a consonant


@dataclass(frozen=True)
class Syllable:
    """A note and what is sung on it.

    Attributes:
        note: from the beginning to the end of its vowel.
        vowel: its first three formants in Hz, for an average man.
        consonant: before the vowel; None for a vowel alone.
        breath: whether the singer breathed before it.
    """

    note: PlayedNote
    vowel: tuple[int, int, int]
    consonant: Consonant | None
    breath: bool

    @property
    def consonant_samples(self) -> int:
        """Length of the consonant, which ends where the note starts."""
        frames = 0 if self.consonant is None else self.consonant.frames
        return min(frames * HOP, self.note.start)


def sing_words(
    notes: tuple[PlayedNote, ...], singer: Singer, rng: np.random.Generator
) -> tuple[Syllable, ...]:
    """Phrase the notes, and draw a vowel and perhaps a consonant for each syllable."""
    syllables: list[Syllable] = []
    spoken = -SAMPLE_RATE  # when the last syllable started
    for note in _phrased(notes):
        breath = not syllables or note.start - syllables[-1].note.end > LEGATO * SAMPLE_RATE
        if breath or note.start - spoken >= SYLLABLE * SAMPLE_RATE:
            spoken = note.start
            vowel = VOWELS[_drawn(tuple(VOWELS), rng)]
            name = _drawn(tuple(CONSONANTS), rng)
            consonant = CONSONANTS[name] if rng.random() < singer.diction else None
        else:
            vowel, consonant = syllables[-1].vowel, None
        syllable = Syllable(note, vowel, consonant, breath)
        if syllables:
            syllable = _make_room(syllables, syllable)
        syllables.append(syllable)
    return tuple(syllables)


def _drawn(names: tuple[str, ...], rng: np.random.Generator) -> str:
    return names[int(rng.integers(len(names)))]


def _phrased(notes: tuple[PlayedNote, ...]) -> list[PlayedNote]:
    """The notes sung legato, with time to breathe after long ones."""
    phrased: list[PlayedNote] = []
    since = notes[0].start if notes else 0
    for note, following in zip(notes, [*notes[1:], None], strict=True):
        end = note.end
        if following is not None:
            gap = following.start - note.end
            end = following.start if gap < LEGATO * SAMPLE_RATE else note.end
            long = end - note.start >= LONG * SAMPLE_RATE
            if end == following.start and long and end - since > PHRASE * SAMPLE_RATE:
                end -= min(round(BREATH * SAMPLE_RATE), (end - note.start) * 2 // 5)
            if end < following.start:
                since = following.start
        phrased.append(replace(note, end=end))
    return phrased


def _make_room(syllables: list[Syllable], syllable: Syllable) -> Syllable:
    """End the note before where the consonant starts; no consonant where that leaves too little."""
    last = syllables[-1].note
    start = syllable.note.start - syllable.consonant_samples
    if last.end <= start:
        return syllable
    if start - last.start < SHORTEST * SAMPLE_RATE:
        syllables[-1] = replace(
            syllables[-1], note=replace(last, end=min(last.end, syllable.note.start))
        )
        return replace(syllable, consonant=None)
    syllables[-1] = replace(syllables[-1], note=replace(last, end=start))
    return syllable
