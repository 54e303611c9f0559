import errno
import json
import os
import shutil
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import made_analysis
import pytest
import untrained

import deepmir
from deepmir import cli, paths
from deepmir.analysis import command, formats, outputs, summary
from deepmir.analysis.recordings import Recording, expand, printable
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.annotations import Observation
from deepmir.models import graph


def analyze(folder, *arguments):
    return cli.main(["analyze", *map(str, arguments), "--models", str(folder)])


def test_one_jams_file_for_each_recording_in_the_current_folder(here, folder, capsys):
    (here / "music").mkdir()
    for name in ("a", "b"):
        untrained.write(here / "music" / f"{name}.wav", untrained.pulses(4.0))
    assert analyze(folder, "music/a.wav", "music/b.wav") == 0
    assert sorted(p.name for p in here.glob("*.jams")) == ["a.jams", "b.jams"]
    told = capsys.readouterr()
    assert "music/a.wav (0:04)" in told.out and "-> a.jams" in told.out
    assert told.err == ""


def test_what_is_written_is_jams(here, folder):
    jams = pytest.importorskip("jams")
    untrained.write(here / "a.flac", untrained.pulses(5.0))
    assert analyze(folder, "a.flac") == 0
    read = jams.load("a.jams", strict=True)
    assert {a.namespace for a in read.annotations} == {
        *("beat", "onset", "key_mode", "segment_open", "pitch_contour", "tag_open"),
    }
    assert read.file_metadata.duration == pytest.approx(5.0)


