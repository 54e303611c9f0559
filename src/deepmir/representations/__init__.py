"""Audio data representations (tutorial, section 3.2): frozen declarations that are also functions.

``Mel(sample_rate=16000, hop=256)(samples)`` returns frames, shape (frames, bins), float32. Every
kind has ``frame_rate``, ``bins``, ``channels``, ``frequencies``, ``bins_per_octave``, ``units`` and
a ``digest`` that changes whenever its values may change.

A kind can be declared in `params.yaml` once its class is imported here.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from deepmir.representations.activations import Activations as Activations
from deepmir.representations.audio import Audio as Audio
from deepmir.representations.bark import Bark as Bark
from deepmir.representations.base import KINDS, Base
from deepmir.representations.chroma import Chroma as Chroma
from deepmir.representations.code import Code as Code
from deepmir.representations.conditioning import Conditioning as Conditioning
from deepmir.representations.conditioning import Decibel as Decibel
from deepmir.representations.conditioning import LocalContrast as LocalContrast
from deepmir.representations.conditioning import Log as Log
from deepmir.representations.conditioning import Pcen as Pcen
from deepmir.representations.conditioning import Whitening as Whitening
from deepmir.representations.cqt import Cqt as Cqt
from deepmir.representations.erb import Erb as Erb
from deepmir.representations.gammatone import Gammatone as Gammatone
from deepmir.representations.hcqt import Hcqt as Hcqt
from deepmir.representations.learned import Learned as Learned
from deepmir.representations.logfrequency import LogFrequency as LogFrequency
from deepmir.representations.mel import Mel as Mel
from deepmir.representations.mfcc import Mfcc as Mfcc
from deepmir.representations.network import Network as Network
from deepmir.representations.onnx import Onnx as Onnx
from deepmir.representations.separation import Separation as Separation
from deepmir.representations.stack import Stack as Stack
from deepmir.representations.stft import Stft as Stft
from deepmir.representations.tempogram import Tempogram as Tempogram

if TYPE_CHECKING:
    Representation = Base
else:

    def _one_of(kinds: Iterable[type[Base]]) -> object:
        return Annotated[reduce(or_, kinds), Field(discriminator="kind")]

    _member = _one_of(kind for kind in KINDS.values() if kind.stackable)
    Stack.model_rebuild(_types_namespace={"Member": _member})
    _given = [kind for kind in KINDS.values() if not issubclass(kind, Activations)]
    _heard = _one_of(kind for kind in _given if kind is not Audio)
    for _kind in (Network, Code):
        _kind.model_rebuild(_types_namespace={"Heard": _heard})
    Onnx.model_rebuild(_types_namespace={"Given": _one_of(_given)})
    Representation = _one_of(KINDS.values())
