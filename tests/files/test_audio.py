import struct
import subprocess
import sys

import miniaudio
import numpy as np
import pytest
import soundfile

from deepmir.errors import DeepmirError
from deepmir.files import audio, decoding

RATE = 44100


@pytest.fixture
def tone():
    t = np.arange(RATE) / RATE
    left, right = 0.5 * np.sin(2 * np.pi * 440 * t), 0.25 * np.sin(2 * np.pi * 440 * t)
    return np.stack([left, right], axis=1).astype(np.float32)


def alike(samples, wanted, tolerance):
    """Equal up to a factor, relative to the largest of `wanted`."""
    samples = samples.astype(np.float64)
    factor = np.dot(samples, wanted) / np.dot(samples, samples)
    np.testing.assert_allclose(factor * samples, wanted, rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("suffix", "tolerance"), [("wav", 1e-4), ("flac", 1e-4), ("ogg", 0.05), ("mp3", 0.1)]
)
def test_every_format_decodes_to_the_same_tone(tmp_path, tone, suffix, tolerance):
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, tone, RATE)
    middle = slice(RATE // 4, RATE // 2)
    alike(audio.load(path, RATE)[middle], tone.mean(axis=1)[middle], tolerance)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_the_downmix_is_the_mean_of_the_channels(tmp_path, rng, subtype, channels):
    """Over several blocks and a remainder."""
    path = tmp_path / "noise.wav"
    noise = rng.uniform(-1, 1, (2 * audio.BLOCK + 77, channels)).astype(np.float32)
    soundfile.write(path, noise, RATE, subtype=subtype)
    stored, _ = soundfile.read(path, always_2d=True)
    alike(audio.load(path, RATE), stored.mean(axis=1), 1e-6)


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3"])
def test_blocks_of_a_compressed_file_join(tmp_path, rng, suffix):
    path = tmp_path / f"noise.{suffix}"
    soundfile.write(path, rng.uniform(-0.5, 0.5, (3 * audio.BLOCK, 2)), RATE)
    at_once, _ = soundfile.read(path)
    alike(audio.load(path, RATE), at_once.mean(axis=1), 1e-5)


@pytest.mark.parametrize(("suffix", "tolerance"), [("flac", 0.0), ("ogg", 1e-6)])
def test_without_miniaudio_the_samples_are_the_same(tmp_path, rng, monkeypatch, suffix, tolerance):
    path = tmp_path / f"noise.{suffix}"
    soundfile.write(path, rng.uniform(-0.5, 0.5, (3 * audio.BLOCK + 77, 2)), RATE)
    by_miniaudio = audio.load(path, RATE)

    def stream_file(*_):  # as it answers to Vorbis of 2000
        raise miniaudio.DecodeError("failed to init decoder", -1)

    with monkeypatch.context() as patched:
        patched.setattr(miniaudio, "stream_file", stream_file)
        np.testing.assert_allclose(audio.load(path, RATE), by_miniaudio, rtol=0, atol=tolerance)
    monkeypatch.setitem(sys.modules, "miniaudio", None)  # as where it is not installed
    np.testing.assert_allclose(audio.load(path, RATE), by_miniaudio, rtol=0, atol=tolerance)


def test_blocks_leave_no_trace_in_the_resampled_signal(tmp_path, rng):
    path = tmp_path / "noise.wav"
    noise = rng.uniform(-1, 1, 3 * audio.BLOCK + 1234).astype(np.float32)
    soundfile.write(path, noise, RATE, subtype="FLOAT")
    whole = audio.resample(noise, RATE, 16000)
    alike(audio.load(path, 16000), whole, 1e-5)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_an_excerpt_is_that_part_of_the_whole(tmp_path, tone, suffix):
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, tone, RATE)
    whole = audio.load(path, RATE)
    part = audio.load(path, RATE, start=0.25, seconds=0.5)
    start = round(0.25 * RATE)
    alike(part, whole[start : start + round(0.5 * RATE)], 1e-3)
    fails(path, "ends at 1.0.* before 3 s", start=3)


