"""Equidistant beats from the first to the last, as played by a machine or to a click track.

If nothing marks the beat, a path through the bar-pointer model slips to the off-beat and stays
there. A steady pulse cannot: it fits the whole recording, or it is not used.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepmir.files.fft import rfft

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FINER = 16  # spectrum bins, for a resolution of 1/32 of a beat at the last beat
FEWEST = 8  # beats
SAME = 0.04  # relative tempo difference allowed from the path
NEAR = 1 / 8  # of a beat to either side: the neighbourhood of a beat
CLOSE = 1 / 16  # of a beat: within this, the path is on the pulse or its off-beat
ELSEWHERE = 0.15  # allowed share of active beats on neither
EXACT, MOST = 0.05, 90  # a machine has this percentage of beats within this share of a beat


def pulse(active: Floats, path: Floats, least: float) -> Floats | None:
    """The positions of equidistant beats and off-beats.

    The share of the activations in phase with a period is the magnitude of their Fourier transform
    there, relative to that at frequency 0. The period is half a beat, as the off-beat may be active
    too. If the path is active neither on the pulse nor halfway between, the tempo itself varies.

    Args:
        active: activations of the beat, 0 where they are below the threshold, shape (frames,).
        path: frames of the beats of the most probable path, ascending, shape (beats,).
        least: minimum share of the activations that has to be in phase.

    Returns:
        Frames, half a beat apart, shape (halves,), the outer ones up to an eighth of a beat before
        the first and after the last; None if there is no such pulse.
    """
    if len(path) < FEWEST:
        return None
    size = 1 << math.ceil(math.log2(active.size * FINER))
    likely = 2 * size / float(np.median(np.diff(path)))
    bins = np.arange(math.ceil(likely * (1 - SAME)), math.floor(likely * (1 + SAME)) + 1)
    bins = bins[bins <= size // 2]
    padded = np.zeros(size, np.float32)
    padded[: active.size] = active
    spectrum = rfft(padded)[bins]
    best = int(np.abs(spectrum).argmax())
    if np.abs(spectrum[best]) <= least * active.sum():
        return None
    half = size / float(bins[best])
    first = -float(np.angle(spectrum[best])) / (2 * math.pi) % 1 * half
    halves = _fitted(np.arange(first - half, active.size + half, half), active)
    heard = path[active[np.rint(path).astype(np.int64)] > 0]
    from_middle = np.abs((heard - halves[0]) / (halves[1] - halves[0]) % 1 - 0.5)
    return halves if (from_middle < 0.5 - 2 * CLOSE).mean() <= ELSEWHERE else None


def bars(
    halves: Floats, gains: Floats, length: int, metres: Sequence[int]
) -> tuple[slice, Integers, int]:
    """The most probable choice of which halves are beats, and of where the bars begin.

    Args:
        halves: time steps half a beat apart, shape (halves,).
        gains: log densities of (beat other than the downbeat, downbeat) minus that of no beat,
            shape (steps, 2).
        length: time steps that are observed as a beat.
        metres: candidates for the beats per bar.

    Returns:
        The halves that are beats, the position of each beat in its bar, 0 at the downbeat, shape
        (beats,), and the beats per bar.
    """
    total = np.pad(np.cumsum(gains, axis=0), ((1, 0), (0, 0)))
    begin = np.rint(halves - (length - 1) / 2).astype(np.int64).clip(0, len(gains))
    each = total[(begin + length).clip(0, len(gains))] - total[begin]
    found = []
    for which in (slice(0, None, 2), slice(1, None, 2)):
        other, down = each[which].T
        for metre in metres:
            for first in range(metre):
                places = (np.arange(len(other)) - first) % metre
                score = float(np.where(places == 0, down, other).sum()) - math.log(metre)
                found.append((score, (which, places, metre)))
    return max(found, key=lambda bars: bars[0])[1]


def played(at: Floats, path: Floats) -> Floats:
    """Adapt the beats of a pulse to human timing: each moves to that of the path, if one is near.

    Beats of a machine, where the path is on the pulse nearly everywhere, do not move.

    Args:
        at: frames of the beats of the pulse, shape (beats,).
        path: those of the path, ascending.
    """
    after = np.searchsorted(path, at).clip(1, len(path) - 1)
    nearest = np.where(at - path[after - 1] < path[after] - at, path[after - 1], path[after])
    away = np.abs(nearest - at) / (at[1] - at[0])
    is_near = away <= NEAR
    if is_near.any() and np.percentile(away[is_near], MOST) < EXACT:
        return at
    moved: Floats = np.where(is_near, nearest, at)
    return moved


def _fitted(at: Floats, active: Floats) -> Floats:
    """Least-squares line through the activations near a pulse."""
    reach = math.ceil(2 * NEAR * (at[1] - at[0]))
    near = np.rint(at).astype(np.int64)[:, None] + np.arange(-reach, reach + 1)
    weights = active[near.clip(0, active.size - 1)] * (near >= 0) * (near < active.size)
    number = np.broadcast_to(np.arange(at.size)[:, None], near.shape)
    slope, first = np.polyfit(number.ravel(), near.ravel(), 1, w=np.sqrt(weights.ravel()))
    fitted: Floats = first + slope * np.arange(at.size)
    outside = 2 * NEAR * float(slope)
    kept: Floats = fitted[(fitted >= -outside) & (fitted <= active.size - 1 + outside)]
    return kept
