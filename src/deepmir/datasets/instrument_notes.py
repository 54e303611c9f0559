"""Single notes and short phrases of single instruments, played by the renderer's soundfonts.

The test sounds are not part of training, and yet every instrument and every pitch is. Two takes of
one note are nearly identical, so by default a group is an instrument with a pitch, and each pitch
is held out for some instruments only. If takes are held out instead, training contains other takes
of every note. A phrase is a group with all instruments that play it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from deepmir.datasets.base import Dataset
from deepmir.datasets.index import Member, Track, audio_file, jams_file
from deepmir.errors import DeepmirError
from deepmir.fields import Different, Seconds, Seed, Text, Whole
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.naming import known

if TYPE_CHECKING:
    from deepmir_render.playing.played import PlayedNote

# The part by remainder modulo 8. Instruments are offset by three: of any two consecutive ones at
# least one trains on each pitch, as no two of these are three apart.
CYCLE, APART = 8, 3
HELD_OUT = {0: "test", 4: "test", 2: "validation"}

VELOCITIES = (50, 115)
STARTS = (0.01, 0.06)  # seconds of silence before the first note
LENGTHS = (0.6, 0.9)  # of a note, as a share of its time slot
STEPS = (3, 6)  # minimum notes of a phrase, and maximum plus one
LEAP = 4  # maximum semitones between notes of a phrase


@dataclass(frozen=True)
class Sound:
    """A recording to make.

    Attributes:
        instrument: its name, such as `nylon guitar`.
        row: its index among the declared ones.
        pitch: MIDI number of a note; None for a phrase.
        take: from 0; for a phrase, its number.
        held_out: see :class:`InstrumentNotes`.
    """

    instrument: str
    row: int
    pitch: int | None
    take: int
    held_out: Literal["pitches", "takes"] = "pitches"

    @property
    def id(self) -> str:
        """An identifier such as `flute-060-02` or `flute-phrase-002`."""
        if self.pitch is None:
            return f"{self._player}-phrase-{self.take:03d}"
        return f"{self._player}-{self.pitch:03d}-{self.take:02d}"

    @property
    def member(self) -> Member:
        """Group and part; the stratum is the instrument."""
        if self.pitch is None:
            part = HELD_OUT.get(self.take % CYCLE, "train")
            return Member(f"phrase-{self.take:03d}", "", part)
        place = self.pitch + APART * self.row
        if self.held_out == "takes":
            return Member(self.id, self._player, HELD_OUT.get((place + self.take) % CYCLE, "train"))
        part = HELD_OUT.get(place % CYCLE, "train")
        return Member(f"{self._player}-{self.pitch:03d}", self._player, part)

    @property
    def _player(self) -> str:
        return self.instrument.replace(" ", "-")


class InstrumentNotes(Dataset):
    """Notes or short phrases of single instruments, played by a soundfont; with their own split."""

    source: Literal["instrument_notes"]
    recorded: ClassVar[bool] = False
    content: Literal["note", "phrase"] = Field("note", description="what each recording holds")
    instruments: Different[tuple[Text, ...]] = Field(
        ("piano", "nylon guitar", "violin", "trumpet", "clarinet", "flute"),
        min_length=2,
        description="each plays all notes; names as in deepmir_render/instruments.csv",
    )
    lowest: Whole = Field(60, ge=0, le=127, description="pitch, as a MIDI number")
    highest: Whole = Field(72, ge=0, le=127, description="pitch; at least seven above the lowest")
    takes: Whole = Field(
        4, ge=1, le=1000, description="of each note by each instrument; or phrases, at least eight"
    )
    held_out: Literal["pitches", "takes"] = Field(
        "pitches",
        exclude_if=lambda held_out: held_out == "pitches",
        description="what of each instrument is for validation and test; takes: of every note "
        "some, of at least eight",
    )
    detune: Whole = Field(10, ge=0, le=40, description="largest detuning of a take, in cents")
    seconds: Seconds = Field(1.0, ge=0.5, le=60, description="length of a recording")
    soundfont: Text = Field("TimGM6mb", description="what plays; the default comes with deepmir")
    seed: Seed = Field(1, description="seed of force, tuning, lengths and phrases")
    min_seconds: Seconds = Field(0.5, description="shorter recordings are left out and reported")

    @model_validator(mode="after")
    def _parts_have_something(self) -> Self:
        if self.highest - self.lowest < CYCLE - 1:
            raise ValueError(
                f"from lowest {self.lowest} to highest {self.highest} are fewer than "
                f"{CYCLE} pitches: training and test need some each"
            )
        if (self.content == "phrase" or self.held_out == "takes") and self.takes < CYCLE:
            raise ValueError(f"takes must be at least {CYCLE}, so that each part has some")
        return self

    def check(self) -> None:
        """Refuse an unknown soundfont, and pitches out of an instrument's range."""
        from deepmir_render.sources import soundfonts

        known(self.soundfont, soundfonts.KNOWN, "soundfont", "soundfont")
        played = soundfonts.measured(self.soundfont)
        for name in self.instruments:
            one = played[known(name, played, "instrument", "instruments")].instrument
            if self.lowest < one.low or self.highest > one.high:
                raise DeepmirError(
                    f"instruments: {name} plays from {one.low} to {one.high}, not from "
                    f"{self.lowest} to {self.highest}: change lowest and highest, or leave it out"
                )

    def files(self) -> Sequence[Path]:
        """None that can change; refuses a soundfont that is not installed."""
        from deepmir_render.sources import soundfonts

        soundfonts.find(self.soundfont)
        return ()

    def recordings(self) -> list[Sound]:
        """All takes of all notes, or all phrases, for each instrument."""
        self.files()
        pitches: Sequence[int | None] = (
            [None] if self.content == "phrase" else range(self.lowest, self.highest + 1)
        )
        return [
            Sound(name, row, pitch, take, self.held_out)
            for row, name in enumerate(self.instruments)
            for pitch in pitches
            for take in range(self.takes)
        ]

    def track(self, recording: Sound, root: Path) -> Track:
        """Render it."""
        from deepmir_render.mixing import encoding
        from deepmir_render.playing import synthesis
        from deepmir_render.playing.played import SAMPLE_RATE, PlayedPart
        from deepmir_render.rendering import random_streams
        from deepmir_render.sources import soundfonts

        font = soundfonts.find(self.soundfont)
        instrument = soundfonts.measured(font.name)[recording.instrument].instrument
        rng = random_streams(self.seed, recording.id, 1)[0]
        cents = float(rng.uniform(-self.detune, self.detune))
        notes = played(recording, self, rng)
        part = PlayedPart(recording.instrument, instrument, 0.0, 0.0, notes)
        samples = round(self.seconds * SAMPLE_RATE)
        sound = synthesis.render({"all": [part]}, font, samples, cents)["all"]
        audio, jams = audio_file(root, recording.id), jams_file(root, recording.id)
        encoding.write(audio, sound.clip(-1.0, 1.0))
        found = described(recording.instrument, notes, cents)
        annotations.write(jams, Jams(self.seconds, found, title=recording.id))
        return Track.of(recording.id, recording.member, audio, jams, font.licence)

    def members(self) -> list[Member]:
        """Group and part of every recording."""
        return [sound.member for sound in self.recordings()]


