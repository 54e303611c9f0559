"""Songs of the game Frets on Fire: tempo and beats of rock music, from the game's own grid.

Debian packages free songs for it, each as stems (Ogg Vorbis) with a MIDI file whose tempo map is
the grid of the player's notes. Its bars are not reliable, so beats have no position
in the bar.
"""

import configparser
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.datasets.base import Dataset, check_folder
from deepmir.datasets.index import Member, Track, audio_file, jams_file
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.fields import Different, Place
from deepmir.files import annotations, decoding
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.files.text import read_text

Package = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
Times = npt.NDArray[np.float64]
Mix = npt.NDArray[np.float32]

CHART = "notes.mid"
INI = "song.ini"
STEMS = ("song.ogg", "guitar.ogg", "rhythm.ogg")
PEAK = 0.98  # of full scale, if a mix has to be attenuated
BLOCK = 0.05  # seconds over which the level is measured
SILENCE = 1e-4  # power relative to the loudest block: below it, the ends are silent
LICENCES = {"muldjord": "CC BY-SA 3.0", "sectoid": "MIT"}

# The packages whose beats match the grid: in all four songs of muldjord the music lags by at most
# 1 ms. The songs of sectoid have the tempo of their grid, but lag by 22 to 39 ms, and for whole
# sections librosa, Essentia and networks all place the beats half a beat away.
WITH_BEATS = frozenset({"muldjord"})


@dataclass(frozen=True)
class Song:
    """The folder of a song and its package."""

    package: str
    folder: Path

    @property
    def id(self) -> str:
        """An identifier such as `muldjord--chaos_god`."""
        return f"{self.package}--{self.folder.name}".replace(" ", "_")

    @property
    def member(self) -> Member:
        """The group is the package, the work of one band; all songs are for testing."""
        return Member(self.package, self.package, "test")


class FretsOnFire(Dataset):
    """Songs of the game Frets on Fire from Debian packages: tempo and beats of rock music."""

    source: Literal["fretsonfire"]
    home: Place = Field(
        Path("/usr/share/games/fretsonfire/data/songs"), description="folder of the songs"
    )
    packages: Different[tuple[Package, ...]] = Field(
        ("muldjord",), min_length=1, description="folders in home to take songs from"
    )

    def check(self) -> None:
        """Refuse a home that is not a folder."""
        check_folder("home", self.home)

    def recordings(self) -> list[Song]:
        """Every song of the packages.

        Raises:
            MissingDataError: when a package is not installed.
        """
        found = []
        for package in self.packages:
            folders = sorted(path.parent for path in (self.home / package).glob(f"*/{CHART}"))
            if not folders:
                raise MissingDataError(
                    f"{self.home / package} contains no songs: `apt install "
                    f"fretsonfire-songs-{package}`, or correct `home` in params.yaml"
                )
            found += [Song(package, folder) for folder in folders]
        return found

    def track(self, recording: Song, root: Path) -> Track:
        """Mix the stems of a song, and read its tempo and beats."""
        import soundfile

        audio, jams = audio_file(root, recording.id), jams_file(root, recording.id)
        mix, rate = mixed(recording.folder)
        soundfile.write(audio, mix, rate, subtype="PCM_16")
        annotations.write(jams, _annotations(recording, mix, rate))
        licence = LICENCES.get(recording.package, "unknown")
        return Track.of(recording.id, recording.member, audio, jams, licence)

    def members(self) -> list[Member]:
        """Every song of the packages."""
        return [song.member for song in self.recordings()]

    def files(self) -> list[Path]:
        """Stems, chart and description of every song."""
        names = (*STEMS, CHART, INI)
        return [song.folder / name for song in self.recordings() for name in names]

    def fetch(self) -> str:
        """Report what is available: packages are installed by the system."""
        return f"{self.home}: {len(self.recordings())} songs are there"


def _annotations(song: Song, mix: Mix, rate: int) -> Jams:
    title, artist, delay = _described(song.folder / INI)
    first, last = sounding(mix, rate)
    grid = beats(song.folder / CHART, delay, last)
    inside = grid[grid >= first]
    if len(inside) < 2:
        raise DeepmirError(f"{song.folder / CHART}: there are no beats while the music plays")
    duration = len(mix) / rate
    bpm = round(60 / float(np.median(np.diff(inside))), 3)
    known = [Annotation("tempo", (Observation(0.0, duration, bpm, 1.0),))]
    if song.package in WITH_BEATS:
        known.append(Annotation("beat", tuple(Observation(round(float(t), 6)) for t in inside)))
    return Jams(duration, tuple(known), title, artist)


def mixed(folder: Path) -> tuple[Mix, int]:
    """The sum of a song's stems, shape (frames, channels), attenuated if it would clip.

    Returns:
        The mix, and its sample rate in Hz.

    Raises:
        DeepmirError: when there are no stems, or they differ in sample rate or channels.
    """
    paths = [folder / name for name in STEMS if (folder / name).exists()]
    if not paths:
        raise DeepmirError(f"{folder} has none of {', '.join(STEMS)}: install the package again")
    mix, rate = decoding.whole(paths[0])
    for path in paths[1:]:
        stem, other = decoding.whole(path)
        if (other, stem.shape[1]) != (rate, mix.shape[1]):
            raise DeepmirError(
                f"{path}: {other} Hz and {stem.shape[1]} channels, but {paths[0].name} "
                f"has {rate} Hz and {mix.shape[1]}"
            )
        shorter, longer = sorted((mix, stem), key=len)
        longer[: len(shorter)] += shorter
        mix = longer
    peak = float(np.abs(mix).max(initial=0.0))
    if peak > PEAK:
        mix *= PEAK / peak
    return mix, int(rate)


def sounding(mix: Mix, rate: int) -> tuple[float, float]:
    """The start and end of the music in seconds: the first and last block above -40 dB.

    Raises:
        DeepmirError: when it is too short to measure.
    """
    size = round(BLOCK * rate)
    if len(mix) < size:
        raise DeepmirError(f"the mix is too short, {len(mix) / rate:.2f} s")
    blocks = mix[: len(mix) // size * size].reshape(-1, size * mix.shape[1])
    power = np.einsum("ij,ij->i", blocks, blocks)
    loud = np.flatnonzero(power >= SILENCE * power.max())
    return float(loud[0] * BLOCK), float((loud[-1] + 1) * BLOCK)


def beats(chart: Path, delay: float, end: float) -> Times:
    """The times of the quarter notes of a MIDI file in seconds, shape (beats,).

    Args:
        chart: the file.
        delay: seconds by which the music lags behind the grid.
        end: the latest possible time of a beat, in seconds.

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

    The delay is given in milliseconds; a greater one moves notes later in the music.

    Raises:
        DeepmirError: when it cannot be read.
    """
    ini = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        ini.read_string(read_text(path), path.name)
        delay = ini.getfloat("song", "delay", fallback=0.0) / 1000
        return ini.get("song", "name", fallback=""), ini.get("song", "artist", fallback=""), delay
    except (ValueError, configparser.Error) as error:
        raise DeepmirError(f"{path}: not readable ({' '.join(str(error).split())})") from None
