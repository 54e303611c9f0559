"""From played notes to samples, by a soundfont.

The soundfont, TimGM6mb (GPL-2), is the one inside the installed `pretty_midi` package and is not
part of this project.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir_render.playing import fluidsynth
from deepmir_render.playing.fluidsynth import RELEASE, STRIKE, Channel, Event
from deepmir_render.playing.instruments import SINGING
from deepmir_render.playing.performance_plain import Performance, PlayedPart
from deepmir_render.sources.corpus import package_folder

SOUNDFONT = "TimGM6mb.sf2"
REFERENCE_LEVEL = -34.0  # dB: of a part at 0 dB, as in singing.py
TUNING = -3.0  # cents: what A4 = 440 Hz needs, the median over the instruments that are used


def synthesise(performance: Performance) -> npt.NDArray[np.float64]:
    """Render a performance, except for what is sung.

    Returns:
        Samples at 44.1 kHz, left and right, shape (2, samples).

    Raises:
        DeepmirError: when the soundfont or what plays it is missing.
    """
    parts = [part for part in performance.parts if part.instrument != SINGING]
    channels = [_channel(part) for part in parts]
    sound = fluidsynth.play(_soundfont(), channels, _events(parts), performance.samples)
    return sound.astype(np.float64)


def _soundfont() -> Path:
    path = package_folder("pretty_midi") / SOUNDFONT
    if not path.is_file():
        raise DeepmirError(f"{path}: the soundfont is missing; reinstall pretty_midi")
    return path


def _channel(part: PlayedPart) -> Channel:
    return Channel(
        program=part.instrument.program,
        drums=part.instrument.drums,
        gain=REFERENCE_LEVEL + part.level - part.instrument.level,
        pan=part.pan,
        cents=TUNING,
    )


def _events(parts: Sequence[PlayedPart]) -> Iterator[Event]:
    for channel, part in enumerate(parts):
        for note in part.notes:
            yield Event(note.start, STRIKE, channel, round(note.pitch), note.velocity)
            yield Event(note.end, RELEASE, channel, round(note.pitch))
