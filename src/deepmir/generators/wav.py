"""Generated audio as files."""

from pathlib import Path

import numpy as np

from deepmir.files.samples import Samples


def write(path: Path, samples: Samples, sample_rate: int) -> None:
    """Write mono audio with 16 bits, attenuated if it would clip."""
    import soundfile

    peak = float(np.abs(samples).max(initial=0))
    soundfile.write(path, samples / max(peak, 1.0), sample_rate, subtype="PCM_16")
