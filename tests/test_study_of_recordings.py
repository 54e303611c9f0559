"""The scripts that make the data of studies/recordings: their input, and their decisions."""

import random
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deepmir import cli, paths
from deepmir.decoders.bar_pointer import Beats
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Observation
from deepmir.tasks.instrument import LABELS
from deepmir.tasks.singing import sung

STUDY = Path(__file__).parents[1] / "studies/recordings"
sys.path.insert(0, str(STUDY))
import eif  # noqa: E402  (they import each other by these names)
import from_git  # noqa: E402
import games  # noqa: E402
import games_beats  # noqa: E402
import kml  # noqa: E402
import kml_beats  # noqa: E402
import lmms  # noqa: E402
import modules  # noqa: E402
import named_instruments  # noqa: E402
import own_folder  # noqa: E402
import remixed  # noqa: E402

RATE = 8000


def git(folder, *words):
    user = ("-c", "user.name=a", "-c", "user.email=a@b")
    done = subprocess.run(
        ["git", *user, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    """A repository with two files in one commit, and a later one; its URL and that commit."""
    folder = tmp_path / "music"
    folder.mkdir()
    git(folder, "init", "--quiet")
    for key in ("allowAnySHA1InWant", "allowFilter"):
        git(folder, "config", f"uploadpack.{key}", "true")
    (folder / "songs").mkdir()
    (folder / "songs/a b.txt").write_text("wanted")
    (folder / "large.txt").write_text("left")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    commit = git(folder, "rev-parse", "HEAD")
    (folder / "songs/a b.txt").write_text("changed")
    git(folder, "commit", "--quiet", "-am", "second")
    return f"file://{folder}", commit


def test_only_the_files_that_are_wanted_come_as_they_were_at_the_commit(repository, tmp_path):
    for _ in range(2):  # the second time it is there
        found = from_git.files(*repository, ["songs/a b.txt"], tmp_path / "home")
        assert (found / "songs/a b.txt").read_text() == "wanted"
        assert not (found / "large.txt").exists()


def test_a_commit_that_is_not_there_is_refused(repository, tmp_path):
    with pytest.raises(SystemExit, match="git .*fetch"):
        from_git.files(repository[0], "0" * 40, ["songs"], tmp_path / "home")


def played(seconds, rows=64):
    """Rows of equal duration in seconds."""
    return [modules.Row(i * seconds, i % 64) for i in range(rows)]


@pytest.mark.parametrize(("seconds", "tempo", "every"), [(0.125, 120, 4), (0.06, 125, 8)])
def test_a_beat_is_every_fourth_row_or_every_eighth_of_fast_ones(seconds, tempo, every):
    found, times = modules.beats(played(seconds))
    assert found == pytest.approx(tempo)
    np.testing.assert_allclose(times, np.arange(0, 64, every) * seconds)


def test_unsteady_rows_have_no_beats():
    rows = played(0.125)
    for row in rows[20:]:
        row.start *= 1.5
    assert modules.beats(rows)[0] == 0


@pytest.mark.parametrize("tempo", ['bpm="140"', ""])
def test_a_project_says_its_tempo_itself_or_in_an_element(tmp_path, tempo):
    inner = "" if tempo else '<bpm value="140"/>'
    text = f'<lmms-project><head {tempo} timesig_numerator="3">{inner}</head></lmms-project>'
    packed = tmp_path / "a.mmpz"
    packed.write_bytes(len(text).to_bytes(4, "big") + zlib.compress(text.encode()))
    assert lmms.head(packed) == (140, 3)


def stems():
    """A voice from 1 s to 2 s, and a shorter accompaniment of half a second."""
    voice, other = np.zeros(4 * RATE), np.zeros(3 * RATE)
    voice[RATE : 2 * RATE] = 0.5
    other[: RATE // 2] = 0.25
    return voice, other


def test_voices_are_sung_where_they_are_loud():
    (start, end), *more = eif.sung(stems()[0], RATE).intervals.tolist()
    assert not more
    assert start == pytest.approx(1, abs=eif.LEVEL)
    assert end == pytest.approx(2, abs=eif.LEVEL)


def test_beats_are_where_something_sounds():
    mix = eif.added(stems())
    assert len(mix) == 4 * RATE
    np.testing.assert_allclose(eif.beats(mix, RATE, 120.0).times, [0, 1, 1.5])


def test_what_is_written_is_a_folder_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    voice, _ = stems()
    said = (
        Annotation("tempo", (Observation(0.0, 4.0, 120.0, 1.0),)),
        eif.beats(voice, RATE, 120.0),
        eif.sung(voice, RATE),
    )
    piece = own_folder.Piece("a", voice, RATE, said, "A", "somebody", "one", "CC0 1.0")
    own_folder.write(Path("made"), [piece])
    Path("params.yaml").write_text("datasets: {made: {source: folder, path: made}}\n")
    assert cli.main(["check", "made"]) == 0
    assert len(sung(annotations.read(Path("made/a.jams")))) == 1
    with pytest.raises(SystemExit, match="made is there"):
        own_folder.write(Path("made"), [piece])


def test_a_voice_over_other_music_is_annotated_where_it_is_heard():
    voice = np.zeros(20 * RATE, np.float32)
    voice[4 * RATE : 8 * RATE] = voice[12 * RATE : 18 * RATE] = 0.5
    sung_at = np.array([[4.0, 8.0], [12.0, 18.0]])
    for seed in range(20):
        heard, intervals = remixed._passage(voice, sung_at, 8.0, RATE, random.Random(seed))
        times = np.arange(len(heard)) / RATE
        inside = ((times[:, None] > intervals[:, 0]) & (times[:, None] < intervals[:, 1])).any(1)
        assert len(heard) <= 8 * RATE
        assert np.diff(intervals, axis=1).sum() >= remixed.SUNG * 8
        assert (inside == (heard > 0.25)).mean() > 0.995


def test_a_piece_is_written_with_a_voice_and_without(tmp_path):
    music = np.random.default_rng(0).normal(0, 0.05, 8 * RATE).astype(np.float32)
    voice = np.full(20 * RATE, 0.5, np.float32)
    row = dict.fromkeys(own_folder.ABOUT, "a")
    given = [(voice, np.array([[2.0, 20.0]]))]
    rows = remixed.remix(tmp_path / "a", music, RATE, given, row)
    assert [row["file"] for row in rows] == ["a.flac", "a-sung.flac"]
    alone, with_voice = (soundfile.read(tmp_path / row["file"])[0] for row in rows)
    assert len(sung(annotations.read(tmp_path / "a.jams"))) == 0
    assert len(sung(annotations.read(tmp_path / "a-sung.jams"))) == 1
    quietest, loudest = 10 ** (np.array(remixed.DECIBELS) / 20)
    assert quietest * 0.99 < np.median(with_voice - alone) / 0.05 < loudest * 1.01
    assert len(remixed.remix(tmp_path / "b", music, RATE, [], row)) == 1


def test_named_instruments_sound_where_they_are_likeliest():
    heard = np.zeros((100, len(LABELS)), np.float32)
    flutes, drums = LABELS.index("flutes"), LABELS.index("drums")
    heard[20:50, flutes], heard[:, drums] = 0.2, 0.9
    said = named_instruments.when({"instrument": own_folder.Heard(heard, 10.0)}, {"flutes"})
    (found,) = said.observations
    assert found.value == "flutes"
    assert (found.time, found.duration) == pytest.approx((2.0, 3.0), abs=0.2)


@pytest.mark.parametrize(
    ("pace", "metre", "taken"), [(1, 3, 1), (2, 4, 1), (0.5, 4, 1), (2, 3, 0), (1.01, 4, 0)]
)
def test_beats_are_those_at_the_tempo_of_the_composer(pace, metre, taken):
    positions = np.arange(1, 41) % metre + 1
    times = np.arange(40) * 0.5 / pace
    found = kml_beats.at_tempo(Beats(times, positions, metre, 120.0 * pace), 120.0)
    if not taken:
        assert found is None
        return
    assert np.diff(found) == pytest.approx(0.5)
    assert set(times[positions == 1]) <= set(found)


def test_beats_that_are_few_or_unsteady_are_not_taken():
    times = np.arange(40) * 0.5
    positions = np.ones(40, np.int64)
    assert kml_beats.at_tempo(Beats(times[:8], positions[:8], 4, 120.0), 120.0) is None
    times[20] += 0.1
    assert kml_beats.at_tempo(Beats(times, positions, 4, 120.0), 120.0) is None


def heard_of_a_pulse(at_beats=0.9, at_downbeats=0.8, bpm=120):
    """Activations of 40 s at 120 BPM in 4/4, and those of a tempo network."""
    frames = np.arange(2000)
    beat = np.exp(-0.5 * ((frames - 10 + 12.5) % 25 - 12.5) ** 2)
    bar = np.exp(-0.5 * ((frames - 10 + 50) % 100 - 50) ** 2)
    values = np.stack([at_beats * beat, at_downbeats * bar + 0.2 * beat], axis=1)
    tempo = np.exp(-0.5 * (np.arange(30, 286) - bpm) ** 2)
    return {
        "beat": own_folder.Heard(values.astype(np.float32), 50.0),
        "tempo": own_folder.Heard((tempo / tempo.sum()).astype(np.float32), 50.0),
    }


def test_a_pulse_on_which_two_networks_agree_has_its_beats_and_clear_downbeats():
    said = games_beats.beats_of(heard_of_a_pulse(), True)
    assert np.diff(said.times) == pytest.approx(0.5, abs=0.01)
    downbeats = [o.time for o in said.observations if o.value == 1]
    assert np.diff(downbeats) == pytest.approx(2, abs=0.02)
    unclear = games_beats.beats_of(heard_of_a_pulse(at_downbeats=0.1), True)
    assert len(unclear.times) == len(said.times)
    assert set(unclear.values) == {None}


@pytest.mark.parametrize("heard", [{"at_beats": 0.45, "at_downbeats": 0.2}, {"bpm": 110}])
def test_where_a_network_is_unsure_or_the_tempo_differs_nothing_is_said(heard):
    assert games_beats.beats_of(heard_of_a_pulse(**heard), True) is None


def test_networks_annotate_what_nobody_has_annotated(tmp_path):
    source, made = tmp_path / "games", tmp_path / "made"
    source.mkdir()
    clicks = np.zeros(20 * 22050, np.float32)
    clicks[::11025] = 1
    for name in ("taken", "left"):
        soundfile.write(source / f"{name}.flac", clicks, 22050)
    rows = [(f"{name}.flac", name, "", "games a", "GPL") for name in ("taken", "left")]
    own_folder.write_table(source, rows)
    asked = []

    def said(heard, known):
        asked.append((heard["tempo"].values.shape, known))
        return own_folder.instants("beat", [0.5, 1.0]) if len(asked) == 1 else None

    teachers = {"tempo": paths.SHIPPED / "tempo"}
    assert own_folder.taught(source, made, teachers, lambda jams: jams.duration, said) == (
        "1 of 2 pieces"
    )
    assert asked == [((256,), 20.0)] * 2
    assert (made / "taken.flac").resolve() == source / "taken.flac"
    jams = annotations.read(made / "taken.jams")
    assert jams.first("beat").times.tolist() == [0.5, 1.0]
    assert [row["file"] for row in own_folder.read_table(made / "metadata.csv")] == ["taken.flac"]


def test_music_is_what_is_long_and_can_be_read(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(games, "LEAST", 1000)
    monkeypatch.setattr(games, "SHORTEST", 2.0)
    long, short, broken, link = (tmp_path / f"{n}.ogg" for n in ("long", "short", "no", "link"))
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 3 * RATE)
    soundfile.write(long, noise, RATE)
    soundfile.write(short, noise[:RATE], RATE)
    broken.write_bytes(b"no audio" * 1000)
    link.symlink_to(long)
    assert [games.is_music(path) for path in (long, short, broken, link)] == [1, 0, 0, 0]
    assert "no.ogg" in capsys.readouterr().out


def test_the_table_of_pieces_names_a_commit_for_each():
    rows = kml.rows()
    assert len({row["name"] for row in rows}) == len(rows) > 100
    assert all(len(row["commit"]) == 40 and Path(row["path"]).suffix for row in rows)
    assert {row["group"] for row in rows} == set(divided("kml"))


def divided(name):
    lines = (STUDY / "data/splits" / f"{name}.csv").read_text().splitlines()
    return [line.rsplit(",", 1)[0] for line in lines[1:]]
