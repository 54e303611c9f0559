"""One track from pip packages only: a work of the music21 corpus, played by TimGM6mb."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from made import FOUR, song

from deepmir.datasets.rendered import Rendered
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.store import Failure
from deepmir_render import rendering
from deepmir_render.song import Groove, Hit
from deepmir_render.sources import groove, pop909

SECONDS = 20.0


def declared(**changes):
    given = {"collections": ["music21"], "drums": "patterns", "hours": 0.06, "seconds": SECONDS}
    return Rendered(source="rendered", whole=0, shards=1, **(given | changes))


def render(track, declaration, folder):
    """Render a track; returns the paths of audio and annotations."""
    paths = folder / "a.flac", folder / "a.jams"
    rendering.render(track, declaration._recipe(), *paths)
    return paths


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Some tracks, as made by the pipeline."""
    return list(declared().collect(tmp_path_factory.mktemp("rendered"), 0, 1))


def test_every_track_is_rendered(made):
    assert [t.reason for t in made if isinstance(t, Failure)] == []
    assert {t.id for t in made} == {t.id for t in declared().recordings()}


def test_audio_is_sound_and_as_long_as_its_annotations_say(made):
    for track in made:
        samples, rate = soundfile.read(track.audio)
        assert rate == 44100
        assert samples.shape[1] == 2
        assert 0.02 < np.abs(samples).max() < 1
        jams = annotations.read(Path(track.annotations))
        assert jams.duration == pytest.approx(len(samples) / rate, abs=1e-5)


def test_the_same_track_is_the_same_bytes_again_and_alone(made, tmp_path):
    last = declared().recordings()[-1]
    audio, jams = render(last, declared(), tmp_path)
    before = next(t for t in made if t.id == last.id)
    assert hashlib.sha256(audio.read_bytes()).hexdigest() == before.sha256
    assert hashlib.sha256(jams.read_bytes()).hexdigest() == before.annotations_sha256


def test_another_seed_makes_another_track(made, tmp_path):
    first = declared().recordings()[0]
    audio, _ = render(first, declared(seed=1), tmp_path)
    before = next(t for t in made if t.id == first.id)
    assert hashlib.sha256(audio.read_bytes()).hexdigest() != before.sha256


def test_onsets_are_heard_when_they_are_annotated(tmp_path):
    """The energy rises more at annotated onsets than elsewhere, in a plain rendering."""
    plain = declared(arrangement="written", drums="none", singers=[], mixing="none", timing=False)
    track = plain.recordings()[0]
    audio, path = render(track, plain, tmp_path)
    samples, rate = soundfile.read(audio)
    onsets = annotations.read(path).first("onset").times
    power = np.square(samples.mean(axis=1))
    total = np.concatenate([[0.0], np.cumsum(power)])
    width = round(0.03 * rate)

    def rise(at):
        middle = np.clip(np.round(at * rate).astype(int), width, len(power) - width - 1)
        after = total[middle + width] - total[middle]
        before = total[middle] - total[middle - width]
        return np.log((after + 1e-9) / (before + 1e-9))

    lags = np.arange(-0.06, 0.061, 0.01)
    rises = [float(np.mean(rise(onsets + lag))) for lag in lags]
    assert abs(lags[int(np.argmax(rises))]) <= 0.011


def test_a_soundfont_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DeepmirError, match="no soundfont Nothing"):
        list(declared(soundfonts=["Nothing"]).collect(tmp_path, 0, 1))


def test_sources_that_are_not_there_are_named_with_the_command(tmp_path):
    missing = declared(collections=["pop909"], home=tmp_path / "nowhere")
    with pytest.raises(DeepmirError, match="deepmir fetch"):
        list(missing.collect(tmp_path, 0, 1))


def test_what_was_drawn_is_written_down(made):
    sandbox = json.loads(Path(made[0].annotations).read_text())["sandbox"]
    assert {"style", "soundfont", "mix", "transposition", "detuning", "group"} <= set(sandbox)


def test_a_soloist_plays_alone_and_freely(tmp_path):
    alone = declared(arrangement="solo", drums="none", singers=[])
    _, path = render(alone.recordings()[0], alone, tmp_path)
    jams = annotations.read(path)
    assert jams.sandbox["style"] == "solo"
    beats = np.diff(jams.first("beat").times)
    assert beats.std() > 0.02 * beats.mean()


def test_one_voice_sings_alone(tmp_path):
    alone = declared(arrangement="sung", drums="none", singers=["formant"])
    for number, track in enumerate(alone.recordings()[:3]):
        (tmp_path / str(number)).mkdir()
        audio, path = render(track, alone, tmp_path / str(number))
        jams = annotations.read(path)
        assert [each.sandbox["part"] for each in jams.find("note_midi")] == ["melody"]
        assert jams.first("note_midi").sandbox["instrument"] == "singing"
        assert jams.first("chord") is None
        samples, rate = soundfile.read(audio)
        notes = jams.first("note_midi")
        heard = [samples[round(a * rate) : round(b * rate)].std() for a, b in notes.intervals]
        assert np.median(heard) > 0.01
    with pytest.raises(ValueError, match="nothing would sound"):
        declared(arrangement="sung", singers=[])


def test_pop_songs_are_played_with_peoples_drums(monkeypatch, tmp_path):
    beat = tuple(Hit(at + 0.01, 36 if at % 2 == 0 else 38, 90) for at in range(16))
    takes = [
        Groove(f"{style}-{bpm}", style, bpm, FOUR, 4, "train", False, beat)
        for style in (
            "rock",
            "pop",
            "funk",
            "hiphop",
            "latin",
            "jazz",
            "dance",
            "reggae",
            "country",
        )
        for bpm in (70.0, 100.0, 140.0)
    ]
    monkeypatch.setattr(groove, "read", lambda home: takes)
    monkeypatch.setattr(pop909, "songs", lambda home: ["001", "002", "003", "004"])
    monkeypatch.setattr(pop909, "read", lambda home, number: song())
    wanted = declared(collections=["pop909"], drums="human", home=tmp_path, hours=0.02)
    found = []
    for track in wanted._planned():
        audio, path = render(track, wanted, tmp_path)
        jams = annotations.read(path)
        assert jams.duration == pytest.approx(soundfile.info(audio).duration, abs=1e-5)
        assert jams.first("segment_open").values[0] in "iAB"
        found.append(jams.sandbox["human drums"])
    assert any(found)
