"""JamendoLyrics: when somebody sings in real songs, from the times of their words.

S. Durand, D. Stoller and S. Ewert, "Contrastive learning-based audio to lyrics alignment for
multiple languages", ICASSP 2023. 79 songs in four languages; the annotations are under the MIT
licence, the recordings each under its own Creative Commons licence.
"""

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deepmir.datasets.index import Member, Track, each_track, shard_of
from deepmir.datasets.recordings import words
from deepmir.declarations.schema import JamendoLyrics
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.files import annotations
from deepmir.files.annotations import Jams
from deepmir.files.store import Failure
from deepmir.paths import from_top

PUBLISHED = "https://github.com/f90/jamendolyrics"
TABLE = "JamendoLyrics.csv"
COLUMNS = ("Filepath", "Artist", "Title", "LicenseType", "Language", "NonLexical")
WORDS = Path("annotations") / "words"


@dataclass(frozen=True)
class Song:
    """A row of the data set's table.

    Attributes:
        id: the name of the recording without its suffix, composed (NFC).
        audio: the recording; None if it is not there.
        words: the file with the times of its words, which may be missing.
        non_lexical: whether there is singing without words, which is not annotated.
    """

    id: str
    artist: str
    title: str
    language: str
    licence: str
    non_lexical: bool
    audio: Path | None
    words: Path


def songs(declaration: JamendoLyrics) -> list[Song]:
    """Every song of the table, whether its recording is there or not.

    Raises:
        DeepmirError: when the table is missing or lacks a column.
    """
    table = declaration.home / TABLE
    if not table.is_file():
        raise MissingDataError(f"{table} is missing: {_how_to_get(declaration)}")
    # Some systems store the names of files decomposed (NFD), while the table is composed.
    audio = _by_name(declaration.home) | _by_name(declaration.home / "mp3")
    tables = _by_name(declaration.home / WORDS)
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        missing = set(COLUMNS) - set(rows.fieldnames or ())
        if missing:
            raise DeepmirError(f"{table}, line 1: the column {min(missing)} is missing")
        return [_song(declaration.home, row, audio, tables) for row in rows if row["Filepath"]]


def collect(
    root: Path, declaration: JamendoLyrics, shard: int, workers: int
) -> Iterator[Track | Failure]:
    """Index the recordings of one shard where they are, with annotations in `root`/annotations.

    A song whose recording is not there is no track: many have a part of the set alone.

    Raises:
        DeepmirError: when the data set is missing, or all of its recordings are.
    """
    here = _recorded(declaration)
    mine = [song for song in here if shard_of(song.id, declaration.shards) == shard]
    return each_track(_Describe(root), mine, lambda song: song.id, workers)


def members(declaration: JamendoLyrics) -> list[Member]:
    """The artist of every song of the table: all are for testing."""
    return [Member(song.artist, song.language, "test") for song in songs(declaration)]


def listing(declaration: JamendoLyrics) -> list[tuple[str, int, int]]:
    """Name, size and time of every file that is read."""
    paths = [declaration.home / TABLE]
    paths += [path for song in songs(declaration) for path in (song.audio, song.words) if path]
    return [
        (str(path), stat.st_size, stat.st_mtime_ns)
        for path in paths
        if path.exists() and (stat := path.stat())
    ]


def fetch(declaration: JamendoLyrics) -> str:
    """Tell what is there: the authors publish the set as a repository, not as a file.

    Raises:
        DeepmirError: when there is nothing, with where to get it.
    """
    there, all_songs = len(_recorded(declaration)), len(songs(declaration))
    return f"{declaration.home}: {there} of {all_songs} songs are there ({PUBLISHED} has all)"


def _recorded(declaration: JamendoLyrics) -> list[Song]:
    found = [song for song in songs(declaration) if song.audio is not None]
    if not found:
        raise MissingDataError(
            f"{declaration.home} has none of the recordings of {TABLE}: {_how_to_get(declaration)}"
        )
    return found


def _how_to_get(declaration: JamendoLyrics) -> str:
    command = f"git clone {PUBLISHED} {from_top(declaration.home)}"
    return (
        f"get the data set with `{command}`, or correct `home` in params.yaml; "
        f"it has to hold {TABLE}, {WORDS.as_posix()}/*.csv and mp3/*.mp3"
    )


def _by_name(folder: Path) -> dict[str, Path]:
    """The files of a folder by their composed names; none if there is no folder."""
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return {_composed(path.name): path for path in paths}


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())


def _song(
    home: Path, row: Mapping[str, str], audio: Mapping[str, Path], tables: Mapping[str, Path]
) -> Song:
    name = _composed(row["Filepath"])
    table = f"{name.rpartition('.')[0]}.csv"
    return Song(
        id=name.rpartition(".")[0],
        artist=_composed(row["Artist"]),
        title=_composed(row["Title"]),
        language=row["Language"].strip(),
        licence=" ".join(["CC", *row["LicenseType"].removeprefix("CC").split()]),
        non_lexical=(row["NonLexical"] or "").strip().lower() == "true",
        audio=audio.get(name),
        words=tables.get(table, home / WORDS / table),
    )


@dataclass(frozen=True)
class _Describe:
    root: Path

    def __call__(self, song: Song) -> Track:
        import soundfile

        assert song.audio is not None
        duration = soundfile.info(song.audio).duration
        sung = words.voice(words.read(song.words, duration), song.non_lexical)
        jams = self.root / "annotations" / f"{song.id}.jams"
        annotations.write(jams, Jams(duration, (sung,), song.title, song.artist))
        return Track.of(
            id=song.id,
            group=song.artist,
            stratum=song.language,
            audio=song.audio,
            annotations=jams,
            licence=song.licence,
        )
