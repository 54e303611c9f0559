"""CQT, harmonic CQT and chroma, compared with their double-precision definitions and librosa."""

import itertools

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from deepmir.representations import Chroma, Cqt, Hcqt, LogFrequency
from deepmir.representations.constant_q import constant_q, decimations, plan


def definition(cqt, samples):
    """sqrt(L) |sum_n x[t hop + n] w[n] exp(-2 pi i f n / rate)|, w a Hann window of sum one."""
    ratio = 2 ** (2 / cqt.bins_per_octave)
    q = cqt.filter_scale * (ratio + 1) / (ratio - 1)
    columns = []
    for frequency in cqt.frequencies:
        length = q * cqt.sample_rate / frequency
        before, after = int(np.ceil(length / 2)), int(np.floor(length / 2))
        n = np.arange(-before, after)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * (n + before) / len(n))
        kernel = window / window.sum() * np.exp(-2j * np.pi * frequency * n / cqt.sample_rate)
        padded = np.pad(samples.astype(np.float64), (before, before + after))
        frames = sliding_window_view(padded, len(n))[:: cqt.hop][: 1 + len(samples) // cqt.hop]
        columns.append(np.sqrt(length) * np.abs(frames @ kernel))
    return np.stack(columns, axis=1)


@pytest.mark.parametrize(("bins", "bins_per_octave"), [(84, 12), (168, 24), (252, 36)])
def test_cqt_is_its_definition_and_librosas(music, error, bins, bins_per_octave):
    samples = music(22050, 5.0)
    cqt = Cqt(bins=bins, bins_per_octave=bins_per_octave)
    got = cqt(samples)
    assert error(got, definition(cqt, samples)) < 1e-4
    theirs = librosa.cqt(
        samples, n_bins=bins, bins_per_octave=bins_per_octave, pad_mode="constant", tuning=0
    )
    assert np.corrcoef(got.ravel(), np.abs(theirs).T.ravel())[0, 1] > 0.999
    np.testing.assert_allclose(
        cqt.frequencies,
        librosa.cqt_frequencies(bins, fmin=cqt.fmin, bins_per_octave=bins_per_octave),
    )


@settings(max_examples=12)
@given(
    sample_rate=st.sampled_from([8000, 16000, 22050]),
    hop=st.sampled_from([100, 160, 256, 441, 443, 512, 1024]),
    bins_per_octave=st.integers(10, 40),
    octaves=st.floats(2, 5),
    fmin=st.floats(40, 100),
    scale=st.floats(0.7, 1.5),
    length=st.integers(5000, 20000),
)
def test_cqt_is_its_definition(
    music, error, sample_rate, hop, bins_per_octave, octaves, fmin, scale, length
):
    samples = music(sample_rate, 4.0)[2000 : 2000 + length]
    cqt = Cqt(
        sample_rate=sample_rate,
        hop=hop,
        bins_per_octave=bins_per_octave,
        bins=max(1, int(octaves * bins_per_octave)),
        fmin=fmin,
        filter_scale=scale,
    )
    # Short excerpts that begin and end abruptly lose more than music: 3.4e-4 at most of 600 drawn.
    assert error(cqt(samples), definition(cqt, samples)) < 5e-4


def test_no_block_shows_its_edges(music, monkeypatch, error):
    samples, cqt = music(22050, 5.0), Cqt()
    whole = cqt(samples)
    monkeypatch.setattr("deepmir.representations.constant_q.CHUNK", 1 << 14)
    blockwise = list(constant_q(samples, cqt.filters, cqt.hop))
    assert len(blockwise) > 5
    assert error(np.concatenate([values for _, values in blockwise]), whole) < 1e-5


@given(st.integers(1, 5000))
def test_every_decimation_divides_the_hop_and_the_next(hop):
    chain = decimations(hop)
    assert hop % chain[-1] == 0 and chain[0] == 1
    assert all(b % a == 0 and b > a for a, b in itertools.pairwise(chain))


def test_the_plan_covers_every_filter_once_and_decimates_the_low_ones():
    groups = plan(Cqt().filters, 512)
    covered = sorted(k for g in groups for k in range(g.columns.start, g.columns.stop))
    assert covered == list(range(84))
    assert [g.factor for g in groups] == sorted(g.factor for g in groups)
    assert groups[-1].factor >= 64


def test_each_harmonic_is_the_cqt_at_a_multiple_of_fmin(music, error):
    samples = music(22050, 3.0)
    hcqt = Hcqt(source=Cqt(bins=72, bins_per_octave=24, fmin=65.4), harmonics=(0.5, 1, 2, 3))
    got = hcqt(samples)
    for channel, harmonic in enumerate(hcqt.harmonics):
        alone = Cqt(bins=72, bins_per_octave=24, fmin=65.4 * harmonic)
        assert error(got[..., channel], definition(alone, samples)) < 1e-4


def test_octave_related_harmonics_share_their_filters():
    hcqt = Hcqt(source=Cqt(bins=48), harmonics=(1, 2, 4))
    assert len(hcqt.channel_filters[0].frequencies) == 48 + 24


def test_chroma_is_equation_5(music):
    samples = music(22050, 2.0)
    for source in (Cqt(bins=72), LogFrequency(bins=72)):
        spectrum = source(samples)
        wanted = sum(spectrum[:, z * 12 : z * 12 + 12] for z in range(6))
        np.testing.assert_allclose(
            Chroma(source=source, norm="none")(samples), wanted, rtol=1e-5, atol=1e-6
        )


def test_chroma_is_librosas(music):
    samples = music(22050, 5.0)
    theirs = librosa.feature.chroma_cqt(y=samples, tuning=0, bins_per_octave=36, n_octaves=7).T
    assert np.corrcoef(Chroma()(samples).ravel(), theirs.ravel())[0, 1] > 0.999


def test_chroma_names_the_pitch_class_whatever_the_octave():
    time = np.arange(2 * 22050) / 22050
    for octave in (2, 3, 5):
        tone = np.sin(2 * np.pi * librosa.note_to_hz(f"A{octave}") * time).astype(np.float32)
        assert Chroma()(tone)[40].argmax() == 9


@pytest.mark.parametrize("norm", ["maximum", "euclidean", "sum"])
def test_silent_chroma_stays_silent(norm):
    assert not Chroma(norm=norm)(np.zeros(5000, np.float32)).any()
