"""The genre of a work in its source, from its `R:` field, its title or its chapter."""

import re

GENRES = ("air", "chorale", "hornpipe", "jig", "march", "reel", "slip jig", "strathspey")
# Words for each genre, in the order of the search.
WORDS = (
    ("slip jig", r"slip[- ]?jig|hop jig"),
    ("strathspey", r"strathsp?e?y"),
    ("hornpipe", r"hornpipe|clog"),
    ("reel", r"reel"),
    ("march", r"march|quick ?step"),
    ("jig", r"jig"),
    ("air", r"air"),
)
# Chapters of O'Neill's Music of Ireland: first and last number, genre, possible metres.
CHAPTERS = (
    (1, 625, "air", {"2/4", "3/4", "4/4", "6/8"}),
    (701, 1111, "jig", {"6/8"}),
    (1112, 1174, "slip jig", {"9/8"}),
    (1175, 1553, "reel", {"2/2", "2/4"}),
    (1556, 1733, "hornpipe", {"2/2", "2/4", "4/4"}),
)
ONEILL = "oneill"


def genre(collection: str, number: int, title: str, rhythm: str, metre: str) -> str:
    """The genre of a work, one of `GENRES`; empty if unknown.

    Args:
        collection: identifier of the collection.
        number: of the tune in it.
        title: as in the source.
        rhythm: the `R:` field of ABC; empty if there is none.
        metre: such as `6/8`.
    """
    if collection == "bach":
        return "chorale"
    found = _named(rhythm) if rhythm else _named(title) or _chapter(collection, number, metre)
    return "slip jig" if found == "jig" and metre == "9/8" else found


def _named(text: str) -> str:
    words = text.lower()
    return next((name for name, word in WORDS if re.search(rf"\b({word})\b", words)), "")


def _chapter(collection: str, number: int, metre: str) -> str:
    if collection != ONEILL:
        return ""
    names = (
        name
        for first, last, name, metres in CHAPTERS
        if first <= number <= last and metre in metres
    )
    return next(names, "")
