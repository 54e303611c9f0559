"""The numbers and names at the axes of a representation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepmir.representations import Chroma, Mfcc, Representation, Stft, Tempogram

HERTZ = (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
A4 = 440.0
PITCHES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
NATURAL = frozenset("CDEFGAB")
BPM = (30, 40, 60, 90, 120, 180, 240, 480)
CLOSEST = 0.07  # share of the axis between two numbers that can both be read
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)  # s between two numbers of the axis


@dataclass(frozen=True)
class Tick:
    """A number at an axis: `at` is a share of the axis, from the left or from the top."""

    at: float
    label: str
    more: str = ""


def time_ticks(seconds: float) -> list[Tick]:
    """At most eight numbers along the time axis."""
    step = next((step for step in STEPS if seconds / step <= 7), STEPS[-1])
    return [Tick(float(t / seconds), f"{t:g}") for t in np.arange(0, seconds + 1e-9, step)]


def height(frequencies: npt.NDArray[np.float64], hertz: float) -> float:
    """Where a frequency is in a picture of bins that rise: 0 is its top, 1 its bottom."""
    position = float(np.interp(hertz, frequencies, np.arange(len(frequencies))))
    return 1 - (position + 0.5) / len(frequencies)


def tells_pitches_apart(representation: Representation) -> bool:
    """Whether a pitch has bins of its own and octaves lie above each other."""
    octave = representation.bins_per_octave
    return octave is not None and octave >= 12 and representation.bins >= octave


def frequency_ticks(representation: Representation) -> list[Tick]:
    """Names of pitches where bins tell them apart, else round numbers of the axis' own unit."""
    frequencies = representation.frequencies
    if isinstance(representation, Chroma):
        return _pitch_classes(frequencies)
    if isinstance(representation, Mfcc) or np.isnan(frequencies).all():
        step = max(1, round(representation.bins / 5))
        return _readable(
            [
                (1 - (k + 0.5) / representation.bins, str(k), "")
                for k in range(0, len(frequencies), step)
            ]
        )
    if isinstance(representation, Tempogram):
        lags = [60 * representation.frame_rate / bpm for bpm in BPM]
        return _readable(
            [
                (1 - (lag + 0.5) / len(frequencies), f"{bpm} BPM", "")
                for bpm, lag in zip(BPM, lags, strict=True)
                if lag < len(frequencies)
            ]
        )
    if tells_pitches_apart(representation):
        named = {A4 * 2 ** (octave - 4 - 9 / 12): f"C{octave}" for octave in range(11)}
        wanted = [(hertz, name, f"{hertz:.0f} Hz") for hertz, name in named.items()]
    elif isinstance(representation, Stft):
        step = next(s for s in (100, 200, 500, 1000, 2000, 5000) if frequencies[-1] / s <= 7)
        wanted = [(hertz, f"{hertz:g} Hz", "") for hertz in np.arange(0, frequencies[-1], step)]
    else:
        wanted = [(float(hertz), f"{hertz} Hz", "") for hertz in HERTZ]
    low, high = frequencies[0], frequencies[-1]
    return _readable(
        [
            (height(frequencies, hertz), label, more)
            for hertz, label, more in reversed(wanted)
            if low <= hertz <= high
        ]
    )


def _pitch_classes(frequencies: npt.NDArray[np.float64]) -> list[Tick]:
    """The white keys of the piano, wherever class 0 lies."""
    semitones = np.rint(12 * np.log2(frequencies / A4) + 9).astype(int) % 12
    exact = np.abs((12 * np.log2(frequencies / A4) + 0.5) % 1 - 0.5) < 0.25
    found = [
        (1 - (k + 0.5) / len(frequencies), PITCHES[pitch], "")
        for k, pitch in enumerate(semitones)
        if exact[k] and PITCHES[pitch] in NATURAL
    ]
    return _readable(found[::-1])


def _readable(wanted: Sequence[tuple[float, str, str]]) -> list[Tick]:
    """From the top down, without those that would lie on top of another."""
    ticks: list[Tick] = []
    for at, label, more in sorted(wanted):
        if not ticks or at - ticks[-1].at > CLOSEST:
            ticks.append(Tick(at, label, more))
    return ticks
