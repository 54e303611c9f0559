"""FluidSynth, the soundfont synthesiser, as contained in the wheels of `pygame-ce`.

The library (LGPL-2.1) is called directly, and pygame is never imported. FluidSynth processes events
only at the start of its blocks, so callers must align notes to them with :func:`on_grid`.
"""

import ctypes
import importlib.metadata
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError

Stereo = npt.NDArray[np.float32]

SAMPLE_RATE = 44100
BLOCK = 64  # samples, 1.45 ms
CHANNELS = 256  # maximum
VOICES = 1024  # simultaneous; more would cut off the softest
DRUM_BANK = 128
GAIN, HEADROOM = 10.0, 20.0  # maximum gain of FluidSynth, and the same in dB

RELEASE, FADE, SILENCE, STRIKE = range(4)  # in the order of processing at one sample

SETTINGS = {
    "synth.chorus.active": 0,
    "synth.cpu-cores": 1,
    "synth.dynamic-sample-loading": 1,  # of the programs in use
    "synth.lock-memory": 0,
    "synth.midi-channels": CHANNELS,
    "synth.min-note-length": 0,
    "synth.polyphony": VOICES,
    "synth.reverb.active": 0,
}
EXPRESSION = 11  # controller
PAN, ATTENUATION, TUNING = 17, 48, 52  # generators, in 0.1 %, 0.1 dB and cents
VELOCITY, DECIBELS = 2, 1 | 4  # source of a modulator; its curve in decibels
REPLACE = 0  # an existing modulator
LEVELS_OF_LOGS = range(5)

_POINTER, _INT, _REAL, _TEXT = ctypes.c_void_p, ctypes.c_int, ctypes.c_double, ctypes.c_char_p
_FUNCTIONS = {
    "new_fluid_settings": (_POINTER,),
    "delete_fluid_settings": (None, _POINTER),
    "fluid_settings_setint": (_INT, _POINTER, _TEXT, _INT),
    "fluid_settings_setnum": (_INT, _POINTER, _TEXT, _REAL),
    "fluid_set_log_function": (_POINTER, _INT, _POINTER, _POINTER),
    "new_fluid_mod": (_POINTER,),
    "fluid_mod_set_source1": (None, _POINTER, _INT, _INT),
    "fluid_mod_set_source2": (None, _POINTER, _INT, _INT),
    "fluid_mod_set_dest": (None, _POINTER, _INT),
    "fluid_mod_set_amount": (None, _POINTER, _REAL),
    "new_fluid_synth": (_POINTER, _POINTER),
    "delete_fluid_synth": (None, _POINTER),
    "fluid_synth_add_default_mod": (_INT, _POINTER, _POINTER, _INT),
    "fluid_synth_sfload": (_INT, _POINTER, _TEXT, _INT),
    "fluid_synth_pin_preset": (_INT, _POINTER, _INT, _INT, _INT),
    "fluid_synth_program_select": (_INT, _POINTER, _INT, _INT, _INT, _INT),
    "fluid_synth_set_gen": (_INT, _POINTER, _INT, _INT, ctypes.c_float),
    "fluid_synth_cc": (_INT, _POINTER, _INT, _INT, _INT),
    "fluid_synth_noteon": (_INT, _POINTER, _INT, _INT, _INT),
    "fluid_synth_noteoff": (_INT, _POINTER, _INT, _INT),
    "fluid_synth_all_sounds_off": (_INT, _POINTER, _INT),
    "fluid_synth_write_float": (_INT, _POINTER, _INT, *((_POINTER, _INT, _INT) * 2)),
}


@dataclass(frozen=True)
class Channel:
    """The sound and settings of a channel.

    Attributes:
        program: counted from 0; the kit of drums.
        drums: whether pitches are drums.
        gain: in dB, at most `HEADROOM`; rounded to a tenth.
        pan: from left (-1) to right (1).
        cents: transposition of all pitches.
    """

    program: int
    drums: bool = False
    gain: float = 0.0
    pan: float = 0.0
    cents: float = 0.0


class Event(NamedTuple):
    """An event at a sample, which must be a multiple of `BLOCK`.

    A stroke (`STRIKE`) has a pitch and a velocity, a `RELEASE` a pitch. `FADE` makes a channel
    silent within a block; `SILENCE` ends faded notes, so that they can be struck again.
    """

    sample: int
    kind: int
    channel: int
    pitch: int = 0
    velocity: int = 0


def on_grid(seconds: float) -> int:
    """The sample at 44.1 kHz at which the nearest block to a time begins."""
    return round(seconds * SAMPLE_RATE / BLOCK) * BLOCK


