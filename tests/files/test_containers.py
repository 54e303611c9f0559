"""The length of a recording is that of the decoded sound, whatever the header says."""

import io
import os
import struct

import numpy as np
import pytest
import soundfile

from deepmir.errors import DeepmirError
from deepmir.files import audio, containers, decoding, libsndfile, mapped
from deepmir.files.quiet import quiet

RATE = 44100
FRAMES = 2 * RATE
STREAMED = "does not give its length"


def encoded(format, subtype=None, frames=FRAMES, **options):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (frames, 2))
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format=format, subtype=subtype, **options)
    return file.getvalue()


def patched(data, place, format, value):
    size = struct.calcsize(format)
    return data[:place] + struct.pack(format, value) + data[place + size :]


# Where each container has its length in bytes, or in frames.
LENGTHS = {
    "wav": ("WAV", "PCM_16", b"data", 4, "<I"),
    "aiff": ("AIFF", "PCM_16", b"SSND", 4, ">I"),
    "au": ("AU", "PCM_16", b".snd", 8, ">I"),
    "caf": ("CAF", "PCM_16", b"data", 4, ">Q"),
    "w64": ("W64", "PCM_16", b"data", 16, "<Q"),
    "rf64": ("RF64", "PCM_16", b"ds64", 16, "<Q"),
}
ALL_ONES = {"<I": 2**32 - 1, ">I": 2**32 - 1, "<Q": 2**64 - 1, ">Q": 2**64 - 1}


def with_length(kind, value):
    format, subtype, mark, offset, pack = LENGTHS[kind]
    data = encoded(format, subtype)
    return patched(data, data.find(mark) + offset, pack, value)


def heard(path):
    """The frames from the pipeline's reader, and its remarks."""
    source = audio.from_file(path)
    frames = sum(len(block) for block in source.blocks)
    assert frames / source.sample_rate == pytest.approx(decoding.seconds(path), abs=1e-3)
    return frames, source.remarks


@pytest.mark.parametrize("kind", LENGTHS)
@pytest.mark.parametrize("value", [0, "ones", 1000])
def test_a_length_that_is_wrong_takes_no_sound_away(tmp_path, kind, value):
    path = tmp_path / f"a.{kind}"
    path.write_bytes(with_length(kind, ALL_ONES[LENGTHS[kind][4]] if value == "ones" else value))
    frames, remarks = heard(path)
    assert frames == FRAMES
    # "Unknown" is a value that AU documents.
    assert kind == "au" or (STREAMED in remarks[0] or "bytes of audio" in remarks[0])


@pytest.mark.parametrize("kind", LENGTHS)
def test_a_length_that_is_right_is_not_remarked(tmp_path, kind):
    format, subtype, *_ = LENGTHS[kind]
    (tmp_path / "a").write_bytes(encoded(format, subtype))
    assert heard(tmp_path / "a") == (FRAMES, [])


