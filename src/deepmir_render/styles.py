"""Styles: the players and manners of a kind of music, from styles.toml; a track draws one."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Range = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """A kind of music.

    Attributes:
        weight: relative frequency.
        drums: probability of drums.
        sung: probability of a singer.
        leads: players of the melody; nobody plays at all if empty.
        comps: players of chords.
        basses: players of the bass.
        figures: of the chords, see accompaniment.py.
        lines: of the bass, see accompaniment.py.
        bpm: quarter notes per minute towards which songs are moved; None for their own tempo.
        grooves: matching styles of human drumming.
        kits: names of drum kits.
        patterns: of drums, see drumming.py.
        pads: players of sustained background chords.
        swing: minimum and maximum position of the second eighth in a beat; 0.5 is straight.
        rubato: maximum slow change of the tempo, as a share of it.
        free: whether a soloist plays freely, see expression.py.
        accompanied: probability that a bare melody is given chords.
        written: probability that the source's own lower parts are played.
        ensembles: players of the melody and three lower parts.
        backing: probability of a backing singer.
        genre: whether the style is the genre of its tracks, instead of that in the source.
        programmed: whether a machine plays the drums; used in data sets that request it.
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