def played(
    sound: Sound, declaration: InstrumentNotes, rng: np.random.Generator
) -> "tuple[PlayedNote, ...]":
    """The notes of a recording; those of a phrase fill its time evenly on every instrument."""
    from deepmir_render.playing.fluidsynth import SAMPLE_RATE, on_grid
    from deepmir_render.playing.played import PlayedNote

    pitches = melody(sound.take, declaration) if sound.pitch is None else [sound.pitch]
    first = rng.uniform(*STARTS)
    time = (declaration.seconds - first) / len(pitches)
    notes = []
    for place, pitch in enumerate(pitches):
        start = first + place * time
        end = start + rng.uniform(*LENGTHS) * time
        velocity = int(rng.integers(*VELOCITIES))
        notes.append(PlayedNote(on_grid(start), on_grid(end), pitch, velocity))
    assert notes[-1].end <= declaration.seconds * SAMPLE_RATE
    return tuple(notes)


def melody(number: int, declaration: InstrumentNotes) -> list[int]:
    """The pitches of a phrase: a random walk of small steps within the range."""
    rng = np.random.default_rng((declaration.seed, number))
    low, high = declaration.lowest, declaration.highest
    pitches = [int(rng.integers(low, high + 1))]
    for _ in range(int(rng.integers(*STEPS)) - 1):
        last = pitches[-1]
        near = [p for p in range(last - LEAP, last + LEAP + 1) if low <= p <= high and p != last]
        pitches.append(int(rng.choice(near)))
    return pitches


def described(
    instrument: str, notes: "Sequence[PlayedNote]", cents: float
) -> tuple[Annotation, ...]:
    """Notes, active intervals of the instrument, and the pitch class of a single note."""
    from deepmir_render.playing.fluidsynth import SAMPLE_RATE

    spans = [(n.start / SAMPLE_RATE, (n.end - n.start) / SAMPLE_RATE, n.pitch) for n in notes]
    sandbox = {"instrument": instrument, "drums": False, "cents": round(cents, 3)}
    found = [
        Annotation("note_midi", tuple(Observation(*span) for span in spans), sandbox=sandbox),
        Annotation(
            "tag_open",
            tuple(Observation(time, length, instrument) for time, length, _ in spans),
            sandbox={"kind": "instrument"},
        ),
    ]
    if len(spans) == 1:
        time, length, pitch = spans[0]
        value = {"tonic": "C", "pitch": round(pitch) % 12}
        found.append(Annotation("pitch_class", (Observation(time, length, value),)))
    return tuple(found)
