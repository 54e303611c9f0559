"""The type of mono audio, apart from all that reads it: what only names it reruns for nothing."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""float32, shape (samples,)."""
