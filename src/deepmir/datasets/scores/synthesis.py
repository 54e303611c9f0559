"""From played notes to samples, by a soundfont.

The synthesiser is driven directly: it renders from one event to the next, so that every note starts
on its own sample (its sequencer drifts by milliseconds). The soundfont, TimGM6mb (GPL-2), is the
one inside the installed `pretty_midi` package and is not part of this project.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from deepmir.datasets.scores.corpus import package_folder
from deepmir.datasets.scores.instruments import SINGING
from deepmir.datasets.scores.performance import SAMPLE_RATE, Performance, PlayedPart
from deepmir.errors import DeepmirError

SOUNDFONT = "TimGM6mb.sf2"
REFERENCE_LEVEL = -34.0  # dB: below the quietest instrument, as a channel can only be turned down
TUNING = -0.03  # semitones: what A4 = 440 Hz needs, measured over the instruments that are used
DRUM_CHANNEL, DRUM_BANK = 9, 128
PAN_CONTROL, VOLUME_CONTROL = 10, 7

Event = tuple[int, int, int, float, int]  # sample, 0 release or 1 strike, channel, pitch, velocity


def synthesise(performance: Performance) -> npt.NDArray[np.float64]:
    """Render a performance, except for what is sung.

    Returns:
        Samples at 44.1 kHz, left and right, shape (2, samples).

    Raises:
        DeepmirError: when the soundfont is missing.
    """
    from tinysoundfont import Synth

    synth = Synth(samplerate=SAMPLE_RATE)
    font = synth.sfload(_soundfont())
    parts = tuple(part for part in performance.parts if part.instrument != SINGING)
    channels = dict(zip(_channels(parts), parts, strict=True))
    for channel, part in channels.items():
        bank = DRUM_BANK if part.instrument.drums else 0
        synth.program_select(channel, font, bank, part.instrument.program, part.instrument.drums)
        synth.control_change(channel, VOLUME_CONTROL, _volume(part))
        synth.control_change(channel, PAN_CONTROL, round(63.5 + 63.5 * part.pan))
        synth.set_tuning(channel, TUNING)
    samples = np.zeros((performance.samples, 2), dtype=np.float32)
    now = 0
    for sample, strike, channel, pitch, velocity in sorted(_events(channels)):
        if sample > now:
            synth.generate_simple(sample - now, samples[now:sample].data.cast("B"))
            now = sample
        if strike:
            synth.noteon(channel, pitch, velocity)
        else:
            synth.noteoff(channel, pitch)
    synth.generate_simple(performance.samples - now, samples[now:].data.cast("B"))
    return np.ascontiguousarray(samples.T, dtype=np.float64)


def _soundfont() -> str:
    path = package_folder("pretty_midi") / SOUNDFONT
    if not path.is_file():
        raise DeepmirError(f"{path}: the soundfont is missing; reinstall pretty_midi")
    return str(path)


def _channels(parts: tuple[PlayedPart, ...]) -> Iterator[int]:
    melodic = iter([c for c in range(16) if c != DRUM_CHANNEL])
    return (DRUM_CHANNEL if part.instrument.drums else next(melodic) for part in parts)


def _volume(part: PlayedPart) -> int:
    """The channel volume, whose cube is the gain, that brings a part to its level."""
    decibels = REFERENCE_LEVEL + part.level - part.instrument.level
    return max(1, min(127, round(127 * 10 ** (decibels / 60))))


def _events(channels: dict[int, PlayedPart]) -> Iterator[Event]:
    for channel, part in channels.items():
        for note in part.notes:
            yield note.start, 1, channel, note.pitch, note.velocity
            yield note.end, 0, channel, note.pitch, 0
