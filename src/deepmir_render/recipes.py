"""Recipes: all decisions about a set of rendered tracks before any is drawn.

Each is for one set: :data:`PLAIN` and :data:`SONG` belong to the two styles of data sets with the
source `scores`, :data:`RENDERED` is the default for those with the source `rendered`.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from deepmir_render.styles import POPULAR


@dataclass(frozen=True)
class Recipe:
    """How tracks are rendered.

    Attributes:
        form: `once` plays a song through, without sections; `form` plays its sections in a random
            order; `window` plays some of its sections, or those of a short song in a form.
        seconds: approximate minimum and maximum duration of a track.
        styles: of which each track has one, by their weights.
        arrangement: `written` for a piano that plays the source, `varied` for that of its style.
        drums: none, patterns, or human ones if there is a match.
        soundfonts: of training and validation tracks.
        test_soundfont: of test tracks only; None for `soundfonts`.
        singers: methods for making voices; no singing if empty.
        people: folder of the speakers for `recorded`, with one folder each.
        choirs: whether soundfont voices are played too; then singing is not annotated.
        mixing: `none` for the bare sum, `room` for one room, a bandwidth and noise, `studio` for
            everything.
        timing: rubato, swing and looseness; otherwise metronomic timing.
        detuned: probability that a recording is not at A4 = 440 Hz.
        transposition: to all keys.
        home: the folder of the downloaded sources.
        seed: of all random numbers.
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
