"""Human songs and scores, arranged, played, sung and mixed in many ways."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from deepmir.datasets.base import Dataset, check_folder
from deepmir.datasets.index import Member, Track, audio_file, jams_file
from deepmir.fields import Different, Flag, Number, Place, Seconds, Seed, Share, Text
from deepmir.naming import known

if TYPE_CHECKING:
    from deepmir_render.recipes import Recipe
    from deepmir_render.tracks import Track as Planned


# Arrangement styles with a solo singer.
ALONE = {"solo": ("solo",), "sung": ("unaccompanied",)}


class Rendered(Dataset):
    """Human songs and scores, rendered in many ways: see docs/explanation/renderer.md."""

    source: Literal["rendered"]
    recorded: ClassVar[bool] = False
    home: Place = Field(Path("data/sources"), description="folder of POP909 and Groove")
    collections: Different[tuple[Literal["pop909", "music21"], ...]] = Field(
        ("pop909", "music21"), min_length=1, description="sources of the songs"
    )
    hours: Number = Field(20.0, gt=0, le=100, description="length of the whole set, about")
    seconds: Seconds = Field(75.0, ge=20, description="length of a track, about; see whole")
    whole: Share = Field(0.1, description="share of tracks that are songs from beginning to end")
    arrangement: Literal["written", "solo", "sung", "programmed", "varied"] = Field(
        "varied",
        description="written: a piano plays the source; solo: with rubato, rolled chords, pedal,"
        " soft and loud; sung: one voice alone; programmed: a machine drums, as in dance music,"
        " chiptunes, fast metal; varied: arranged anew by section",
    )
    drums: Literal["none", "patterns", "human"] = Field("human", description="human: of Groove")
    soundfonts: tuple[Text, ...] = Field(
        ("TimGM6mb",), min_length=1, description="of training and validation tracks"
    )
    test_soundfont: Text | None = Field(
        None, description="of test tracks alone; by default they use soundfonts"
    )
    singers: tuple[Literal["formant", "speech", "recorded"], ...] = Field(
        ("formant",),
        description="speech, recorded: need the extra deepmir[singing]; empty: nobody sings",
    )
    people: Place | None = Field(
        None, description="for recorded: folder of recorded speech, with one folder a speaker"
    )
    mixing: Literal["none", "room", "studio"] = Field(
        "studio", description="what is done to the sum of the instruments"
    )
    timing: Flag = Field(True, description="rubato, swing, looseness; otherwise a metronome")
    transposition: Flag = Field(True, description="to all keys")
    seed: Seed = Field(2026, description="seed of all random choices")

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        if self.hours * 3600 < self.seconds:
            raise ValueError(
                f"{self.hours:g} hours are too short for a track of {self.seconds:g} seconds"
            )
        if self.test_soundfont in self.soundfonts:
            raise ValueError("test_soundfont is for test tracks only: remove it from soundfonts")
        if ("recorded" in self.singers) != (self.people is not None):
            raise ValueError("people and recorded singers go together: declare both or neither")
        if self.arrangement == "sung" and not self.singers:
            raise ValueError("nothing would sound: name singers, or choose another arrangement")
        return self

    def check(self) -> None:
        """Refuse a home that is not a folder, and unknown soundfonts."""
        from deepmir_render.sources import soundfonts

        check_folder("home", self.home)
        if self.people is not None:
            check_folder("people", self.people)
        for name in self.soundfonts:
            known(name, soundfonts.KNOWN, "soundfont", "soundfonts")
        if self.test_soundfont is not None:
            known(self.test_soundfont, soundfonts.KNOWN, "soundfont", "test_soundfont")

    def recordings(self) -> "list[Planned]":
        """The tracks that fill the declared hours."""
        from deepmir_render.singing import bank

        self.files()
        for people in self._spoken():
            bank.prepare(people)
        return self._planned()

    def track(self, recording: "Planned", root: Path) -> Track:
        """Render a track."""
        from deepmir_render.rendering import render

        audio, jams = audio_file(root, recording.id), jams_file(root, recording.id)
        render(recording, self._recipe(), audio, jams)
        return Track.of(recording.id, _member(recording), audio, jams, recording.licence)

    def members(self) -> list[Member]:
        """Every track; its part is that of its song."""
        self.files()
        return [_member(track) for track in self._planned()]

    def files(self) -> tuple[Path, ...]:
        """Recordings of people; the sources were verified when they were fetched.

        Raises:
            MissingDataError: when sources, a soundfont or the singers' software are missing.
        """
        from deepmir_render.singing import bank, recorded
        from deepmir_render.sources import fetching, soundfonts

        fetching.check(self.home, self._sources())
        for name in (*self.soundfonts, self.test_soundfont):
            if name is not None:
                soundfonts.find(name)
        for people in self._spoken():
            bank.check(people)
        if self.people is None:
            return ()
        return tuple(p for each in recorded.speakers(self.people).values() for p in each)

    def fetch(self) -> str:
        """Download the sources from their authors."""
        from deepmir_render.sources import fetching

        return fetching.fetch(self.home, self._sources())

    def _spoken(self) -> list[Path | None]:
        """The sources of the voices: None for espeak-ng's."""
        made = {"speech": None, "recorded": self.people}
        return [made[method] for method in made if method in self.singers]

    def _planned(self) -> "list[Planned]":
        from deepmir_render.tracks import mixture

        return mixture(self.collections, self.hours, self.seconds, self.whole, self.home)

    def _recipe(self) -> "Recipe":
        from deepmir_render.recipes import RENDERED
        from deepmir_render.styles import PROGRAMMED

        styles = {**ALONE, "programmed": PROGRAMMED}
        return replace(
            RENDERED,
            seconds=(self.seconds, self.seconds),
            styles=styles.get(self.arrangement, RENDERED.styles),
            arrangement="written" if self.arrangement == "written" else "varied",
            drums=self.drums,
            soundfonts=self.soundfonts,
            test_soundfont=self.test_soundfont,
            singers=self.singers,
            people=self.people,
            mixing=self.mixing,
            timing=self.timing,
            transposition=self.transposition,
            home=self.home,
            seed=self.seed,
        )

    def _sources(self) -> list[str]:
        names = []
        if "pop909" in self.collections:
            names += ["pop909", "pop909_cl", "pop909_structure"]
        return [*names, "groove_midi"] if self.drums == "human" else names


def _member(track: "Planned") -> Member:
    return Member(track.group, track.stratum, track.part)
