import re
from pathlib import Path

import planted
import pytest

from deepmir import cli
from deepmir.datasets.folder import check
from deepmir.datasets.folder.files import scan
from deepmir.errors import DeepmirError

DOCS = Path(__file__).parents[3] / "docs/how-to/check-report.txt"


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean") / "mine"
    planted.clean(folder)
    return folder


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faulty") / "mine"
    told = planted.build(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")  # what ffmpeg alone reads is read where it is installed
        return folder, told, check.check(scan(folder))[1]


def test_every_planted_fault_is_told_with_its_file_and_line_and_nothing_else_is(faulty):
    folder, told, problems = faulty
    found = [(p.severity, p.path.relative_to(folder).as_posix(), p.line, p.text) for p in problems]
    missing = [
        want for want in told if not any(got[:3] == want[:3] and want[3] in got[3] for got in found)
    ]
    unasked = [
        got for got in found if not any(got[:3] == want[:3] and want[3] in got[3] for want in told)
    ]
    assert not missing
    assert not unasked
    assert len(found) == len(told)


def test_the_docs_have_the_report_as_it_is_printed(faulty):
    folder, _, problems = faulty
    # What encoders make of the recordings may differ a little from one version to the next.
    plain = [re.sub(r"\d+", "#", line) for line in DOCS.read_text("utf-8").splitlines()]
    errors = [p for p in problems if p.severity == "error"]
    for chosen in (errors, [p for p in problems if p.severity == "warning"]):
        lines = [re.sub(r"\d+", "#", f"  {p.shown(p.path.relative_to(folder))}") for p in chosen]
        start = plain.index(lines[0])
        assert plain[start : start + len(lines)] == lines


def test_errors_come_first_then_files_and_lines_in_their_order_each_once(faulty):
    _, _, problems = faulty
    keys = [(p.severity != "error", p.path, p.line) for p in problems]
    assert keys == sorted(keys)
    assert len(set(problems)) == len(problems)


def test_a_folder_without_a_fault_has_nothing_to_tell_and_every_task_its_tracks(clean, capsys):
    assert cli.main(["check", str(clean)]) == 0
    said = capsys.readouterr().out
    assert "no errors" in said
    assert "no warnings" in said
    assert "4 recordings, 0.8 minutes" in said
    assert "FLAC 1, MP3 1, OGG 1, WAV 1" in said
    usable = dict(re.findall(r"^  ([a-z_]+) +(\d+)(?:$|  labels)", said, re.MULTILINE))
    assert usable == {
        **{"tempo": "1", "key": "2", "onset": "2", "offset": "1", "beat": "3", "melody": "1"},
        **{"chord": "1", "chord_large": "1", "structure": "2", "tagging": "3", "mood": "1"},
        **{"mood_quadrant": "1", "genre": "3", "instrument": "1", "singing": "1", "notes": "1"},
        **{"chroma": "1", "mode": "1", "pitch_class": "0"},
    }
    assert re.search(r"genre +3  labels: \[jig, reel\]", said)


def test_errors_end_with_their_number_and_the_exit_status_is_1(faulty, capsys):
    folder, told, _ = faulty
    assert cli.main(["check", str(folder)]) == 1
    captured = capsys.readouterr()
    count = sum(severity == "error" for severity, *_ in told)
    assert captured.err.strip().endswith(f"{folder}: {count} errors")
    assert "rows/beats.beats.csv:16: time is 'half', which is not a number" in captured.out
    assert "jams/faulty.jams: chord observation 3: 50 s is after" in captured.out


def test_many_problems_of_one_kind_in_a_file_are_counted(tmp_path, capsys):
    planted.save(tmp_path / "a.wav", planted.piece(1))
    (tmp_path / "a.onsets").write_text("".join(f"{t}\n" for t in range(40)))
    with pytest.raises(DeepmirError, match=r": 27 errors$"):
        check.run(tmp_path)
    said = capsys.readouterr().out
    assert said.count("after the end of the recording") == 3
    assert "a.onsets: 24 more like that, the last in line 40" in said


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_recordings_is_one_clear_line(tmp_path, exists):
    folder = tmp_path / "none"
    if exists:
        folder.mkdir()
    with pytest.raises(DeepmirError, match="contains no audio files" if exists else "is missing"):
        check.run(folder)


def test_a_copy_in_the_group_of_its_original_is_a_warning(tmp_path):
    for name in ("a.wav", "b.wav"):
        planted.save(tmp_path / name, planted.piece(1))
    (tmp_path / "metadata.csv").write_text("file,group,key\na,one,C\nb,one,C\n")
    _, (problem,) = check.check(scan(tmp_path))
    assert (problem.severity, problem.path.name) == ("warning", "b.wav")


def test_metre_changes_that_last_are_no_fault(tmp_path):
    planted.save(tmp_path / "a.wav", planted.piece(1))
    positions = [4, *(1, 2, 3, 4) * 3, *(1, 2, 3) * 3, 1]
    lines = (f"{0.4 * i:.1f} {position}\n" for i, position in enumerate(positions))
    (tmp_path / "a.beats").write_text("".join(lines))
    assert check.check(scan(tmp_path))[1] == []


def test_hidden_files_are_not_looked_at(tmp_path):
    planted.save(tmp_path / "a.wav", planted.piece(1))
    (tmp_path / "a.key").write_text("C")
    (tmp_path / "._a.wav").write_bytes(b"")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache/b.wav").write_bytes(b"")
    assert check.check(scan(tmp_path))[1] == []


def test_a_folder_of_which_nothing_can_be_used_has_a_report(tmp_path, capsys):
    (tmp_path / "a.wav").write_bytes(b"")
    (tmp_path / "a.beats").write_text("1.0\nx\n")
    assert cli.main(["check", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "1 recording, 1 of them not usable, 0.0 minutes" in said
    assert "a.beats:2: time is 'x', which is not a number" in said
