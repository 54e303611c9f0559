"""Levels and bandwidth on features, compared with the same on their audio."""

import numpy as np
import pytest
import torch
from scipy.signal import firwin2

from deepmir.deformations import bandwidth, equaliser, gain, noise
from deepmir.deformations.device import Deformer
from deepmir.deformations.powers import Powers
from deepmir.models.model import as_input
from deepmir.representations import Cqt, Decibel, Hcqt, Log, Mel, Pcen, Stack, Stft

RATE = 22050
LOG = (Log(epsilon=1e-6),)
DECIBEL = (Decibel(reference=0.1),)
KINDS = {
    "stft": Stft(hop=441),
    "log power stft": Stft(hop=441, value="power", conditioning=LOG),
    "log mel": Mel(hop=441, bins=40, conditioning=LOG),
    "decibel mel of magnitudes": Mel(hop=441, bins=40, power=1, conditioning=DECIBEL),
    "decibel mel": Mel(hop=441, bins=40, conditioning=DECIBEL),
    "log cqt": Cqt(hop=512, bins=60, bins_per_octave=12, fmin=65.4, conditioning=LOG),
    "hcqt": Hcqt(
        source=Cqt(hop=512, bins=36, bins_per_octave=12, fmin=65.4),
        harmonics=(1, 2, 3),
        conditioning=LOG,
    ),
    "stack": Stack(
        members=tuple(Mel(hop=441, window=w, bins=30, conditioning=LOG) for w in (1024, 2048))
    ),
}


def features(representation, samples):
    return as_input(torch.from_numpy(representation(samples))[None])


def deformed(representation, samples, **drawn):
    x = features(representation, samples)
    named = {
        name: torch.tensor(np.array([value]), dtype=torch.float32) for name, value in drawn.items()
    }
    amounts = dict.fromkeys(drawn, 1.0)
    return Deformer(representation, amounts, sound=False)(x, torch.tensor([x.shape[3]]), named)


@pytest.mark.parametrize("representation", KINDS.values(), ids=KINDS)
def test_powers_are_undone_and_redone(representation, music):
    x = features(representation, music(RATE, 2.0))
    powers = Powers.of(representation)
    np.testing.assert_allclose(powers.redo(powers.undo(x)), x, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("decibels", [-9.0, 4.5])
@pytest.mark.parametrize("representation", KINDS.values(), ids=KINDS)
def test_gain_gives_the_features_of_the_gained_audio(representation, decibels, music):
    samples = music(RATE, 2.0)
    wanted = features(representation, samples * np.float32(gain.amplitude(decibels)))
    got = deformed(representation, samples, gain=[decibels])
    np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-3)


def test_half_precision_of_the_store_does_not_matter_to_gain(music):
    representation = KINDS["log mel"]
    samples = music(RATE, 2.0)
    x = features(representation, samples).half().float()
    named = {"gain": torch.tensor([[6.0]])}
    deformer = Deformer(representation, {"gain": 6}, sound=False)
    got = deformer(x, torch.tensor([x.shape[3]]), named)
    wanted = features(representation, samples * np.float32(gain.amplitude(6.0)))
    np.testing.assert_allclose(got, wanted, atol=0.02)


@pytest.mark.parametrize("kind", ["log power stft", "log mel", "log cqt", "hcqt", "stack"])
def test_the_equaliser_gives_the_features_of_the_equalised_audio(kind, music):
    representation, samples = KINDS[kind], music(RATE, 3.0)
    levels = np.array([6, -6, 5, -4, 0], np.float32)
    wanted = features(representation, equaliser.filtered(samples, levels, RATE))
    got = deformed(representation, samples, equaliser=levels)
    plain = features(representation, samples)
    audible = wanted > wanted.max() - 9
    # Beside a partial that is nearer to another level of the curve, its leakage is equalised as it.
    apart, before = ((x - wanted)[audible].abs() for x in (got, plain))
    assert apart.median() < 0.12 * before.median()
    assert apart.mean() < 0.35 * before.mean()


def test_the_curve_goes_through_its_points_and_never_beyond_them():
    levels = np.array([8, -3, 2, -8, 5])
    curve = np.tensordot(levels, equaliser.weights(equaliser.POINTS), 1)
    np.testing.assert_allclose(curve, levels, atol=1e-9)
    everywhere = np.tensordot(levels, equaliser.weights(np.geomspace(1, 22050, 999)), 1)
    assert everywhere.min() >= -8.000001
    assert everywhere.max() <= 8.000001
    assert np.abs(np.diff(everywhere)).max() < 0.3
    np.testing.assert_allclose(equaliser.weights(np.geomspace(1, 22050, 99)).sum(axis=0), 1)


def test_the_equaliser_is_a_filter_without_delay(rng, error):
    levels = np.array([0, 6, -6, 3, -3], np.float32)
    grid = np.linspace(0, RATE / 2, 4097)
    curve = np.tensordot(levels, equaliser.weights(grid), 1)
    taps = firwin2(8191, grid, 10 ** (curve / 20), nfreqs=8193, fs=RATE)
    samples = rng.standard_normal(RATE).astype(np.float32)
    wanted = np.convolve(samples, taps)[4095:-4095]
    assert error(equaliser.filtered(samples, levels, RATE), wanted) < 0.01


@pytest.mark.parametrize("kind", ["stft", "log power stft", "log mel", "log cqt"])
def test_noise_adds_its_share_of_power(kind, rng):
    representation, ratio = KINDS[kind], 0.5
    samples = rng.standard_normal(4 * RATE).astype(np.float32)
    powers = Powers.of(representation)
    before = powers.undo(features(representation, samples)).mean()
    after = powers.undo(deformed(representation, samples, noise=[ratio, 0.7, 0.25])).mean()
    assert float(after / before) == pytest.approx(1 + ratio**2, rel=0.01)


