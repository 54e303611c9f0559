"""Dynamics: compression, ducking, limiting and saturation, without delay of the direct sound.

Gains are computed for blocks of 32 samples (0.7 ms) and interpolated in between, so the cost is one
multiplication per sample. The design is that of D. Giannoulis, M. Massberg and J. D. Reiss,
"Digital dynamic range compressor design: a tutorial and analysis", JAES 60(6), 2012: feed-forward,
in decibels, with a soft knee, and with attack and release after the static curve.

There is no library for this that is maintained, permissively licensed and bit-exact on all
platforms: Spotify's pedalboard is under the GPL, and scipy has no compressor.
"""

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from deepmir_render.mixing.mix import Compression
from deepmir_render.playing.played import SAMPLE_RATE

Floats = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]

BLOCK = 32  # samples
KNEE = 6.0  # dB
DETECTOR = 0.005  # seconds over which levels are averaged
FLOOR = -100.0  # dB: silence
LOUD = 90  # percentile of the levels that counts as loud
SOUNDING = 40.0  # dB below the maximum level: softer blocks are rests
RARE = 20.0  # dB: loud parts are at most this far below the maximum level
LOOK_AHEAD = 3  # blocks before a peak at which a limiter starts to reduce the gain
RECOVERY = 0.08  # seconds: the limiter's release


def levels(sound: Samples) -> Floats:
    """Level of each block in dB relative to full scale, for sound of shape (channels, samples)."""
    powers = _smooth(_powers(sound[0], sound[-1]), _share(DETECTOR))
    return np.asarray(10 * np.log10(powers + 10 ** (FLOOR / 10)))


def loud(blocks: Floats) -> float:
    """Level of the loud parts, in dB, from the levels of blocks."""
    greatest = blocks.max(initial=FLOOR)
    sounding = blocks[blocks > max(greatest - SOUNDING, FLOOR + 10)]
    if not len(sounding):
        return FLOOR
    return max(float(np.percentile(sounding, LOUD)), float(greatest) - RARE)


def static_curve(over: Floats, ratio: float) -> Floats:
    """Gain in dB for levels in dB above the threshold."""
    slope = 1 / ratio - 1
    knee = slope * np.square(over + KNEE / 2) / (2 * KNEE)
    return np.where(over <= -KNEE / 2, 0.0, np.where(over < KNEE / 2, knee, slope * over))


def compression_gains(blocks: Floats, compression: Compression) -> Samples:
    """Gain at the end of each block, as a factor, for the levels of blocks.

    Make-up gain restores the level of the loud parts.
    """
    threshold = loud(blocks) + compression.threshold
    wanted = static_curve(blocks - threshold, compression.ratio)
    made_up = static_curve(np.array(-compression.threshold), compression.ratio)
    attack, release = _share(compression.attack), _share(compression.release)
    return _factors(_ballistics(wanted, attack, release) - float(made_up))


def ducking_gains(blocks: Floats, depth: float, release: float) -> Samples:
    """Gain at the end of each block, reduced by up to `depth` dB where the levels are high."""
    over = np.clip((blocks - loud(blocks) + 12) / 12, 0, 1)
    return _factors(_ballistics(-depth * over, _share(0.002), _share(release)))


def apply_gains(sound: Samples, gains: Samples) -> None:
    """Multiply a sound, shape (channels, samples), in place by gains, linear within a block."""
    for channel in sound:
        _ramp(channel, gains)


def limit(sound: Samples, ceiling: float) -> None:
    """Limit a stereo sound in place so that its peaks do not exceed a ceiling.

    The gain is reduced before a peak, so no sample exceeds the ceiling, and recovers slowly.
    """
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    peaks = _peaks(sound[0], sound[-1])
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, ceiling))
    # The gain at a block's end limits this block and the next.
    held = minimum_filter1d(needed, 2 * LOOK_AHEAD + 3, mode="nearest")
    recovering = _recover(held, _share(RECOVERY))
    smooth = uniform_filter1d(recovering, 2 * LOOK_AHEAD + 1, mode="nearest")
    apply_gains(sound, np.round(smooth, 7).astype(np.float32))
    np.clip(sound, -ceiling, ceiling, out=sound)


