"""The page of an analysis: its content, and the recording in it."""

import html
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from a_song import EMPTY, EVIL, RATE, SECONDS, SOURCES, full, record, statement
from hypothesis import given
from hypothesis import strategies as st

from deepmir.analysis import page
from deepmir.analysis.page import content, recording, spectrum, words
from deepmir.analysis.results import Analysis
from deepmir.files.annotations import Jams, Observation


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return record(tmp_path_factory.mktemp("song") / "it is_a song.wav")


@pytest.fixture(scope="module")
def heard(song):
    return recording.read(song, SECONDS)


# ---- What is said -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("A:min", "Am"),
        ("C:maj", "C"),
        ("C", "C"),
        ("Bb:7", "B♭7"),
        ("F#:hdim7", "F♯m7♭5"),
        ("C:maj/3", "C/E"),
        ("A:min7/b3", "Am7/C"),
        ("B:maj/1", "B"),
        ("N", "–"),
        ("X", "?"),
    ],
)
def test_a_chord_is_written_as_on_a_lead_sheet(label, shown):
    assert words.chord(label) == shown


@given(st.text())
def test_any_label_of_a_chord_can_be_shown(label):
    assert isinstance(words.chord(label), str)


def test_the_header_says_what_holds_for_the_whole():
    found = {f.name: f for f in words.facts(Analysis(None, full()))}
    assert found["Tempo"].value == "120 beats a minute"
    assert found["Tempo"].more == "lively; or perhaps 60"
    assert (found["Key"].value, found["Key"].share) == ("E♭ minor", 0.9)
    assert (found["Metre"].value, found["Metre"].more) == ("4 beats a bar", "throughout")
    assert (found["Genre"].value, found["Genre"].more) == ("march", "or reel 20%")
    assert found["Mood"].value == "sad"
    assert [tag.label for tag in words.tags(Analysis(None, full()))] == ["calm"]


def test_a_title_is_a_file_name_without_underscores_only_where_it_is_one():
    untitled = Jams(1.0, ())
    assert words.title(Analysis(Path("my_song.mp3"), untitled)) == "my song"
    assert words.title(Analysis(Path("my_song.mp3"), Jams(1.0, (), "a_b"))) == "a_b"
    assert words.title(Analysis(Path("___.mp3"), untitled)) == "___"
    assert words.title(Analysis(None, untitled)) == "Recording"


@pytest.mark.parametrize(
    ("share", "word"), [(0.95, "quite sure"), (0.4, "unsure"), (0.1, "a guess")]
)
def test_confidence_in_words(share, word):
    assert words.sure(share) == word


def test_what_is_drawn(heard):
    drawn = content.of(Analysis(None, full()), heard)
    assert drawn["chords"] == [
        [0, 16, "Am7", 9, True],
        [16, 26, "C/E", 0, False],
        [26, 34, "–", None, False],
    ]
    assert drawn["keys"] == [[0, 34, "E♭ minor", 3]]
    assert [row["name"] for row in drawn["instruments"]] == ["calm", "flute"]
    assert drawn["instruments"][1]["spans"] == [[0, 3], [5, 7]]
    pitches = np.array(drawn["melody"]["pitches"])
    assert drawn["melody"]["step"] == pytest.approx(0.02)
    assert pitches[0] == 0 and pitches[500] == 5700 and pitches[-1] == 6900
    assert drawn["beats"]["places"][:6] == [4, 1, 2, 3, 4, 1]


@pytest.mark.parametrize("said", [False, True])
def test_nothing_found_is_not_the_same_as_not_asked(heard, said):
    found = tuple(statement(*pair) for pair in EMPTY) if said else ()
    drawn = content.of(Analysis(None, Jams(SECONDS, found)), heard)
    for name in ("chords", "notes", "singing", "instruments", "onsets", "sections", "beats"):
        assert (drawn[name] is not None) == said
    assert isinstance(words.facts(Analysis(None, Jams(SECONDS, found))), list)


# ---- The recording ------------------------------------------------------------------------------


def test_a_task_that_the_page_does_not_know_is_a_fact_or_a_lane(heard):
    found = (
        statement("mode", "tag_open", Observation(0, SECONDS, "major", 0.7)),
        statement("offset", "tag_open", Observation(1.5, 0, "offset"), Observation(3, 0, "offset")),
    )
    analysis = Analysis(None, Jams(SECONDS, found))
    assert words.facts(analysis) == [words.Fact("Mode", "major", share=0.7)]
    assert content.of(analysis, heard)["others"] == {
        "offset": {"name": "Offset", "rows": [[1.5, 1.5, "offset"], [3.0, 3.0, "offset"]]},
    }


def test_chords_have_sevenths_where_these_were_asked_for(heard):
    triads = statement("chord", "chord", Observation(0, 2, "C:maj"), Observation(2, 4, "N"))
    large = statement("chord_large", "chord", Observation(0, 2, "C:7/3"), Observation(2, 4, "N"))
    for said, name in (((triads,), "C"), ((large,), "C7/E"), ((triads, large), "C7/E")):
        drawn = content.of(Analysis(None, Jams(SECONDS, said)), heard)
        assert drawn["chords"][0][2] == name
        assert drawn["others"] == {}


