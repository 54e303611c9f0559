"""A WaveNet (tutorial, A.3)."""

from typing import Literal

from deepmir.declarations.generators.base import GeneratorBase


class WaveNet(GeneratorBase):
    """Dilated causal convolutions that predict the next sample of audio (A.3)."""

    kind: Literal["wavenet"]
