"""Properties of all kinds: axes, identity, and extreme audio."""

import subprocess
import sys

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from deepmir.errors import DeepmirError
from deepmir.representations import Cqt, Log, Mel, Representation, Stack

parse = TypeAdapter(Representation).validate_python

KINDS = [
    {"kind": "audio"},
    {"kind": "stft"},
    {"kind": "stft", "value": "power", "window": 1023},
    {"kind": "stft", "value": "complex"},
    {"kind": "mel", "conditioning": [{"kind": "log"}]},
    {"kind": "mel", "conditioning": [{"kind": "decibel"}, {"kind": "local_contrast"}]},
    {"kind": "mel", "power": 1, "conditioning": [{"kind": "pcen"}]},
    {"kind": "bark"},
    {"kind": "erb"},
    {"kind": "gammatone", "hop": 441},
    {"kind": "logfrequency", "conditioning": [{"kind": "whitening"}]},
    {"kind": "cqt", "separation": {"keep": "harmonic"}},
    {"kind": "cqt", "hop": 441, "bins_per_octave": 24},
    {"kind": "hcqt"},
    {"kind": "chroma"},
    {"kind": "chroma", "source": {"kind": "logfrequency", "bins_per_octave": 24}},
    {"kind": "mfcc"},
    {"kind": "tempogram"},
    {"kind": "stack"},
]
every = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(map(str, kind.values())))


@every
def test_the_declaration_says_what_comes_out(kind, music):
    representation = parse(kind)
    samples = music(representation.sample_rate, 1.5)
    values = representation(samples)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()
    assert len(values) == 1 + len(samples) // representation.hop
    assert values.shape[1] == representation.bins == len(representation.frequencies)
    assert (values.shape[2] if values.ndim == 3 else 1) == representation.channels
    assert representation.frame_rate == representation.sample_rate / representation.hop
    assert values.std() > 0
    assert (values < 0).any() <= representation.signed


@every
def test_survives_its_own_json(kind):
    representation = parse(kind)
    again = TypeAdapter(Representation).validate_json(representation.model_dump_json())
    assert again == representation
    assert hash(again) == hash(representation)
    assert again.digest == representation.digest


def test_no_two_declarations_share_a_digest():
    digests = {parse(kind).digest for kind in KINDS}
    assert len(digests) == len(KINDS)


def test_a_digest_changes_with_any_value_and_any_version(monkeypatch):
    plain = Mel()
    changed = Mel(conditioning=(Log(epsilon=1e-5),))
    assert len({plain.digest, Mel(hop=511).digest, changed.digest}) == 3
    before = changed.digest
    monkeypatch.setattr(Log, "version", 2)
    assert changed.digest != before
    assert Mel().digest == plain.digest


def test_a_digest_is_the_same_in_every_process():
    code = "from deepmir.representations import Mel; print(Mel().digest)"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == Mel().digest


