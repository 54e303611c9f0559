import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import freqz

from deepmir_render.mixing import (
    dynamics,
    encoding,
    engineer,
    equaliser,
    loudness,
    mixing,
    noises,
    reverb,
)
from deepmir_render.mixing.mix import (
    Band,
    Coding,
    Compression,
    Ducking,
    Echo,
    Master,
    Mix,
    Noise,
    Reverb,
    Strip,
)
from deepmir_render.playing.played import SAMPLE_RATE

ONSET = 20011  # sample
MILLISECOND = SAMPLE_RATE // 1000
MODES = ("none", "room", "studio")


def rng(seed=0):
    return np.random.default_rng(seed)


def noise(seconds=1.0, level=0.1, channels=2, seed=0):
    made = level * rng(seed).standard_normal((channels, round(seconds * SAMPLE_RATE)))
    return made.astype(np.float32)


def sine(frequency, seconds=1.0, level=0.1, channels=2):
    turns = frequency * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.tile(level * np.sin(2 * np.pi * turns), (channels, 1)).astype(np.float32)


def stroke(channels=2):
    """Silence, then a loud sound with a slow decay: its first sample is the maximum."""
    sound = np.zeros((channels, SAMPLE_RATE), np.float32)
    time = np.arange(SAMPLE_RATE - ONSET) / SAMPLE_RATE
    sound[:, ONSET:] = 0.5 * np.exp(-3 * time) * np.cos(2 * np.pi * 700 * time)
    return sound


def decibels(sound):
    return 10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-30)


def onset(sound):
    """The first sample that is above a tenth of the peak."""
    size = np.abs(sound).max(axis=0)
    return int(np.argmax(size > 0.1 * size.max()))


# Drawing a mix ------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.sampled_from(MODES), st.sampled_from(["metal", "jazz", "pop"]))
@settings(max_examples=60)
def test_a_mix_is_drawn_from_the_seed_alone_and_is_json(seed, mode, style):
    mix = engineer.draw(rng(seed), mode, style)
    assert mix == engineer.draw(rng(seed), mode, style)
    assert mix.mixing == mode
    assert json.loads(json.dumps(asdict(mix)))["voice_level"] == mix.voice_level
    for strip in mix.strips:
        assert -1 <= strip.pan <= 1
        for band in strip.equaliser:
            assert 20 <= band.frequency <= 16000
            assert -15 <= band.gain <= 15
    assert mix.coding is None or mix.coding.codec in ("mp3", "vorbis")


def test_mixes_differ():
    drawn = [engineer.draw(rng(seed), "studio", "pop") for seed in range(30)]
    assert len(set(drawn)) == 30
    assert {mix.ducking is None for mix in drawn} == {True, False}


def test_what_a_mix_amounts_to():
    master = Master((Band("low_pass", 5000.0),), noise=Noise("pink", 30.0), level=-15.0)
    strips = (Strip("bass", send=-20.0), Strip("voice", send=-9.0), Strip("lead"))
    effects = Mix("room", 0.0, strips, Reverb(1.5, 0.5, 1.0), master=master).effects
    assert (effects.reverberation, effects.wet) == (1.5, -9.0)
    assert (effects.low_pass, effects.snr) == (5000.0, 30.0)
    bare = Mix("none", 0.0, ()).effects
    assert bare.reverberation is None
    assert bare.snr is None


# The whole mix ------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.sampled_from(MODES), st.booleans())
@settings(max_examples=25)
def test_a_mix_is_finite_within_full_scale_and_repeatable(seed, mode, sung):
    buses = {name: noise(seed=i) for i, name in enumerate(("drums", "bass", "harmony", "lead"))}
    again = {name: sound.copy() for name, sound in buses.items()}
    voice = noise(channels=1, seed=9)[0] if sung else None
    mix = engineer.draw(rng(seed), mode, "electronic")
    mixed = mixing.apply(buses, voice, mix, rng(1))
    assert mixed.shape == (2, SAMPLE_RATE)
    assert mixed.dtype == np.float32
    assert np.isfinite(mixed).all()
    assert np.abs(mixed).max() <= mixing.PEAK
    assert np.array_equal(mixed, mixing.apply(again, voice, mix, rng(1)))


