import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from made_analysis import analysis_of, melody, spans

from deepmir.analysis import sonify
from deepmir.analysis.sonify import CLICKS, LEFT, RECORDING, RIGHT, SAMPLE_RATE
from deepmir.errors import DeepmirError
from deepmir.files import audio
from deepmir.files.annotations import Observation

SECONDS = 23.0  # more than two blocks
NOTHING = analysis_of(SECONDS)
BIT = 2**-15


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Noise at 44.1 kHz, so that the added sound is the difference of two results."""
    path = tmp_path_factory.mktemp("recording") / "some noise.wav"
    noise = np.random.default_rng(0).uniform(-0.2, 0.2, round(SECONDS * SAMPLE_RATE))
    soundfile.write(path, noise, SAMPLE_RATE, "FLOAT")
    return path


@pytest.fixture(scope="module")
def plain(recording, tmp_path_factory):
    out = tmp_path_factory.mktemp("plain") / "plain.wav"
    sonify.write(NOTHING, recording, out)
    return soundfile.read(out)[0]


@pytest.fixture
def added(recording, plain, tmp_path):
    def mixed_in(analysis):
        sonify.write(analysis, recording, tmp_path / "out.flac")
        return soundfile.read(tmp_path / "out.flac")[0] - plain

    return mixed_in


def _beats(times, positions):
    return [Observation(t, 0.0, p) for t, p in zip(times, positions, strict=True)]


def test_without_results_the_recording_is_all_there_is(recording, plain):
    samples = soundfile.read(recording)[0]
    assert plain.shape == (len(samples), 2)
    wanted = samples * RECORDING / np.abs(samples).max()
    assert np.abs(plain - wanted[:, None]).max() <= 1.01 * BIT


def test_clicks_begin_at_the_sample_nearest_to_the_beat(added):
    # On a border of blocks, across one, at the begin and cut off by the end.
    times = [0.0, 1.2345678, 9.97, 9.99, 10.01, 12.3, 20.000013, SECONDS - 0.001]
    sound = added(analysis_of(SECONDS, beat=_beats(times, [1, 2, 3, 3, 3, 4, 1, 2])))
    assert np.array_equal(sound[:, 0], sound[:, 1])
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 0.5 * CLICKS)
    found = loud[np.diff(loud, prepend=-SAMPLE_RATE) > 350]
    assert found.tolist() == [round(t * SAMPLE_RATE) for t in times]


def test_every_click_is_at_its_sample(added):
    samples = 5000 + 4001 * np.arange(250)
    sound = added(analysis_of(SECONDS, beat=_beats(samples / SAMPLE_RATE, [2] * 250)))
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 0.9 * CLICKS)
    assert set(samples) <= set(loud.tolist())
    assert not set(samples - 1) & set(loud.tolist())


def test_a_click_across_a_border_of_blocks_is_whole(added):
    sound = added(analysis_of(SECONDS, beat=_beats([5.0, 9.99], [2, 2])))[:, 0]
    length = round(0.04 * SAMPLE_RATE)
    one, other = (round(t * SAMPLE_RATE) for t in (5.0, 9.99))
    assert np.abs(sound[one : one + length] - sound[other : other + length]).max() <= 2 * BIT
    assert np.abs(sound[other + 450 : other + length]).max() > 10 * BIT


@pytest.mark.parametrize(("position", "hertz"), [(1, 2000), (2, 1000), (4, 1000)])
def test_downbeats_click_higher(added, position, hertz):
    sound = added(analysis_of(SECONDS, beat=_beats([3.0], [position])))[:, 0]
    click = sound[3 * SAMPLE_RATE : round(3.04 * SAMPLE_RATE)]
    spectrum = np.abs(np.fft.rfft(click, SAMPLE_RATE))
    assert abs(int(spectrum.argmax()) - hertz) < 60


def _peaks(sound, start, end):
    """Frequencies of prominent peaks, Hz."""
    part = sound[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    strong = np.flatnonzero(spectrum > 0.1 * spectrum.max())
    return strong / (end - start)


def test_chords_are_heard_where_they_are(added):
    chords = spans([(1.0, 8.0, "C:maj"), (8.0, 12.5, "D:min"), (12.5, 15.0, "N"), (15, 16, "?")])
    sound = added(analysis_of(SECONDS, chord=chords))
    for start, end, wanted in ((2, 4, {0, 4, 7}), (6, 7.9, {0, 4, 7}), (9, 11, {2, 5, 9})):
        notes = 69 + 12 * np.log2(_peaks(sound[:, 0], start, end) / 440)
        assert set(np.rint(notes).astype(int) % 12) == wanted
    assert np.abs(sound[: SAMPLE_RATE - 1]).max() <= 1.01 * BIT
    assert np.abs(sound[round(12.51 * SAMPLE_RATE) :]).max() <= 1.01 * BIT
    share = np.abs(sound[:, 1]).max() / np.abs(sound[:, 0]).max()
    assert share == pytest.approx(LEFT[1] / LEFT[0], abs=0.01)


def test_the_melody_is_heard_at_its_pitch_without_a_step_at_a_border(added):
    times = np.arange(0, SECONDS, 0.01)
    hertz = np.where(times < 15, 220.03, 330.0)
    voiced = (times > 8) & (times < 12) | (times > 16)
    sound = added(analysis_of(SECONDS, melody=melody(times, hertz, voiced)))
    left, right = sound.T
    for start, end, wanted in ((8.5, 9.5, 220), (9.5, 10.5, 220), (17, 18, 330)):
        assert _peaks(right, start, end)[1] == pytest.approx(wanted, abs=2)
    assert np.abs(right[: 7 * SAMPLE_RATE]).max() <= 1.01 * BIT
    assert np.abs(right[13 * SAMPLE_RATE : 15 * SAMPLE_RATE]).max() <= 1.01 * BIT
    inside, border = slice(9 * SAMPLE_RATE, 10 * SAMPLE_RATE - 9), slice(
        10 * SAMPLE_RATE - 9, 10 * SAMPLE_RATE + 9
    )  # fmt: skip
    assert np.abs(np.diff(right[border])).max() < 1.1 * np.abs(np.diff(right[inside])).max()
    assert np.abs(left).max() / np.abs(right).max() == pytest.approx(RIGHT[0] / RIGHT[1], abs=0.01)


def test_nothing_clips_and_the_recording_stays_the_loudest(recording, tmp_path, plain):
    times = np.arange(0, SECONDS, 0.01)
    analysis = analysis_of(
        SECONDS,
        beat=_beats(np.arange(0, SECONDS, 0.03), [1] * 767),
        chord=spans([(0.0, SECONDS, "C:min7")]),
        melody=melody(times, np.full(times.size, 300.0), np.full(times.size, True)),
    )
    sonify.write(analysis, recording, tmp_path / "loud.wav")
    sound = soundfile.read(tmp_path / "loud.wav")[0]
    assert 0.8 < np.abs(sound).max() < 0.99
    assert np.abs(plain).max() > np.abs(sound - plain).max(axis=0).min() * 0.7


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (22050, 2), (96000, 6)])
def test_any_rate_and_any_channels_become_stereo_at_44100(tmp_path, rate, channels):
    seconds = 2.5
    tone = 0.01 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.repeat(tone[:, None], channels, 1), rate, "PCM_24")
    sonify.write(analysis_of(seconds, beat=_beats([1.0], [1])), path, tmp_path / "n" / "out.flac")
    info = soundfile.info(tmp_path / "n" / "out.flac")
    assert (info.samplerate, info.channels, info.subtype) == (SAMPLE_RATE, 2, "PCM_16")
    assert abs(info.frames - seconds * SAMPLE_RATE) <= 1
    sound = soundfile.read(tmp_path / "n" / "out.flac")[0]
    # The recording is 40 dB below full scale, and is heard all the same.
    assert np.abs(sound[: SAMPLE_RATE - 1]).max() == pytest.approx(RECORDING, rel=0.05)


@pytest.mark.parametrize("name", ["out.mp3", "out", "out.jams"])
def test_another_suffix_is_refused(recording, tmp_path, name):
    with pytest.raises(DeepmirError, match=rf"{name}: a sonification must be a .wav or .flac file"):
        sonify.write(NOTHING, recording, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_what_is_no_recording_is_refused_and_leaves_nothing(tmp_path):
    (tmp_path / "text.wav").write_text("no audio at all, but some words")
    with pytest.raises(DeepmirError, match="text.wav"):
        sonify.write(NOTHING, tmp_path / "text.wav", tmp_path / "out.wav")
    assert [p.name for p in tmp_path.iterdir()] == ["text.wav"]


def test_memory_does_not_grow_with_the_recording(tmp_path, monkeypatch):
    monkeypatch.setattr(audio, "HELD", 10.0)  # s that are kept until the loudness is known

    def peak(seconds):
        path = tmp_path / f"{seconds}.wav"
        soundfile.write(path, 0.1 * np.sin(np.arange(seconds * 8000)), 8000)
        beats = _beats(np.arange(0, seconds, 0.5), [1] * (2 * seconds))
        chords = spans([(0.0, float(seconds), "C:maj")])
        analysis = analysis_of(float(seconds), beat=beats, chord=chords)
        tracemalloc.start()
        sonify.write(analysis, path, Path(tmp_path / "out.flac"))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)  # what is imported counts for nobody
    assert peak(120) < 1.2 * peak(30)
