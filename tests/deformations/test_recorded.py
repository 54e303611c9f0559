"""Degradations of audio between a player and a listener."""

import numpy as np
import pytest

from deepmir.deformations import bandwidth, clipping, codec, equaliser, noise, reverb
from deepmir.features.downmix import FULL_SCALE
from deepmir.training.patches import deform_audio

RATE = 22050


def stored(samples):
    return np.rint(samples * FULL_SCALE).astype(np.int16)


def reverberation_time(room):
    """RT60 by Schroeder's backward integration: a line from -5 to -25 dB, M. R. Schroeder 1965.

    The direct sound is excluded.
    """
    energy = np.cumsum(room[:0:-1].astype(np.float64) ** 2)[::-1]
    level = 10 * np.log10(energy / energy[0])
    fitted = np.flatnonzero((level <= -5) & (level >= -25))
    slope, _ = np.polyfit(fitted / RATE, level[fitted], 1)
    return -60 / slope


class Fixed:
    """A generator with given uniform numbers."""

    def __init__(self, *numbers):
        self.numbers = list(numbers)
        self.rng = np.random.default_rng(0)

    def uniform(self, low, high, size=None):
        return self.numbers.pop(0)

    def standard_normal(self, size):
        return self.rng.standard_normal(size)


@pytest.mark.parametrize("seconds", [0.3, 0.8, 2.0])
def test_a_room_has_the_reverberation_time_that_was_drawn(seconds):
    room = reverb.response(3.0, RATE, Fixed(seconds, 5.0))
    assert reverberation_time(room) == pytest.approx(seconds, rel=0.05)
    assert np.sum(room**2) == pytest.approx(1, rel=1e-5)
    direct = 10 * np.log10(room[0] ** 2 / np.sum(room[1:] ** 2))
    assert direct == pytest.approx(5.0, abs=1e-3)


def test_rooms_are_at_most_as_reverberant_as_declared():
    rooms = [reverb.response(0.5, RATE, np.random.default_rng(seed)) for seed in range(30)]
    seconds = [len(room) / RATE for room in rooms]
    assert max(seconds) <= 0.501
    assert max(seconds) - min(seconds) > 0.3


def test_nothing_is_earlier_or_later_in_a_room(rng):
    click = np.zeros(RATE, np.float32)
    click[5000] = 1
    wet = reverb.reverberated(click, reverb.response(1.0, RATE, rng))
    assert wet.shape == click.shape
    assert np.argmax(np.abs(wet)) == 5000
    assert np.abs(wet[:5000]).max() < 1e-4


def lag(samples, other):
    """The delay of the other one in samples."""
    size = 1 << (2 * len(samples)).bit_length()
    spectra = (np.fft.rfft(x, size) for x in (other, samples))
    first, second = spectra
    peak = int(np.argmax(np.fft.irfft(first * second.conj(), size)))
    return peak if peak < size // 2 else peak - size


@pytest.mark.parametrize("rate", codec.SAMPLE_RATES)
@pytest.mark.parametrize("quality", [0.0, 5.0, 9.0])
def test_a_codec_shifts_nothing_and_loses_something(rate, quality, music, error):
    samples = music(rate, 1.7)
    decoded = codec.coded(samples, quality, rate)
    assert decoded.shape == samples.shape
    assert lag(samples, decoded) == 0
    assert 1e-4 < error(decoded, samples) < 0.5


def test_a_codec_loses_more_at_a_worse_quality(music, error):
    samples = music(RATE, 2.0)
    errors = [error(codec.coded(samples, quality, RATE), samples) for quality in (0.0, 4.5, 9.0)]
    assert errors == sorted(errors)
    assert errors[2] > 2 * errors[0]


@pytest.mark.parametrize("samples", [1, 100, 2000])
def test_a_codec_takes_excerpts_of_any_length(samples, rng):
    short = rng.uniform(-1, 1, samples).astype(np.float32)
    assert codec.coded(short, 9.0, RATE).shape == short.shape


def test_a_codec_does_not_clip(music):
    samples = music(RATE, 2.0)
    loud = codec.coded(4 * samples, 0.0, RATE)
    assert np.abs(loud).max() > 3


def test_audio_without_audio_deformations_is_left_as_it_is(music):
    samples = stored(music(RATE, 1.0))
    amounts = {"pitch_shift": 3, "time_stretch": 0.1, "time_mask": 0.5}
    rng = np.random.default_rng(0)
    assert deform_audio(samples, amounts, RATE, rng) is samples
    assert rng.bit_generator.state == np.random.default_rng(0).bit_generator.state


