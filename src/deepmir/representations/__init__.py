"""Audio data representations (tutorial, section 3.2): frozen declarations that are also functions.

``Mel(sample_rate=16000, hop=256)(samples)`` gives frames, shape (frames, bins), float32. Every kind
has ``frame_rate``, ``bins``, ``channels``, ``frequencies``, ``bins_per_octave``, ``units`` and a
``digest`` that changes whenever its numbers may.
"""

from typing import Annotated

from pydantic import Field

from deepmir.representations.audio import Audio
from deepmir.representations.bark import Bark
from deepmir.representations.chroma import Chroma
from deepmir.representations.conditioning import (
    Conditioning,
    Decibel,
    LocalContrast,
    Log,
    Pcen,
    Whitening,
)
from deepmir.representations.cqt import Cqt
from deepmir.representations.erb import Erb
from deepmir.representations.gammatone import Gammatone
from deepmir.representations.hcqt import Hcqt
from deepmir.representations.logfrequency import LogFrequency
from deepmir.representations.mel import Mel
from deepmir.representations.mfcc import Mfcc
from deepmir.representations.separation import Separation
from deepmir.representations.stack import Stack
from deepmir.representations.stft import Stft
from deepmir.representations.tempogram import Tempogram

Representation = Annotated[
    Audio
    | Stft
    | Mel
    | Bark
    | Erb
    | Gammatone
    | LogFrequency
    | Cqt
    | Hcqt
    | Chroma
    | Mfcc
    | Tempogram
    | Stack,
    Field(discriminator="kind"),
]

__all__ = [
    "Audio",
    "Bark",
    "Chroma",
    "Conditioning",
    "Cqt",
    "Decibel",
    "Erb",
    "Gammatone",
    "Hcqt",
    "LocalContrast",
    "Log",
    "LogFrequency",
    "Mel",
    "Mfcc",
    "Pcen",
    "Representation",
    "Separation",
    "Stack",
    "Stft",
    "Tempogram",
    "Whitening",
]
