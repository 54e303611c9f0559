"""The type of mono audio, in a separate module so that changes of readers do not affect users."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""float32, shape (samples,)."""
