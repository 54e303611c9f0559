from pathlib import Path

import numpy as np
import pretty_midi
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from deepmir.datasets import base
from deepmir.datasets.recordings import fretsonfire
from deepmir.datasets.recordings.fretsonfire import FretsOnFire
from deepmir.declarations.schema import Dataset
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.tasks import get

RATE = 8000
INI = "[song]\nname = {name}\nartist = The Band\ncassettecolor = #111111\nscores = 50%\n"


def chart(path, *tempi):
    """A MIDI file with an initial tempo and later tempo changes, (seconds, BPM)."""
    midi = pretty_midi.PrettyMIDI(resolution=480, initial_tempo=tempi[0][1])
    for seconds, bpm in tempi[1:]:
        midi._tick_scales.append((midi.time_to_tick(seconds), 60 / bpm / 480))
        midi._update_tick_to_time(midi.time_to_tick(60.0))
    guitar = pretty_midi.Instrument(0)
    guitar.notes.append(pretty_midi.Note(100, 60, 0.0, 1.0))
    midi.instruments.append(guitar)
    midi.write(str(path))


def clicks(bpm, first, last, seconds=12.0, channels=2):
    samples = np.zeros((round(seconds * RATE), channels), np.float32)
    for time in np.arange(0, seconds, 60 / bpm):
        if first <= time < last:
            start = round(time * RATE)
            samples[start : start + 200] += 0.9 * np.hanning(200)[:, None].astype("f")
    return samples


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The layout of the packages, with one song of two fretsonfire."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "songs" / "muldjord" / "Iron song"
    folder.mkdir(parents=True)
    (tmp_path / "songs" / "muldjord" / "library.ini").write_text("[library]\nname = Metal\n")
    chart(folder / "notes.mid", (0.0, 150.0))
    (folder / "song.ini").write_text(INI.format(name="Iron"))
    soundfile.write(folder / "song.ogg", clicks(150, 2.0, 9.0), RATE)
    soundfile.write(folder / "guitar.ogg", clicks(75, 2.0, 9.0), RATE)
    return tmp_path / "songs"


def declared(home, *packages):
    return TypeAdapter(Dataset).validate_python(
        {
            "source": "fretsonfire",
            "home": str(home),
            "packages": packages or ["muldjord"],
            "shards": 1,
        }
    )


def collected(declaration):
    return base.make_shard("games", declaration, 0, workers=1)


def track(home):
    (found,) = collected(declared(home)).tracks
    return found, annotations.read(Path(found.annotations))


def test_a_song_is_mixed_and_has_its_tempo_and_its_beats(home):
    found, jams = track(home)
    assert (found.id, found.group, found.licence) == (
        "muldjord--Iron_song",
        "muldjord",
        "CC BY-SA 3.0",
    )
    assert (jams.title, jams.artist, jams.duration) == ("Iron", "The Band", 12.0)
    assert jams.first("tempo").values == [150.0]
    # Clicks from 2.0 to 8.8 s: there are no beats before and after the music.
    np.testing.assert_allclose(jams.first("beat").times, np.arange(2.0, 8.9, 0.4), atol=1e-4)


def test_the_mix_is_the_sum_and_does_not_clip(home):
    found, _ = track(home)
    info = soundfile.info(found.audio)
    assert (info.format, info.subtype, info.samplerate, info.channels) == (
        "FLAC",
        "PCM_16",
        8000,
        2,
    )
    mix, _ = soundfile.read(found.audio)
    assert np.abs(mix).max() == pytest.approx(fretsonfire.PEAK, abs=1e-3)
    # Both stems click at 2.4 s, one at 2.8 s: about half as loud.
    peaks = [np.abs(mix[round(t * RATE) : round(t * RATE) + 200]).max() for t in (2.4, 2.8)]
    assert peaks[0] / peaks[1] == pytest.approx(2.0, rel=0.1)


def test_beats_have_no_position_and_downbeats_are_not_scored(home):
    _, jams = track(home)
    assert set(jams.first("beat").values) == {None}
    scores = get("beat").metrics(jams, jams)
    assert scores["f_measure"] == 1.0
    assert not any(name.startswith("downbeat") for name in scores)
    assert get("tempo").metrics(jams, jams)["acc1"] == 1.0


def test_a_delay_moves_the_beats_later(home):
    ini = home / "muldjord" / "Iron song" / "song.ini"
    ini.write_text(INI.format(name="Iron") + "delay = 100\n")
    _, jams = track(home)
    assert jams.first("beat").times[0] == pytest.approx(2.1, abs=1e-4)