@pytest.mark.parametrize("tilt", [0.0, 1.0])
def test_noise_on_features_is_noise_on_audio_in_the_mean(tilt, rng):
    representation, ratio = KINDS["log power stft"], 0.3
    samples = rng.standard_normal(4 * RATE).astype(np.float32)
    made = noise.Noise(ratio, tilt)
    wanted = features(representation, noise.added(samples, made, RATE, rng))
    got = deformed(representation, samples, noise=[ratio, tilt, 0.1])
    by_octave = [(n // 2, n) for n in (16, 32, 64, 128, 256, 512, 1024)]
    undo = Powers.of(representation).undo
    for low, high in by_octave:
        found, true = (float(undo(x)[:, :, low:high].mean()) for x in (got, wanted))
        assert found == pytest.approx(true, rel=0.12)


def test_white_noise_is_flat_and_pink_noise_falls_by_3_db_an_octave(rng):
    silence = 1e-3 * np.sin(2 * np.pi * 5000 * np.arange(8 * RATE) / RATE).astype(np.float32)
    levels = {}
    for tilt in (0.0, 1.0):
        noisy = noise.added(silence, noise.Noise(9.0, tilt), RATE, rng) - silence
        power = Stft(hop=2048, value="power")(noisy).mean(axis=0)
        levels[tilt] = 10 * np.log10([power[n // 2 : n].mean() for n in (32, 64, 128, 256)])
    np.testing.assert_allclose(np.diff(levels[0.0]), 0, atol=0.8)
    np.testing.assert_allclose(np.diff(levels[1.0]), -3, atol=0.8)


def test_noise_is_relative_to_the_patch_alone_and_silence_stays_silent(music):
    representation = KINDS["stft"]
    x = features(representation, music(RATE, 2.0))
    long = torch.cat([x, 1e3 * torch.ones_like(x)], dim=3)
    frames = x.shape[3]
    deformer = Deformer(representation, {"noise": 1}, sound=False)
    named = {"noise": torch.tensor([[0.5, 0.0, 0.0]])}
    short = deformer(x, torch.tensor([frames]), named)
    torch.testing.assert_close(deformer(long, torch.tensor([frames]), named)[..., :frames], short)
    nothing = torch.zeros_like(x)
    assert not deformer(nothing, torch.tensor([frames]), named).any()


def test_each_row_of_a_batch_gets_its_own(music):
    representation = KINDS["log mel"]
    x = features(representation, music(RATE, 2.0)).repeat(2, 1, 1, 1)
    named = {"gain": torch.tensor([[0.0], [3.0]])}
    got = Deformer(representation, {"gain": 3}, sound=False)(
        x, torch.tensor([x.shape[3]] * 2), named
    )
    torch.testing.assert_close(got[0], x[0], rtol=1e-4, atol=1e-4)
    assert (got[1] > x[1]).all()


def test_in_a_stack_pcen_is_left_to_itself(music):
    """The logarithm gets the same as it would get alone."""
    samples = music(RATE, 2.0)
    mel = KINDS["log mel"]
    stack = Stack(members=(mel.model_copy(update={"conditioning": (Pcen(),)}), mel))
    curve = np.linspace(-6, 6, equaliser.POINTS.size).astype(np.float32)
    drawn = {"gain": [4.5], "equaliser": curve, "noise": [0.3, 0.5, 0.25]}
    before, after = features(stack, samples), deformed(stack, samples, **drawn)
    assert torch.equal(after[:, 0], before[:, 0])
    np.testing.assert_allclose(after[:, 1], deformed(mel, samples, **drawn)[:, 0], atol=1e-5)


BINS = {
    "log mel": KINDS["log mel"],
    "pcen mel": Mel(hop=441, bins=40, conditioning=(Pcen(),)),
    "both": Stack(members=[Mel(hop=441, bins=40, conditioning=(c,)) for c in (Log(), Pcen())]),
    "log cqt": KINDS["log cqt"],
}


@pytest.mark.parametrize("representation", BINS.values(), ids=BINS)
def test_bandwidth_gives_the_features_of_audio_that_was_kept_so(representation, rng):
    """Below the cut-off frame by frame, above it in the mean over time."""
    swell = 0.1 * np.sin(np.linspace(0, 2 * np.pi, 4 * RATE)) ** 2
    samples = (swell * rng.standard_normal(4 * RATE)).astype(np.float32)
    kept = bandwidth.rounded(bandwidth.low_passed(samples, 1000.0, RATE))
    wanted, plain = features(representation, kept), features(representation, samples)
    got = deformed(representation, samples, bandwidth=[1000.0, 0.0, 0.3])
    frequencies = representation.channel_frequencies[0]
    below, above = frequencies < 850, frequencies > 1200
    assert torch.equal(got[:, :, below], plain[:, :, below])
    assert (got - wanted)[:, :, below].abs().median() < 0.05
    found, true, before = (x[:, :, above].mean(3) for x in (got, wanted, plain))
    assert (before - true).abs().mean() > 0.15
    assert (found - true).abs().mean() < 0.4 * (before - true).abs().mean()


def test_a_patch_that_is_left_whole_is_left_as_it_is(music):
    for representation in BINS.values():
        samples = music(RATE, 2.0)
        got = deformed(representation, samples, bandwidth=[1000.0, 1.0, 0.3])
        assert torch.equal(got, features(representation, samples))
