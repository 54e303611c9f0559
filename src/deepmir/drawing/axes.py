"""Tick labels for the axes of a representation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepmir.representations import Representation
from deepmir.representations.base import Axis

HERTZ = (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
A4 = 440.0
PITCHES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
NATURAL = frozenset("CDEFGAB")
BPM = (30, 40, 60, 90, 120, 180, 240, 480)
CLOSEST = 0.07  # minimum distance of readable labels, as a share of the axis
LINEAR = (100, 200, 500, 1000, 2000, 5000)  # Hz between ticks of a linear axis
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)  # s between ticks of the axis


@dataclass(frozen=True)
class Tick:
    """A tick label: `at` is a share of the axis, from the left or from the top."""

    at: float
    label: str
    more: str = ""


_Wanted = tuple[float, str, str]  # the same three values, before checking readability


def time_ticks(seconds: float) -> list[Tick]:
    """At most eight labels along the time axis."""
    step = next((step for step in STEPS if seconds / step <= 7), STEPS[-1])
    return [Tick(float(t / seconds), f"{t:g}") for t in np.arange(0, seconds + 1e-9, step)]


def height(frequencies: npt.NDArray[np.float64], hertz: float) -> float:
    """The position of a frequency in a picture of ascending bins: 0 is its top, 1 its bottom."""
    position = float(np.interp(hertz, frequencies, np.arange(len(frequencies))))
    return 1 - (position + 0.5) / len(frequencies)


def tells_pitches_apart(representation: Representation) -> bool:
    """Whether each pitch has its own bins, with octaves above each other."""
    octave = representation.bins_per_octave
    return octave is not None and octave >= 12 and representation.bins >= octave


def frequency_ticks(representation: Representation) -> list[Tick]:
    """Pitch names if bins resolve them, else round numbers in the unit of the axis."""
    return _readable(_WANTED[representation.axis](representation))


def _pitch_classes(representation: Representation) -> list[_Wanted]:
    """The white keys of the piano, wherever class 0 is."""
    above_c = 12 * np.log2(representation.frequencies / A4) + 9
    exact = np.abs((above_c + 0.5) % 1 - 0.5) < 0.25
    pitches = np.rint(above_c).astype(int) % 12
    return [
        (_middle(representation, k), PITCHES[pitch], "")
        for k, pitch in enumerate(pitches)
        if exact[k] and PITCHES[pitch] in NATURAL
    ]


def _numbers(representation: Representation) -> list[_Wanted]:
    """Numbers of bins without other names."""
    step = max(1, round(representation.bins / 5))
    return [(_middle(representation, k), str(k), "") for k in range(0, representation.bins, step)]


def _tempi(representation: Representation) -> list[_Wanted]:
    """Tempi in BPM for lags in frames."""
    lags = [60 * representation.frame_rate / bpm for bpm in BPM]
    return [
        (_middle(representation, lag), f"{bpm} BPM", "")
        for bpm, lag in zip(BPM, lags, strict=True)
        if lag < representation.bins
    ]


def _frequencies(representation: Representation) -> list[_Wanted]:
    frequencies = representation.frequencies
    low, high = frequencies[0], frequencies[-1]
    if tells_pitches_apart(representation):
        named = {A4 * 2 ** (octave - 4 - 9 / 12): f"C{octave}" for octave in range(11)}
        wanted = [(hertz, name, f"{hertz:.0f} Hz") for hertz, name in named.items()]
    elif np.allclose(np.diff(frequencies), frequencies[1] - low if len(frequencies) > 1 else 0):
        step = next((s for s in LINEAR if high / s <= 7), LINEAR[-1])
        wanted = [(hertz, f"{hertz:g} Hz", "") for hertz in np.arange(0, high, step)]
    else:
        wanted = [(float(hertz), f"{hertz} Hz", "") for hertz in HERTZ]
    return [
        (height(frequencies, hertz), label, more)
        for hertz, label, more in wanted
        if low <= hertz <= high
    ]


_WANTED: dict[Axis, Callable[[Representation], list[_Wanted]]] = {
    "frequency": _frequencies,
    "pitch class": _pitch_classes,
    "tempo": _tempi,
    "coefficient": _numbers,
    "sample": _numbers,
}


def _middle(representation: Representation, position: float) -> float:
    """The position of the middle of a bin, as a share of the axis from the top."""
    return 1 - (position + 0.5) / representation.bins


def _readable(wanted: Sequence[_Wanted]) -> list[Tick]:
    """The labels from the top down, without those that would overlap another."""
    ticks: list[Tick] = []
    for at, label, more in sorted(wanted):
        if not ticks or at - ticks[-1].at > CLOSEST:
            ticks.append(Tick(at, label, more))
    return ticks