def test_what_follows_an_excerpt_is_neither_decoded_nor_measured(tmp_path, rng, monkeypatch):
    path = tmp_path / "long.wav"
    soft = rng.uniform(-0.01, 0.01, (4 * RATE, 2)).astype(np.float32)
    soundfile.write(path, np.concatenate([soft, np.ones_like(soft)]), RATE, subtype="FLOAT")
    read = 0
    plain = decoding.libsndfile.decode

    def counted(*arguments):
        decoded = plain(*arguments)

        def blocks(inner=decoded.blocks):
            nonlocal read
            for block in inner:
                read += len(block)
                yield block

        decoded.blocks = blocks()
        return decoded

    monkeypatch.setattr(decoding.libsndfile, "decode", counted)
    part = audio.load(path, RATE, start=1.0, seconds=2.0)
    assert len(part) == 2 * RATE
    assert read <= 2 * RATE + audio.BLOCK
    alone = audio.from_samples(soft[RATE : 3 * RATE], RATE)
    np.testing.assert_array_equal(part, np.concatenate([b.copy() for b in alone.blocks]))


def test_resampling_keeps_pitch_and_level(tone):
    mono = audio.resample(tone[:, 0], RATE, 16000)
    assert abs(len(mono) - 16000) <= 1
    spectrum = np.abs(np.fft.rfft(mono[:16000] * np.hanning(len(mono[:16000]))))
    assert np.argmax(spectrum) == 440
    assert np.abs(mono[2000:-2000]).max() == pytest.approx(0.5, abs=0.01)


def fails(path, said, **options):
    with pytest.raises(DeepmirError, match=said) as caught:
        audio.load(path, 16000, **options)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_listened_to_is_refused_by_name(tmp_path, tone):
    path = tmp_path / "a b.wav"
    fails(path, "missing")
    path.write_bytes(b"")
    fails(path, "empty")
    path.write_bytes(b"this is not audio at all, whatever its name may say")
    fails(path, "not readable as audio")
    soundfile.write(path, tone[:0], RATE)
    fails(path, "no samples")
    soundfile.write(path, tone * 0, RATE)
    fails(path, "silent")
    soundfile.write(path, tone, RATE)
    with pytest.raises(DeepmirError, match="too short, 1.00 s instead of at least 2 s"):
        audio.listen(str(path), lambda: decoding.decode(path), RATE, min_seconds=2)
    tone[100] = np.nan
    soundfile.write(path, tone, RATE, subtype="FLOAT")
    fails(path, "not finite")


@pytest.mark.parametrize("kept", [100, 50_000])
def test_a_truncated_wav_is_refused(tmp_path, tone, kept):
    path = tmp_path / "cut.wav"
    soundfile.write(path, tone, RATE)
    path.write_bytes(path.read_bytes()[:kept])
    fails(path, "truncated")


@pytest.mark.parametrize("miniaudio", [True, False])
def test_a_truncated_flac_is_refused(tmp_path, tone, monkeypatch, miniaudio):
    if not miniaudio:
        monkeypatch.setitem(sys.modules, "miniaudio", None)
    path = tmp_path / "cut.flac"
    soundfile.write(path, tone, RATE)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    fails(path, "truncated|not readable")


@pytest.mark.parametrize(("promised", "refused"), [(10_010, False), (10_030, True)])
def test_some_frames_less_than_promised_are_no_truncation(tmp_path, promised, refused):
    """As in Ogg streams cut by an editor, such as one in Debian's wesnoth-1.16-music."""
    path = tmp_path / "song.flac"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 10_000), RATE)
    data = bytearray(path.read_bytes())
    data[22:26] = struct.pack(">I", promised)
    path.write_bytes(data)
    if refused:
        fails(path, "truncated, it has 10000 of 10030 frames")
    else:
        assert len(audio.load(path, RATE)) == 10_000


def test_memory_does_not_grow_with_the_file(tmp_path):
    """Ten minutes are 105 MB of 16-bit stereo and would be 211 MB of float32."""
    path = tmp_path / "long.wav"
    minute = np.random.default_rng(0).integers(-9999, 9999, (60 * RATE, 2), np.int16)
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16") as file:
        for _ in range(10):
            file.write(minute)
    code = (
        "import resource, sys, soundfile, soxr, pathlib; from deepmir.files import audio;"
        "audio.HELD = 60.0;"  # what is held until the loudness is known has this bound
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024;"
        "before = peak(); samples = audio.load(pathlib.Path(sys.argv[1]), 8000);"
        "print(peak() - before)"
    )
    run = [sys.executable, "-c", code, str(path)]
    seen = subprocess.run(run, capture_output=True, text=True, check=True)
    result = 4 * 600 * 8000 / 2**20
    assert float(seen.stdout) < 2 * result + 20
