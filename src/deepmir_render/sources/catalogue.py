"""The catalogue: the works in use, with the facts for selecting and splitting them.

`catalogue.csv` is committed, so listing the tracks needs neither `music21` nor its corpus. It
contains only facts, no music, and is made by

    python -m deepmir_render.sources.catalogue

which reads the 4,700 scores of the four collections and takes some minutes.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from deepmir.errors import DeepmirError
from deepmir_render.song import Song
from deepmir_render.sources import analyses, corpus, fingerprint, reading
from deepmir_render.sources.genre import genre

CATALOGUE = Path(__file__).with_name("catalogue.csv")
CHORALES = "bach"


@dataclass(frozen=True)
class Collection:
    """A collection of works in the corpus.

    Attributes:
        id: prefix of the identifiers of its works.
        folder: in the corpus.
        title: of the printed collection, with its date.
        licence: of the works and of their encoding.
    """

    id: str
    folder: str
    title: str
    licence: str


_FREE = "works in the public domain; encoding as distributed with music21, which states no terms"
COLLECTIONS = {
    collection.id: collection
    for collection in (
        Collection("aird", "airdsAirs", "Aird's Airs (1778-1801)", _FREE),
        Collection("bach", "bach", "Four-part chorales of J. S. Bach (before 1750)", _FREE),
        Collection("oneill", "oneills1850", "O'Neill's Music of Ireland (1903)", _FREE),
        Collection("ryan", "ryansMammoth", "Ryan's Mammoth Collection (1883)", _FREE),
    )
}


@dataclass(frozen=True)
class Work:
    """One row of the catalogue.

    Attributes:
        id: unique, and the prefix of its tracks' identifiers.
        path: of its file in the corpus.
        number: `X:` number of a tune in its file; 0 for a chorale.
        title: as in the source.
        tonic: pitch class of the tonic, C = 0.
        mode: `major` or `minor`.
        metre: such as `6/8`.
        bars: number of bars in the score, including a pickup.
        group: its tune.
        genre: one of `GENRES`; empty if unknown.
    """

    id: str
    path: str
    number: int
    title: str
    tonic: int
    mode: str
    metre: str
    bars: int
    group: str
    genre: str = ""

    @property
    def collection(self) -> Collection:
        """The collection of the work."""
        return COLLECTIONS[self.id.split("-")[0]]

    @property
    def chorale(self) -> bool:
        """Whether the work is a chorale; otherwise it is a tune."""
        return self.id.startswith(CHORALES)

    @property
    def artist(self) -> str:
        """The composer, if known to the source."""
        return "Johann Sebastian Bach" if self.chorale else "Traditional"

    def read(self) -> Song:
        """The work as a song, from the installed corpus.

        Raises:
            DeepmirError: when the installed corpus lacks it.
        """
        if self.chorale:
            song = reading.read_chorale(corpus.read_musicxml(self.path))
            song = replace(
                song, chords=analyses.read_chords(self.id.removeprefix("bach-bwv"), song.end)
            )
        else:
            song = reading.read_tune(corpus.tunes_of(self.path)[self.number])
        return replace(
            song,
            id=f"music21-{self.id}",
            group=self.group,
            title=self.title or self.id,
            artist=self.artist,
            collection=self.collection.title,
            licence=self.collection.licence,
            genre=self.genre,
        )


@cache
def works() -> tuple[Work, ...]:
    """Every work of the catalogue, in order of their identifiers."""
    with CATALOGUE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    numbers = {"number", "tonic", "bars"}
    values: list[dict[str, Any]] = [
        {name: int(value) if name in numbers else value for name, value in row.items()}
        for row in rows
    ]
    return tuple(Work(**row) for row in values)


def work(name: str) -> Work:
    """The work with the identifier `name`.

    Raises:
        DeepmirError: when there is none.
    """
    found = _by_name().get(name)
    if found is None:
        raise DeepmirError(f"there is no work {name} in the catalogue of scores")
    return found


@cache
def _by_name() -> dict[str, Work]:
    return {each.id: each for each in works()}


def sources() -> Iterator[Work]:
    """Every score of the four collections, with the facts known without reading it."""
    titles = _chorale_titles()
    seen: Counter[str] = Counter()
    for collection in COLLECTIONS.values():
        folder = corpus.package_folder("music21") / "corpus" / collection.folder
        for path in sorted(folder.iterdir()):
            relative = f"{collection.folder}/{path.name}"
            if collection.id == CHORALES and path.suffix in (".mxl", ".xml"):
                title = titles.get(path.stem.removeprefix("bwv"), "")
                yield Work(f"bach-{path.stem}", relative, 0, title, 0, "", "", 0, "")
            elif path.suffix == ".abc":
                for number, text in corpus.tunes_of(relative).items():
                    stem = path.stem if collection.id == "ryan" else str(number)
                    name = f"{collection.id}-{stem}"
                    seen[name] += 1  # two transcribers may have entered the same number
                    name += f"-{seen[name]}" if seen[name] > 1 else ""
                    title = " ".join(corpus.abc_field(text, "T")[:1])
                    yield Work(name, relative, number, title, 0, "", "", 0, "")


def _chorale_titles() -> dict[str, str]:
    """Titles of the chorales by their number in the Bach-Werke-Verzeichnis."""
    from music21.corpus.chorales import ChoraleListRKBWV

    return {str(bwv): str(row["title"]) for bwv, row in ChoraleListRKBWV().byBWV.items()}


def build(workers: int) -> list[Work]:
    """Read every score and catalogue those with one clear key and metre."""
    with ProcessPoolExecutor(workers) as pool:
        scores = pool.map(_read, candidates := list(sources()), chunksize=16)
        return catalogue((w, s) for w, s in zip(candidates, scores, strict=True) if s is not None)


def _read(work: Work) -> Song | None:
    try:
        return work.read()
    except reading.UnusableError:
        return None
    except Exception as error:  # music21 raises arbitrary errors if it cannot parse a file
        print(f"{work.id}: {type(error).__name__}: {error}")
        return None


def catalogue(read: Iterable[tuple[Work, Song]]) -> list[Work]:
    """Rows for the given works, grouped by tune and ordered by identifier."""
    songs = {work.id: (work, song) for work, song in read}
    prints = {name: fingerprint.fingerprint(songs[name][1]) for name in sorted(songs)}
    groups = fingerprint.groups(prints, {name: songs[name][0].title for name in prints})
    return [_row(*songs[name], group=groups[name]) for name in sorted(songs)]


def _row(work: Work, song: Song, group: str) -> Work:
    return Work(
        id=work.id,
        path=work.path,
        number=work.number,
        title=work.title,
        tonic=song.keys[0].tonic,
        mode=song.keys[0].mode,
        metre=str(song.metre),
        bars=len(song.bars),
        group=group,
        genre=_genre(work, str(song.metre)),
    )


def _genre(work: Work, metre: str) -> str:
    fields = [] if work.chorale else corpus.abc_field(corpus.tunes_of(work.path)[work.number], "R")
    return genre(work.collection.id, work.number, work.title, " ".join(fields), metre)


def write(rows: Iterable[Work], path: Path) -> None:
    """Write a catalogue as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Work)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


if __name__ == "__main__":
    import os

    write(build(os.cpu_count() or 1), CATALOGUE)
