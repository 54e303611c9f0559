"""What a recording adds to the sound of instruments: a room, limited bandwidth, noise, a level.

Everything is in double precision, and coefficients are rounded where they are made, so that a last
bit that differs between processors does not reach the 16 bits that are written.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepmir_render.playing.performance_plain import SAMPLE_RATE

Stereo = npt.NDArray[np.float64]

PEAK = 0.95  # of full scale, at most
DIGITS = 12
# Pink noise from white: J. O. Smith, Spectral Audio Signal Processing, "Synthesis of 1/F Noise".
PINK = (
    (0.049922035, -0.095993537, 0.050612699, -0.004408786),
    (1.0, -2.494956002, 2.017265875, -0.522189400),
)


@dataclass(frozen=True)
class Effects:
    """The effects of one track; None is for one that it does without.

    Attributes:
        reverberation: seconds in which the room's sound decays by 60 dB.
        wet: level of the room's sound relative to the direct sound, in dB.
        high_pass: cut-off frequency in Hz.
        low_pass: cut-off frequency in Hz.
        noise: `white`, `pink` or None.
        snr: level of the music above the noise, in dB.
        level: RMS of the whole, in dB relative to full scale, if the peak allows it.
    """

    reverberation: float | None
    wet: float
    high_pass: float | None
    low_pass: float | None
    noise: str | None
    snr: float
    level: float


def draw_effects(rng: np.random.Generator) -> Effects:
    """Draw the effects of a track."""
    present = rng.random(4) < (0.75, 0.3, 0.3, 0.6)
    return Effects(
        reverberation=round(float(rng.uniform(0.25, 1.5)), 3) if present[0] else None,
        wet=round(float(rng.uniform(-18, -6)), 2),
        high_pass=round(float(rng.uniform(40, 160)), 1) if present[1] else None,
        low_pass=round(float(rng.uniform(4000, 12000)), 1) if present[2] else None,
        noise=("white", "pink")[int(rng.integers(2))] if present[3] else None,
        snr=round(float(rng.uniform(24, 55)), 2),
        level=round(float(rng.uniform(-27, -16)), 2),
    )


def apply(dry: Stereo, effects: Effects, rng: np.random.Generator) -> Stereo:
    """Apply effects to a sound, shape (2, samples)."""
    sound = dry
    if effects.reverberation is not None:
        sound = sound + _room(dry, effects.reverberation, effects.wet, rng)
    for frequency, kind in ((effects.high_pass, "highpass"), (effects.low_pass, "lowpass")):
        if frequency is not None:
            sound = _filtered(sound, frequency, kind)
    sound = sound * (_amplitude(effects.level) / _rms(sound))
    if effects.noise is not None:
        noise = _noise(sound.shape[1], effects.noise, rng)
        sound += noise * (_amplitude(effects.level - effects.snr) / _rms(noise))
    return _limited(sound)


def level_of(sound: npt.NDArray[np.floating]) -> float:
    """RMS of a sound in dB relative to full scale."""
    return round(20 * float(np.log10(_rms(sound))), 3)


def to_int16(sound: Stereo) -> npt.NDArray[np.int16]:
    """Samples as they are written, shape (samples, 2)."""
    return np.rint(sound.T * 32767).astype(np.int16)


def _amplitude(decibels: float) -> float:
    return float(round(10 ** (decibels / 20), DIGITS))


def _rms(sound: npt.NDArray[np.floating]) -> float:
    """Root mean square, rounded: sums depend on the order in which a processor adds."""
    return max(float(np.round(np.sqrt(np.mean(np.square(sound))), 9)), 1e-9)


def _limited(sound: Stereo) -> Stereo:
    peak = round(float(np.abs(sound).max()), 9)
    return sound * (PEAK / peak) if peak > PEAK else sound


def _room(dry: Stereo, seconds: float, wet: float, rng: np.random.Generator) -> Stereo:
    """Convolve the mono sum with noise that decays exponentially, another for each side."""
    from scipy.signal import oaconvolve

    length = round(seconds * SAMPLE_RATE)
    decay = np.round(10 ** (-3 * np.arange(length) / length), DIGITS)
    impulse = rng.standard_normal((2, length)) * decay
    delay = round(float(rng.uniform(0.003, 0.02)) * SAMPLE_RATE)  # to the first reflection
    impulse = np.pad(impulse, ((0, 0), (delay, 0)))
    send = (dry[0] + dry[1]) / 2
    room = oaconvolve(send[np.newaxis], impulse, axes=1)[:, : dry.shape[1]]
    return np.asarray(room * (_amplitude(wet) * _rms(dry) / _rms(room)))


def _filtered(sound: Stereo, frequency: float, kind: str) -> Stereo:
    """A Butterworth filter of the second order."""
    from scipy.signal import butter, sosfilt

    sections = butter(2, frequency, kind, fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(np.round(sections, DIGITS), sound))


def _noise(samples: int, colour: str, rng: np.random.Generator) -> Stereo:
    white = rng.standard_normal((2, samples))
    if colour == "white":
        return white
    from scipy.signal import lfilter

    return np.asarray(lfilter(*PINK, white))