def test_segments_hold_the_recording_to_the_sample(song, heard, tmp_path):
    """Decoded and joined without their margins, they give the recording again."""
    joined = []
    for number, segment in enumerate(heard.segments):
        (tmp_path / "segment.mp3").write_bytes(segment)
        samples, rate = soundfile.read(tmp_path / "segment.mp3")
        assert rate == 44100
        start = round(0.05 * rate) if number else 0
        joined.append(samples[start : start + 30 * rate])
    joined = np.concatenate(joined)[::2]
    truth, _ = soundfile.read(song)
    assert len(heard.segments) == 2
    assert abs(len(joined) - len(truth)) < RATE * 0.03
    length = min(len(joined), len(truth))
    error = joined[:length] - truth[:length]
    assert np.sqrt(np.mean(error**2)) < 0.1 * np.sqrt(np.mean(truth**2))


def test_the_outline_touches_the_extremes(song, heard):
    samples = soundfile.read(song)[0].mean(axis=1)
    assert heard.highs.max() == round(127 * samples.max())
    assert heard.lows.min() == round(127 * samples.min())
    assert len(heard.lows) / heard.points == pytest.approx(SECONDS, abs=0.01)
    loudest = np.argmax(samples) / RATE
    assert np.argmax(heard.highs) / heard.points == pytest.approx(loudest, abs=0.01)


def test_the_outline_does_not_depend_on_blocks(rng):
    samples = rng.uniform(-1, 1, 1003).astype(np.float32)
    found = []
    for cuts in ([], [1, 2, 500], list(range(0, 1003, 7))):
        outline = recording._Outline(10)
        for block in np.split(samples, cuts):
            outline.feed(block)
        found.append(outline.finish())
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


def test_the_spectrum_is_brightest_at_the_tone(heard):
    bins = heard.levels.astype(np.float32).max(axis=0)
    pitch = spectrum.LOWEST + np.argmax(bins) / spectrum.BINS_PER_SEMITONE
    assert pitch == 69  # 440 Hz


def test_a_long_spectrum_is_seen_from_afar_in_one_image(rng):
    near, far = spectrum.pictures(rng.random((140_000, 4), np.float32))
    assert len(far.tiles) == 1 and far.columns <= 2048
    assert 32_768 < near.columns <= 65_536
    for picture in (near, far):
        assert picture.columns / picture.rate == pytest.approx(140_000 * 512 / 22050, rel=2e-3)


def test_the_same_analysis_gives_the_same_bytes(song, tmp_path):
    for name in ("a", "b"):
        page.write(Analysis(song, full(), SOURCES), song, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_nothing_is_asked_of_a_network_and_nothing_escapes(song, tmp_path):
    page.write(Analysis(song, full(EVIL, EVIL), SOURCES), song, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    without_audio = re.sub(r'(?s)<script type="text/plain".*?</script>', "", text)
    assert "http://" not in without_audio and "https://" not in without_audio
    assert "default-src 'none'" in html.unescape(text)
    assert "<img" not in text and "window.hacked=1</script>" not in text
    data = re.search(r'(?s)<script type="application/json" id="analysis">(.*?)</script>', text)[1]
    assert EVIL in [row["name"] for row in json.loads(data)["instruments"]]


@pytest.mark.parametrize(("sample_rate", "channels"), [(8000, 1), (96_000, 6)])
def test_any_number_of_channels_and_any_rate(tmp_path, rng, sample_rate, channels):
    samples = 0.1 * rng.standard_normal((sample_rate, channels))
    soundfile.write(tmp_path / "noise.wav", samples, sample_rate)
    found = recording.read(tmp_path / "noise.wav", 1.0)
    (tmp_path / "segment.mp3").write_bytes(found.segments[0])
    decoded, rate = soundfile.read(tmp_path / "segment.mp3", always_2d=True)
    assert decoded.shape[1] == 1 and len(decoded) / rate == pytest.approx(1.0, abs=0.03)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_what_ffmpeg_alone_reads(song, tmp_path):
    command = ["ffmpeg", "-v", "error", "-i", str(song), "-t", "3", str(tmp_path / "song.m4a")]
    subprocess.run(command, check=True)
    found = recording.read(tmp_path / "song.m4a", 3.0)
    assert len(found.segments) == 1
    assert len(found.lows) / found.points == pytest.approx(3.0, abs=0.05)


def test_a_long_recording_is_kept_in_mono(song, monkeypatch):
    monkeypatch.setattr(recording, "LONG", 10.0)
    found = recording.read(song, SECONDS)
    with soundfile.SoundFile(io.BytesIO(found.segments[1])) as file:
        assert (file.channels, file.samplerate) == (1, 22050)
        assert file.frames / file.samplerate == pytest.approx(4.05, abs=0.06)
