"""A score as plain numbers: what is left of the notation once it has been read.

Positions and durations are in quarter notes from the first sounded note of the score, pitches are
MIDI note numbers.
"""

from dataclasses import dataclass

TOLERANCE = 1e-4  # quarter notes: below any notated duration, above the rounding of thirds


@dataclass(frozen=True)
class Metre:
    """A time signature, with the beat that musicians count.

    Compound metres (6/8, 9/8, 12/8) are counted in dotted quarters, simple ones in their
    denominator.

    Attributes:
        numerator: upper number of the time signature.
        denominator: lower number of the time signature.
    """

    numerator: int
    denominator: int

    @classmethod
    def parse(cls, text: str) -> "Metre":
        """The metre written as `text`, such as `6/8`."""
        numerator, denominator = text.split("/")
        return cls(int(numerator), int(denominator))

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"

    @property
    def compound(self) -> bool:
        """Whether a beat has three parts."""
        return self.denominator == 8 and self.numerator in (6, 9, 12)

    @property
    def beats(self) -> int:
        """Beats in a bar."""
        return self.numerator // 3 if self.compound else self.numerator

    @property
    def beat_length(self) -> float:
        """Length of a beat in quarter notes."""
        return 1.5 if self.compound else 4 / self.denominator

    @property
    def bar_length(self) -> float:
        """Length of a bar in quarter notes."""
        return self.beats * self.beat_length


@dataclass(frozen=True)
class Note:
    """A note of a part: start and end in quarter notes, pitch as a MIDI number."""

    start: float
    end: float
    pitch: int


@dataclass(frozen=True)
class Part:
    """One voice or staff; its notes are ordered in time and do not overlap."""

    name: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class ChordSpan:
    """A chord from `start` to `end` in quarter notes, as a Harte label on a root pitch class.

    Attributes:
        start: in quarter notes.
        end: in quarter notes.
        root: pitch class of the root, C = 0, or None.
        quality: what follows the root in Harte's syntax, such as `:min7/b3`; the whole label where
            there is no root.
    """

    start: float
    end: float
    root: int | None
    quality: str


@dataclass(frozen=True)
class Section:
    """A section from `start` to `end` in quarter notes; equal music has an equal label."""

    start: float
    end: float
    label: str


@dataclass(frozen=True)
class Score:
    """What one work says.

    Attributes:
        parts: from the highest to the lowest; the first has the melody.
        bars: where each bar starts. The first is negative when the score starts with a pickup:
            it is where the whole bar would have started.
        end: end of the last note or rest.
        tonic: pitch class of the tonic, C = 0.
        mode: `major` or `minor`.
        metre: constant throughout.
        chords: of an analysis by a person, where the corpus has one.
        sections: without gaps from 0 to the end; empty where they do not matter.
    """

    parts: tuple[Part, ...]
    bars: tuple[float, ...]
    end: float
    tonic: int
    mode: str
    metre: Metre
    chords: tuple[ChordSpan, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def melody(self) -> tuple[Note, ...]:
        """Notes of the top voice."""
        return self.parts[0].notes

    @property
    def pickup(self) -> float:
        """Length of the pickup before the first whole bar, in quarter notes (0 for none)."""
        return 0.0 if self.bars[0] >= 0 else self.bars[0] + self.metre.bar_length
