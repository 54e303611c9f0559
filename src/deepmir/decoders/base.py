"""The base of all decoders: the frame rate of the activations, options, a call."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from deepmir.errors import DeepmirError
from deepmir.fields import Declaration, Number

Floats = NDArray[np.float64]


class FrameDecoder(Declaration):
    """A frame-wise decoder of activations; a subclass adds its options as fields."""

    frame_rate: Number = Field(gt=0, description="frames per second of the activations")

    @abstractmethod
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Decode the activations of one recording, shape (frames, ...)."""


def refuse_non_finite(values: Floats, what: str) -> None:
    """Raise DeepmirError, naming the first bad frame, if any of ``values`` is NaN or infinite."""
    bad = np.argwhere(~np.isfinite(values))
    if bad.size:
        raise DeepmirError(
            f"{what}: frame {bad[0, 0]} is not a finite number; the network diverged or its input "
            "is broken: look at the training loss and the features"
        )
