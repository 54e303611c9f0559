"""A representation as a picture, and the numbers at its axes."""

import base64
import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CLIP = (2.0, 99.7)  # percentiles that become white and black
CONTRAST = 1.6  # above 1, what is loud stands out from a floor of noise
HERTZ = (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
A4 = 440.0
CLOSEST = 0.07  # share of the axis between two numbers that can both be read
STEPS = (0.5, 1, 2, 5, 10)  # seconds between two numbers of the time axis


@dataclass(frozen=True)
class Tick:
    """A number at an axis: `at` is a share of the axis, from the left or from the top."""

    at: float
    label: str
    more: str = ""


def png(values: npt.NDArray[np.floating]) -> bytes:
    """Frames as columns, the lowest bin at the bottom; the louder, the darker.

    Args:
        values: shape (frames, bins).
    """
    from matplotlib.image import imsave

    picture = values.T.astype(np.float32)
    low, high = np.percentile(picture, CLIP)
    levels = np.clip((picture - low) / max(float(high - low), 1e-9), 0, 1) ** CONTRAST
    # 32 greys are as many as an eye tells apart here, and pack into half the bytes of 256.
    greys = np.rint((1 - levels) * 31).astype(np.uint8) * 8 + 7
    buffer = io.BytesIO()
    rgb = np.repeat(greys[:, :, None], 3, axis=2)
    imsave(buffer, rgb, format="png", origin="lower")
    return buffer.getvalue()


def data_uri(kind: str, data: bytes) -> str:
    """Bytes as an address that holds them, so that a page needs no other file."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def time_ticks(seconds: float) -> list[Tick]:
    """At most eight numbers along the time axis."""
    step = next((step for step in STEPS if seconds / step <= 7), STEPS[-1])
    return [Tick(float(t / seconds), f"{t:g}") for t in np.arange(0, seconds + 1e-9, step)]


def height(frequencies: npt.NDArray[np.float64], hertz: float) -> float:
    """Where a frequency is in a picture of bins that rise: 0 is its top, 1 its bottom."""
    position = float(np.interp(hertz, frequencies, np.arange(len(frequencies))))
    return 1 - (position + 0.5) / len(frequencies)


def frequency_ticks(frequencies: npt.NDArray[np.float64], octaves: bool) -> list[Tick]:
    """Every C by name where the bins tell pitches apart, else round numbers of hertz."""
    low, high = frequencies[0], frequencies[-1]
    if octaves:
        named = {A4 * 2 ** (octave - 4 - 9 / 12): f"C{octave}" for octave in range(11)}
        inside = [(hertz, name, f"{hertz:.0f} Hz") for hertz, name in named.items()]
    else:
        inside = [(float(hertz), f"{hertz} Hz", "") for hertz in HERTZ]
    ticks: list[Tick] = []
    for hertz, label, more in reversed(inside):
        at = height(frequencies, hertz)
        if low <= hertz <= high and (not ticks or at - ticks[-1].at > CLOSEST):
            ticks.append(Tick(at, label, more))
    return ticks
