"""Drums of a song: human drumming from the Groove set, or patterns, bar by bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from deepmir_render.song import Bar, Groove, Hit, Metre
from deepmir_render.styles import Style

KICK, STICK, SNARE, CLAP, LOW_TOM, CLOSED, OPEN = 36, 37, 38, 39, 41, 42, 46
HIGH_TOM, CRASH, RIDE, TAMBOURINE, SHAKER = 48, 49, 51, 54, 70
HATS, CONGAS = frozenset({CLOSED, OPEN}), (60, 61, 62, 63, 64)
LIGHT = frozenset({KICK, STICK, CLOSED, 44, RIDE, SHAKER, TAMBOURINE})  # drums of a quiet section
TEMPI = (0.8, 1.25)  # range of tempo changes of human drumming
PICKUP = 0.06  # quarter notes by which a human may be early for a bar

# Patterns: the drums, positions and velocities of strokes in a bar. Positions are beat numbers, or
# `strong` and `weak` beats, `beats`, `others` but the first, `odd` ones; `off`, `parts`, `fourths`
# of them, and `before` them.
Places = str | tuple[float, ...]
PATTERNS: Mapping[str, tuple[tuple[Places, int, int], ...]] = {
    "kit": (
        *(((0,), KICK, 96), ("strong", KICK, 84), ("weak", SNARE, 84)),
        *(("parts", CLOSED, 84), ("beats", CLOSED, 112)),
    ),
    "march": (((0,), KICK, 100), ((0,), SNARE, 88), ("others", SNARE, 70), ("before", SNARE, 48)),
    "frame drum": (((0,), LOW_TOM, 96), ("others", LOW_TOM, 78), ("after", HIGH_TOM, 46)),
    "claps": (((0,), KICK, 96), ("others", CLAP, 80), ("off", TAMBOURINE, 76)),
    "sticks": (((0,), KICK, 84), ((0,), STICK, 100), ("others", STICK, 76)),
    "backbeat": (
        *(("strong", KICK, 100), ("weak", SNARE, 100)),
        *(("beats", CLOSED, 80), ("off", CLOSED, 60)),
    ),
    "four on the floor": (
        *(("beats", KICK, 112), ("odd", CLAP, 90)),
        *(("off", CLOSED, 80), ((1.5, 3.5), OPEN, 80)),
    ),
    "half time": (
        *(((0,), KICK, 108), ("middle", SNARE, 104), ((3.5,), KICK, 84)),
        *(("beats", CLOSED, 70), ("off", CLOSED, 70)),
    ),
    "breakbeat": (
        *(((0, 2.5), KICK, 110), ((1, 3), SNARE, 104), ((1.75, 3.75), SNARE, 50)),
        *(("beats", CLOSED, 74), ("off", CLOSED, 74)),
    ),
    "house": (
        *(("beats", KICK, 112), ("odd", CLAP, 92)),
        *(("off", OPEN, 84), ("fourths", CLOSED, 56)),
    ),
    "techno": (("beats", KICK, 116), ("off", OPEN, 90), ("fourths", SHAKER, 48)),
    "rave": (("beats", KICK, 118), ("odd", SNARE, 84), ("off", OPEN, 96)),
    "two step": (((0, 2.5), KICK, 112), ((1, 3), SNARE, 108), ("fourths", CLOSED, 62)),
    "chopped": (
        *(((0, 0.5, 2.5), KICK, 110), ((1, 3), SNARE, 108)),
        *(((1.75, 2.25, 3.75), SNARE, 62), ("parts", RIDE, 70)),
    ),
    "electro": (((0, 0.75, 2.5), KICK, 110), ((1, 3), SNARE, 100), ("fourths", CLOSED, 66)),
    "skank": (("beats", KICK, 106), ("off", SNARE, 108), ("parts", CLOSED, 84)),
    "d-beat": (((0, 1.5, 2.5), KICK, 106), ((1, 3), SNARE, 108), ("beats", CRASH, 70)),
    "double bass": (("fourths", KICK, 96), ((1, 3), SNARE, 110), ("beats", RIDE, 84)),
    "blast": (("fourths", KICK, 100), ("beats", RIDE, 90), ((1, 3), SNARE, 112)),
    "shaken": (
        *(((0,), KICK, 84), ("others", STICK, 74)),
        *(("beats", SHAKER, 70), ("off", SHAKER, 52)),
    ),
    "waltz": (((0,), KICK, 96), ("others", CLOSED, 72), ((1,), STICK, 60)),
}


@dataclass(frozen=True)
class Drumming:
    """The material for the drums of a song.

    Attributes:
        beats: human takes, or patterns made into takes.
        fills: for the last bar of a section; may be empty.
        human: whether they were played by a person.
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
    """Draw human drumming for a style, a metre and approximately a tempo; None if there is none.

    Args:
        grooves: the whole collection.
        style: with its matching grooves.
        bpm: quarter notes per minute.
        metre: of the song.
        part: of the song; a take of the collection's test part is never heard in training.
        rng: random number generator.
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
    # A take of one drummer, and another one in the same style for other sections.
    first = beats[int(rng.integers(len(beats)))]
    alike = [g for g in beats if g.style == first.style]
    other = alike[int(rng.integers(len(alike)))]
    chosen = [fills[int(i)] for i in rng.integers(len(fills), size=3)] if fills else []
    return Drumming((first, other), tuple(chosen), human=True)


def patterned(style: Style, metre: Metre, bpm: float, rng: np.random.Generator) -> Drumming:
    """Draw patterns of a style, converted to takes of one bar played by a machine."""
    drawn = [style.patterns[int(i)] for i in rng.integers(len(style.patterns), size=2)]
    bars = [pattern_hits(name, metre) for name in drawn]
    if style.programmed:
        bars = [_programmed(hits, metre, rng) for hits in bars]
    takes = tuple(_groove(n, hits, metre, bpm) for n, hits in zip(drawn, bars, strict=True))
    roll = _groove("roll", _roll(bars[0], metre), metre, bpm)
    return Drumming(takes, (roll,), human=False)


def _groove(name: str, hits: Sequence[Hit], metre: Metre, bpm: float) -> Groove:
    return Groove(name, "pattern", bpm, metre, 1, "", name == "roll", tuple(hits))


def pattern_hits(name: str, metre: Metre) -> list[Hit]:
    """The hits of a pattern in one bar, in quarter notes; the stronger of two on one drum."""
    found: dict[tuple[float, int], int] = {}
    for places, drum, velocity in PATTERNS[name]:
        for place in _places(places, metre):
            if place < metre.beats - 1e-6:
                where = round(place * metre.beat_length, 6), drum
                found[where] = max(velocity, found.get(where, 0))
    return [Hit(at, drum, velocity) for (at, drum), velocity in sorted(found.items())]


def _programmed(hits: Sequence[Hit], metre: Metre, rng: np.random.Generator) -> list[Hit]:
    """A variation of a bar, as in programming: with off-beat strokes, or without hi-hats."""
    bare = rng.random() < 0.25
    found = {(h.position, h.drum): h for h in hits if not (bare and h.drum in HATS)}
    kicks, ghosts, others = rng.uniform(0, (0.15, 0.12, 0.25))
    conga = CONGAS[int(rng.integers(len(CONGAS)))]
    places = [round(p * metre.beat_length, 6) for p in _places("fourths", metre)]
    for drum, rate, low, high in (
        *((KICK, kicks, 80, 112), (SNARE, ghosts, 30, 70)),
        *((conga, others, 50, 100), (CLOSED, 0.0 if bare else others, 50, 90)),
    ):
        struck = rng.random(len(places)) < rate
        velocities = rng.integers(low, high, len(places))
        for place, is_struck, velocity in zip(places, struck, velocities, strict=True):
            if is_struck:
                found.setdefault((place, drum), Hit(place, drum, int(velocity)))
    return sorted(found.values(), key=lambda hit: (hit.position, hit.drum))


def _places(places: Places, metre: Metre) -> Sequence[float]:
    if not isinstance(places, str):
        return places
    beats, parts = range(metre.beats), 3 if metre.compound else 2
    strong = [0, 2] if metre.beats == 4 else [0]
    last = (parts - 1) / parts if places == "off" else 2 / 3 if metre.compound else 3 / 4
    return {
        "beats": list(beats),
        "strong": strong,
        "weak": [b for b in beats if b not in strong],
        "others": beats[1:],
        "odd": beats[1::2],
        "middle": [metre.beats / 2],
        "parts": [b + p / parts for b in beats for p in range(parts)],
        "after": [b + p / parts for b in beats for p in range(1, parts)],
        "fourths": [b + p / 4 for b in beats for p in range(4)],
        "off": [b + last for b in beats],
        "before": [b + last for b in beats],
    }[places]


def _roll(hits: Sequence[Hit], metre: Metre) -> list[Hit]:
    """A bar that ends in a roll down the drums instead of its last beats."""
    start = (metre.beats - (2 if metre.beats > 2 else 1)) * metre.beat_length
    step = metre.beat_length / (3 if metre.compound else 4)
    count = round((metre.bar_length - start) / step)
    roll = [
        Hit(start + i * step, (SNARE, HIGH_TOM, LOW_TOM)[3 * i // count], 70 + 40 * i // count)
        for i in range(count)
    ]
    return [hit for hit in hits if hit.position < start - 1e-3] + roll


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
        drumming: the material.
        bars: of the section, all in the metre of the drumming.
        end: of the section, in quarter notes.
        take: index of the take.
        light: without the loud drums.
        fill: a fill in the last bar, if available.
        crash: a crash cymbal on the first beat.
        rng: for the first bar of the take.
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
            if -PICKUP <= hit.position - number * length < length - PICKUP
            and (not light or hit.drum in LIGHT)
        ]
    if crash and bars and not light:
        hits.append(Hit(bars[0].start, CRASH, 108))
    return [hit for hit in hits if hit.position < end - 1e-6]
