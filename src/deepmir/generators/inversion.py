"""Audio from the frames of a spectrum: the approximate inverse of a representation.

The conditioning is undone step by step, the filterbank by the nearest non-negative spectrum, and
the phase, which the frames lack, by the iteration of Griffin and Lim (1984) in its fast form
(Perraudin, Balazs and Sondergaard, WASPAA 2013). The loss is measured by `spectral_error` and by
the pitch before and after; studies/gan has the numbers.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir.files.samples import Samples
from deepmir.representations import Representation, Stft, invertible
from deepmir.representations.conditioning import Decibel, Log
from deepmir.representations.filterbank import Filterbank
from deepmir.representations.fourier import Taper

Array = npt.NDArray[np.float32]

ITERATIONS = 32  # of Griffin and Lim: more make no audible difference
SEED = 0  # of the initial phases: the same frames give the same samples
_LIBROSA: dict[Taper, str] = {"rectangular": "boxcar"}  # the others have the same name


def audio(features: npt.NDArray[np.floating], representation: Representation) -> Samples:
    """Samples whose frames are close to the given ones.

    Args:
        features: frames of the representation, shape (T, F), T > 1.
        representation: a filterbank (mel, bark, ...) or an STFT of magnitudes or powers, with no
            conditioning but `log` and `decibel` with a fixed reference.

    Returns:
        Audio at the representation's rate, shape ((T - 1) * hop,), which again has T frames in
        the representation.

    Raises:
        DeepmirError: when the representation has no inverse, or the frames do not belong to it.
    """
    import librosa

    invertible.check(representation)
    assert isinstance(representation, Filterbank | Stft)
    if features.ndim != 2 or features.shape[1] != representation.bins or len(features) < 2:
        raise DeepmirError(
            f"audio is made from frames of shape (2 or more, {representation.bins}), not "
            f"{features.shape}"
        )
    window, hop = representation.window, representation.hop
    signal: Samples = librosa.griffinlim(
        _magnitudes(bare(features, representation), representation),
        n_iter=ITERATIONS,
        hop_length=hop,
        n_fft=window,
        window=_LIBROSA.get(representation.taper, representation.taper),
        length=(len(features) - 1) * hop,
        random_state=SEED,
    )
    return signal.astype(np.float32)


def bare(features: npt.NDArray[np.floating], representation: Representation) -> Array:
    """Frames with their conditioning undone: magnitudes or powers, shape (T, F), non-negative.

    Information removed by `epsilon`, `floor` or `range` is lost.
    """
    values = np.asarray(features, np.float64)
    units = [representation.raw_unit]
    for step in representation.conditioning:
        units.append(step.unit(units[-1]))
    for step, unit in zip(reversed(representation.conditioning), units[-2::-1], strict=True):
        if isinstance(step, Log):
            values = np.exp(values) - step.epsilon
        elif isinstance(step, Decibel) and step.reference != "maximum":
            exponent = 1 if "power" in unit else 2
            values = (10 ** (values / 10) * step.reference**exponent) ** (1 / exponent)
    return np.maximum(values, 0).astype(np.float32)


def spectral_error(
    features: npt.NDArray[np.floating], samples: Samples, representation: Representation
) -> float:
    """The root mean square error between the frames of samples and those they were made from.

    Args:
        features: shape (T, F).
        samples: obtained from them by `audio`.
        representation: of both; the error is in its unit, such as decibels or natural logarithms.
    """
    again = representation(samples)
    return float(np.sqrt(np.mean((again - features) ** 2)))


def _magnitudes(values: Array, representation: Filterbank | Stft) -> Array:
    """STFT magnitudes from frames without conditioning, shape (frequencies, T)."""
    import librosa

    if isinstance(representation, Stft):
        return values.T if representation.value == "magnitude" else np.sqrt(values.T)
    spectrum: Array = librosa.util.nnls(_weights(representation), values.T.copy())
    return spectrum if representation.power == 1 else np.sqrt(spectrum)


@lru_cache(maxsize=4)
def _weights(representation: Filterbank) -> Array:
    return representation.weights().astype(np.float32)
