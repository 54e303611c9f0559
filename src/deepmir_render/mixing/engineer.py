"""Random mixes, within the range of common practice in a style.

The ranges were set so that the loudness, crest factor, spectrum and width of real songs lie within
those of the mixes (`benchmarks/rendering.py` prints them).
"""

from typing import Literal

import numpy as np

from deepmir_render.mixing.mix import (
    VOICE,
    Band,
    Coding,
    Compression,
    Ducking,
    Echo,
    Master,
    Mix,
    Noise,
    Reverb,
    Strip,
)

LOUD = ("pop", "rock", "metal", "electronic", "hip hop", "funk", "latin", "reggae")
OVERDRIVEN = {"metal": 0.9, "rock": 0.5, "funk": 0.15, "pop": 0.1}  # probability
PUMPING = {"electronic": 0.5, "hip hop": 0.2, "pop": 0.12}
CODED = 0.05  # share of the tracks with lossy encoding
AUDIBLE = 1.0  # dB: a weaker shelf or peak is left out, as each costs time
OLD = 0.08  # share of recordings with a narrow bandwidth


class _Dice:
    """Random numbers with short method names."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def between(self, low: float, high: float) -> float:
        return round(float(self.rng.uniform(low, high)), 4)

    def log(self, low: float, high: float) -> float:
        """Uniformly distributed in the logarithm."""
        return round(float(np.exp(self.rng.uniform(np.log(low), np.log(high)))), 4)

    def near(self, mean: float, deviation: float, most: float = 2.5) -> float:
        """Normally distributed, truncated at some standard deviations from the mean."""
        return round(mean + deviation * float(np.clip(self.rng.standard_normal(), -most, most)), 4)

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)


def draw(rng: np.random.Generator, mixing: Literal["none", "room", "studio"], style: str) -> Mix:
    """Draw the mix of a track.

    Args:
        rng: random number generator.
        mixing: `none` for the bare sum, `room` for one room, a bandwidth and noise, `studio` for
            everything.
        style: one of `styles.STYLES`.
    """
    dice = _Dice(rng)
    if mixing == "none":
        return Mix(mixing, 0.0, ())
    if mixing == "room":
        return _room(dice)
    voice_level = dice.near(0.5, 2.5)
    strips = (
        _drums(dice),
        _bass(dice),
        _harmony(dice, style),
        _soloist(dice, "lead"),
        _soloist(dice, VOICE),
    )
    pumping = dice.chance(PUMPING.get(style, 0.0))
    return Mix(
        mixing,
        voice_level,
        strips,
        reverb=Reverb(dice.log(0.5, 3.0), dice.between(0.2, 1.0), dice.between(0.4, 1.4)),
        echo=Echo(dice.between(0.11, 0.5), dice.between(0.2, 0.6)),
        ducking=Ducking(dice.between(3, 12), dice.between(0.08, 0.25)) if pumping else None,
        master=_master(dice, style),
        coding=_coding(dice),
    )


def _room(dice: _Dice) -> Mix:
    room = Reverb(dice.log(0.25, 2.0), dice.between(0.2, 1.0), dice.between(0.3, 1.2))
    send = dice.between(-20, -6)
    names = ("drums", "bass", "harmony", "lead", VOICE)
    strips = tuple(Strip(name, send=send) for name in names)
    master = Master(_bandwidth(dice, 0.3), noise=_noise(dice, 0.6), level=dice.between(-28, -16))
    return Mix("room", dice.near(0.5, 2.5), strips, room, master=master)


def _drums(dice: _Dice) -> Strip:
    return Strip(
        "drums",
        gain=dice.near(3, 3),
        width=dice.between(0.5, 2.2),
        equaliser=_audible(
            Band("low_shelf", dice.log(70, 150), dice.near(4, 3)),
            Band("peak", dice.log(250, 800), dice.near(-2, 2.5), dice.log(0.5, 2)),
            Band("high_shelf", dice.log(5000, 10000), dice.near(2, 3)),
        ),
        compression=_compression(dice, 0.7, (0.004, 0.03), (0.05, 0.2)),
        drive=_some(dice, 0.3, (-12, 0)),
        send=_some(dice, 0.85, (-28, -10)),
    )


def _bass(dice: _Dice) -> Strip:
    return Strip(
        "bass",
        gain=dice.near(4, 3),
        width=dice.between(0, 0.6),
        equaliser=_audible(
            Band("high_pass", dice.log(25, 45)),
            Band("low_shelf", dice.log(60, 120), dice.near(3, 3)),
            Band("peak", dice.log(400, 1500), dice.near(0, 3), dice.log(0.5, 1.5)),
        ),
        compression=_compression(dice, 0.8, (0.005, 0.04), (0.06, 0.3)),
        drive=_some(dice, 0.4, (-10, 4)),
        send=_some(dice, 0.2, (-30, -20)),
    )


def _harmony(dice: _Dice, style: str) -> Strip:
    overdriven = dice.chance(OVERDRIVEN.get(style, 0.0))
    cabinet = (Band("low_pass", dice.log(4500, 8000)),) if overdriven else ()
    return Strip(
        "harmony",
        gain=dice.near(-0.5, 2.5),
        width=dice.between(0.7, 3.5),
        equaliser=_audible(
            Band("high_pass", dice.log(50, 160)),
            Band("peak", dice.log(400, 3000), dice.near(-2, 2.5), dice.log(0.5, 1.5)),
            Band("high_shelf", dice.log(6000, 11000), dice.near(2, 3)),
            *cabinet,
        ),
        compression=_compression(dice, 0.4, (0.008, 0.04), (0.08, 0.4)),
        drive=dice.between(2, 18) if overdriven else _some(dice, 0.2, (-12, 0)),
        send=_some(dice, 0.9, (-24, -8)),
        echo=_some(dice, 0.1, (-24, -14)),
    )


def _soloist(dice: _Dice, bus: str) -> Strip:
    """The strip of a singer or a solo player."""
    sung = bus == VOICE
    return Strip(
        bus,
        gain=0.0 if sung else dice.near(1, 2),
        pan=dice.near(0, 0.05 if sung else 0.2),
        equaliser=_audible(
            Band("high_pass", dice.log(60, 130)),
            Band("peak", dice.log(200, 500), dice.near(-1.5, 2), dice.log(0.6, 1.5)),
            Band("peak", dice.log(1500, 5000), dice.near(-1, 3), dice.log(0.5, 1.2)),
            Band("high_shelf", dice.log(6000, 11000), dice.near(4, 3)),
        ),
        compression=_compression(dice, 0.95 if sung else 0.6, (0.002, 0.02), (0.05, 0.25)),
        drive=_some(dice, 0.25, (-12, 0)),
        send=_some(dice, 0.95, (-26, -8)),
        echo=_some(dice, 0.3, (-24, -10)),
    )


def _master(dice: _Dice, style: str) -> Master:
    loud = style in LOUD
    tilt = _audible(
        Band("low_shelf", dice.log(70, 160), dice.near(2.5, 3)),
        Band("peak", dice.log(1500, 4000), dice.near(-5, 3), dice.log(0.4, 1)),
        Band("high_shelf", dice.log(6000, 11000), dice.near(2, 2.5)),
    )
    return Master(
        equaliser=(*tilt, *_bandwidth(dice, OLD)),
        compression=_compression(dice, 0.7, (0.01, 0.04), (0.1, 0.4), (-8, 0), (1.5, 4)),
        loudness=dice.between(-5, 10) if loud else dice.between(-12, 2),
        noise=_noise(dice, 0.15),
        level=dice.between(-17, -6) if loud else dice.between(-28, -10),
    )


def _compression(
    dice: _Dice,
    probability: float,
    attack: tuple[float, float],
    release: tuple[float, float],
    threshold: tuple[float, float] = (-18, -4),
    ratio: tuple[float, float] = (2, 6),
) -> Compression | None:
    drawn = Compression(
        dice.between(*threshold), dice.log(*ratio), dice.log(*attack), dice.log(*release)
    )
    return drawn if dice.chance(probability) else None


def _bandwidth(dice: _Dice, probability: float) -> tuple[Band, ...]:
    """The bandwidth of an old or cheap recording."""
    bands = (Band("high_pass", dice.log(60, 250)), Band("low_pass", dice.log(3500, 11000)))
    return tuple(band for band in bands if dice.chance(probability))


def _noise(dice: _Dice, probability: float) -> Noise | None:
    kind = ("white", "pink", "hum", "crackle")[int(dice.rng.choice(4, p=(0.3, 0.4, 0.15, 0.15)))]
    drawn = Noise(kind, dice.between(22, 55), 50.0 if dice.chance(0.5) else 60.0)
    return drawn if dice.chance(probability) else None


def _coding(dice: _Dice) -> Coding | None:
    # MP3 encoding takes three times as long.
    codec = "mp3" if dice.chance(0.25) else "vorbis"
    drawn = Coding(codec, dice.between(0.3, 0.7))
    return drawn if dice.chance(CODED) else None


def _audible(*bands: Band) -> tuple[Band, ...]:
    return tuple(b for b in bands if b.kind.endswith("pass") or abs(b.gain) >= AUDIBLE)


def _some(dice: _Dice, probability: float, limits: tuple[float, float]) -> float | None:
    drawn = dice.between(*limits)
    return drawn if dice.chance(probability) else None
