"""The paths and texts of works in the installed `music21` package.

Works are read from their files to strings and never through `music21.corpus.parse`, which keeps
pickles in a shared temporary folder that several processes would write at once.
"""

import re
import zipfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from deepmir.errors import DeepmirError

_TUNE = re.compile(r"^X:[ \t]*(\d+)", re.MULTILINE)


@cache
def package_folder(package: str) -> Path:
    """The folder of an installed package, found without importing it.

    Raises:
        DeepmirError: when the package is not installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise DeepmirError(f"the package {package} is missing: install deepmir again")
    return Path(spec.origin).parent


def corpus_path(relative: str) -> Path:
    """The file `relative` of the corpus.

    Raises:
        DeepmirError: when the installed `music21` does not contain it.
    """
    path = package_folder("music21") / "corpus" / relative
    if not path.is_file():
        raise DeepmirError(f"{path}: the installed music21 has no such score; reinstall music21")
    return path


def read_musicxml(relative: str) -> str:
    """The MusicXML text of a (compressed or plain) score of the corpus."""
    path = corpus_path(relative)
    if path.suffix == ".xml":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if not n.startswith("META-INF")]
        inner = next(n for n in names if n.endswith((".xml", ".musicxml")))
        return archive.read(inner).decode("utf-8")


@cache
def tunes_of(relative: str) -> dict[int, str]:
    """The text of each tune of an ABC file by its `X:` number; the first one if duplicated."""
    text = corpus_path(relative).read_text(encoding="utf-8", errors="replace")
    starts = list(_TUNE.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    tunes: dict[int, str] = {}
    for match, end in zip(starts, ends, strict=True):
        tunes.setdefault(int(match[1]), text[match.start() : end])
    return tunes


def abc_field(tune: str, letter: str) -> list[str]:
    """Every value of an ABC field, including inline ones, without comments."""
    values = re.findall(rf"(?:^|\[){letter}:([^\n\]%]*)", tune, re.MULTILINE)
    return [value.strip() for value in values]
