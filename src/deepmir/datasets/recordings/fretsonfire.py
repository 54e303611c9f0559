"""Songs of the game Frets on Fire: tempo and beats of rock music, from the game's own grid.

Debian packages free songs for it, each as stems (Ogg Vorbis) with a MIDI file whose tempo map the
player's notes are on. What the map says of bars is not to be relied upon, so no beat has a position
in the bar.
"""

import configparser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.datasets.index import Member, Track, each_track, shard_of
from deepmir.datasets.recordings.stems import STEMS, mixed, sounding
from deepmir.declarations.schema import FretsOnFire
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.files.store import Failure

Times = npt.NDArray[np.float64]

CHART = "notes.mid"
LICENCES = {"muldjord": "CC BY-SA 3.0", "sectoid": "MIT"}

# The packages whose beats are those of the grid: in all four songs of muldjord the music lags by
# 1 ms at most. The songs of sectoid have the tempo of their grid, but lag by 22 to 39 ms, and for
# whole sections librosa, Essentia and networks alike hear the beat half a beat away.
WITH_BEATS = frozenset({"muldjord"})


@dataclass(frozen=True)
class Song:
    """The folder of a song and the package that it is of."""

    package: str
    folder: Path

    @property
    def id(self) -> str:
        """Such as `muldjord--chaos_god`."""
        return f"{self.package}--{self.folder.name}".replace(" ", "_")


def songs(declaration: FretsOnFire) -> list[Song]:
    """Every song of the packages.

    Raises:
        DeepmirError: when a package is not installed.
    """
    found = []
    for package in declaration.packages:
        folders = sorted(path.parent for path in (declaration.home / package).glob(f"*/{CHART}"))
        if not folders:
            raise MissingDataError(
                f"{declaration.home / package} holds no songs: "
                f"`apt install fretsonfire-songs-{package}`, or correct `home` in params.yaml"
            )
        found += [Song(package, folder) for folder in folders]
    return found


def collect(
    root: Path, declaration: FretsOnFire, shard: int, workers: int
) -> Iterator[Track | Failure]:
    """Mix the songs of one shard to `root`/audio, with annotations in `root`/annotations.

    Raises:
        DeepmirError: when a package is not installed.
    """
    mine = [s for s in songs(declaration) if shard_of(s.id, declaration.shards) == shard]
    return each_track(_Make(root), mine, lambda song: song.id, workers)


def members(declaration: FretsOnFire) -> list[Member]:
    """The package of every song, which is the work of one band: all are for testing."""
    return [Member(song.package, song.package, "test") for song in songs(declaration)]


def listing(declaration: FretsOnFire) -> list[tuple[str, int, int]]:
    """Name, size and time of every file that is read."""
    return [
        (str(path), stat.st_size, stat.st_mtime_ns)
        for song in songs(declaration)
        for path in (song.folder / name for name in (*STEMS, CHART, "song.ini"))
        if path.exists() and (stat := path.stat())
    ]


def fetch(declaration: FretsOnFire) -> str:
    """Tell what is there: installing packages is the system's business.

    Raises:
        DeepmirError: when a package is not installed, with the command that does it.
    """
    return f"{declaration.home}: {len(songs(declaration))} songs are there"


@dataclass(frozen=True)
class _Make:
    root: Path

    def __call__(self, song: Song) -> Track:
        import soundfile

        audio = self.root / "audio" / f"{song.id}.flac"
        jams = self.root / "annotations" / f"{song.id}.jams"
        mix, rate = mixed(song.folder)
        audio.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(audio, mix, rate, subtype="PCM_16")
        title, artist, delay = _described(song.folder / "song.ini")
        first, last = sounding(mix, rate)
        grid = beats(song.folder / CHART, delay, last)
        heard = grid[grid >= first]
        if len(heard) < 2:
            raise DeepmirError(f"{song.folder / CHART}: there are no beats while music sounds")
        duration = len(mix) / rate
        known = _annotated(heard, duration, with_beats=song.package in WITH_BEATS)
        annotations.write(jams, Jams(duration, known, title, artist))
        return Track.of(
            id=song.id,
            group=song.package,
            stratum=song.package,
            audio=audio,
            annotations=jams,
            licence=LICENCES.get(song.package, "unknown"),
        )


def _annotated(heard: Times, duration: float, with_beats: bool) -> tuple[Annotation, ...]:
    bpm = round(60 / float(np.median(np.diff(heard))), 3)
    tempo = Annotation("tempo", (Observation(0.0, duration, bpm, 1.0),))
    if not with_beats:
        return (tempo,)
    return tempo, Annotation("beat", tuple(Observation(round(float(t), 6)) for t in heard))


def beats(chart: Path, delay: float, end: float) -> Times:
    """The times of the quarter notes of a MIDI file in seconds, shape (beats,).

    Args:
        chart: the file.
        delay: seconds by which the music comes after the grid.
        end: the time in seconds that no beat is after.

    Raises:
        DeepmirError: when the file is not MIDI or has no tempo.
    """
    import pretty_midi

    try:
        midi = pretty_midi.PrettyMIDI(str(chart))
        fastest = float(midi.get_tempo_changes()[1].max())
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise DeepmirError(f"{chart}: not readable as MIDI ({error})") from None
    most = int(max(end - delay, 0.0) * fastest / 60) + 2
    times = delay + np.array([midi.tick_to_time(k * midi.resolution) for k in range(most)])
    inside: Times = times[(times >= 0) & (times <= end)]
    return inside


def _described(path: Path) -> tuple[str, str, float]:
    """Title, artist and the delay of the grid in seconds, of a `song.ini`.

    The delay is in milliseconds there; with a greater one, notes come later in the music.

    Raises:
        DeepmirError: when it cannot be read.
    """
    ini = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        ini.read_string(path.read_text(encoding="utf-8-sig"), path.name)
        delay = ini.getfloat("song", "delay", fallback=0.0) / 1000
        return ini.get("song", "name", fallback=""), ini.get("song", "artist", fallback=""), delay
    except (OSError, ValueError, configparser.Error) as error:
        raise DeepmirError(f"{path}: not readable ({' '.join(str(error).split())})") from None
