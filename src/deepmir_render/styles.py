"""Styles: who plays how in a kind of music. A track draws one; styles.toml has them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Range = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """A kind of music.

    Attributes:
        weight: how often it is drawn, relative to the others.
        drums: probability of drums.
        sung: probability of a singer.
        leads: who plays the melody; nobody plays anything where there are none.
        comps: who plays chords.
        basses: who plays the bass.
        figures: of the chords, see accompaniment.py.
        lines: of the bass, see accompaniment.py.
        bpm: quarter notes a minute that a song is pulled to; None for its own tempo.
        grooves: styles of human drumming that suit it.
        kits: names of drum kits.
        patterns: of drums, see drumming.py.
        pads: who holds chords in the background.
        swing: least and greatest place of the second eighth in a beat; 0.5 is even.
        rubato: greatest slow change of the tempo, as a share of it.
        free: whether one person plays alone and freely, see expression.py.
        accompanied: probability that a song that is a melody alone is given chords.
        written: probability that the source's own lower parts are played.
        ensembles: who plays the melody and three lower parts.
        backing: probability that somebody sings with the singer.
        genre: whether the style is the genre of its tracks, rather than what the source says.
        programmed: whether a machine plays the drums: heard in data sets that ask for it.
    """

    weight: float
    drums: float
    sung: float
    leads: tuple[str, ...]
    comps: tuple[str, ...]
    basses: tuple[str, ...]
    figures: tuple[str, ...]
    lines: tuple[str, ...]
    bpm: Range | None = None
    grooves: tuple[str, ...] = ()
    kits: tuple[str, ...] = ("drums",)
    patterns: tuple[str, ...] = ("backbeat", "half time", "shaken")
    pads: tuple[str, ...] = ()
    swing: Range = (0.5, 0.5)
    rubato: float = 0.02
    free: bool = False
    accompanied: float = 1.0
    written: float = 0.4
    ensembles: tuple[tuple[str, ...], ...] = ()
    backing: float = 0.35
    genre: bool = True
    programmed: bool = False


def _read(path: Path) -> dict[str, Style]:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Style(**_frozen(table)) for name, table in tables.items()}


def _frozen(value: Any) -> Any:
    """A value of TOML with its lists as tuples."""
    if isinstance(value, dict):
        return {key: _frozen(each) for key, each in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


STYLES = _read(Path(__file__).with_name("styles.toml"))
POPULAR = tuple(name for name, style in STYLES.items() if style.genre and not style.programmed)
PROGRAMMED = tuple(name for name, style in STYLES.items() if style.programmed)
