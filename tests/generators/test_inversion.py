import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.generators import inversion
from deepmir.representations import Chroma, Mel, Stft
from deepmir.representations.conditioning import Decibel, Log, Pcen

RATE = 16000
MEL = Mel(
    sample_rate=RATE, hop=256, window=2048, bins=96, fmin=30, fmax=8000, conditioning=(Log(),)
)


def sine(hertz, seconds=0.6):
    time = np.arange(round(RATE * seconds)) / RATE
    return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def strongest(samples):
    """The peak frequency of the spectrum in the middle, by parabolic interpolation."""
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    level = np.log(np.abs(np.fft.rfft(middle * np.hanning(len(middle)))) + 1e-12)
    k = int(level.argmax())
    a, b, c = level[k - 1 : k + 2]
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * RATE / len(middle)


@pytest.mark.parametrize("hertz", [523.25, 1046.5, 2793.8])
def test_a_sine_keeps_its_frequency_within_50_cents(hertz):
    again = inversion.audio(MEL(sine(hertz)), MEL)
    assert abs(1200 * np.log2(strongest(again) / hertz)) < 50


def test_samples_have_as_many_frames_again_and_their_level():
    features = MEL(sine(880.0))
    samples = inversion.audio(features, MEL)
    assert MEL(samples).shape == features.shape
    middle = slice(len(samples) // 4, -len(samples) // 4)
    level = np.std(samples[middle]) / np.std(sine(880.0)[middle])
    assert 0.7 < level < 1.4


def test_the_same_frames_give_the_same_samples():
    features = MEL(sine(440.0, 0.3))
    assert np.array_equal(inversion.audio(features, MEL), inversion.audio(features, MEL))


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize(
    "step", [Log(epsilon=1e-3), Decibel(range=None), Decibel(range=None, reference=0.25)]
)
def test_conditioning_is_undone(rng, step, power):
    plain = Mel(sample_rate=RATE, bins=20, window=2048, power=power)
    values = rng.uniform(0.01, 3, (7, 20)).astype(np.float32)
    declared = plain.model_copy(update={"conditioning": (step,)})
    there = declared.conditioned(values.copy())
    assert not np.allclose(there, values, atol=0.01)
    assert np.allclose(inversion.bare(there, declared), values, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("value", ["magnitude", "power"])
def test_an_stft_of_magnitudes_or_powers_is_inverted(value):
    stft = Stft(sample_rate=RATE, window=1024, hop=256, value=value, conditioning=(Log(),))
    assert abs(1200 * np.log2(strongest(inversion.audio(stft(sine(880.0)), stft)) / 880)) < 50


def test_the_error_is_nothing_for_the_samples_themselves():
    note = sine(440.0)
    features = MEL(note)
    assert inversion.spectral_error(features, note, MEL) == 0
    assert inversion.spectral_error(features + 0.5, note, MEL) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("representation", "said"),
    [
        (Chroma(), "no audio can be made from chroma: declare mel"),
        (Stft(value="complex"), "declare mel"),
        (Mel(conditioning=(Pcen(),)), "conditioning pcen: declare log"),
        (Mel(conditioning=(Decibel(reference="maximum"),)), "a number as its reference"),
    ],
)
def test_what_has_no_inverse_is_refused(representation, said):
    with pytest.raises(DeepmirError, match=said):
        inversion.audio(np.zeros((4, representation.bins), np.float32), representation)


@pytest.mark.parametrize("shape", [(4, 95), (1, 96), (4, 96, 1)])
def test_frames_of_another_shape_are_refused(shape):
    with pytest.raises(DeepmirError, match="frames of shape"):
        inversion.audio(np.zeros(shape, np.float32), MEL)