@pytest.mark.parametrize("mode", MODES)
def test_silence_stays_silence(mode):
    mix = engineer.draw(rng(4), mode, "pop")
    mixed = mixing.apply({"bass": np.zeros((2, 9000), np.float32)}, None, mix, rng())
    assert np.abs(mixed).max() < 1e-6


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_no_mix_delays_the_direct_sound(seed):
    mix = engineer.draw(rng(seed), "studio", "rock")
    mix = replace(mix, master=replace(mix.master, noise=None))  # which sounds before the stroke
    for bus in ("drums", "harmony"):
        mixed = mixing.apply({bus: stroke()}, None, mix, rng())
        assert abs(onset(mixed) - ONSET) <= MILLISECOND
    mixed = mixing.apply({}, stroke(1)[0], mix, rng())
    assert abs(onset(mixed) - ONSET) <= MILLISECOND


def test_no_mixing_is_the_sum():
    buses = {"drums": noise(seed=1), "lead": noise(seed=2)}
    mixed = mixing.apply(buses, None, Mix("none", 0.0, ()), rng())
    wanted = sum(buses.values())
    assert np.allclose(mixed, wanted * (mixed.std() / wanted.std()), atol=1e-5)
    assert decibels(mixed) == pytest.approx(-20, abs=0.1)


@pytest.mark.parametrize("level", [-30.0, -14.0])
def test_the_level_is_as_asked(level):
    mix = Mix("studio", 0.0, (), master=Master(loudness=2.0, level=level))
    assert decibels(mixing.apply({"lead": noise()}, None, mix, rng())) == pytest.approx(
        level, abs=0.1
    )


def test_a_level_that_the_peak_does_not_allow_is_not_reached():
    mix = Mix("none", 0.0, (), master=Master(level=-6.0))
    mixed = mixing.apply({"lead": stroke()}, None, mix, rng())
    assert decibels(mixed) < -10
    assert np.abs(mixed).max() == pytest.approx(mixing.PEAK, abs=1e-3)


@pytest.mark.parametrize("wanted", [-4.0, 0.0, 5.0])
def test_the_voice_is_as_loud_as_asked_while_it_sings(wanted):
    voice = noise(4.0, 0.02, 1, seed=1)[0]
    voice[: 2 * SAMPLE_RATE] = 0
    others = noise(4.0, 0.3, 2, seed=2)
    others[1] = others[0]  # as the voice, it is the same on both sides
    buses = {"harmony": others}
    mix = Mix("studio", wanted, ())
    mixed = mixing.apply(buses, voice, mix, rng())
    before, after = decibels(mixed[:, : 2 * SAMPLE_RATE]), decibels(mixed[:, 2 * SAMPLE_RATE :])
    assert after - before == pytest.approx(10 * np.log10(1 + 10 ** (wanted / 10)), abs=0.3)


def test_loudness_is_weighted_as_broadcasting_does():
    loud = [10 * np.log10(np.median(loudness.powers(sine(f)))) for f in (30, 200, 500, 4000)]
    assert loud[1] == pytest.approx(loud[2], abs=0.7)
    assert loud[0] < loud[1] - 3
    assert loud[3] == pytest.approx(loud[2] + 3, abs=1)


def test_pan_and_width():
    left = noise()
    left[1] = 0

    def sides(strip):
        mixed = mixing.apply({"lead": left.copy()}, None, Mix("studio", 0, (strip,)), rng())
        return [decibels(side) for side in mixed]

    mono = sides(Strip("lead", width=0.0))
    assert mono[0] == pytest.approx(mono[1], abs=0.01)
    panned = sides(Strip("lead", width=0.0, pan=0.5))
    assert panned[0] - panned[1] == pytest.approx(20 * np.log10(0.5), abs=0.01)


