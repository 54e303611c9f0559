"""A representation as a picture of greys, for the pages of the report."""

import io

import numpy as np
import numpy.typing as npt

CLIP = (2.0, 99.7)  # percentiles that become white and black
CONTRAST = 1.6  # above 1, what is loud stands out from a floor of noise


def shades(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Values from 0 to 1, the same shape; what is loud stands out."""
    low, high = np.percentile(values, CLIP)
    share = np.clip((values - low) / max(float(high - low), 1e-9), 0, 1)
    darkness: npt.NDArray[np.float32] = share**CONTRAST
    return darkness


def png(values: npt.NDArray[np.floating]) -> bytes:
    """Frames as columns, the lowest bin at the bottom; the louder, the darker.

    Args:
        values: shape (frames, bins).
    """
    from PIL import Image

    # An eye tells no more than 32 greys apart here, and pack into half the bytes of 256.
    greys = np.rint((1 - shades(values.T.astype(np.float32))) * 31).astype(np.uint8) * 8 + 7
    buffer = io.BytesIO()
    Image.fromarray(greys[::-1]).save(buffer, "PNG")
    return buffer.getvalue()