def test_gain_is_on_the_scale_of_the_store_and_is_not_cut_to_it(music):
    samples = stored(music(RATE, 1.0))
    ratios = []
    for seed in range(30):
        louder = deform_audio(samples, {"gain": 12.0}, RATE, np.random.default_rng(seed))
        ratio = np.linalg.norm(louder) / np.linalg.norm(samples.astype(np.float64))
        np.testing.assert_allclose(louder, samples * ratio, atol=0.5)
        ratios.append(20 * np.log10(ratio))
    assert -12 <= min(ratios) < -6 < 6 < max(ratios) <= 12


def test_all_together_are_those_one_by_one(music):
    samples = stored(music(RATE, 1.0))
    amounts = {"codec": 6.0, "noise": 0.1, "gain": 6.0, "equaliser": 6.0, "reverb": 0.4}
    amounts |= {"bandwidth": 3000.0, "clipping": 9.0}
    got = deform_audio(samples, amounts, RATE, np.random.default_rng(1))
    rng = np.random.default_rng(1)
    x = samples / np.float32(FULL_SCALE)
    x = reverb.reverberated(x, reverb.response(0.4, RATE, rng))
    x = equaliser.filtered(x, equaliser.DEFORMATION.draw(6.0, rng), RATE)
    x = clipping.clipped(x, rng.uniform(0, 9))
    x = x * np.float32(10 ** (rng.uniform(-6, 6) / 20))
    x = noise.added(x, noise.draw(0.1, rng), RATE, rng)
    x = bandwidth.DEFORMATION.deform_audio(x, 3000.0, RATE, rng)
    x = codec.coded(x, rng.uniform(0, 6), RATE)
    np.testing.assert_allclose(got, x * FULL_SCALE, atol=0.1)
    assert got.dtype == np.float32


def test_noise_is_as_loud_as_drawn(music, rng):
    samples = music(RATE, 2.0)
    noisy = noise.added(samples, noise.Noise(0.2, 0.5), RATE, rng)
    ratio = np.linalg.norm(noisy - samples) / np.linalg.norm(samples)
    assert ratio == pytest.approx(0.2, rel=1e-3)


@pytest.mark.parametrize("overdrive", [6.0, 20.0])
def test_what_is_clipped_is_flat_at_the_top_and_as_loud_as_before(overdrive, music):
    samples = music(RATE, 2.0)
    cut = clipping.clipped(samples, overdrive)
    assert np.linalg.norm(cut) == pytest.approx(np.linalg.norm(samples), rel=1e-5)
    limit = np.abs(samples).max() * 10 ** (-overdrive / 20)
    high = np.abs(samples) > limit
    assert high.sum() > 10
    np.testing.assert_allclose(np.abs(cut)[high], np.abs(cut).max(), rtol=1e-5)
    louder = np.abs(cut).max() / limit
    np.testing.assert_allclose(cut[~high], samples[~high] * louder, rtol=1e-4, atol=1e-7)


def test_nothing_is_clipped_at_full_scale_and_silence_stays(music):
    samples = music(RATE, 2.0)
    np.testing.assert_allclose(clipping.clipped(samples, 0.0), samples, rtol=1e-5)
    assert not clipping.clipped(np.zeros(9, np.float32), 12.0).any()


def test_nothing_is_above_the_cut_off_and_nothing_below_is_changed(rng):
    samples = 0.1 * rng.standard_normal(2 * RATE).astype(np.float32)
    passed = bandwidth.low_passed(samples, 4000.0, RATE)
    assert passed.shape == samples.shape
    inner = slice(4000, -4000)
    before, after = (np.fft.rfft(x[inner] * np.hanning(len(x[inner]))) for x in (samples, passed))
    frequencies = np.fft.rfftfreq(len(samples[inner]), 1 / RATE)
    low, high = frequencies < 3750, frequencies > 4050
    assert np.abs(after[high]).max() < 1e-3 * np.abs(before[high]).max()
    np.testing.assert_allclose(after[low], before[low], atol=1e-2 * np.abs(before[low]).max())


def test_half_of_the_patches_stay_whole_and_the_others_are_cut_over_log_frequency(rng):
    drawn = np.array([bandwidth.DEFORMATION.draw(2000.0, rng) for _ in range(4000)])
    cut = drawn[drawn[:, 1] < 1, 1]
    assert len(cut) / len(drawn) == pytest.approx(0.5, abs=0.03)
    np.testing.assert_allclose(
        np.quantile(cut, [0.0, 0.25, 0.75, 1.0]), [0, 0.25, 0.75, 1], atol=0.03
    )
    assert (drawn[:, 0] == 2000).all()
