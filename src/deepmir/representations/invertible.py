"""Which representations can be inverted to audio."""

from deepmir.errors import DeepmirError
from deepmir.representations.base import Base
from deepmir.representations.conditioning import Decibel, Log
from deepmir.representations.filterbank import Filterbank
from deepmir.representations.stft import Stft


def check(representation: Base) -> None:
    """Refuse a representation that has no inverse.

    Raises:
        DeepmirError: with the alternatives.
    """
    magnitudes = isinstance(representation, Stft) and representation.value != "complex"
    if not magnitudes and not isinstance(representation, Filterbank):
        raise DeepmirError(
            f"no audio can be made from {representation.kind}: declare mel or another filterbank, "
            "or an stft of magnitudes or powers"
        )
    for step in representation.conditioning:
        if not isinstance(step, Log) and not (
            isinstance(step, Decibel) and step.reference != "maximum"
        ):
            raise DeepmirError(
                f"no audio can be made from frames under the conditioning {step.kind}: declare "
                "log, or decibel with a number as its reference"
            )