def play(
    soundfont: Path, channels: Sequence[Channel], events: Iterable[Event], samples: int
) -> Stereo:
    """Play events; the result only depends on the arguments.

    Amplitudes are proportional to velocities, unless the soundfont defines otherwise.

    Args:
        soundfont: a file, SF2 or SF3.
        channels: at most `CHANNELS`.
        events: in any order.
        samples: length of the result; later events are ignored.

    Returns:
        Left and right at 44.1 kHz, shape (2, samples).

    Raises:
        DeepmirError: when the file is not a soundfont or lacks a program, or FluidSynth is missing.
        ValueError: when there are too many channels, or an event is not at the start of a block.
    """
    if len(channels) > CHANNELS:
        raise ValueError(f"{len(channels)} channels of at most {CHANNELS}")
    sound = np.empty((2, -(-samples // BLOCK) * BLOCK), np.float32)
    # A new player: voices would retain something of earlier notes.
    with closing(_Player(soundfont)) as player:
        for number, channel in enumerate(channels):
            _kept(soundfont).pin(channel)
            player.prepare(number, channel)
        now = 0
        for event in sorted(event for event in events if event.sample < samples):
            if event.sample % BLOCK:
                raise ValueError(f"{event} is not at a multiple of {BLOCK} samples")
            player.write(sound, now, event.sample)
            player.do(event)
            now = event.sample
        player.write(sound, now, sound.shape[1])
    return sound[:, :samples]


class _Player:
    """FluidSynth with a soundfont."""

    def __init__(self, soundfont: Path) -> None:
        self._path = soundfont
        self._library = library = _library()
        self._settings = library.new_fluid_settings()
        for name, value in SETTINGS.items():
            library.fluid_settings_setint(self._settings, name.encode(), value)
        library.fluid_settings_setnum(self._settings, b"synth.sample-rate", SAMPLE_RATE)
        library.fluid_settings_setnum(self._settings, b"synth.gain", GAIN)
        self._synth = library.new_fluid_synth(self._settings)
        library.fluid_synth_add_default_mod(self._synth, _by_velocity(), REPLACE)
        self._font = library.fluid_synth_sfload(self._synth, str(soundfont).encode(), 0)
        if self._font < 0:
            raise DeepmirError(f"{soundfont}: not readable as a soundfont; install it again")

    def close(self) -> None:
        self._library.delete_fluid_synth(self._synth)
        self._library.delete_fluid_settings(self._settings)

    def pin(self, channel: Channel) -> None:
        """Keep the samples of a program in memory."""
        bank = DRUM_BANK if channel.drums else 0
        pin = self._library.fluid_synth_pin_preset
        if pin(self._synth, self._font, bank, channel.program) < 0:
            raise DeepmirError(f"{self._path}: it has no program {channel.program} in bank {bank}")

    def prepare(self, number: int, channel: Channel) -> None:
        library, synth = self._library, self._synth
        bank = DRUM_BANK if channel.drums else 0
        library.fluid_synth_program_select(synth, number, self._font, bank, channel.program)
        attenuation = 10 * (HEADROOM - channel.gain)
        library.fluid_synth_set_gen(synth, number, ATTENUATION, attenuation)
        library.fluid_synth_set_gen(synth, number, PAN, 500 * channel.pan)
        library.fluid_synth_set_gen(synth, number, TUNING, channel.cents)

    def do(self, event: Event) -> None:
        library, synth, channel = self._library, self._synth, event.channel
        if event.kind == STRIKE:
            library.fluid_synth_noteon(synth, channel, event.pitch, event.velocity)
        elif event.kind == RELEASE:
            library.fluid_synth_noteoff(synth, channel, event.pitch)
        elif event.kind == FADE:
            library.fluid_synth_cc(synth, channel, EXPRESSION, 0)
        else:
            library.fluid_synth_all_sounds_off(synth, channel)
            library.fluid_synth_cc(synth, channel, EXPRESSION, 127)

    def write(self, sound: Stereo, begin: int, end: int) -> None:
        if end > begin:
            both, right = sound.ctypes.data, sound.shape[1]
            self._library.fluid_synth_write_float(
                self._synth, end - begin, both, begin, 1, both, right + begin, 1
            )


@cache
def _kept(soundfont: Path) -> _Player:
    """A player that keeps what it has loaded, so that other players need not load it again."""
    return _Player(soundfont)


@cache
def _by_velocity() -> int:
    """A modulator that makes amplitudes proportional to velocities, not to their squares."""
    library = _library()
    modulator = library.new_fluid_mod()
    library.fluid_mod_set_source1(modulator, VELOCITY, DECIBELS)
    library.fluid_mod_set_source2(modulator, 0, 0)
    library.fluid_mod_set_dest(modulator, ATTENUATION)
    library.fluid_mod_set_amount(modulator, 480.0)
    return int(modulator)


@cache
def _library() -> ctypes.CDLL:
    """The library, with its terminal output suppressed."""
    files = importlib.metadata.files("pygame-ce") or []
    path = next((file for file in files if file.name.startswith("libfluidsynth")), None)
    if path is None:
        raise DeepmirError(
            "the installed pygame-ce does not include FluidSynth: install it from a "
            "wheel, with `pip install --force-reinstall --only-binary :all: pygame-ce`"
        )
    library = ctypes.CDLL(str(path.locate()))
    for name, (result, *arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    for level in LEVELS_OF_LOGS:
        library.fluid_set_log_function(level, None, None)
    return library
