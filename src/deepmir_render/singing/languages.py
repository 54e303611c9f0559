"""Syllables and speakers of several languages, from languages.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

OPEN = 0.6  # probability that a syllable has no coda
BARE = 0.08  # probability that it has no onset
# Voiceless consonants, and those with voice and noise.
VOICELESS = (
    *("p", "t", "k", "f", "s", "S", "T", "h", "x", "C", "c"),
    *("ts", "tS", "t#", "X", "s;", "S;", "ts;", "tS;"),
)
NOISY = ("z", "Z", "v", "D", "B", "Q", "G", "dZ", "z;", "Z;", "dz", "R")


@dataclass(frozen=True)
class Language:
    """The sounds of a language.

    Attributes:
        voice: espeak-ng's name for it.
        onsets: single consonants, then clusters, which together are as likely as one consonant.
        vowels: including diphthongs.
        codas: possible ends of a syllable.
    """

    voice: str
    onsets: tuple[str, ...]
    vowels: tuple[str, ...]
    codas: tuple[str, ...]


@dataclass(frozen=True)
class Speaker:
    """A speaker.

    Attributes:
        name: unique: the language and espeak-ng's variant, such as `it+f2`.
        language: of the speech.
        woman: whether the variant is female.
    """

    name: str
    language: Language
    woman: bool


def _read(path: Path) -> tuple[Speaker, ...]:
    speakers = []
    for voice, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        sounds = (tuple(table[kind].split()) for kind in ("onsets", "vowels", "codas"))
        language = Language(voice, *sounds)
        speakers += [
            Speaker(f"{voice}+{table[who]}", language, who == "woman") for who in ("woman", "man")
        ]
    return tuple(speakers)


SPEAKERS = _read(Path(__file__).with_name("languages.toml"))
LANGUAGES = tuple(dict.fromkeys(speaker.language for speaker in SPEAKERS))


@dataclass(frozen=True)
class Sounds:
    """A syllable: its onset and coda may be empty."""

    onset: str
    vowel: str
    coda: str


def draw_sounds(language: Language, rng: np.random.Generator) -> Sounds:
    """Draw a syllable of a language."""

    def drawn(names: tuple[str, ...]) -> str:
        return names[int(rng.integers(len(names)))]

    onset = "" if rng.random() < BARE else drawn(language.onsets)
    vowel = drawn(language.vowels)
    return Sounds(onset, vowel, "" if rng.random() < OPEN else drawn(language.codas))
