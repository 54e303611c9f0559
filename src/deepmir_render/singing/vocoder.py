"""Singing from envelopes: pulses through a minimum-phase filter, and overlapping noise.

A harmonic plus noise model (Stylianou 2001): below a time-varying frequency the voice is a train of
pulses, one per period, each the minimum-phase impulse response of the vocal tract, as in WORLD
(Morise et al. 2016); above it, and a little everywhere, it is noise.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

from deepmir_render.playing.played import SAMPLE_RATE

Array: TypeAlias = npt.NDArray[np.float32]

SIZE = 1024  # samples of an impulse response
BINS = SIZE // 2 + 1
USED = 420  # bins, up to 18 kHz: a singer has almost nothing above
HOP = SAMPLE_RATE / 200  # samples between controls
GRAIN = 147  # samples between grains of noise
BLOCK = 400  # controls synthesised at a time
QUIET = -100.0  # dB: a quieter control is silent
SLOPE = 350.0  # Hz over which harmonics are replaced by noise
NEPER = np.float32(np.log(10) / 20)  # natural logarithm of the amplitude per decibel


@dataclass(frozen=True)
class Controls:
    """The input of the vocoder, every 5 ms.

    Attributes:
        power: of the envelope in dB, shape (controls, BINS), over 0 to 22050 Hz.
        harmonic: frequency in Hz up to which the voice is harmonic, 0 if voiceless.
        breath: level of the noise below that frequency, relative to the harmonics, in dB.
        pulses: fractional sample of every pulse, in order.
        heights: amplitude of every pulse.
    """

    power: Array
    harmonic: Array
    breath: float
    pulses: npt.NDArray[np.float64]
    heights: npt.NDArray[np.float64]


def synthesise(
    controls: Controls, samples: int, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """The voice, shape (samples,), with the power of white noise through the envelopes."""
    sound = np.zeros(samples + 2 * SIZE, dtype=np.float32)
    active = np.flatnonzero(controls.power.max(axis=1) > QUIET)
    for block in _blocks(active):
        _add_block(sound, controls, block, rng)
    return sound[:samples]


def pulses(frequencies: npt.NDArray[np.float64], hop: int) -> npt.NDArray[np.float64]:
    """The starts of the periods of a voice.

    Args:
        frequencies: the fundamental in Hz every `hop` samples, linear in between.
        hop: in samples.

    Returns:
        Fractional samples, in order.
    """
    cycles = np.concatenate(
        [[0.0], np.cumsum((frequencies[1:] + frequencies[:-1]) / 2 * hop / SAMPLE_RATE)]
    )
    whole = np.arange(1, int(cycles[-1]) + 1)
    left = np.searchsorted(cycles, whole, side="right") - 1
    left = np.minimum(left, frequencies.size - 2)
    # Within a hop the phase is begin * x + bend * x^2 / 2 for x in hops; no cancellation here.
    begin = frequencies[left] * hop / SAMPLE_RATE
    bend = (frequencies[left + 1] - frequencies[left]) * hop / SAMPLE_RATE
    rest = whole - cycles[left]
    inside = 2 * rest / (begin + np.sqrt(begin**2 + 2 * bend * rest))
    return np.asarray((left + inside) * hop)


def _blocks(active: npt.NDArray[np.int_]) -> list[tuple[int, int]]:
    """First and last control of active intervals, none of them long."""
    if not active.size:
        return []
    gaps = np.flatnonzero(np.diff(active) > 1)
    firsts = active[np.concatenate([[0], gaps + 1])].tolist()
    lasts = active[np.concatenate([gaps, [-1]])].tolist()
    return [
        (begin, min(begin + BLOCK, last + 1))
        for first, last in zip(firsts, lasts, strict=True)
        for begin in range(first, last + 1, BLOCK)
    ]


def _add_block(
    sound: Array, controls: Controls, block: tuple[int, int], rng: np.random.Generator
) -> None:
    first, last = block
    power = controls.power[first : last + 1]  # one more, for interpolation
    amplitude, phase = _minimum_phase(power)
    hertz = np.arange(USED, dtype=np.float32) * np.float32(SAMPLE_RATE / SIZE)
    limit = controls.harmonic[first : last + 1, np.newaxis]
    share = 1 / (1 + np.exp(np.clip((hertz - limit) / np.float32(SLOPE), -30, 30)))
    share[limit[:, 0] <= 0] = 0
    aspirated = np.float32(10 ** (controls.breath / 10))
    noise = np.exp(amplitude) * np.sqrt(1 - share + aspirated * share)
    voiced = amplitude + 0.5 * np.log(np.maximum(share, np.float32(1e-8)))
    within = (controls.pulses >= first * HOP) & (controls.pulses < last * HOP)
    # A pulse without harmonics around it is dropped.
    near = np.minimum((controls.pulses[within] / HOP - first).astype(np.int64), len(power) - 2)
    sounding = share[near, 0] + share[near + 1, 0] > 0.5
    starts = controls.pulses[within][sounding]
    heights = controls.heights[within][sounding].astype(np.float32)
    if starts.size:
        places = starts / HOP - first
        spectra = _pulse_spectra(
            voiced, phase, places, heights, (starts - np.floor(starts)).astype(np.float32), BINS
        )
        grains = np.fft.irfft(spectra, SIZE, axis=1).astype(np.float32)
        _overlap(sound, grains, np.floor(starts).astype(np.int64))
    _add_noise(sound, noise, first, last, rng)


def _minimum_phase(power: Array) -> tuple[Array, Array]:
    """Logarithm of the amplitude, and the minimum phase from its cepstrum, for `USED` bins.

    Oppenheim & Schafer, "Discrete-time signal processing", section 12.4: twice the causal part of
    the cepstrum of the logarithm of the amplitude.
    """
    amplitude = power * NEPER
    cepstrum = np.fft.irfft(amplitude, SIZE, axis=1).astype(np.float32)
    cepstrum[:, 1 : SIZE // 2] *= 2
    cepstrum[:, SIZE // 2 + 1 :] = 0
    phase = np.fft.rfft(cepstrum, SIZE, axis=1).imag[:, :USED].astype(np.float32)
    return amplitude[:, :USED], phase


def _add_noise(
    sound: Array, amplitude: Array, first: int, last: int, rng: np.random.Generator
) -> None:
    """Add noise grains of twice `GRAIN`, whose window powers sum to 1."""
    begin = int(np.ceil(first * HOP / GRAIN))
    count = int(np.ceil(last * HOP / GRAIN)) - begin
    if count <= 0:
        return
    width = 2 * GRAIN
    white = np.fft.rfft(rng.standard_normal((count, width), dtype=np.float32), SIZE // 2, axis=1)
    places = np.clip((np.arange(begin, begin + count) + 1) * GRAIN / HOP - first, 0, last - first)
    rows = np.minimum(np.round(places).astype(np.int64), len(amplitude) - 1)
    half = np.zeros((count, white.shape[1]), dtype=np.float32)
    half[:, : USED // 2] = amplitude[rows, ::2]
    shaped = np.fft.irfft(white * half, SIZE // 2, axis=1).astype(np.float32)
    window = np.sin(np.pi * (np.arange(width) + 0.5) / width).astype(np.float32)
    _overlap(sound, shaped[:, :width] * window, np.arange(begin, begin + count) * GRAIN)


@njit(cache=True, nogil=True, fastmath=True)  # type: ignore[untyped-decorator]
def _pulse_spectra(
    amplitude: Array,
    phase: Array,
    places: npt.NDArray[np.float64],
    heights: Array,
    delays: Array,
    bins: int,
) -> npt.NDArray[np.complex64]:
    """Spectra of pulses, each interpolated between two controls and delayed by a fraction."""
    spectra = np.zeros((places.size, bins), dtype=np.complex64)
    turn = np.float32(2 * np.pi / (2 * (bins - 1)))
    for pulse in range(places.size):
        row = min(int(places[pulse]), amplitude.shape[0] - 2)
        right = np.float32(places[pulse] - row)
        left = np.float32(1) - right
        lag = delays[pulse] * turn
        for index in range(amplitude.shape[1]):
            level = heights[pulse] * np.exp(
                left * amplitude[row, index] + right * amplitude[row + 1, index]
            )
            angle = (
                left * phase[row, index] + right * phase[row + 1, index] - lag * np.float32(index)
            )
            spectra[pulse, index] = complex(level * np.cos(angle), level * np.sin(angle))
    return spectra


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _overlap(sound: Array, grains: Array, starts: npt.NDArray[np.int64]) -> None:
    """Add grains at their starts, without anything beyond the end."""
    for grain in range(starts.size):
        begin = starts[grain]
        length = min(grains.shape[1], sound.size - begin)
        for index in range(length):
            sound[begin + index] += grains[grain, index]
