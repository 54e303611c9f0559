"""From played notes to samples by a soundfont, one bus at a time."""

import heapq
from collections.abc import Mapping, Sequence

import numpy as np

from deepmir.errors import DeepmirError
from deepmir_render.playing import fluidsynth
from deepmir_render.playing.fluidsynth import BLOCK, CHANNELS, Channel, Event, Stereo
from deepmir_render.playing.played import PlayedPart
from deepmir_render.sources import soundfonts
from deepmir_render.sources.soundfonts import Measured, SoundFont

REFERENCE_LEVEL = -24.0  # dB: maximum RMS of 50 ms of a note at velocity 90 in a part at 0 dB
RING = fluidsynth.on_grid(1.2)  # samples after its release in which a note must fade


def render(
    buses: Mapping[str, Sequence[PlayedPart]], font: SoundFont, samples: int, detune_cents: float
) -> dict[str, Stereo]:
    """Play the parts of each bus, tuned to A4 = 440 Hz plus `detune_cents`.

    Parts whose instrument has no program in the soundfont's table are not allowed; see
    :func:`deepmir_render.sources.soundfonts.measured`.

    Args:
        buses: the parts of each bus, by its name.
        font: an installed soundfont.
        samples: length at 44.1 kHz; later sound is cut off.
        detune_cents: for everything but drums.

    Returns:
        The sound of each bus that has notes, left and right, shape (2, samples).

    Raises:
        DeepmirError: when the soundfont does not play an instrument.
    """
    return {
        name: _play(parts, font, samples, detune_cents)
        for name, parts in buses.items()
        if any(part.notes for part in parts)
    }


def _play(parts: Sequence[PlayedPart], font: SoundFont, samples: int, detune: float) -> Stereo:
    channels: list[Channel] = []
    events: list[Event] = []
    for part in parts:
        program = _measured(part, font)
        own, used = _events(part, program, len(channels))
        events += own
        channels += [_channel(part, program, detune)] * used
    if len(channels) > CHANNELS and len(parts) > 1:
        alone = [_play([part], font, samples, detune) for part in parts]
        together: Stereo = np.sum(alone, axis=0)
        return together
    return fluidsynth.play(font.path, channels, events, samples)


def _channel(part: PlayedPart, program: Measured, detune: float) -> Channel:
    drums = program.instrument.drums
    return Channel(
        program=program.instrument.program,
        drums=drums,
        gain=REFERENCE_LEVEL + part.level - program.level,
        pan=part.pan,
        cents=0.0 if drums else detune - program.tuning,
    )


def _measured(part: PlayedPart, font: SoundFont) -> Measured:
    found = soundfonts.measured(font.name).get(part.instrument.name)
    if found is None:
        raise DeepmirError(
            f"the soundfont {font.name} has no {part.instrument.name} that is in tune"
            f" (soundfonts.csv): choose another instrument for the part {part.name}"
        )
    return found


def _events(part: PlayedPart, program: Measured, first: int) -> tuple[list[Event], int]:
    """The events of a part on channels from `first` on, and the number of its channels.

    Each note has its own channel until it has faded, so that it can be silenced separately: some
    would ring for ten seconds. The strokes of drums share one, as a drum kit defines which of its
    sounds stop others.
    """
    events: list[Event] = []
    early = round(program.latency / BLOCK) * BLOCK
    busy: list[tuple[int, int]] = []  # heap: when a channel is free again, and its number
    used = 0
    for note in sorted(part.notes, key=lambda note: note.start):
        pitch = round(note.pitch)
        start = max(0, note.start - early)
        end = max(start + BLOCK, note.sounding - early)
        if program.instrument.drums:
            channel, used = first, 1
        elif busy and busy[0][0] <= start:
            channel = heapq.heappop(busy)[1]
        else:
            channel, used = first + used, used + 1
        events += [
            Event(start, fluidsynth.STRIKE, channel, pitch, note.velocity),
            Event(end, fluidsynth.RELEASE, channel, pitch),
        ]
        if not program.instrument.drums:
            faded = end + RING + BLOCK
            heapq.heappush(busy, (faded, channel))
            events += [
                Event(faded - BLOCK, fluidsynth.FADE, channel),
                Event(faded, fluidsynth.SILENCE, channel),
            ]
    return events, used