def test_drums_duck_the_bass():
    drums = np.zeros((2, 2 * SAMPLE_RATE), np.float32)
    drums[:, SAMPLE_RATE : SAMPLE_RATE + 9000] = sine(60, 9000 / SAMPLE_RATE, 0.5)
    quiet = (Strip("drums", gain=-80.0),)
    steady = {"drums": drums, "bass": sine(440, 2.0)}
    mixed = mixing.apply(steady, None, Mix("studio", 0, quiet, ducking=Ducking(9.0, 0.1)), rng())
    hit = mixed[:, SAMPLE_RATE + 3000 : SAMPLE_RATE + 8000]
    before = mixed[:, SAMPLE_RATE // 2 : SAMPLE_RATE - 2000]
    assert decibels(hit) - decibels(before) == pytest.approx(-9, abs=0.7)
    assert decibels(mixed[:, -5000:]) == pytest.approx(decibels(before), abs=0.3)


# Equaliser ----------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    "band",
    [
        Band("high_pass", 100.0),
        Band("low_pass", 5000.0, quality=1.2),
        Band("low_shelf", 150.0, 6.0),
        Band("high_shelf", 6000.0, -5.0),
        Band("peak", 1000.0, 7.0, 1.5),
    ],
    ids=lambda band: getattr(band, "kind", None),
)
def test_a_filter_does_what_its_analogue_model_does(band, channels):
    impulse = np.zeros((channels, 2**16), np.float32)
    impulse[:, 0] = 1
    equaliser.equalise(impulse, [band])
    at = 44100 * np.arange(1, 2**15) / 2**16
    measured = np.abs(np.fft.rfft(impulse[-1]))[1:-1]
    b0, b1, b2, a1, a2 = equaliser.coefficients(band)
    _, digital = freqz([b0, b1, b2], [1, a1, a2], worN=at, fs=44100)
    assert np.allclose(measured, np.abs(digital), atol=2e-4)
    # The bilinear transform bends frequencies: s = j tan(w / 2) / tan(w0 / 2).
    s = 1j * np.tan(np.pi * at / 44100) / np.tan(np.pi * band.frequency / 44100)
    gain, q = 10 ** (band.gain / 40), band.quality
    root = np.sqrt(2 * gain)
    model = {
        "high_pass": s**2 / (s**2 + s / q + 1),
        "low_pass": 1 / (s**2 + s / q + 1),
        "peak": (s**2 + s * gain / q + 1) / (s**2 + s / (gain * q) + 1),
        "low_shelf": gain * (s**2 + root * s + gain) / (gain * s**2 + root * s + 1),
        "high_shelf": gain * (gain * s**2 + root * s + 1) / (s**2 + root * s + gain),
    }[band.kind]
    assert np.allclose(np.abs(digital), np.abs(model), rtol=1e-4, atol=1e-6)


def test_filters_in_series_multiply():
    bands = [Band("peak", 300.0, 6.0), Band("peak", 3000.0, -6.0), Band("high_pass", 50.0)]
    once, apart = noise(), noise()
    equaliser.equalise(once, bands)
    for band in bands:
        equaliser.equalise(apart, [band])
    assert np.allclose(once, apart, atol=1e-6)


# Dynamics -----------------------------------------------------------------------------------


def test_the_static_curve():
    over = np.array([-20.0, -3.0, 0.0, 3.0, 12.0])
    gains = dynamics.static_curve(over, 4.0)
    # Beyond the knee of 6 dB 12 dB become 3; in its middle an eighth of its width is lost.
    assert gains == pytest.approx([0.0, 0.0, -0.75 * 6 / 8, -2.25, -9.0])


@given(st.floats(-20, 0), st.floats(1, 20))
def test_a_compressor_keeps_the_order_of_levels(threshold, ratio):
    levels = np.linspace(-60, 0, 200)
    after = levels + dynamics.static_curve(levels - threshold, ratio)
    assert (np.diff(after) >= -1e-9).all()
    assert (after <= levels + 1e-9).all()


def test_compression_lessens_differences_by_its_ratio():
    sound = np.concatenate([sine(1000, 1, 0.05), sine(1000, 2, 0.4)], axis=1)  # 18.06 dB
    compression = Compression(threshold=-40.0, ratio=3.0, attack=0.005, release=0.05)
    gains = dynamics.compression_gains(dynamics.levels(sound), compression)
    dynamics.apply_gains(sound, gains)
    soft, loud = sound[:, 20000:40000], sound[:, -40000:]
    assert decibels(loud) - decibels(soft) == pytest.approx(18.06 / 3, abs=0.2)
    assert decibels(loud) == pytest.approx(decibels(sine(1000, 1, 0.4)), abs=0.2)  # made up for