def test_importing_and_computing_loads_neither_torch_nor_librosa():
    code = (
        "import sys, numpy as np; from deepmir.representations import Mel, Cqt;"
        "x = np.ones(4000, np.float32); Mel()(x); Cqt()(x);"
        "print([m for m in ('torch', 'librosa', 'numba', 'scipy.signal') if m in sys.modules])"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"


def test_declarations_are_frozen_and_closed():
    with pytest.raises(ValidationError):
        Mel().bins = 3
    with pytest.raises(ValidationError, match="mels"):
        parse({"kind": "mel", "mels": 40})


@every
@pytest.mark.parametrize("length", [0, 1, 100])
def test_audio_shorter_than_a_window_is_padded_with_zeros(kind, length):
    representation = parse(kind)
    values = representation(np.full(length, 0.5, np.float32))
    assert values.shape[:2] == (1 + length // representation.hop, representation.bins)
    assert np.isfinite(values).all()


@every
def test_one_hop_more_is_one_frame_more(kind):
    representation = parse(kind)
    hop = representation.hop
    lengths = [hop - 1, hop, 2 * hop]
    assert [len(representation(np.ones(n, np.float32))) for n in lengths] == [1, 2, 3]


@every
@pytest.mark.parametrize(
    "signal",
    [
        np.zeros(9000, np.float32),
        np.ones(9000, np.float32),
        np.where(np.arange(9000) // 50 % 2, 1, -1).astype(np.float32),
    ],
    ids=["silence", "dc", "full-scale square"],
)
def test_extreme_audio_gives_finite_values(kind, signal):
    assert np.isfinite(parse(kind)(signal)).all()


@every
def test_the_audio_is_left_as_it_was(kind, music):
    samples = music(22050, 1.0).copy()
    parse(kind)(samples)
    np.testing.assert_array_equal(samples, music(22050, 1.0))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_finite_are_refused(bad):
    samples = np.zeros(5000, np.float32)
    samples[1234] = bad
    with pytest.raises(DeepmirError, match="NaN or infinite"):
        Mel()(samples)


@pytest.mark.parametrize("shape", [(2, 5000), (5000, 1), ()])
def test_stereo_is_refused(shape):
    with pytest.raises(DeepmirError, match="mono"):
        Cqt()(np.zeros(shape, np.float32))


@pytest.mark.parametrize(
    ("declaration", "reason"),
    [
        ({"kind": "mel", "window": 256}, "use fewer bins or a longer window"),
        ({"kind": "mel", "fmin": 6000, "fmax": 5000}, "must increase"),
        ({"kind": "mel", "fmax": 20000}, "half the sample rate"),
        ({"kind": "cqt", "bins": 120}, "use fewer bins"),
        ({"kind": "logfrequency", "bins": 120}, "use fewer bins"),
        ({"kind": "hcqt", "harmonics": [1, 9]}, "fewer bins or harmonics"),
        ({"kind": "chroma", "bins": 10}, "do not divide"),
        ({"kind": "mfcc", "bins": 200}, "cannot give 200 coefficients"),
        ({"kind": "mfcc", "conditioning": [{"kind": "log"}]}, "never negative"),
        ({"kind": "mel", "conditioning": [{"kind": "log"}, {"kind": "pcen"}]}, "never negative"),
        (
            {
                "kind": "stack",
                "members": [{"kind": "mel"}, {"kind": "mel", "conditioning": [{"kind": "pcen"}]}],
                "conditioning": [{"kind": "log"}],
            },
            "differ in units",
        ),
        ({"kind": "stack", "members": [{"kind": "mel"}, {"kind": "cqt"}]}, "differ in bins"),
    ],
)
def test_declarations_that_cannot_be_meant_are_refused(declaration, reason):
    with pytest.raises(ValidationError, match=reason):
        parse(declaration)


def test_raw_audio_is_the_signal_itself(music):
    samples = music(22050, 1.0)
    for hop in (1, 160, 441):
        flat = parse({"kind": "audio", "hop": hop})(samples).reshape(-1)
        signal = flat[hop // 2 :][: len(samples)]
        assert len(samples) - len(signal) <= hop // 2
        np.testing.assert_array_equal(signal, samples[: len(signal)])


def test_a_click_is_found_at_its_own_time():
    """One time axis for all: the frame nearest to a click is the loudest."""
    samples = np.zeros(22050, np.float32)
    samples[20 * 512] = 1
    for kind in ("stft", "mel", "bark", "erb", "gammatone", "logfrequency", "audio"):
        energy = np.abs(parse({"kind": kind, "hop": 512})(samples)).sum(axis=1)
        assert energy.argmax() == 20, kind
    assert Cqt()(samples)[:, -12:].sum(axis=1).argmax() == 20


def test_a_stack_holds_its_members(music):
    members = tuple(Mel(window=w, bins=40) for w in (1024, 2048, 4096))
    samples = music(22050, 1.0)
    stacked = Stack(members=members)(samples)
    for channel, member in enumerate(members):
        np.testing.assert_array_equal(stacked[..., channel], member(samples))
