"""MIDI files as plain numbers: notes, and events for tempo, metre and key."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from deepmir.errors import DeepmirError


@dataclass(frozen=True, order=True)
class MidiNote:
    """A note: start and end in ticks, pitch and velocity as MIDI numbers."""

    start: int
    end: int
    pitch: int
    velocity: int


@dataclass(frozen=True)
class KeySignature:
    """A key signature: sharps (flats below 0) from -7 to 7, and whether the key is minor."""

    sharps: int
    minor: bool

    @property
    def tonic(self) -> int:
        """Pitch class of the tonic, C = 0."""
        return (7 * self.sharps + (9 if self.minor else 0)) % 12


@dataclass(frozen=True)
class Midi:
    """The content of one file.

    Attributes:
        ticks: per quarter note.
        tracks: notes of each non-empty track, by its name, ordered in time.
        tempi: tick, and microseconds per quarter note.
        metres: tick, and numerator and denominator.
        keys: tick, and the key signature.
    """

    ticks: int
    tracks: dict[str, tuple[MidiNote, ...]]
    tempi: tuple[tuple[int, int], ...]
    metres: tuple[tuple[int, tuple[int, int]], ...]
    keys: tuple[tuple[int, KeySignature], ...]

    @property
    def notes(self) -> tuple[MidiNote, ...]:
        """The notes of all tracks, ordered in time."""
        return tuple(sorted(note for notes in self.tracks.values() for note in notes))


def read(path: Path) -> Midi:
    """Read a MIDI file with a resolution in ticks per quarter note.

    If a note is struck again before it ended, the first end belongs to the first stroke.

    Raises:
        DeepmirError: when it is missing or damaged.
    """
    from symusic import Score

    try:
        score = Score(path)
        if not score.ticks_per_quarter:
            raise ValueError("its quarter note has no ticks")
    except (RuntimeError, ValueError) as error:
        if not path.is_file():
            raise DeepmirError(f"{path} is missing: fetch the data set again") from None
        raise DeepmirError(f"{path} is not a readable MIDI file ({error})") from None
    tracks: dict[str, list[MidiNote]] = defaultdict(list)
    for track in score.tracks:  # one for each channel and program of a track of the file
        tracks[track.name] += [
            MidiNote(note.start, note.end, note.pitch, note.velocity) for note in track.notes
        ]
    return Midi(
        ticks=score.ticks_per_quarter,
        tracks={name: tuple(sorted(notes)) for name, notes in tracks.items() if notes},
        tempi=tuple((each.time, each.mspq) for each in score.tempos),
        metres=tuple(
            (each.time, (each.numerator, each.denominator)) for each in score.time_signatures
        ),
        keys=tuple(
            (each.time, KeySignature(each.key, bool(each.tonality)))
            for each in score.key_signatures
        ),
    )
