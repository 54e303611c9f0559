"""Conditioning: each step compared with its definition, and the chain in order."""

import librosa
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal

from deepmir.representations import Decibel, LocalContrast, Log, Mel, Pcen, Stft, Whitening


@pytest.fixture
def powers(rng):
    return (rng.random((300, 20)) ** 4).astype(np.float32)


def test_log(powers):
    got = Log(epsilon=1e-3)(powers.copy(), "power", 50)
    np.testing.assert_allclose(got, np.log(powers + 1e-3), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("reference", [1.0, 0.25, "maximum"])
@pytest.mark.parametrize("span", [None, 30.0])
def test_decibel_is_librosas(powers, reference, span):
    step = Decibel(reference=reference, range=span)
    ref = np.max if reference == "maximum" else reference
    np.testing.assert_allclose(
        step(powers.copy(), "power", 50),
        librosa.power_to_db(powers, ref=ref, top_db=span),
        atol=2e-4,
    )
    np.testing.assert_allclose(
        step(powers.copy(), "magnitude", 50),
        librosa.amplitude_to_db(powers, ref=ref, top_db=span),
        atol=2e-4,
    )


def test_pcen_is_librosas_begun_at_the_first_frame(powers, error):
    step = Pcen()
    b = step.smoothing(43.0)
    start = scipy.signal.lfilter_zi([b], [1, b - 1]) * powers[0, :, None] * step.scale
    wanted = librosa.pcen(
        powers.T.astype(np.float64) * step.scale, sr=22050, hop_length=1, b=b, zi=start
    ).T
    assert error(step(powers.copy(), "magnitude", 43.0), wanted) < 1e-5


def test_whitening_divides_by_a_peak_that_decays(powers):
    step = Whitening(floor=0.01, time_constant=0.5)
    peak, wanted = np.full(20, 0.01), []
    for frame in powers.astype(np.float64):
        peak = np.maximum.reduce([frame, np.full(20, 0.01), peak * np.exp(-1 / (0.5 * 50))])
        wanted.append(frame / peak)
    np.testing.assert_allclose(step(powers.copy(), "power", 50), wanted, rtol=1e-4)


def test_local_contrast_is_local_deviations(powers):
    step = LocalContrast(frames=2, bins=1.5, floor=0.01)
    values = powers.astype(np.float64)
    centred = values - scipy.ndimage.gaussian_filter(values, (2, 1.5))
    wanted = centred / np.maximum(
        0.01, np.sqrt(scipy.ndimage.gaussian_filter(centred**2, (2, 1.5)))
    )
    np.testing.assert_allclose(step(powers.copy(), "power", 50), wanted, atol=1e-4)


def test_local_contrast_in_blocks_shows_no_seam(rng):
    values = rng.random((9000, 3)).astype(np.float32)
    step = LocalContrast(frames=3, bins=1)
    whole = step._contrast(values)
    np.testing.assert_allclose(step(values, "power", 50), whole, atol=1e-5)


def test_the_chain_is_applied_in_its_order(music):
    samples = music(22050, 1.0)
    chained = Mel(conditioning=(Whitening(), Log()))
    by_hand = np.log(Whitening()(Mel()(samples), "power", chained.frame_rate) + np.float32(1e-6))
    np.testing.assert_allclose(chained(samples), by_hand, rtol=1e-5)
    assert chained.units == "log whitened power"


def test_decibels_know_magnitudes_from_powers(music):
    samples = music(22050, 1.0)
    step = (Decibel(),)
    magnitude = Stft(conditioning=step)(samples)
    np.testing.assert_allclose(
        magnitude, Stft(value="power", conditioning=step)(samples), atol=1e-3
    )