def test_of_a_package_whose_grid_is_not_known_to_be_right_only_the_tempo_is_used(home):
    (home / "muldjord").rename(home / "sectoid")
    (found,) = collected(declared(home, "sectoid")).tracks
    jams = annotations.read(Path(found.annotations))
    assert (found.id, found.licence) == ("sectoid--Iron_song", "MIT")
    assert jams.first("tempo").values == [150.0]
    assert jams.first("beat") is None


def test_a_stem_that_is_shorter_is_padded(home):
    soundfile.write(home / "muldjord" / "Iron song" / "song.ogg", clicks(150, 2, 9, 10.0), RATE)
    assert track(home)[1].duration == 12.0


def test_every_song_is_for_testing_and_one_band_is_one_group(home):
    (member,) = declared(home).members()
    assert (member.group, member.part) == ("muldjord", "test")


@pytest.mark.parametrize("ask", [collected, FretsOnFire.fetch, FretsOnFire.members])
def test_a_package_that_is_not_installed_is_named_with_the_command(home, ask):
    with pytest.raises(DeepmirError, match="apt install fretsonfire-songs-sectoid"):
        ask(declared(home, "muldjord", "sectoid"))


def test_a_changed_file_changes_the_listing(home):
    before = declared(home).state()
    assert declared(home).state() == before
    (home / "muldjord" / "Iron song" / "song.ini").write_text(INI.format(name="Steel song"))
    assert declared(home).state() != before


def spoil_chart(folder):
    (folder / "notes.mid").write_bytes(b"RIFF nothing")


def spoil_rate(folder):
    soundfile.write(folder / "guitar.ogg", clicks(75, 2, 9), 2 * RATE)


def spoil_stems(folder):
    for path in folder.glob("*.ogg"):
        path.unlink()


def spoil_ini(folder):
    (folder / "song.ini").write_text("[song]\ndelay = soon\n")


def leave_no_beats(folder):
    chart(folder / "notes.mid", (0.0, 5.0))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (spoil_chart, "notes.mid: not readable as MIDI"),
        (spoil_rate, "guitar.ogg: 16000 Hz"),
        (spoil_stems, "Bad song has none of song.ogg"),
        (spoil_ini, "song.ini: not readable"),
        (leave_no_beats, "notes.mid: there are no beats"),
    ],
)
def test_a_bad_song_fails_alone(home, spoil, told):
    good, bad = home / "muldjord" / "Iron song", home / "muldjord" / "Bad song"
    bad.mkdir()
    for path in good.iterdir():
        (bad / path.name).write_bytes(path.read_bytes())
    spoil(bad)
    index = collected(declared(home))
    assert [t.id for t in index.tracks] == ["muldjord--Iron_song"]
    (failure,) = index.failures
    assert failure.track == "muldjord--Bad_song"
    assert told in failure.reason


def test_a_tempo_that_changes_moves_the_beats_after_it(tmp_path):
    chart(tmp_path / "a.mid", (0.0, 120.0), (2.0, 60.0))
    times = fretsonfire.beats(tmp_path / "a.mid", delay=0.0, end=5.0)
    np.testing.assert_allclose(times, [0, 0.5, 1, 1.5, 2, 3, 4, 5], atol=1e-3)


@given(
    bpm=st.sampled_from([60, 95, 120, 170, 190.0]),
    delay=st.floats(-0.5, 0.5),
    end=st.floats(0.0, 30.0),
)
def test_beats_are_all_of_the_grid_from_0_to_the_end(tmp_path_factory, bpm, delay, end):
    path = tmp_path_factory.getbasetemp() / f"{bpm}.mid"
    if not path.exists():
        chart(path, (0.0, bpm))
    times = fretsonfire.beats(path, delay, end)
    numbers = np.arange(0, 200)
    expected = delay + numbers * 60 / bpm
    expected = expected[(expected >= 0) & (expected <= end)]
    # The tempo of a MIDI file is in whole microseconds: a beat at either edge may be on one side.
    assert abs(len(times) - len(expected)) <= 1
    both = min(len(times), len(expected))
    np.testing.assert_allclose(times[:both], expected[:both], atol=1e-3)


def test_music_sounds_from_its_first_to_its_last_loud_block():
    mix = np.zeros((10 * RATE, 2), np.float32)
    mix[3 * RATE : 4 * RATE] = 0.5
    mix[6 * RATE : 7 * RATE] = 0.02  # -28 dB
    mix[8 * RATE : 9 * RATE] = 0.002  # -48 dB
    assert fretsonfire.sounding(mix, RATE) == (pytest.approx(3.0), pytest.approx(7.0))
