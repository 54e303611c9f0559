"""Syllables of several languages, in espeak-ng's notation, and who speaks them.

They are not words: an onset, a vowel and perhaps a coda, each a sound of the language, drawn one
without regard to the others.
"""

from dataclasses import dataclass

import numpy as np

OPEN = 0.6  # probability that a syllable has no coda
BARE = 0.08  # probability that it has no onset
# Consonants without voice, and ones with voice and noise.
VOICELESS = (
    *("p", "t", "k", "f", "s", "S", "T", "h", "x", "C", "c"),
    *("ts", "tS", "t#", "X", "s;", "S;", "ts;", "tS;"),
)
NOISY = ("z", "Z", "v", "D", "B", "Q", "G", "dZ", "z;", "Z;", "dz", "R")


@dataclass(frozen=True)
class Language:
    """The sounds of a language.

    Attributes:
        voice: espeak-ng's name of it.
        onsets: single consonants, then clusters, which are as likely as one consonant together.
        vowels: and diphthongs.
        codas: that may close a syllable.
    """

    voice: str
    onsets: tuple[str, ...]
    vowels: tuple[str, ...]
    codas: tuple[str, ...]


def _language(voice: str, onsets: str, vowels: str, codas: str) -> Language:
    return Language(voice, *(tuple(names.split()) for names in (onsets, vowels, codas)))


LANGUAGES = (
    _language(
        "en-us",
        "p t k b d g m n l r s S f v T D h w j tS dZ st tr bl kr fl sp",
        "A: a i: I E eI O: oU u: U V 3: aI aU",
        "n m l t d k s z r N st nd v",
    ),
    _language(
        "en-GB-x-rp",
        "p t k b d g m n l r s S f v T D h w j tS dZ sk dr pl gr sl",
        "A: a i: I E eI O: oU u: U V 0 aI OI",
        "n m l t d k s z N nt f",
    ),
    _language(
        "de",
        "p t k b d g m n l R z S f v h j ts St Sp kl bR gR",
        "a: a i: I E e: o: O u: U y: W aI aU",
        "n m l t s x C N st",
    ),
    _language(
        "fr",
        "p t k b d g m n l R s S f v z Z w j pR tR bl kl",
        "a i E e o O u y W A~ O~ E~",
        "R l s t m n k",
    ),
    _language(
        "it",
        "p t k b d g m n l r s S f v tS dZ n^ ts tr pr st kw",
        "a a: e E i i: o O o: u u: ai ei",
        "n r l s m",
    ),
    _language(
        "es", "p t k b d g m n l s f x tS n^ w j tr pl gr fl", "a e i o u ei ai ou", "n s l r"
    ),
    _language(
        "pt-BR",
        "p t k b d g m n l s S f v z Z l^ n^ tr br pl",
        "a a: E e i o O u ei ai ou",
        "s n l r",
    ),
    _language("ja", "k s t n h m j w g z d b p S tS ts r", "a a: i i: u u: e e: o o:", "n"),
    _language(
        "sv",
        "p t k b d g m n l r s f v h j st tr sk bl",
        "A: a i: I e: E o: O u: y: W aI",
        "n m l r s t k N",
    ),
    _language(
        "pl",
        "p t k b d g m n l r s S z Z f v x ts tS w j pr st kr",
        "a E i O u y E~ O~ ai",
        "n m l t k s S x r w",
    ),
    _language(
        "hi", "p t k b d g m n l r s S h j w tS dZ v", "a: a V i: I e: E o: O u: U", "n m l r t k s"
    ),
    _language("cmn", "p t k m n l s f x ts tS S w j h", "a i u y @ o E ai au ei ou", "n N"),
)


@dataclass(frozen=True)
class Speaker:
    """Who speaks.

    Attributes:
        name: unique: the language and espeak-ng's variant, such as `it+f2`.
        language: that is spoken.
        woman: whether the variant is a woman's.
    """

    name: str
    language: Language
    woman: bool


# Two languages share a variant at most; Klatt's and the robots' are left out.
_VARIANTS = (
    *(
        ("f2", "m3"),
        ("f3", "m1"),
        ("Annie", "m7"),
        ("f4", "Michael"),
        ("f1", "Alex"),
        ("linda", "m2"),
    ),
    *(("f5", "m4"), ("f2", "m8"), ("Andrea", "m5"), ("f3", "Andy"), ("Alicia", "m3"), ("f1", "m6")),
)
SPEAKERS = tuple(
    Speaker(f"{language.voice}+{variant}", language, woman)
    for language, pair in zip(LANGUAGES, _VARIANTS, strict=True)
    for variant, woman in zip(pair, (True, False), strict=True)
)


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
