"""Drums under a song: human drumming of the Groove set, or patterns, bar by bar."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from deepmir_render.writing.notation import Metre
from deepmir_render.writing.song import Bar, Groove, Hit
from deepmir_render.writing.styles import Style

KICK, STICK, SNARE, CLAP, CLOSED, OPEN, CRASH, RIDE = 36, 37, 38, 39, 42, 46, 49, 51
TAMBOURINE, SHAKER = 54, 70
LIGHT = frozenset({KICK, STICK, CLOSED, 44, RIDE, SHAKER, TAMBOURINE})  # of a quiet section
TEMPI = (0.8, 1.25)  # how much faster or slower than it was played drumming may become


@dataclass(frozen=True)
class Drumming:
    """What the drums of a song are made of.

    Attributes:
        beats: human takes, or patterns made into one.
        fills: human fills; may be empty.
        human: whether a person played them.
    """

    beats: tuple[Groove, ...]
    fills: tuple[Groove, ...]
    human: bool


def find(
    grooves: Sequence[Groove],
    style: Style,
    bpm: float,
    metre: Metre,
    part: str,
    rng: np.random.Generator,
) -> Drumming | None:
    """Draw human drumming in a style, a metre and about a tempo; None where there is none.

    Args:
        grooves: all of the collection.
        style: whose grooves suit.
        bpm: quarter notes a minute.
        metre: of the song.
        part: of the song; a take of the collection's test part is never heard in training.
        rng: what is drawn from.
    """
    fitting = [
        g
        for g in grooves
        if g.metre == metre
        and g.style in style.grooves
        and (g.part == "test") == (part == "test")
        and TEMPI[0] <= bpm / g.bpm <= TEMPI[1]
    ]
    beats = [g for g in fitting if not g.fill and g.bars >= 2]
    fills = [g for g in fitting if g.fill]
    if not beats:
        return None
    # The take of one drummer, and one of the same style beside it for another section.
    first = beats[int(rng.integers(len(beats)))]
    alike = [g for g in beats if g.style == first.style]
    other = alike[int(rng.integers(len(alike)))]
    chosen = [fills[int(i)] for i in rng.integers(len(fills), size=3)] if fills else []
    return Drumming((first, other), tuple(chosen), human=True)


Pattern = Callable[[int, float], list[tuple[float, int, int]]]


def _backbeat(beats: int, third: float) -> list[tuple[float, int, int]]:
    strong = [0, 2] if beats == 4 else [0]
    hits = [(float(b), KICK if b in strong else SNARE, 100) for b in range(beats)]
    return hits + [(b + s, CLOSED, 80 if s == 0 else 60) for b in range(beats) for s in (0, third)]


def _four_on_the_floor(beats: int, third: float) -> list[tuple[float, int, int]]:
    hits = [(float(b), KICK, 112) for b in range(beats)]
    hits += [(float(b), CLAP, 90) for b in range(1, beats, 2)]
    return hits + [(b + third, OPEN if b % 2 else CLOSED, 80) for b in range(beats)]


def _half_time(beats: int, third: float) -> list[tuple[float, int, int]]:
    hits = [(0.0, KICK, 108), (beats / 2, SNARE, 104), (beats / 2 + 1.5, KICK, 84)]
    return hits + [(b + s, CLOSED, 70) for b in range(beats) for s in (0, third)]


def _breakbeat(beats: int, third: float) -> list[tuple[float, int, int]]:
    hits = [(0.0, KICK, 110), (1.0, SNARE, 104), (1.75, SNARE, 50), (2.5, KICK, 100)]
    hits += [(3.0, SNARE, 106), (3.75, SNARE, 46)]
    return [h for h in hits if h[0] < beats] + [(b / 2, CLOSED, 74) for b in range(2 * beats)]


def _blast(beats: int, third: float) -> list[tuple[float, int, int]]:
    hits = [(b + s, KICK, 100) for b in range(beats) for s in (0, 0.25, 0.5, 0.75)]
    return (
        hits + [(float(b), RIDE, 90) for b in range(beats)] + [(1.0, SNARE, 112), (3.0, SNARE, 112)]
    )


def _shaken(beats: int, third: float) -> list[tuple[float, int, int]]:
    hits = [(0.0, KICK, 84)] + [(float(b), STICK, 74) for b in range(1, beats)]
    return hits + [(b + s, SHAKER, 70 if s == 0 else 52) for b in range(beats) for s in (0, third)]


def _waltz(beats: int, third: float) -> list[tuple[float, int, int]]:
    return (
        [(0.0, KICK, 96)] + [(float(b), CLOSED, 72) for b in range(1, beats)] + [(1.0, STICK, 60)]
    )


PATTERNS: Mapping[str, tuple[Pattern, ...]] = {
    "electronic": (_four_on_the_floor, _four_on_the_floor, _breakbeat, _half_time),
    "metal": (_backbeat, _blast, _half_time),
    "hip hop": (_half_time, _breakbeat, _backbeat),
    "folk": (_shaken, _backbeat, _waltz),
    "ballad": (_shaken, _backbeat, _half_time),
}
USUAL: tuple[Pattern, ...] = (_backbeat, _half_time, _shaken)


def pattern(style: str, metre: Metre, bpm: float, rng: np.random.Generator) -> Drumming:
    """Draw patterns of a style, made into takes of one bar that a machine plays."""
    choices = PATTERNS.get(style, USUAL)
    third = 2 / 3 if metre.compound else 0.5
    takes = []
    for _ in range(2):
        made = choices[int(rng.integers(len(choices)))](metre.beats, third)
        hits = sorted(
            (
                Hit(at * metre.beat_length, drum, velocity)
                for at, drum, velocity in made
                if at < metre.beats
            ),
            key=lambda hit: (hit.position, hit.drum),
        )
        takes.append(Groove("pattern", style, bpm, metre, 1, "", False, tuple(hits)))
    return Drumming(tuple(takes), (), human=False)


def play(
    drumming: Drumming,
    bars: Sequence[Bar],
    end: float,
    take: int,
    *,
    light: bool,
    fill: bool,
    crash: bool,
    rng: np.random.Generator,
) -> list[Hit]:
    """The hits under the bars of one section.

    Args:
        drumming: what it is made of.
        bars: of the section, all in the metre of the drumming.
        end: of the section, in quarter notes.
        take: which of the takes.
        light: without the loud drums.
        fill: a fill in the last bar, where there is one.
        crash: a crash cymbal on the first beat.
        rng: for the bar that a take starts from.
    """
    groove = drumming.beats[take % len(drumming.beats)]
    offset = int(rng.integers(groove.bars)) if groove.bars > 8 else 0
    offset -= offset % 4
    hits: list[Hit] = []
    for index, bar in enumerate(bars):
        source, number = groove, (offset + index) % groove.bars
        if fill and drumming.fills and index == len(bars) - 1 and index:
            source = drumming.fills[int(rng.integers(len(drumming.fills)))]
            number = source.bars - 1
        length = source.metre.bar_length
        hits += [
            Hit(bar.start + hit.position - number * length, hit.drum, hit.velocity)
            for hit in source.hits
            if -0.06 <= hit.position - number * length < length - 0.06
            and (not light or hit.drum in LIGHT)
        ]
    if crash and bars and not light:
        hits.append(Hit(bars[0].start, CRASH, 108))
    return [hit for hit in hits if hit.position < end - 1e-6]
