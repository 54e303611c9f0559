"""Activations unchanged but thinned out: one vector for each of some instants."""

import math

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from deepmir.decoders.base import FrameDecoder, refuse_non_finite
from deepmir.fields import Positive
from deepmir.files.annotations import Annotation, Observation

Array = NDArray[np.float32]


class VectorFrames(FrameDecoder):
    """Every nth frame, rounded to three decimals: an annotation is for reading, not playback."""

    max_rate: Positive = Field(10.0, ge=0.01, le=10_000, description="most vectors kept per second")

    def __call__(self, activations: Array) -> Annotation:
        """Annotate in the namespace `vector`.

        Args:
            activations: shape (frames, V).

        Raises:
            DeepmirError: an activation is NaN or infinite.
        """
        refuse_non_finite(activations.astype(np.float64), "chroma activations")
        every = max(1, math.ceil(self.frame_rate / self.max_rate - 1e-9))
        vectors = np.round(activations[::every].astype(np.float64), 3).tolist()
        step = every / self.frame_rate
        return Annotation(
            "vector",
            tuple(Observation(round(k * step, 6), 0.0, v) for k, v in enumerate(vectors)),
        )
