"""STFT and its filterbanks, compared with librosa's definitions for random parameters."""

import librosa
import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from deepmir.representations import Bark, Erb, Gammatone, LogFrequency, Mel, Stft
from deepmir.representations.mel import from_mel, to_mel

SHAPES = {"hann": "hann", "hamming": "hamming", "blackman": "blackman", "rectangular": "boxcar"}
windows = st.integers(64, 3000).filter(lambda n: n % 2 == 0)
drawn = settings(max_examples=25)


@pytest.mark.filterwarnings("ignore:n_fft")
@drawn
@given(windows, st.integers(1, 1500), st.integers(1, 9000), st.sampled_from(sorted(SHAPES)))
def test_stft_is_librosas(music, error, window, hop, length, shape):
    samples = music(16000, 1.0)[4000 : 4000 + length]
    wanted = librosa.stft(
        samples.astype(np.float64),
        n_fft=window,
        hop_length=hop,
        window=SHAPES[shape],
        pad_mode="constant",
    ).T
    declared = {"sample_rate": 16000, "window": window, "hop": hop, "taper": shape}
    got = Stft(**declared, value="complex")(samples)
    assert error(got[..., 0] + 1j * got[..., 1], wanted) < 1e-5
    assert error(Stft(**declared)(samples), np.abs(wanted)) < 1e-5
    assert error(Stft(**declared, value="power")(samples), np.abs(wanted) ** 2) < 1e-5


@drawn
@given(windows, st.integers(1, 8), st.integers(1, 9000))
def test_the_complex_stft_is_inverted(music, window, overlap, length):
    stft = Stft(window=window, hop=max(1, window // (2 * overlap)), value="complex")
    samples = music(16000, 1.0)[:length]
    restored = stft.inverse(stft(samples), len(samples))
    np.testing.assert_allclose(restored, samples, atol=2e-5)


@drawn
@given(
    window=st.sampled_from([1024, 1500, 2048, 4096]),
    hop=st.integers(100, 1500),
    bins=st.integers(1, 64),
    fmin=st.floats(0, 500),
    fmax=st.floats(3000, 11025),
    scale=st.sampled_from(["htk", "slaney"]),
    norm=st.sampled_from(["area", "none"]),
    power=st.sampled_from([1, 2]),
)
def test_mel_is_librosas(music, error, window, hop, bins, fmin, fmax, scale, norm, power):
    samples = music(22050, 1.0)
    wanted = librosa.feature.melspectrogram(
        y=samples.astype(np.float64),
        sr=22050,
        n_fft=window,
        hop_length=hop,
        pad_mode="constant",
        power=power,
        n_mels=bins,
        fmin=fmin,
        fmax=fmax,
        htk=scale == "htk",
        norm="slaney" if norm == "area" else None,
        dtype=np.float64,
    ).T
    mel = Mel(
        window=window, hop=hop, bins=bins, fmin=fmin, fmax=fmax, scale=scale, norm=norm, power=power
    )
    assert error(mel(samples), wanted) < 1e-5
    np.testing.assert_allclose(
        mel.frequencies,
        librosa.mel_frequencies(bins + 2, fmin=fmin, fmax=fmax, htk=scale == "htk")[1:-1],
        rtol=1e-9,
    )


@pytest.mark.parametrize("scale", ["htk", "slaney"])
def test_the_mel_scale_is_inverted(scale):
    frequencies = np.linspace(0, 20000, 300)
    np.testing.assert_allclose(from_mel(to_mel(frequencies, scale), scale), frequencies, atol=1e-8)


def test_equation_3():
    assert to_mel(np.array([700.0]), "htk")[0] == pytest.approx(2595 * np.log10(2))


BANKS = [Mel(), Bark(), Erb(), Gammatone(), LogFrequency(bins=72, fmin=65.4)]


@pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.kind)
def test_a_tone_is_loudest_in_the_bin_of_its_frequency(bank):
    bank = bank.model_copy(update={"norm": "none", "window": 8192})
    time = np.arange(22050) / 22050
    for k in range(bank.bins // 3, bank.bins, 7):
        tone = np.sin(2 * np.pi * bank.frequencies[k] * time).astype(np.float32)
        assert bank(tone)[20].argmax() == k


@pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.kind)
@pytest.mark.parametrize("power", [1, 2])
def test_a_filterbank_is_its_weights_times_the_spectrum(bank, power, music, error):
    bank = bank.model_copy(update={"power": power})
    samples = music(22050, 1.0)
    spectrum = librosa.stft(samples.astype(np.float64), pad_mode="constant").T
    assert error(bank(samples), np.abs(spectrum) ** power @ bank.weights().T) < 1e-5


def test_gammatone_weights_are_the_response_of_the_filter():
    """The impulse response t^3 exp(-2 pi b t) cos(2 pi f t), transformed."""
    bank = Gammatone(norm="none", power=1, window=1 << 14, bins=12, fmin=200.0, fmax=6000.0)
    time = np.arange(1 << 14) / bank.sample_rate
    for centre, weights in zip(bank.frequencies, bank.weights(), strict=True):
        b = 1.019 * 24.7 * (0.00437 * centre + 1)
        impulse = time**3 * np.exp(-2 * np.pi * b * time) * np.cos(2 * np.pi * centre * time)
        response = np.abs(np.fft.rfft(impulse))
        assert np.abs(response / response.max() - weights).max() < 0.02


def test_log_frequency_interpolates_where_bins_are_narrow():
    bank = LogFrequency(fmin=40.0, bins=24, window=1024, norm="none")
    np.testing.assert_allclose(bank.weights().sum(axis=1), 1, atol=1e-9)


def test_the_window_shapes_are_scipys():
    impulse = np.zeros(2048, np.float32)
    impulse[1024] = 1
    for shape, name in SHAPES.items():
        # An impulse at sample 1024 reads the window backwards, one hop at a time.
        seen = Stft(window=256, hop=1, taper=shape, value="magnitude")(impulse)[:, 0]
        window = scipy.signal.get_window(name, 256)
        np.testing.assert_allclose(seen[1024 - 127 : 1024 + 129], window[::-1], atol=1e-6)
