import numpy as np
import pytest
import torch
from torch.nn import functional

from deepmir.errors import DeepmirError
from deepmir.inspection.auralisation import auralise, mask
from deepmir.inspection.deconvolution import deconvolve, has_deconvolution, strongest_features
from deepmir.inspection.kernels import first_kernels, responses
from deepmir.inspection.probe import layer_of
from deepmir.inspection.saliency import saliency
from deepmir.representations import Audio, Chroma, Cqt, Log, Mel

CQT = Cqt(hop=2205, bins=60, bins_per_octave=12, fmin=65.406, conditioning=(Log(epsilon=1e-3),))
MEL = Mel(hop=441, bins=20, window=1024, conditioning=(Log(),))
AUDIO = Audio(hop=441)


def test_every_layer_is_seen_with_what_leaves_it(look, tone):
    found = look("c2(4,3x3) - p2(2x2) - c2(6,3x3,bn) - d1(8) - d1", CQT, tone)
    assert [layer.name for layer in found.layers[:3]] == ["c2(4,3x3)", "p2(2x2)", "c2(6,3x3,bn)"]
    assert [tuple(layer.output.shape) for layer in found.layers[:3]] == [
        (4, 60, 31),
        (4, 30, 15),
        (6, 30, 15),
    ]
    x = functional.conv2d(found.x, found.network.layers.parts[0].convolution.weight, padding=1)
    torch.testing.assert_close(found.layers[0].output, x[0].clamp(min=0))
    assert found.activations.sum() == pytest.approx(1, abs=1e-5)
    with pytest.raises(DeepmirError, match=r"no layer 9: this network has 1 c2\(4,3x3\)"):
        layer_of(found, 9)


@pytest.mark.parametrize("task", ["key", "beat"])
def test_saliency_is_the_slope_of_the_prediction(look, tone, task):
    notation = "c2(4,3x3,tanh) - p1(2) - r1(6) - d1" if task == "beat" else "c2(4,3x3,tanh) - d1"
    found = look(notation, MEL if task == "beat" else CQT, tone, task)
    gradient = saliency(found, 1)
    direction = torch.randn(gradient.shape, generator=torch.Generator().manual_seed(0))

    def score(step):
        with torch.no_grad():
            logits = found.network(found.x + step * direction)[0, 1]
        return logits.double().sigmoid().sum() if task == "beat" else logits.double()

    slope = (score(1e-2) - score(-1e-2)) / 2e-2
    assert float((gradient * direction).sum()) == pytest.approx(float(slope), rel=1e-2)


def diagonal(network):
    """The first feature responds only to a rise of three bins in three frames."""
    convolution = network.layers.parts[0].convolution
    convolution.weight.zero_()
    convolution.weight[0, 0] = torch.eye(3)
    convolution.bias.zero_()


def test_deconvolution_brings_back_the_pattern_that_a_feature_answers_to(look):
    found = look(
        "c2(2,3x3) - p2(2x2) - d1(4) - d1", CQT, np.zeros(44100, np.float32), "key", diagonal
    )
    pattern = torch.zeros_like(found.x)
    for step in range(3):
        pattern[0, 0, 30 + step, 9 + step] = 1.0
    seen = type(found)(**{**found.__dict__, "x": pattern})
    pooled = found.layers[1]
    projection = deconvolve(seen, pooled, 0)[0]
    # Pooled frames answer by 3 at the middle of the pattern, by less a step before and two after.
    wanted = torch.zeros_like(projection)
    for (at_bin, at_frame), answer in {(31, 10): 3.0, (30, 9): 2.0, (33, 12): 1.0}.items():
        for step in (-1, 0, 1):
            wanted[at_bin + step, at_frame + step] += answer
    torch.testing.assert_close(projection, wanted)