def _share(seconds: float) -> float:
    """The share of the old value left after a block, for a time constant."""
    return round(math.exp(-BLOCK / (seconds * SAMPLE_RATE)), 12)


def _factors(decibels: Floats) -> Samples:
    return np.round(10 ** (decibels / 20), 7).astype(np.float32)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _powers(left: Samples, right: Samples) -> Floats:
    blocks = (len(left) + BLOCK - 1) // BLOCK
    powers = np.zeros(blocks)
    for block in range(blocks):
        begin, end = block * BLOCK, min(len(left), (block + 1) * BLOCK)
        total, other = np.float32(0.0), np.float32(0.0)
        for i in range(begin, end):
            total += left[i] * left[i]
            other += right[i] * right[i]
        powers[block] = (np.float64(total) + np.float64(other)) / (2 * BLOCK)
    return powers


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _peaks(left: Samples, right: Samples) -> Floats:
    blocks = (len(left) + BLOCK - 1) // BLOCK
    peaks = np.zeros(blocks)
    for block in range(blocks):
        peak = np.float32(0.0)
        for i in range(block * BLOCK, min(len(left), (block + 1) * BLOCK)):
            peak = max(peak, max(abs(left[i]), abs(right[i])))
        peaks[block] = peak
    return peaks


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _smooth(values: Floats, share: float) -> Floats:
    smooth = np.empty_like(values)
    now = values[0] if len(values) else 0.0
    for i in range(len(values)):
        now = values[i] + share * (now - values[i])
        smooth[i] = now
    return smooth


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _ballistics(wanted: Floats, attack: float, release: float) -> Floats:
    """Smooth a gain in dB: falling with the attack, rising with the release."""
    gains = np.empty_like(wanted)
    now = 0.0
    for i in range(len(wanted)):
        share = attack if wanted[i] < now else release
        now = wanted[i] + share * (now - wanted[i])
        gains[i] = now
    return gains


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _recover(held: Floats, share: float) -> Floats:
    gains = np.empty_like(held)
    now = 1.0
    for i in range(len(held)):
        now = min(held[i], 1.0 + share * (now - 1.0))
        gains[i] = now
    return gains


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _ramp(channel: Samples, gains: Samples) -> None:
    before = gains[0] if len(gains) else np.float32(1.0)
    for block in range(len(gains)):
        begin, end = block * BLOCK, min(len(channel), (block + 1) * BLOCK)
        step = (gains[block] - before) / np.float32(BLOCK)
        for i in range(begin, end):
            channel[i] *= before + step * np.float32(i - begin + 1)
        before = gains[block]


def saturate(sound: Samples, drive: float, loud: float) -> None:
    """Saturate a sound in place like an amplifier, preserving the level of its loud parts.

    Args:
        sound: shape (channels, samples).
        drive: level of the loud parts above the onset of saturation, dB.
        loud: level of the loud parts (RMS) in dB relative to full scale.
    """
    before = float(round(10 ** ((drive - loud) / 20), 9))
    bent = _curve(np.array([10 ** (drive / 20)], dtype=np.float32))[0]
    after = float(round(10 ** (loud / 20) / float(bent), 9))
    for channel in sound:
        _bend(channel, np.float32(before), np.float32(after))


def _curve(samples: Samples) -> Samples:
    curved = samples.copy()
    _bend(curved, np.float32(1.0), np.float32(1.0))
    return curved


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _bend(samples: Samples, before: np.float32, after: np.float32) -> None:
    """A rational function within 2 % of the hyperbolic tangent, and 1 from 3 on."""
    three = np.float32(3.0)
    a, b = np.float32(27.0), np.float32(9.0)
    for i in range(len(samples)):
        x = min(three, max(-three, before * samples[i]))
        square = x * x
        samples[i] = after * x * (a + square) / (a + b * square)
