"""JamendoLyrics: singing in real songs, from the times of their words.

S. Durand, D. Stoller and S. Ewert, "Contrastive learning-based audio to lyrics alignment for
multiple languages", ICASSP 2023. 79 songs in four languages; the annotations are under the MIT
licence, the recordings each under its own Creative Commons licence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from deepmir.datasets.base import Dataset, check_folder
from deepmir.datasets.index import Member, Track, jams_file
from deepmir.datasets.recordings import words
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.fields import Place
from deepmir.files import annotations, decoding
from deepmir.files.annotations import Jams
from deepmir.files.folders import spelled
from deepmir.files.text import read_csv
from deepmir.naming import composed
from deepmir.paths import from_top

PUBLISHED = "https://github.com/f90/jamendolyrics"
TABLE = "JamendoLyrics.csv"
COLUMNS = ("Filepath", "Artist", "Title", "LicenseType", "Language", "NonLexical")
WORDS = Path("annotations") / "words"


@dataclass(frozen=True)
class Song:
    """A row of the data set's table.

    Attributes:
        id: the name of the recording without its extension, composed (NFC).
        audio: the recording; None if it is missing.
        words: the file with the times of its words, which may be missing.
        non_lexical: whether there is also singing without words, which is not annotated.
    """

    id: str
    artist: str
    title: str
    language: str
    licence: str
    non_lexical: bool
    audio: Path | None
    words: Path

    @property
    def member(self) -> Member:
        """The group is the artist; all songs are for testing."""
        return Member(self.artist, self.language, "test")


class JamendoLyrics(Dataset):
    """Songs of the JamendoLyrics data set: singing in real recordings."""

    source: Literal["jamendolyrics"]
    home: Place = Field(description="the folder with JamendoLyrics.csv")

    def check(self) -> None:
        """Refuse a home that is not a folder."""
        check_folder("home", self.home)

    def songs(self) -> list[Song]:
        """Every song of the table, whether or not its recording is available.

        Raises:
            MissingDataError: when the table is missing.
            DeepmirError: when it lacks a column.
        """
        table = spelled(self.home / TABLE)
        if not table.is_file():
            raise MissingDataError(f"{table} is missing: {self._how_to_get()}")
        home = table.parent
        audio = _by_name(home) | _by_name(home / "mp3")
        tables = _by_name(home / WORDS)
        (_, header), *rows = read_csv(table) or [(1, [])]
        missing = set(COLUMNS) - set(header)
        if missing:
            raise DeepmirError(f"{table}, line 1: the column {min(missing)} is missing")
        songs = []
        for line, cells in rows:
            if len(cells) != len(header):
                count = f"{len(cells)} columns, the header has {len(header)}"
                raise DeepmirError(f"{table}, line {line}: {count}")
            row = dict(zip(header, cells, strict=True))
            if row["Filepath"]:
                songs.append(_song(home, row, audio, tables))
        return songs

    def recordings(self) -> list[Song]:
        """The songs with available recordings: many users have only a part of the set.

        Raises:
            MissingDataError: when there are none.
            DeepmirError: as :meth:`songs`.
        """
        found = [song for song in self.songs() if song.audio is not None]
        if not found:
            raise MissingDataError(
                f"{self.home} has none of the recordings of {TABLE}: {self._how_to_get()}"
            )
        return found

    def track(self, recording: Song, root: Path) -> Track:
        """Index a recording in place, with its singing intervals."""
        assert recording.audio is not None
        duration = decoding.seconds(recording.audio)
        sung = words.voice(words.read(recording.words, duration), recording.non_lexical)
        jams = jams_file(root, recording.id)
        annotations.write(jams, Jams(duration, (sung,), recording.title, recording.artist))
        return Track.of(recording.id, recording.member, recording.audio, jams, recording.licence)

    def members(self) -> list[Member]:
        """Every song of the table."""
        return [song.member for song in self.songs()]

    def files(self) -> list[Path]:
        """The table, and recording and words of all its songs."""
        each = [path for song in self.songs() for path in (song.audio, song.words) if path]
        return [self.home / TABLE, *each]

    def fetch(self) -> str:
        """Report what is available: the set is published as a repository, not as a file.

        Raises:
            MissingDataError: when nothing is available, with the source.
        """
        here, all_songs = len(self.recordings()), len(self.songs())
        return f"{self.home}: {here} of {all_songs} songs are there ({PUBLISHED} has all)"

    def _how_to_get(self) -> str:
        command = f"git clone {PUBLISHED} {from_top(self.home)}"
        return (
            f"get the data set with `{command}`, or correct `home` in params.yaml; it "
            f"must contain {TABLE}, {WORDS.as_posix()}/*.csv and mp3/*.mp3"
        )


def _by_name(folder: Path) -> dict[str, Path]:
    """The files of a folder by their composed names; empty if there is no folder."""
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return {composed(path.name).strip(): path for path in paths}


def _song(
    home: Path, row: Mapping[str, str], audio: Mapping[str, Path], tables: Mapping[str, Path]
) -> Song:
    name = row["Filepath"].strip()
    table = f"{name.rpartition('.')[0]}.csv"
    return Song(
        id=name.rpartition(".")[0],
        artist=row["Artist"].strip(),
        title=row["Title"].strip(),
        language=row["Language"].strip(),
        licence=" ".join(["CC", *row["LicenseType"].removeprefix("CC").split()]),
        non_lexical=row["NonLexical"].strip().lower() == "true",
        audio=audio.get(name),
        words=tables.get(table, home / WORDS / table),
    )