def test_pooling_runs_backwards_through_the_places_of_the_maxima(look):
    found = look("p2(2x2) - d1", CQT, np.zeros(44100, np.float32))
    x = torch.rand(found.x.shape, generator=torch.Generator().manual_seed(0))
    seen = type(found)(**{**found.__dict__, "x": x})
    projection = deconvolve(seen, found.layers[0], 0)[0]
    filled = projection.nonzero()
    assert len(filled) == x.shape[3] // 2
    for bin_, frame in filled:
        block = x[0, 0, bin_ // 2 * 2 : bin_ // 2 * 2 + 2, frame // 2 * 2 : frame // 2 * 2 + 2]
        assert x[0, 0, bin_, frame] == block.max() == projection[bin_, frame]


def test_what_runs_backwards_is_rectified_whatever_went_forwards(look):
    """Zeiler's rule: even an inactive rectifier passes positive values backwards."""
    found = look("c2(1,1x1) - c2(1,1x1,identity) - d1", CQT, np.zeros(44100, np.float32))
    first, second = (part.convolution for part in list(found.network.layers.parts)[:2])
    with torch.no_grad():
        for convolution, weight, bias in ((first, -1.0, 0.0), (second, 1.0, 5.0)):
            convolution.weight.fill_(weight)
            convolution.bias.fill_(bias)
    seen = type(found)(**{**found.__dict__, "x": torch.ones_like(found.x)})
    projection = deconvolve(seen, found.layers[1], 0)
    assert (projection < 0).all()  # gradients would be zero: the first rectifier was shut
    finishes = [part.finish.activation for part in list(found.network.layers.parts)[:2]]
    assert isinstance(finishes[0], torch.nn.ReLU)


def test_a_recurrent_layer_has_no_deconvolution(look, tone):
    found = look("c2(4,3x3) - p1(2) - r1(6) - d1", MEL, tone, "beat")
    convolution, _, recurrent, _ = found.layers
    assert has_deconvolution(found, convolution)
    assert not has_deconvolution(found, recurrent)
    with pytest.raises(DeepmirError, match="no deconvolution"):
        deconvolve(found, recurrent, 0)
    with pytest.raises(DeepmirError, match=r"no feature 4: it has 0 to 3"):
        deconvolve(found, convolution, 4)
    peaks = convolution.output.amax((1, 2))
    assert strongest_features(convolution, 2)[0] == int(peaks.argmax())


def test_first_kernels_have_the_axes_of_the_input(look, tone):
    for notation, shape in (
        ("c2(4,5x3) - d1", (4, 5, 3)),
        ("c1(6,3) - d1", (6, 60, 3)),
        ("d1(7) - d1", (7, 60, 1)),
        ("d2(5,3) - d1", (5, 60, 3)),
    ):
        found = look(notation, CQT, tone)
        kernels = first_kernels(found)
        assert kernels.images.shape == shape
        assert not kernels.waveform
    found = look("c1(6,3) - d1", CQT, tone)
    weight = found.network.layers.parts[0].convolution.weight.detach()
    np.testing.assert_array_equal(first_kernels(found).images, weight)
    assert first_kernels(look("r2(4) - d1", CQT, tone)) is None


def test_a_kernel_on_hops_of_audio_is_one_piece_of_audio(look, tone):
    wave = np.sin(2 * np.pi * 1000 * np.arange(2 * 441) / 22050).astype(np.float32)

    def sounding(network):
        weight = network.layers.parts[0].convolution.weight
        weight[0] = torch.from_numpy(wave).reshape(2, 441).T

    kernels = first_kernels(look("c1(3,2) - r2(4) - d1", AUDIO, tone, change=sounding))
    assert kernels.waveform
    np.testing.assert_array_equal(kernels.images[0, 0], wave)


def test_responses_peak_at_their_frequency_and_are_sorted():
    time = np.arange(512) / 16000
    waves = np.stack([np.sin(2 * np.pi * f * time) for f in (4000, 250, 1000)]).astype(np.float32)
    frequencies, magnitudes = responses(waves, 16000)
    assert frequencies[magnitudes.argmax(axis=1)] == pytest.approx([250, 1000, 4000], abs=20)
    assert magnitudes.max(axis=1) == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("representation", [CQT, MEL, Chroma()])
def test_a_projection_of_everything_sounds_like_the_excerpt(representation, tone):
    frames = representation.frames(len(tone))
    everything = np.ones((representation.bins, frames), np.float32)
    heard = auralise(everything, representation, tone)
    assert len(heard) == len(tone)
    assert np.corrcoef(heard[30000:], tone[30000:])[0, 1] > 0.99


def test_a_projection_of_one_octave_silences_the_others(tone):
    high = (0.3 * np.sin(2 * np.pi * 1760 * np.arange(len(tone)) / 22050)).astype(np.float32)
    low = np.zeros((60, CQT.frames(len(tone))), np.float32)
    low[30:36] = 1.0  # F#4 to B4: around 440 Hz, 33 semitones above C2
    heard = auralise(low, CQT, tone + high)
    spectrum = np.abs(np.fft.rfft(heard[30000:] * np.hanning(len(heard) - 30000)))
    hertz = np.fft.rfftfreq(len(heard) - 30000, 1 / 22050)
    at = {f: spectrum[np.abs(hertz - f) < 20].max() for f in (440, 1760)}
    assert at[440] > 100 * at[1760]


def test_the_mask_of_a_chromagram_holds_in_every_octave():
    shares = np.zeros((12, 10), np.float32)
    shares[9] = 1.0
    frequencies = np.array([220.0, 440.0, 880.0, 466.16])
    found = mask(shares, Chroma(), frequencies, frames=4, hop=512)
    np.testing.assert_allclose(found[1], [1, 1, 1, 0])


def test_a_projection_on_audio_is_audio(rng):
    samples = rng.normal(size=2000).astype(np.float32)
    frames = AUDIO(samples).T
    np.testing.assert_array_equal(auralise(frames, AUDIO, samples)[:1900], samples[:1900])
