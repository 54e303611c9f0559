"""From played notes to samples, by one of several soundfonts: a bus at a time.

The synthesiser is driven directly from one event to the next, so that every note starts on its own
sample. Loading a soundfont takes up to four seconds and 0.1 to 1.2 GB, so each process keeps the
ones that it has used; nothing that a track sets outlives it.
"""

import heapq
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir.datasets.rendered import soundfonts
from deepmir.datasets.rendered.soundfonts import Measured, SoundFont
from deepmir.datasets.scores.performance import SAMPLE_RATE, PlayedPart
from deepmir.errors import DeepmirError

if TYPE_CHECKING:
    from tinysoundfont import Synth, _tinysoundfont

Stereo = npt.NDArray[np.float32]

REFERENCE_LEVEL = -24.0  # dB: greatest RMS of 50 ms of a note at velocity 90 in a part at 0 dB
VOICES = 1024  # that sound at once; more would cut off the oldest
DRUM_BANK = 128
BLOCK = 4096  # samples rendered at a time; in so many, all that a reset has stopped fades out

RING = 1.2  # seconds after its release in which a note must fade; some would for ten
RELEASE, SILENCE, STRIKE = 0, 1, 2  # in the order in which they happen at one sample

Event = tuple[int, int, int, int, float]  # sample, what happens, channel, pitch, velocity


def render(
    buses: Mapping[str, Sequence[PlayedPart]], font: SoundFont, samples: int, detune_cents: float
) -> dict[str, Stereo]:
    """Play the parts of each bus, in tune with A4 = 440 Hz but for `detune_cents`.

    A part whose instrument has no program in the soundfont's table must not be given; see
    :func:`deepmir.datasets.rendered.soundfonts.measured`.

    Args:
        buses: the parts that go to each bus, by its name.
        font: an installed soundfont.
        samples: length at 44.1 kHz; what sounds beyond is cut off.
        detune_cents: of everything but drums.

    Returns:
        For each bus that has notes its sound, left and right, shape (2, samples).

    Raises:
        DeepmirError: when the soundfont does not play an instrument.
    """
    return {
        name: _play(parts, font, samples, detune_cents)
        for name, parts in buses.items()
        if any(part.notes for part in parts)
    }


def _play(parts: Sequence[PlayedPart], font: SoundFont, samples: int, detune: float) -> Stereo:
    synth = _loaded(font)
    # The bindings of the synthesiser's own object take volumes and pans as fractions, unlike MIDI.
    player = next(iter(synth.soundfonts.values()))
    player.reset()
    block = np.empty((BLOCK, 2), dtype=np.float32)
    player.render(block.data.cast("B"))
    events: list[Event] = []
    channels = 0
    for part in parts:
        program = _measured(part, font)
        own, used = _events(part, program, channels)
        events += own
        for channel in range(channels, channels + used):
            _prepare(player, channel, part, program, detune)
        channels += used
    sound = np.empty((2, samples), dtype=np.float32)
    now = 0
    for sample, event, channel, pitch, velocity in sorted(events):
        if sample >= samples:
            break
        if sample > now:
            _render(player, sound[:, now:sample], block)
            now = sample
        if event == STRIKE:
            player.channel_note_on(channel, pitch, velocity)
        elif event == RELEASE:
            player.channel_note_off(channel, pitch)
        else:
            player.channel_sounds_off(channel)
    _render(player, sound[:, now:], block)
    return sound


def _render(player: "_tinysoundfont.SoundFont", sound: Stereo, block: Stereo) -> None:
    """Fill a stretch of sound by way of a block, as the synthesiser interleaves left and right."""
    for begin in range(0, sound.shape[1], len(block)):
        part = sound[:, begin : begin + len(block)]
        made = block[: part.shape[1]]
        player.render(made.data.cast("B"))
        part[:] = made.T


def _prepare(
    player: "_tinysoundfont.SoundFont",
    channel: int,
    part: PlayedPart,
    program: Measured,
    detune: float,
) -> None:
    drums = program.program.drums
    player.channel_set_bank(channel, DRUM_BANK if drums else 0)
    player.channel_set_preset_number(channel, program.program.program, drums)
    player.channel_set_volume(channel, 10 ** ((REFERENCE_LEVEL + part.level - program.level) / 20))
    player.channel_set_pan(channel, (1 + part.pan) / 2)
    player.channel_set_tuning(channel, 0.0 if drums else (detune - program.tuning) / 100)


@cache
def _loaded(font: SoundFont) -> "Synth":
    from tinysoundfont import Synth

    synth = Synth(samplerate=SAMPLE_RATE)
    synth.sfload(str(font.path), max_voices=VOICES)
    return synth


def _measured(part: PlayedPart, font: SoundFont) -> Measured:
    found = soundfonts.measured(font.name).get(part.instrument.name)
    if found is None:
        raise DeepmirError(
            f"the soundfont {font.name} has no {part.instrument.name} that is in tune"
            f" (soundfonts.csv): choose another instrument for the part {part.name}"
        )
    return found


def _events(part: PlayedPart, program: Measured, first: int) -> tuple[list[Event], int]:
    """The events of a part on channels from `first` on, and how many channels it takes.

    Each note has a channel to itself until it has faded, so that it alone can be silenced. The
    strokes of drums share one, as a drum kit knows which of its sounds stop which.
    """
    events: list[Event] = []
    ring = round(RING * SAMPLE_RATE)
    busy: list[tuple[int, int]] = []  # heap: when a channel is free again, and which it is
    used = 0
    for note in sorted(part.notes, key=lambda note: note.start):
        pitch = round(note.pitch)
        start = max(0, note.start - program.latency)
        end = max(start + 1, note.end - program.latency)
        if program.program.drums:
            channel, used = first, 1
        elif busy and busy[0][0] <= start:
            channel = heapq.heappop(busy)[1]
        else:
            channel, used = first + used, used + 1
        events += [
            (start, STRIKE, channel, pitch, note.velocity / 127),
            (end, RELEASE, channel, pitch, 0.0),
        ]
        if not program.program.drums:
            heapq.heappush(busy, (end + ring, channel))
            events.append((end + ring, SILENCE, channel, pitch, 0.0))
    return events, used
