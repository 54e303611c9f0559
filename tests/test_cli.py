import os
import socket
import subprocess
import sys

import pytest

import tiny
from deepmir import cli
from deepmir.datasets import splits
from deepmir.declarations import entries
from deepmir.tracking import store


@pytest.fixture
def root(tmp_path, monkeypatch):
    tiny.write(tmp_path, tracks=4)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys, *arguments):
    status = cli.main(arguments)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_check_counts_what_is_declared(root, capsys):
    status, out, _ = said(capsys, "check")
    assert status == 0
    assert "data sets 1, representations 4, experiments 4, sequences 0, baselines 3" in out


def test_a_mistake_is_one_line_and_status_1(root, capsys):
    path = root / "params.yaml"
    path.write_text(path.read_text().replace("method: krumhansl", "methd: krumhansl"))
    status, out, err = said(capsys, "check")
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert "did you mean 'method'?" in err


def test_a_reader_that_has_gone_ends_the_command_quietly(root):
    """As in `deepmir network | head`: by default, Python would print a traceback."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-c", "import deepmir.cli; deepmir.cli.main(['network'])"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert done.stderr == ""


def test_results_before_a_run_say_what_to_do(root, capsys):
    status, _, err = said(capsys, "results")
    assert status == 1
    assert "nothing has been scored here: run `snakemake --cores 2`" in err


def test_the_dashboard_refuses_a_port_in_use(root, capsys, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    store.DATABASE.parent.mkdir(parents=True)
    store.DATABASE.touch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, out, err = said(capsys, "dashboard", "--port", str(port))
    assert status == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in err
    assert "http" not in out


def test_network_prints_every_layer_with_the_width_of_the_task(root, capsys):
    status, out, _ = said(capsys, "network", "c2(4,3x3) - p2(2x2) - d1", "--experiment", "key-tiny")
    assert status == 0
    for word in ("c2", "p2", "d1", "24"):
        assert word in out
    status, own, _ = said(capsys, "network", "--experiment", "key-tiny")
    assert status == 0
    assert "24 a track" in own and own != out


def test_network_points_at_the_mistake(root, capsys):
    status, _, err = said(capsys, "network", "c2(4,3x3) - p9(2)")
    assert status == 1
    assert "^" in err


def test_split_deals_out_new_groups_and_moves_none(root, capsys):
    path = root / "data/splits/tiny.csv"
    before = {"piece 0": "test", "piece 1": "test", "piece 2": "test"}
    splits.write(path, before)
    status, out, _ = said(capsys, "split", "tiny")
    assert status == 0
    assert "1 of them new" in out
    after = splits.read(path)
    assert {group: after[group] for group in before} == before
    assert set(after) == {*before, "piece 3"}


def test_split_of_an_undeclared_data_set_is_refused(root, capsys):
    status, _, err = said(capsys, "split", "tinny")
    assert status == 1
    assert "no data set 'tinny'" in err


def test_what_is_left_out_is_said_by_name(root, capsys):
    (root / "recordings/piece 1.wav").write_bytes(b"RIFF, it says")
    for shard in ("0", "1"):
        assert said(capsys, "render", "tiny", shard)[0] == 0
    errors = [said(capsys, "downmix", "tiny", "22050", shard)[2] for shard in ("0", "1")]
    assert sum("left out piece 1" in error for error in errors) == 1


@pytest.mark.parametrize("command", ["train", "predict", "evaluate"])
def test_an_undeclared_name_is_refused_with_the_nearest(root, capsys, command):
    status, _, err = said(capsys, command, "key-tinny")
    assert status == 1
    assert "there is no experiment 'key-tinny' (did you mean 'key-tiny'?)" in err


def test_plot_draws_what_params_yaml_declares(root, capsys):
    song = root / "recordings/piece 0.wav"
    status, out, _ = said(capsys, "plot", str(song), "--seconds", "3", "--representation", "cqt")
    assert (status, out) == (0, "piece 0.png\n")
    assert (root / "piece 0.png").stat().st_size > 5000
    status, _, err = said(capsys, "plot", str(song), "--representation", "ctq")
    assert status == 1
    assert "there is no representation 'ctq' (did you mean 'cqt'?)" in err
    status, _, err = said(capsys, "plot", str(song), "--start", "900")
    assert status == 1
    assert "it ends at 9.00 s, before 900 s" in err


def test_network_shows_the_zoo_and_draws_one_of_it(tmp_path, capsys):
    status, out, _ = said(capsys, "network")
    assert status == 0
    assert "crnn" in out and "Choi et al., ICASSP 2017" in out
    drawing = tmp_path / "crnn.svg"
    status, out, _ = said(capsys, "network", "crnn", "--draw", str(drawing))
    assert status == 0
    assert "393,650 parameters" in out
    assert drawing.read_text().startswith("<svg")
    status, _, err = said(capsys, "network", "crn")
    assert status == 1
    assert "the zoo has no network 'crn' (did you mean 'crnn'?)" in err
    status, _, err = said(capsys, "network", "d1", "--draw", str(tmp_path / "a.png"))
    assert status == 1
    assert "drawn as SVG" in err
    status, _, err = said(capsys, "network", "--draw", str(drawing))
    assert status == 1
    assert "--draw needs a notation" in err


def test_inspect_says_what_it_cannot_look_into(root, capsys):
    from deepmir.training import fitting

    song = str(root / "recordings/piece 0.wav")
    fitting.fit(entries.resolve(tiny.load(), "key-krumhansl"))
    cases = {
        ("models/key-krumhansl", song): "is a baseline and has no network to inspect",
        ("models/nothing", song): "card.json is missing",
        ("models/nothing", song, "--seconds", "0"): "must be above 0",
        ("models/nothing", song, "--feature", "3"): "add --layer",
    }
    for arguments, words in cases.items():
        status, _, err = said(capsys, "inspect", *arguments)
        assert status == 1
        assert words in err


@pytest.mark.parametrize(("allowed", "shards"), [("0.2", "2"), ("1.0", "1")])
def test_a_shard_whose_tracks_are_all_left_out_is_an_error(root, capsys, allowed, shards):
    path = root / "params.yaml"
    given = f"shards: {shards}, max_failures: {allowed}"
    path.write_text(path.read_text().replace("shards: 2, max_failures: 0.2", given))
    for annotation in (root / "recordings").glob("*.jams"):
        annotation.write_text("{")
    status, _, err = said(capsys, "render", "tiny", "0")
    assert status == 1
    assert "left out piece" in err
    assert "render: all tracks of this shard were left out" in err