def test_folders_are_searched_and_their_folders_kept(here, folder):
    for name in ("x/one.wav", "x/y/two.ogg", "x/.hidden.wav"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        untrained.write(here / name, untrained.pulses(2.0))
    (here / "x" / "notes.txt").write_text("not audio")
    assert analyze(folder, "x", "--output", "out", "--tasks", "onset") == 0
    made = sorted(str(p.relative_to(here / "out")) for p in (here / "out").rglob("*.jams"))
    assert made == ["one.jams", "y/two.jams"]


def test_linked_folders_are_followed_and_names_found_in_either_spelling(tmp_path):
    stored, typed = (unicodedata.normalize(form, "Zoë") for form in ("NFD", "NFC"))
    (tmp_path / "there").mkdir()
    (tmp_path / stored).mkdir()
    (tmp_path / "there" / "a.wav").touch()
    (tmp_path / stored / "linked").symlink_to(tmp_path / "there")
    (tmp_path / stored / "loop").symlink_to(tmp_path)
    (found,) = expand([str(tmp_path / typed)])
    assert found.name == Path("linked/a.wav").with_suffix("")


def test_patterns_are_matched_where_no_shell_has(here, folder, capsys):
    for name in ("a1.wav", "a2.wav", "b.wav"):
        untrained.write(here / name, untrained.pulses(2.0))
    assert analyze(folder, "a?.wav", "--tasks", "onset") == 0
    assert sorted(p.name for p in here.glob("*.jams")) == ["a1.jams", "a2.jams"]
    assert analyze(folder, "c*.wav", "--tasks", "onset") == 1
    assert "c*.wav: no file matches" in capsys.readouterr().err


def test_a_file_whose_name_looks_like_a_pattern(here, folder):
    untrained.write(here / "[live] take*.wav", untrained.pulses(2.0))
    assert analyze(folder, "[live] take*.wav", "--tasks", "onset") == 0
    assert (here / "[live] take*.jams").exists()


def test_recordings_that_share_a_name_keep_their_suffix(here):
    for name in ("a.wav", "a.flac", "b.wav"):
        (here / name).touch()
    found = [str(one.name) for one in expand(["a.wav", "a.flac", "b.wav", "./a.wav"])]
    assert found == ["a.wav", "a.flac", "b"]


def test_nothing_is_overwritten_by_another_of_the_same_name(here, folder, capsys):
    for name in ("x", "y"):
        (here / name).mkdir()
        untrained.write(here / name / "a.wav", untrained.pulses(2.0, seed=ord(name)))
    assert analyze(folder, "x/a.wav", "y/a.wav", "--tasks", "onset") == 1
    error = capsys.readouterr().err
    assert "y/a.wav: its result would overwrite that of x/a.wav" in error
    assert len(list(here.glob("*.jams"))) == 1


def test_an_empty_folder_is_told(here, folder, capsys):
    (here / "x").mkdir()
    assert analyze(folder, "x") == 1
    assert "x: no recordings in this folder" in capsys.readouterr().err


def test_what_is_written_in_part_has_not_failed(here, folder, capsys):
    untrained.write(here / "a.wav", untrained.pulses(0.3))
    untrained.write(here / "b.wav", untrained.pulses(4.0))
    assert analyze(folder, "a.wav", "b.wav", "--tasks", "onset,beat,key") == 1
    *_, last = capsys.readouterr().err.splitlines()
    assert last == "deepmir: 1 of 2 recordings lack some tasks: a.wav"
    assert sorted(p.name for p in here.glob("*.jams")) == ["a.jams", "b.jams"]


def test_the_others_go_on_and_a_list_ends_it(here, folder, capsys):
    untrained.write(here / "good.wav", untrained.pulses(2.0))
    (here / "bad.wav").write_text("no audio at all")
    assert analyze(folder, "bad.wav", "missing.wav", "good.wav", "--tasks", "onset") == 1
    assert (here / "good.jams").exists()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("deepmir: bad.wav: ")
    assert lines[1] == "deepmir: missing.wav: the file is missing"
    assert lines[2] == "deepmir: 2 of 3 recordings failed: bad.wav, missing.wav"


def test_what_has_results_is_skipped(here, folder, capsys):
    untrained.write(here / "a.wav", untrained.pulses(2.0))
    assert analyze(folder, "a.wav", "--tasks", "onset", "--skip-existing") == 0
    before = (here / "a.jams").stat().st_mtime_ns
    capsys.readouterr()
    assert analyze(folder, "a.wav", "--tasks", "onset", "--skip-existing") == 0
    assert (here / "a.jams").stat().st_mtime_ns == before
    assert capsys.readouterr().out == "a.wav: already has results, skipped\n"
    assert analyze(folder, "a.wav", "--tasks", "onset,key", "--skip-existing") == 0
    assert (here / "a.jams").stat().st_mtime_ns > before
    before = (here / "a.jams").stat().st_mtime_ns
    assert analyze(folder, "a.wav", "--tasks", "key", "--skip-existing") == 0
    assert (here / "a.jams").stat().st_mtime_ns == before
    assert analyze(folder, "a.wav", "--tasks", "onset") == 0
    assert (here / "a.jams").stat().st_mtime_ns > before


def test_annotations_of_others_are_not_overwritten(here, folder, capsys):
    untrained.write(here / "a.wav", untrained.pulses(2.0))
    by_hand = annotations.Jams(2.0, (annotations.Annotation("beat", ()),))
    annotations.write(here / "a.jams", by_hand)
    before = (here / "a.jams").read_bytes()
    assert analyze(folder, "a.wav", "--tasks", "onset") == 1
    assert "a.jams exists and may be someone's work" in capsys.readouterr().err
    assert (here / "a.jams").read_bytes() == before
    for name, how in (("a.jams", ()), ("a.onsets.txt", ("--format", "lab"))):
        (here / name).write_text("anything else")
        assert analyze(folder, "a.wav", "--tasks", "onset", *how) == 1
        assert (here / name).read_text() == "anything else"
        assert analyze(folder, "a.wav", "--tasks", "onset", *how, "--overwrite") == 0
        assert (here / name).read_text() != "anything else"


def test_an_analysis_that_a_person_corrected_is_kept(here, folder):
    untrained.write(here / "a.wav", untrained.pulses(2.0))
    for _ in range(2):
        assert analyze(folder, "a.wav", "--tasks", "onset") == 0
    corrected = (here / "a.jams").read_text().replace('"artist": ""', '"artist": "me"')
    (here / "a.jams").write_text(corrected)
    assert analyze(folder, "a.wav", "--tasks", "onset") == 1
    assert (here / "a.jams").read_text() == corrected


def test_text_files_of_a_task_that_finds_nothing_now_are_removed(here, folder):
    untrained.write(here / "a.wav", untrained.pulses(2.0))
    (here / "a.onsets.txt").write_text("0.5\n")
    (here / "a.beats").write_text("0.5\n")
    found = deepmir.analyze(here / "a.wav", tasks="onset", models=folder)
    nothing = replace(found.jams.first("onset"), observations=())
    found = replace(found, jams=replace(found.jams, annotations=(nothing,)))
    assert formats.write(found, here, "a", "lab") == []
    assert sorted(path.name for path in here.glob("a.*")) == ["a.beats", "a.wav"]


def test_what_was_made_audible_is_no_recording(here, folder):
    (here / "x").mkdir()
    untrained.write(here / "x" / "a.wav", untrained.pulses(2.0))
    for _ in range(2):
        assert analyze(folder, "x", "--tasks", "onset", "--sonify", "--output", "x") == 0
    assert sorted(p.name for p in here.glob("x/*")) == ["a.jams", "a.sonified.flac", "a.wav"]


def test_results_of_several_folders_are_apart(here, folder):
    for name in ("x", "y"):
        (here / name).mkdir()
        (here / name / "01.mp3").touch()
    (here / "y" / "02.mp3").symlink_to("01.mp3")
    assert [str(one.name) for one in expand(["x", "./y/"])] == ["x/01", "y/01", "y/02"]
    assert [str(one.name) for one in expand(["y"])] == ["01", "02"]


@pytest.mark.parametrize(
    ("named", "said"),
    [("onset, beat", ""), (" onset,", ""), ("", "no task is named"), (" , ", "no task is named")],
)
def test_tasks_by_name(here, folder, named, said, capsys):
    untrained.write(here / "a.wav", untrained.pulses(4.0))
    assert analyze(folder, "a.wav", "--tasks", named) == (1 if said else 0)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("format", ["json", "csv", "lab", "midi"])
def test_other_formats(here, folder, format):
    untrained.write(here / "a.wav", untrained.pulses(4.0))
    assert analyze(folder, "a.wav", "--format", format, "--output", "out") == 0
    assert list((here / "out").glob("a.*"))
    assert not (here / "out" / "a.jams").exists()
    if format == "json":
        assert "key" in json.loads((here / "out" / "a.json").read_text())


def test_a_page_and_what_was_found_made_audible(here, folder):
    untrained.write(here / "a.wav", untrained.pulses(4.0))
    assert analyze(folder, "a.wav", "--format", "html", "--sonify") == 0
    assert (here / "a.html").read_text(encoding="utf-8").startswith("<!")
    assert (here / f"a{outputs.SONIFIED}").stat().st_size > 1000


def test_what_ffmpeg_alone_reads(here, folder, capsys, monkeypatch):
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    untrained.write(here / "a.wav", untrained.pulses(3.0))
    subprocess.run(["ffmpeg", "-v", "error", "-i", "a.wav", "a.m4a"], check=True)
    (here / "a.wav").unlink()
    assert analyze(folder, "a.m4a", "--tasks", "key") == 0
    assert annotations.read(here / "a.jams").duration == pytest.approx(3.0, abs=0.1)
    whole = (here / "a.m4a").read_bytes()
    (here / "half.m4a").write_bytes(whole[: len(whole) // 2])
    assert analyze(folder, "half.m4a", "--tasks", "key") == 1
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setenv("PATH", "")
    assert analyze(folder, "a.m4a", "--tasks", "key") == 1
    assert "ffmpeg, which reads more formats, is not installed" in capsys.readouterr().err


def test_a_name_cannot_make_ffmpeg_do_anything_else(here, folder, capsys):
    (here / "-i concat:a|b.m4a").write_bytes(b"not audio")
    assert analyze(folder, "./-i concat:a|b.m4a") == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_threads(here, folder, capsys, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    untrained.write(here / "a.wav", untrained.pulses(2.0))
    assert analyze(folder, "a.wav", "--tasks", "onset", "--threads", 99) == 0
    assert os.environ["OMP_NUM_THREADS"] == "2"  # torch and onnxruntime begin with so many
    opened = graph.session(paths.SHIPPED / "onset" / "model.onnx")
    assert opened.get_session_options().intra_op_num_threads == 2
    assert analyze(folder, "a.wav", "--threads", 0) == 1
    assert "--threads is 0" in capsys.readouterr().err


def test_several_at_a_time(here, folder, capsys, monkeypatch):
    """The same files and messages as one by one, including one that fails."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for name in ("a", "b", "c"):
        untrained.write(here / f"{name}.wav", untrained.pulses(2.0))
    (here / "d.wav").write_bytes(b"nothing")
    said = []
    for threads in (1, 2):
        out = f"out{threads}"
        given = ("a.wav", "b.wav", "c.wav", "d.wav", "--tasks", "onset", "--output", out)
        assert analyze(folder, *given, "--threads", threads) == 1
        told = capsys.readouterr()
        said.append(sorted((told.out + told.err).replace(out, "").splitlines()))
    assert said[0] == said[1]
    one, other = (sorted((here / f"out{n}").iterdir()) for n in (1, 2))
    assert [path.name for path in one] == [path.name for path in other] != []
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


def test_several_at_a_time_stop_at_a_model_that_cannot_be_used(here, capsys, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    given = ("a.wav", "b.wav", "--models", str(here / "none"), "--threads", "2")
    assert cli.main(["analyze", *given]) == 1
    assert "no such folder of models" in capsys.readouterr().err


def test_numpy_too_keeps_to_the_threads(here, folder):
    pytest.importorskip("threadpoolctl")
    untrained.write(here / "a.wav", untrained.pulses(2.0))
    code = (
        "from deepmir.cli import main; "
        f"main(['analyze', 'a.wav', '--tasks', 'onset', '--models', {str(folder)!r}]); "
        "import threadpoolctl; print({x['num_threads'] for x in threadpoolctl.threadpool_info()})"
    )
    alone = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=alone)
    assert done.stdout.splitlines()[-1] == "{1}", done.stderr


def test_a_format_that_is_none_is_refused_before_anything_is_done(here, folder, capsys):
    with pytest.raises(SystemExit) as ended:
        analyze(folder, "a.wav", "--format", "mp3")
    assert ended.value.code == 2


def test_a_folder_that_cannot_be_written_is_told(here, folder, capsys):
    untrained.write(here / "a.wav", untrained.pulses(2.0))
    (here / "out").write_text("a file")
    assert analyze(folder, "a.wav", "--tasks", "onset", "--output", "out") == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_full_disk_ends_it(here, folder, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("deepmir.analysis.formats.write", full)
    for name in ("a", "b"):
        untrained.write(here / f"{name}.wav", untrained.pulses(2.0))
    assert analyze(folder, "a.wav", "b.wav", "--tasks", "onset") == 1
    said = capsys.readouterr().err
    assert (
        said == "deepmir: the disk is full; free some space and run again, finished work is kept\n"
    )


def test_a_fault_of_the_program_fails_one_recording_alone(here, folder, capsys, monkeypatch):
    from deepmir.files import audio

    plain = audio.from_file

    def broken(path):
        if path.name == "a.wav":
            raise ZeroDivisionError("surprise")
        return plain(path)

    monkeypatch.setattr(audio, "from_file", broken)
    for name in ("a", "b"):
        untrained.write(here / f"{name}.wav", untrained.pulses(2.0))
    assert analyze(folder, "a.wav", "b.wav", "--tasks", "onset") == 1
    assert "a.wav: ZeroDivisionError: surprise" in capsys.readouterr().err
    assert (here / "b.jams").exists()


def test_the_summary_is_for_a_musician():
    pairs = (line.split(":", 1) for line in summary.summary(made_analysis.everything()))
    lines = {name.strip(): text for name, text in pairs}
    assert lines["tempo"].strip() == "118.5 BPM (75 %)"
    assert lines["beats"].strip() == "19, 4 in a bar"
    assert lines["mood"].strip() == "calm; valence +0.25, arousal -0.50 (from -1 to 1)"
    assert lines["genre"].strip() == "jig (70 %), reel (20 %)"
    said = made_analysis.everything()
    assert lines["notes"].strip() == str(len(said.notes))
    assert lines["onsets"].strip() == str(len(said.onsets))
    assert lines["melody"].strip().endswith(" % of the time")
    (line,) = summary.summary(made_analysis.analysis_of(5.0, notes=[]))
    assert line.split() == ["notes:", "none"]


@pytest.mark.parametrize(("beats", "said"), [([], "none"), ([(0.5, 1)], "1")])
def test_few_beats_are_told_as_well(beats, said):
    found = [Observation(time, 0.0, position) for time, position in beats]
    (line,) = summary.summary(made_analysis.analysis_of(5.0, beat=found))
    assert line.split(":")[1].strip() == said


def test_a_recording_is_named_by_what_is_no_suffix():
    (one,) = expand(["Nr. 5"])
    assert isinstance(one, Recording) and str(one.name) == "Nr. 5"


def test_lines_stay_lines():
    assert printable("a\nb\x1b[2J ü") == "a\\nb\\x1b[2J ü"
    assert printable("bad\udcff") == "bad\\udcff"


def test_an_error_of_expand_is_no_exception(here):
    (one,) = expand(["nothing*here"])
    assert isinstance(one, DeepmirError)


def test_a_full_disk_is_found_before_the_work(here, folder, capsys, monkeypatch):
    def full(dir):
        raise OSError(errno.ENOSPC, "No space left on device", str(dir))

    def work(*arguments):
        raise AssertionError("the recording was analysed in vain")

    monkeypatch.setattr(outputs.tempfile, "TemporaryFile", full)
    monkeypatch.setattr(command, "_analysis_of", work)
    untrained.write(here / "a.wav", untrained.pulses(4.0))
    assert analyze(folder, "a.wav", "--output", "out") == 1
    assert "the disk is full" in capsys.readouterr().err
