"""A representation as a greyscale picture, for the pages of the report."""

import io

import numpy as np
import numpy.typing as npt

CLIP = (2.0, 99.7)  # percentiles mapped to white and black
CONTRAST = 1.6  # above 1, loud parts stand out from the noise floor


def shades(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Values from 0 to 1, the same shape, with loud parts emphasised."""
    low, high = np.percentile(values, CLIP)
    share = np.clip((values - low) / max(float(high - low), 1e-9), 0, 1)
    darkness: npt.NDArray[np.float32] = share**CONTRAST
    return darkness


def png(values: npt.NDArray[np.floating]) -> bytes:
    """Frames as columns, the lowest bin at the bottom; louder is darker.

    Args:
        values: shape (frames, bins).
    """
    from PIL import Image

    # The eye cannot distinguish more than 32 greys here, which take half the bytes of 256.
    greys = np.rint((1 - shades(values.T.astype(np.float32))) * 31).astype(np.uint8) * 8 + 7
    buffer = io.BytesIO()
    Image.fromarray(greys[::-1]).save(buffer, "PNG")
    return buffer.getvalue()