def test_attack_and_release():
    sound = np.concatenate([sine(2000, 1, 0.02), sine(2000, 1, 0.5), sine(2000, 1, 0.02)], axis=1)
    compression = Compression(-20.0, 4.0, attack=0.02, release=0.2)
    gains = dynamics.compression_gains(dynamics.levels(sound), compression)
    curve = 20 * np.log10(gains)
    second = SAMPLE_RATE // dynamics.BLOCK

    def passed(start, seconds):
        """Share of the change completed after some seconds."""
        begin, end = curve[start - 2], curve[start + second - 20]
        return (curve[start + round(seconds * second)] - begin) / (end - begin)

    assert passed(second, 0.02 + 0.005) == pytest.approx(0.63, abs=0.1)
    assert passed(2 * second, 0.2 + 0.01) == pytest.approx(0.63, abs=0.1)


@given(st.integers(0, 1000), st.floats(0.01, 0.9))
@settings(max_examples=30)
def test_nothing_passes_the_limiter(seed, ceiling):
    sound = noise(0.3, 0.3, seed=seed)
    sound[:, 5000] = 3.0
    before = sound.copy()
    dynamics.limit(sound, ceiling)
    assert np.abs(sound).max() <= np.float32(ceiling)
    assert (np.abs(sound) <= np.abs(before) + 1e-6).all()


def test_the_limiter_leaves_what_is_soft_alone():
    sound = sine(300, 1, 0.3)
    before = sound.copy()
    dynamics.limit(sound, 0.5)
    assert np.allclose(sound, before)


def test_saturation_keeps_loud_parts_and_bends_louder_ones():
    curve = np.linspace(-1, 1, 2001, dtype=np.float32)[np.newaxis].copy()
    loud = -12.0
    dynamics.saturate(curve, 6.0, loud)
    at = np.linspace(-1, 1, 2001)
    level, drive = 10 ** (loud / 20), 10 ** (6 / 20)
    ideal = level * np.tanh(drive * at / level) / np.tanh(drive)
    assert np.allclose(curve[0], ideal, atol=0.03 * ideal.max())
    assert np.interp(level, at, curve[0]) == pytest.approx(level, rel=1e-2)
    assert (np.diff(curve[0]) >= -1e-7).all()


# Room, echo and noise -----------------------------------------------------------------------


def decay(room, low, high):
    """RT60 from a line through the backward integral between two levels in dB."""
    energy = np.cumsum(np.square(room, dtype=np.float64).sum(axis=0)[::-1])[::-1]
    curve = 10 * np.log10(energy / energy[0] + 1e-30)
    chosen = (curve < high) & (curve > low)
    slope, _ = np.polyfit(np.flatnonzero(chosen) / SAMPLE_RATE, curve[chosen], 1)
    return -60 / slope


@pytest.mark.parametrize("seconds", [0.5, 1.2, 2.5])
@pytest.mark.parametrize("size", [0.4, 1.0])
def test_a_room_decays_as_asked(seconds, size):
    impulse = np.zeros((2, 3 * SAMPLE_RATE), np.float32)
    impulse[:, 0] = 1
    room = reverb.reverberate(impulse, Reverb(seconds, 0.0, size))
    assert decay(room, -35, -5) == pytest.approx(seconds, rel=0.12)


def test_high_frequencies_decay_faster():
    def times(damping):
        impulse = np.zeros((2, 3 * SAMPLE_RATE), np.float32)
        impulse[:, 0] = 1
        room = reverb.reverberate(impulse, Reverb(1.5, damping, 1.0))
        high = room.copy()
        equaliser.equalise(room, [Band("low_pass", 500.0)] * 2)
        equaliser.equalise(high, [Band("high_pass", 6000.0)] * 2)
        return decay(room, -30, -5), decay(high, -30, -5)

    low, high = times(1.0)
    assert high < 0.6 * low
    assert low == pytest.approx(1.5, rel=0.15)
    low, high = times(0.0)
    assert high == pytest.approx(low, rel=0.2)


def test_a_room_is_as_loud_as_its_send_and_differs_from_side_to_side():
    send = noise(4.0)
    room = reverb.reverberate(send, Reverb(1.0, 0.0, 1.0))
    assert decibels(room[:, SAMPLE_RATE:]) == pytest.approx(decibels(send), abs=1.5)
    assert abs(np.corrcoef(room)[0, 1]) < 0.2
    assert np.isfinite(room).all()


