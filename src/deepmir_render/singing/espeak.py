"""Speech synthesis from phonemes with espeak-ng, through its C interface.

espeak-ng is under the GPL: it is installed by the extra `deepmir[singing]`, is only loaded for
singing with a spoken voice, and no part of it is included in deepmir.
"""

import ctypes
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError, MissingDataError

MISSING = 'a spoken singer needs espeak-ng and pyworld: pip install "deepmir[singing]"'
# From speak_lib.h.
SYNCHRONOUS, PHONEME_EVENTS, DO_NOT_EXIT = 2, 0x0001, 0x8000
UTF8, PHONEMES = 1, 0x100
RATE, PITCH, RANGE = 1, 3, 4
PHONEME = 7
SEED = 1


class _Event(ctypes.Structure):
    """`espeak_EVENT`, with its union as the name of a phoneme."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("name", ctypes.c_char * 8),
    )


@dataclass(frozen=True)
class Spoken:
    """Speech.

    Attributes:
        samples: mono, from -1 to 1, shape (samples,).
        phonemes: espeak's name and first sample of each, with pauses as `_` or `_:`.
    """

    samples: npt.NDArray[np.float64]
    phonemes: tuple[tuple[str, int], ...]


class Espeak:
    """The only speaker of a process: espeak-ng keeps its state in global variables.

    Its speech depends slightly on all earlier speech: only a new process reproduces it exactly.

    Attributes:
        sample_rate: of its speech, in Hz.
    """

    def __init__(self, library: Any, data: str) -> None:
        self._library = library
        self._chunks: list[npt.NDArray[np.float64]] = []
        self._phonemes: list[tuple[str, int]] = []
        options = PHONEME_EVENTS | DO_NOT_EXIT
        self.sample_rate = int(library.espeak_Initialize(SYNCHRONOUS, 0, data.encode(), options))
        if self.sample_rate <= 0:
            raise DeepmirError(f"espeak-ng finds no voices in {data}: reinstall espeakng-loader")
        library.espeak_ng_SetRandSeed(ctypes.c_long(SEED))  # of its jitter; by default the time
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
        )
        self._callback = kind(self._receive)  # kept, as the library does not keep it alive
        library.espeak_SetSynthCallback(self._callback)
        library.espeak_Synth.argtypes = [
            *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int),
            *(ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p),
        ]

    def _receive(self, wave: Any, count: int, events: Any) -> int:
        if wave and count > 0:
            self._chunks.append(np.ctypeslib.as_array(wave, (count,)) / 2.0**15)
        index = 0
        while events[index].type:
            if events[index].type == PHONEME:
                self._phonemes.append((events[index].name.decode(), int(events[index].sample)))
            index += 1
        return 0

    def become(self, voice: str, pitch: int, rate: int) -> None:
        """Select a voice that speaks in monotone.

        Args:
            voice: a language, optionally with a variant, such as `it+f2`.
            pitch: from 0 to 99.
            rate: in words per minute, at least 80.

        Raises:
            DeepmirError: when there is no such voice.
        """
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise DeepmirError(f"espeak-ng has no voice {voice}: reinstall espeakng-loader")
        for parameter, value in ((RATE, rate), (PITCH, pitch), (RANGE, 0)):
            self._library.espeak_SetParameter(parameter, value, 0)

    def say(self, phonemes: str) -> Spoken:
        """Speak phonemes, in espeak's notation."""
        self._chunks.clear()
        self._phonemes.clear()
        text = f"[[{phonemes}]]".encode()
        self._library.espeak_Synth(text, len(text) + 1, 0, 1, 0, UTF8 | PHONEMES, None, None)
        samples = np.concatenate(self._chunks) if self._chunks else np.zeros(0)
        return Spoken(samples, tuple(self._phonemes))


@functools.cache
def espeak() -> Espeak:
    """The library, loaded.

    Raises:
        DeepmirError: when it is not installed.
    """
    try:
        import espeakng_loader
    except ImportError:
        raise MissingDataError(MISSING) from None
    load: Callable[[str], Any] = ctypes.CDLL
    try:
        library = load(str(espeakng_loader.get_library_path()))
    except OSError as error:
        raise DeepmirError(f"espeak-ng cannot be loaded ({error}): {MISSING}") from None
    return Espeak(library, str(espeakng_loader.get_data_path()))
