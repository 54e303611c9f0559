"""Auralisation of a learned feature (tutorial, section 3.2: an STFT can be inverted).

Choi, Fazekas and Sandler (2015): the deconvolution of a feature is applied as a mask to the
excerpt's STFT, which is inverted with the phase of the excerpt.
"""

import numpy as np
import numpy.typing as npt

from deepmir.files.samples import Samples
from deepmir.representations import Representation, Stft

Array = npt.NDArray[np.float32]

WINDOW, HOP = 2048, 512
LOUD = 99.0  # percentile of the projection above which the excerpt is at full level


def is_audible(representation: Representation) -> bool:
    """Whether the bins of a representation stand for frequencies, or it is audio itself."""
    return representation.axis in ("frequency", "pitch class", "sample")


def auralise(projection: Array, representation: Representation, samples: Samples) -> Samples:
    """The part of an excerpt that a feature responds to.

    Args:
        projection: of the feature onto the input, shape (F, T).
        representation: of the input.
        samples: the excerpt.

    Returns:
        Audio of the same length, shape (samples,). For raw audio, the projection itself.
    """
    if representation.axis == "sample":
        signal = projection.T.reshape(-1)[representation.hop // 2 :][: len(samples)]
        return np.pad(signal, (0, len(samples) - len(signal))).astype(np.float32)
    stft = Stft(sample_rate=representation.sample_rate, window=WINDOW, hop=HOP, value="complex")
    spectrum = stft(samples)
    shares = mask(projection, representation, stft.frequencies, len(spectrum), HOP)
    return stft.inverse(spectrum * shares[:, :, None], len(samples))


def mask(
    projection: Array,
    representation: Representation,
    frequencies: npt.NDArray[np.float64],
    frames: int,
    hop: int,
) -> Array:
    """The projection on the grid of an STFT, from 0 to 1, shape (frames, frequencies).

    It is interpolated between the centres of bins and frames; with a chromagram, every frequency
    has the value of its pitch class.
    """
    positive = np.maximum(projection, 0)
    loud = np.percentile(positive[positive > 0], LOUD) if (positive > 0).any() else 1.0
    shares = np.minimum(positive / max(float(loud), np.finfo(np.float32).tiny), 1)
    if representation.axis == "pitch class":
        octaves = np.log2(np.maximum(frequencies, 1.0) / representation.frequencies[0])
        classes = np.rint(octaves * representation.bins).astype(int) % representation.bins
        across = shares[classes]
    else:
        centres = representation.frequencies
        across = np.stack(
            [np.interp(frequencies, centres, column, left=0, right=0) for column in shares.T], 1
        )
    times = np.arange(frames) * hop / representation.sample_rate
    own = np.arange(shares.shape[1]) / representation.frame_rate
    along = np.stack([np.interp(times, own, row) for row in across], 1)
    return along.astype(np.float32)
