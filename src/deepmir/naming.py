"""Checks of names against the known ones, with the closest suggestion."""

import difflib
import unicodedata
from collections.abc import Iterable

from deepmir.errors import DeepmirError

LONGEST = 80  # characters of a name that an error repeats, and that are compared with others


def composed(text: str) -> str:
    """A text with composed characters (NFC), so that equal looks mean equal texts.

    Some systems store file names decomposed, while people and tables write them composed.
    """
    return unicodedata.normalize("NFC", text)


def shortened(word: str) -> str:
    """A word shortened for an error message."""
    return word if len(word) <= LONGEST else f"{word[: LONGEST - 3]}..."


def nearest(word: str, words: Iterable[str]) -> str:
    """The closest word, in brackets; empty if none is close."""
    close = difflib.get_close_matches(shortened(word), list(words), n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else ""


def known(name: str, names: Iterable[str], what: str, key: str = "") -> str:
    """The name itself.

    Args:
        name: the requested name.
        names: the known names.
        what: the kind of name, in words.
        key: where the name was declared, if it was.

    Raises:
        DeepmirError: when it is not among `names`, with suggestions.
    """
    names = list(names)
    if name in names:
        return name
    hint = nearest(name, names) or f" (declared: {', '.join(names) or 'none'})"
    where = f"{key}: " if key else ""
    raise DeepmirError(f"{where}there is no {what} {shortened(name)!r}{hint}")
