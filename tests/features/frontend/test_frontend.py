"""On the fly and precomputed features: the same numbers for any declaration."""

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter

from deepmir.errors import DeepmirError
from deepmir.features.frontend import Frontend
from deepmir.representations import Representation

parse = TypeAdapter(Representation).validate_python
RANGELESS = {"kind": "decibel", "range": None}

KINDS = [
    {"kind": "audio"},
    {"kind": "audio", "hop": 441},
    {"kind": "stft"},
    {"kind": "stft", "value": "power", "window": 1023, "taper": "blackman"},
    {"kind": "stft", "value": "complex"},
    {"kind": "mel", "conditioning": [{"kind": "log"}]},
    {"kind": "mel", "conditioning": [RANGELESS, {"kind": "local_contrast"}]},
    {"kind": "mel", "power": 1, "hop": 441, "conditioning": [{"kind": "pcen"}]},
    {"kind": "bark", "separation": {"keep": "percussive", "margin": 2.0}},
    {"kind": "erb", "conditioning": [{"kind": "log"}, {"kind": "local_contrast", "bins": 40}]},
    {"kind": "gammatone", "hop": 441, "separation": {"keep": "harmonic", "kernel": 17}},
    {"kind": "logfrequency"},
    {"kind": "cqt", "separation": {"keep": "harmonic"}},
    {"kind": "cqt", "hop": 441, "bins_per_octave": 24},
    {"kind": "cqt", "hop": 4410, "fmin": 55.0, "bins": 144, "bins_per_octave": 24},
    {"kind": "hcqt"},
    {"kind": "chroma"},
    {"kind": "chroma", "norm": "euclidean", "source": {"kind": "logfrequency"}},
    {"kind": "chroma", "norm": "sum", "source": {"kind": "cqt", "bins_per_octave": 24}},
    {"kind": "chroma", "norm": "none"},
    {"kind": "mfcc", "source": {"kind": "mel", "conditioning": [RANGELESS]}},
    {"kind": "tempogram", "source": {"kind": "mel", "conditioning": [RANGELESS]}},
    {"kind": "stack"},
]
WHOLE = [
    {"kind": "mel", "conditioning": [{"kind": "decibel"}]},
    {"kind": "stft", "conditioning": [{"kind": "decibel", "reference": "maximum"}]},
    {"kind": "logfrequency", "conditioning": [{"kind": "whitening"}]},
    {"kind": "mfcc"},
    {"kind": "tempogram"},
]


def name(kind):
    return "-".join(map(str, kind.values()))


def computed(representation, samples):
    """The content of HDF5 in a network's layout, shape (N, F, T)."""
    values = representation(samples)
    return values.reshape(*values.shape[:2], -1).transpose(2, 1, 0)


def on_the_fly(representation, *signals):
    """A padded batch through the module, each row cut to its own frames."""
    batch = torch.zeros(len(signals), max(map(len, signals)))
    for row, signal in zip(batch, signals, strict=True):
        row[: len(signal)] = torch.from_numpy(np.array(signal))
    lengths = torch.tensor([len(signal) for signal in signals])
    values = Frontend(representation)(batch, lengths).numpy()
    counts = [representation.frames(len(signal)) for signal in signals]
    return [row[:, :, :count] for row, count in zip(values, counts, strict=True)]


def tolerance(kind):
    """Relative L2: constant-Q uses another decimation filter, the rest only differs by rounding."""
    if kind["kind"] in ("cqt", "hcqt", "chroma"):
        return 1e-4
    # Local means and medians cancel, and so enlarge what rounding leaves.
    return 4e-5 if "local_contrast" in str(kind) or "separation" in kind else 1e-5


@pytest.mark.parametrize("kind", KINDS + WHOLE, ids=name)
def test_a_batch_on_the_fly_is_what_goes_to_hdf5(kind, music, error):
    representation = parse(kind)
    rate = representation.sample_rate
    signals = [music(rate, 4.0), music(rate, 2.5)[: -rate // 7], music(rate, 3.0)]
    rows = on_the_fly(representation, *signals)
    for row, signal in zip(rows, signals, strict=True):
        wanted = computed(representation, signal)
        assert row.shape == wanted.shape
        assert row.dtype == np.float32
        assert error(row, wanted) < tolerance(kind)


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_an_excerpt_with_its_context_gives_the_frames_of_the_whole(kind, music, error):
    representation = parse(kind)
    rate, hop = representation.sample_rate, representation.hop
    needed = representation.context()
    signal = np.tile(music(rate, 4.0), 8)
    total = representation.frames(len(signal))
    start = max(total // 2, needed.before) // needed.grid * needed.grid
    frames = min(20, total - start)
    first = max(0, start - needed.before) // needed.grid * needed.grid
    last = start + frames + needed.after
    assert first > 0 or kind["kind"] in ("tempogram", "gammatone")
    (row,) = on_the_fly(representation, signal[first * hop : last * hop - 1])
    got = row[:, :, start - first : start - first + frames]
    wanted = computed(representation, signal)[:, :, start : start + frames]
    assert error(got, wanted) < 3 * tolerance(kind)


@pytest.mark.parametrize("kind", WHOLE, ids=name)
def test_what_needs_the_whole_recording_has_no_context(kind):
    with pytest.raises(DeepmirError, match="whole recording|beginning of the recording"):
        parse(kind).context()


@pytest.mark.parametrize("kind", KINDS + WHOLE, ids=name)
def test_gradients_reach_the_samples(kind, music):
    representation = parse(kind)
    module = Frontend(representation)
    signal = torch.from_numpy(music(representation.sample_rate, 1.5).copy())[None]
    audio = torch.cat([signal, torch.zeros_like(signal)]).requires_grad_()
    module(audio).square().sum().backward()
    assert audio.grad.isfinite().all()
    assert audio.grad[0].abs().max() > 0


@pytest.mark.parametrize("length", [1, 100, 3000])
@pytest.mark.parametrize("kind", KINDS + WHOLE, ids=name)
def test_audio_shorter_than_a_window(kind, length, music, error):
    representation = parse(kind)
    signal = music(22050, 1.0)[2500 : 2500 + length]
    wanted = computed(representation, signal)
    (row,) = on_the_fly(representation, signal)
    assert row.shape == wanted.shape
    assert np.isfinite(row).all()
    if length > 100:  # of less, rounding errors are all that most kinds show
        assert error(row, wanted) < 10 * tolerance(kind)


def test_a_gradient_is_the_slope_of_the_numbers(music):
    """Compared with differences of the precomputed features under small changes of the sound."""
    representation = parse({"kind": "cqt", "conditioning": [{"kind": "log", "epsilon": 1.0}]})
    signal = music(22050, 1.5)
    direction = signal * np.sin(np.arange(len(signal)) / 500).astype(np.float32)
    audio = torch.from_numpy(signal.copy())[None].requires_grad_()
    Frontend(representation)(audio).sum().backward()
    slope = float(audio.grad[0].numpy() @ direction)
    step = 1e-2
    ahead, behind = (
        representation(signal + sign * step * direction).sum(dtype=np.float64) for sign in (1, -1)
    )
    assert slope == pytest.approx((ahead - behind) / (2 * step), rel=1e-3)


def test_nothing_is_saved_and_nothing_is_learned():
    module = Frontend(parse({"kind": "hcqt"}))
    assert not module.state_dict()
    assert not list(module.parameters())
