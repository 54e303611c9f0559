"""Mixing of the buses and the voice of a track, as in real recordings.

Every bus goes through a strip (compressor, saturation, equaliser, panning) with sends to a shared
room and a shared echo. The sum is mastered. No effect delays the direct sound.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from numba import njit

from deepmir_render.mixing import dynamics, loudness, noises, reverb
from deepmir_render.mixing.equaliser import equalise
from deepmir_render.mixing.mix import BUSES, VOICE, Band, Master, Mix, Strip

Samples = npt.NDArray[np.float32]

PEAK = 0.98  # maximum, relative to full scale
HEADROOM = 12.0  # dB of the limiter's ceiling above the loud parts, at loudness 0
DUCKED = ("bass", "harmony")
BEATS = (Band("low_pass", 120.0),)  # the part of the drums that ducks others: the bass drum


def apply(
    buses: Mapping[str, Samples], voice: Samples | None, mix: Mix, rng: np.random.Generator
) -> Samples:
    """Mix the sounds of a track.

    Args:
        buses: sound of each bus, shape (2, samples), all of equal length. They are overwritten:
            buses are processed in place, as fresh memory costs more than most effects.
        voice: sound of the singer, shape (samples,), or None.
        mix: to apply.
        rng: for the noise.

    Returns:
        Samples between -0.98 and 0.98, left and right, shape (2, samples).
    """
    given = [*buses.values()] if voice is None else [*buses.values(), voice[np.newaxis]]
    shape = (2, max(sound.shape[1] for sound in given))
    total, room, repeats = (np.zeros(shape, dtype=np.float32) for _ in range(3))
    ducking = _ducking(buses, mix)
    for name in (*BUSES, *sorted(set(buses) - {*BUSES})):
        if name in buses:
            strip, sound = mix.strip(name), buses[name]
            _process(sound, strip)
            if ducking is not None and name in DUCKED:
                dynamics.apply_gains(sound, ducking)
            _send(sound, strip, 1.0, total, room, repeats)
    if voice is not None:
        strip, sung = mix.strip(VOICE), voice[np.newaxis].astype(np.float32)
        _process(sung, strip)
        gain = loudness.voice_gain(sung, total, mix.voice_level)
        _send(sung, strip, gain, total, room, repeats)
    if mix.echo is not None and any(strip.echo is not None for strip in mix.strips):
        reverb.add_echoes(total, repeats, mix.echo)
    if mix.reverb is not None:
        total += reverb.reverberate(room, mix.reverb)
    return _mastered(total, mix.master, rng)


def _process(sound: Samples, strip: Strip) -> None:
    if strip.compression is not None:
        gains = dynamics.compression_gains(dynamics.levels(sound), strip.compression)
        dynamics.apply_gains(sound, gains)
    if strip.drive is not None:
        dynamics.saturate(sound, strip.drive, dynamics.loud(dynamics.levels(sound)))
    equalise(sound, strip.equaliser)


def _ducking(buses: Mapping[str, Samples], mix: Mix) -> Samples | None:
    if mix.ducking is None or "drums" not in buses:
        return None
    beats = buses["drums"].mean(axis=0, keepdims=True)
    equalise(beats, BEATS)
    return dynamics.ducking_gains(dynamics.levels(beats), mix.ducking.depth, mix.ducking.release)


def _send(
    sound: Samples, strip: Strip, gain: float, total: Samples, room: Samples, repeats: Samples
) -> None:
    """Add a sound to the sum, and to the inputs of room and echo."""
    gain *= 10 ** (strip.gain / 20)
    left, right = gain * min(1.0, 1 - strip.pan), gain * min(1.0, 1 + strip.pan)
    own, other = (1 + strip.width) / 2, (1 - strip.width) / 2
    places = np.round([[left * own, left * other], [right * other, right * own]], 7)
    for level, into in ((0.0, total), (strip.send, room), (strip.echo, repeats)):
        if level is not None:
            amount = round(10 ** (level / 20), 7)
            _add(sound[0], sound[-1], (amount * places).astype(np.float32), into)


def _mastered(sound: Samples, master: Master, rng: np.random.Generator) -> Samples:
    equalise(sound, master.equaliser)
    if master.compression is not None:
        gains = dynamics.compression_gains(dynamics.levels(sound), master.compression)
        dynamics.apply_gains(sound, gains)
    if master.loudness is not None:
        loud = dynamics.loud(dynamics.levels(sound))
        sound *= np.float32(round(10 ** ((master.loudness - HEADROOM - loud) / 20), 7))
        dynamics.limit(sound, 1.0)
    level = _level(sound)
    if master.noise is not None and level > 0:
        noise = noises.make(master.noise, sound.shape[1], rng)
        amount = level * 10 ** (-master.noise.snr / 20) / max(_level(noise), 1e-9)
        sound += np.float32(round(amount, 9)) * noise
    peak = float(max(sound.max(initial=0.0), -sound.min(initial=0.0)))
    if level > 0:
        gain = min(10 ** (master.level / 20) / level, PEAK / peak)
        sound *= np.float32(round(gain, 9))
    return np.clip(sound, -PEAK, PEAK, out=sound)


def level_of(sound: Samples) -> float:
    """Root mean square of a sound in dB relative to full scale."""
    return round(20 * float(np.log10(max(_level(sound), 1e-9))), 3)


def _level(sound: Samples) -> float:
    """Root mean square, rounded."""
    return round(float(np.sqrt(sum(map(_energy, sound)) / sound.size)), 9)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _energy(channel: Samples) -> float:
    """Sum of squares, in the same order on every processor, unlike that of numpy."""
    total = 0.0
    for i in range(len(channel)):
        sample = np.float64(channel[i])
        total += sample * sample
    return total


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add(left: Samples, right: Samples, places: Samples, into: Samples) -> None:
    for i in range(len(left)):
        into[0, i] += places[0, 0] * left[i] + places[0, 1] * right[i]
        into[1, i] += places[1, 0] * left[i] + places[1, 1] * right[i]