@pytest.mark.parametrize("kind", LENGTHS)
def test_what_ends_too_early_is_truncated(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    format, subtype, *_ = LENGTHS[kind]
    path.write_bytes(encoded(format, subtype)[:-4000])
    with pytest.raises(DeepmirError, match=r"a\..*: truncated, .*copy it again"):
        heard(path)


def test_chunks_after_the_sound_are_no_sound(tmp_path):
    data = encoded("WAV", "PCM_16") + b"LIST" + struct.pack("<I", 8) + b"INFOabcd"
    (tmp_path / "a.wav").write_bytes(data)
    assert heard(tmp_path / "a.wav") == (FRAMES, [])


def flac(total):
    data = encoded("FLAC")
    return patched(data, 21, ">B", data[21] & 0xF0 | total >> 32)[:22] + (
        struct.pack(">I", total & 0xFFFFFFFF) + data[26:]
    )


@pytest.mark.parametrize("miniaudio", [True, False])
@pytest.mark.parametrize("total", [0, 40_000, 2**36 - 1])
def test_flac_of_any_length(tmp_path, monkeypatch, total, miniaudio):
    """As written by `ffmpeg -f flac - | cat`: without a length."""
    if not miniaudio:
        monkeypatch.setattr(libsndfile, "find_spec", lambda name: None)
    (tmp_path / "a.flac").write_bytes(flac(total))
    frames, remarks = heard(tmp_path / "a.flac")
    assert frames == FRAMES
    assert remarks == (
        ["its header says 40000 frames, but the file has 88200: all are used"]
        if total == 40_000
        else []
    )


@pytest.mark.parametrize("total", [0, FRAMES])
def test_flac_that_is_cut(tmp_path, total):
    data = flac(total)
    (tmp_path / "a.flac").write_bytes(data[: len(data) // 2])
    with pytest.raises(DeepmirError, match=r"a\.flac: truncated"):
        heard(tmp_path / "a.flac")


@pytest.mark.parametrize(
    ("format", "subtype"), [("MP3", None), ("FLAC", None), ("OGG", "VORBIS"), ("OGG", "OPUS")]
)
def test_joined_files_are_all_used(tmp_path, format, subtype):
    if subtype == "OPUS":
        file = io.BytesIO()
        soundfile.write(
            file, np.random.default_rng(0).uniform(-0.5, 0.5, FRAMES), 48000, "OPUS", format="OGG"
        )
        data = file.getvalue()
    else:
        data = encoded(format, subtype)
    (tmp_path / "a").write_bytes(data + data)
    frames, remarks = heard(tmp_path / "a")
    assert frames == 2 * FRAMES
    assert remarks == ["2 recordings joined in one file: all are used"]


@pytest.mark.parametrize(("format", "subtype"), [("FLAC", None), ("OGG", "VORBIS"), ("MP3", None)])
def test_a_file_is_looked_through_without_staying_in_memory(tmp_path, monkeypatch, format, subtype):
    path = tmp_path / "a"
    path.write_bytes(b"".join(encoded(format, subtype) for _ in range(3)))
    whole = containers.parts(path)
    assert len(whole) == 3
    for room in (whole[1].start + 5, 9999):  # the begin of the second is cut in two
        monkeypatch.setattr(mapped, "ROOM", room)
        assert containers.parts(path) == whole


def test_joined_files_of_two_rates_are_refused_with_the_place(tmp_path):
    other = io.BytesIO()
    soundfile.write(other, np.random.default_rng(0).uniform(-1, 1, (9999, 2)), 22050, format="MP3")
    (tmp_path / "a.mp3").write_bytes(encoded("MP3") + other.getvalue())
    with pytest.raises(DeepmirError, match=r"a\.mp3: from 2\.00 s it has another sample rate"):
        heard(tmp_path / "a.mp3")


def bare(data):
    """An MP3 without its encoder's length frame, as by `lame -t`."""
    first = containers.mp3.frame(data[:4])
    return data[first.size :]


@pytest.mark.parametrize("options", [{"bitrate_mode": "CONSTANT"}, {"bitrate_mode": "VARIABLE"}])
@pytest.mark.parametrize("lead", [b"", bytes(999), b"ID3\x03\0\0\0\x0c\x00\x00" + bytes(196608)])
def test_mp3_without_a_length(tmp_path, options, lead):
    """libsndfile alone reads the number of frames guessed from the first; here a quarter."""
    music = np.random.default_rng(0).uniform(-0.5, 0.5, (FRAMES, 2))
    music[:RATE] *= 1e-3
    file = io.BytesIO()
    soundfile.write(file, music, RATE, format="MP3", compression_level=0.5, **options)
    (tmp_path / "a.mp3").write_bytes(lead + bare(file.getvalue()))
    frames, remarks = heard(tmp_path / "a.mp3")
    assert frames % 1152 == 0 and FRAMES <= frames <= FRAMES + 3 * 1152
    assert remarks == []


def test_mp3_with_a_length_has_the_samples_that_were_written(tmp_path, capfd):
    tags = b"APETAGEX" + bytes(3000) + b"TAG" + bytes(125)
    (tmp_path / "a.mp3").write_bytes(bytes(100) + encoded("MP3") + tags)
    assert heard(tmp_path / "a.mp3") == (FRAMES, [])
    assert capfd.readouterr().err == ""


def test_mp3_that_is_cut(tmp_path):
    data = encoded("MP3")
    (tmp_path / "a.mp3").write_bytes(data[: len(data) // 2])
    with pytest.raises(DeepmirError, match=r"a\.mp3: truncated, it has \d+ of 88200 frames"):
        heard(tmp_path / "a.mp3")


def test_an_excerpt_of_joined_parts(tmp_path):
    data = encoded("FLAC")
    (tmp_path / "a.flac").write_bytes(data + data)
    part = audio.load(tmp_path / "a.flac", RATE, start=3.0, seconds=0.5)
    assert len(part) == RATE // 2
    with pytest.raises(DeepmirError, match=r"it ends at 4\.00 s, before 5 s"):
        audio.load(tmp_path / "a.flac", RATE, start=5.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d[:20000] + bytes(300) + d[20300:], None),
        (lambda d: d[:20000] + d[23000:], "damaged, "),
        (lambda d: d[:20000] + bytes(5000) + d[20000:], "damaged"),
    ],
    ids=["overwritten", "cut out", "put in"],
)
def test_mp3_that_is_damaged_in_the_middle(tmp_path, capfd, change, message):
    path = tmp_path / "a.mp3"
    path.write_bytes(change(encoded("MP3", frames=30 * RATE)))
    if message is None:
        samples, remarks = audio.listen(str(path), lambda: decoding.decode(path), RATE)
        assert len(samples) == pytest.approx(30 * RATE, abs=2304)
        assert "bytes in it are not MP3: the rest is used" in remarks[0]
    else:
        with pytest.raises(DeepmirError, match=rf"a\.mp3: .*{message}.*copy it again"):
            audio.load(path, RATE)
    assert capfd.readouterr().err == ""


def test_silence_ends_with_the_last_that_wants_it(capfd):
    with quiet():
        with quiet():
            os.write(2, b"one")
        os.write(2, b"two")
    os.write(2, b"three")
    assert capfd.readouterr().err == "three"
