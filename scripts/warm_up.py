"""Call once what compiles at its first call, so that no job of the line has to wait for it."""

import numpy as np

from deepmir.decoders.bar_pointer import BarPointer
from deepmir.representations.smoothing import smoothed


def main() -> None:
    """Fill the caches of numba, librosa and matplotlib."""
    import librosa
    import matplotlib.font_manager  # noqa: F401

    samples = np.random.default_rng(0).standard_normal(22050 * 6).astype(np.float32)
    librosa.feature.chroma_cqt(y=samples, sr=22050)
    librosa.beat.beat_track(y=samples, sr=22050)
    smoothed(np.zeros((1, 1)), 0.5, np.zeros(1))
    BarPointer(frame_rate=50.0)(np.random.default_rng(0).random((200, 2)))


if __name__ == "__main__":
    main()
