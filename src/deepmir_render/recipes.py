"""Recipes: everything that is decided about a set of rendered tracks before any is drawn.

Each is for one set: :data:`PLAIN` and :data:`SONG` are what a data set with the source `scores` has
by its style, :data:`RENDERED` is where those with the source `rendered` start from.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from deepmir_render.styles import POPULAR


@dataclass(frozen=True)
class Recipe:
    """How tracks are rendered.

    Attributes:
        form: `once` plays a song through, without sections; `form` plays its sections in an order
            that is drawn; `window` plays some of its sections, or those of a short song in a form.
        seconds: that a track lasts at least and at most, about.
        styles: of which each track has one, by their weights.
        arrangement: `written` for a piano that plays the source, `varied` for what its style has.
        drums: none, patterns, or those of people where some fit.
        soundfonts: of training and validation tracks.
        test_soundfont: of test tracks, heard in no other; None for `soundfonts`.
        singers: how voices are made; nobody sings where there are none.
        people: folder of those whose speech `recorded` is made of, a folder each.
        choirs: whether voices of a soundfont play too; then it is not annotated when somebody
            sings.
        mixing: `none` for the bare sum, `room` for one room, a bandwidth and noise, `studio` for
            everything.
        timing: rubato, swing and looseness; otherwise a metronome plays.
        detuned: probability that a recording is not at A4 = 440 Hz.
        transposition: to all keys.
        home: the folder of the sources that are fetched.
        seed: what everything is drawn from.
    """

    form: Literal["once", "form", "window"]
    seconds: tuple[float, float]
    styles: tuple[str, ...] = POPULAR
    arrangement: Literal["written", "varied"] = "varied"
    drums: Literal["none", "patterns", "human"] = "patterns"
    soundfonts: tuple[str, ...] = ("TimGM6mb",)
    test_soundfont: str | None = None
    singers: tuple[Literal["formant", "speech", "recorded"], ...] = ("formant",)
    people: Path | None = None
    choirs: bool = False
    mixing: Literal["none", "room", "studio"] = "studio"
    timing: bool = True
    detuned: float = 0.5
    transposition: bool = True
    home: Path = Path("data/sources")
    seed: int = 0


PLAIN = Recipe(
    form="once",
    seconds=(18.0, 37.0),
    styles=("traditional",),
    singers=(),
    choirs=True,
    mixing="room",
    detuned=0.0,
)
SONG = replace(PLAIN, form="form", seconds=(40.0, 72.0), singers=("formant",), choirs=False)
RENDERED = Recipe(form="window", seconds=(75.0, 75.0), drums="human")
