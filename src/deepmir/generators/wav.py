"""What generators made, as files to listen to."""

from pathlib import Path

import numpy as np

from deepmir.files.samples import Samples


def write(path: Path, samples: Samples, sample_rate: int) -> None:
    """Mono audio with 16 bits, quieter where it would clip."""
    import soundfile

    peak = float(np.abs(samples).max(initial=0))
    soundfile.write(path, samples / max(peak, 1.0), sample_rate, subtype="PCM_16")