def test_a_room_is_linear_and_does_not_depend_on_blocks():
    send = noise(0.5)
    late = np.concatenate([np.zeros((2, 777), np.float32), send], axis=1)
    room = Reverb(0.8, 0.4, 0.7)
    assert np.allclose(
        reverb.reverberate(late, room)[:, 777:], reverb.reverberate(send, room), atol=1e-5
    )


def test_echoes_come_when_asked_and_alternate():
    send = np.zeros((2, SAMPLE_RATE), np.float32)
    send[:, 100] = 1
    made = np.zeros_like(send)
    reverb.add_echoes(made, send, Echo(0.2, 0.5))
    delay = round(0.2 * SAMPLE_RATE)
    assert list(np.flatnonzero(made[0])) == [100 + k * delay for k in range(1, 5)]
    assert made[1, 100 + delay] > made[0, 100 + delay]
    assert made[0, 100 + 2 * delay] == pytest.approx(0.5 * made[1, 100 + delay])


@pytest.mark.parametrize("kind", ["white", "pink", "hum", "crackle"])
def test_noise_is_so_far_below_the_music(kind):
    buses = {"lead": sine(440, 4.0)}
    loud = Mix("studio", 0, (), master=Master(level=-20.0))
    noisy = Mix("studio", 0, (), master=Master(noise=Noise(kind, 30.0), level=-20.0))
    clean = mixing.apply(buses, None, loud, rng())
    difference = mixing.apply(buses, None, noisy, rng()) - clean
    assert decibels(clean) - decibels(difference) == pytest.approx(30, abs=0.5)


def test_colours_of_noise():
    def slope(kind):
        made = noises.make(Noise(kind, 0.0), 2**18, rng())
        spectrum = np.square(np.abs(np.fft.rfft(made[0])))
        at = np.fft.rfftfreq(2**18, 1 / SAMPLE_RATE)
        octaves = [spectrum[(at >= f) & (at < 2 * f)].mean() for f in (125, 500, 2000, 8000)]
        return np.polyfit([0, 2, 4, 6], 10 * np.log10(octaves), 1)[0]

    assert slope("white") == pytest.approx(0, abs=0.3)
    assert slope("pink") == pytest.approx(-3, abs=0.3)
    hum = np.abs(np.fft.rfft(noises.make(Noise("hum", 0.0, 60.0), SAMPLE_RATE, rng())[0]))
    assert set(np.flatnonzero(hum > 0.01 * hum.max())) == {60 * k for k in range(1, 8)}


# Files --------------------------------------------------------------------------------------


def music():
    """Sounds of many frequencies with a clear beginning."""
    sound = sum(sine(f, 2.0, 0.08) for f in (110, 277, 440, 1760, 5000)) + noise(2.0, 0.01)
    sound[:, :ONSET] = 0
    sound[:, -8000:] = 0
    return sound


def test_a_file_holds_what_was_written(tmp_path):
    import soundfile

    sound = music()
    encoding.write(tmp_path / "a.flac", sound)
    back, rate = soundfile.read(tmp_path / "a.flac", dtype="float32")
    info = soundfile.info(tmp_path / "a.flac")
    assert (rate, info.format, info.subtype) == (SAMPLE_RATE, "FLAC", "PCM_16")
    assert np.allclose(back.T, sound, atol=1 / 32000)


def test_the_greatest_samples_are_not_wrapped(tmp_path):
    import soundfile

    sound = np.array([[1.0, -1.0, 0.0], [0.98, -0.98, 0.0]], np.float32)
    encoding.write(tmp_path / "a.flac", sound)
    back, _ = soundfile.read(tmp_path / "a.flac", dtype="int16")
    assert back.T.tolist() == [[32767, -32767, 0], [32112, -32112, 0]]


@pytest.mark.parametrize(
    "codec, compression", [("vorbis", 0.3), ("vorbis", 0.7), ("mp3", 0.3), ("mp3", 0.7)]
)
def test_a_lossy_file_is_not_late(codec, compression):
    sound = music()
    back = encoding.round_trip(sound, Coding(codec, compression))
    assert back.shape == sound.shape
    reach = 200
    middle = slice(ONSET, ONSET + 2**15)
    products = [
        np.dot(back[0, middle], sound[0, middle.start - k : middle.stop - k])
        for k in range(-reach, reach + 1)
    ]
    assert abs(int(np.argmax(products)) - reach) <= 2
    change = back - sound
    assert -60 < decibels(change) - decibels(sound) < -8  # lossy, but the same music
