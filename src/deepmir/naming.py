"""Names that point somewhere, and the nearest to one that does not."""

import difflib
import unicodedata
from collections.abc import Iterable

from deepmir.errors import DeepmirError

LONGEST = 80  # characters of a name that an error repeats, and that are compared with others


def composed(text: str) -> str:
    """A text whose letters are composed (NFC): what looks the same is the same.

    Some systems store the names of files decomposed, while people and tables write them composed.
    """
    return unicodedata.normalize("NFC", text)


def shortened(word: str) -> str:
    """A word as an error can repeat it."""
    return word if len(word) <= LONGEST else f"{word[: LONGEST - 3]}..."


def nearest(word: str, words: Iterable[str]) -> str:
    """What may have been meant, in brackets; empty where nothing is near."""
    close = difflib.get_close_matches(shortened(word), list(words), n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else ""


def known(name: str, names: Iterable[str], what: str, key: str = "") -> str:
    """The name itself.

    Args:
        name: what is asked for.
        names: what there is.
        what: that is, in words.
        key: where the name was declared, if it was.

    Raises:
        DeepmirError: when it is not among `names`, saying what it should be one of.
    """
    names = list(names)
    if name in names:
        return name
    hint = nearest(name, names) or f" (declared: {', '.join(names) or 'none'})"
    where = f"{key}: " if key else ""
    raise DeepmirError(f"{where}there is no {what} {shortened(name)!r}{hint}")
