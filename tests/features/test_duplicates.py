"""Duplicate audio in two parts stops the pipeline, in any format; and the error's advice works."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

import programs
import tiny
from deepmir import cli, paths
from deepmir.datasets import duplicates, folds, splits
from deepmir.datasets.index import Track
from deepmir.declarations import entries
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction
from deepmir.files.store import FINGERPRINTS, Store
from deepmir.training import fitting, loop

ROOT = Path(__file__).parents[2]
FOUND = paths.duplicates(["tiny"], tiny.RATE)


def copy_as_mp3(folder):
    """`piece 0.wav`, a training recording: quieter, delayed and coded."""
    samples, rate = soundfile.read("recordings/piece 0.wav", dtype="float32")
    later = np.concatenate([np.zeros(round(0.3 * rate), np.float32), samples])
    Path(folder).mkdir(exist_ok=True)
    soundfile.write(f"{folder}/copy.mp3", 0.1 * later, rate, compression_level=0.9)
    shutil.copy("recordings/piece 0.jams", f"{folder}/copy.jams")


def declare(**changes):
    raw = yaml.safe_load(tiny.DECLARED)
    chosen = {
        "datasets": {"tiny": raw["datasets"]["tiny"]},
        "representations": {"cqt": raw["representations"]["cqt"]},
        "experiments": {"key-tiny": raw["experiments"]["key-tiny"]},
        "baselines": {name: raw["baselines"][name] for name in ("key-logistic", "key-krumhansl")},
    }
    Path("params.yaml").write_text(yaml.safe_dump({**chosen, **changes}))
    return tiny.load()


def test_a_tune_is_the_same_whichever_source_renders_it():
    scores, rendered = (
        duplicates.Placed(Track(group, group, "", "a.wav", "a.jams", "0", "0", "CC0"), *place)
        for group in ("aird-10", "music21-aird-10")
        for place in [("part", "test", Path("splits.csv"))]
    )
    for pair in ((scores, rendered), (rendered, scores)):
        learned, tested = ({("set", str(n)): each} for n, each in enumerate(pair))
        with pytest.raises(DeepmirError, match="leak: the network has learned from"):
            duplicates.refuse_groups(learned, tested)


@pytest.fixture
def line(root):
    """A pipeline with an MP3 of a training recording in the test part."""
    copy_as_mp3("recordings")
    with paths.split("tiny").open("a") as file:
        file.write("copy,test\n")
    declared = declare()
    tiny.prepare(declared)
    return declared


def runs(declared):
    """Everything that reads the parts of the data set: one for each rule of the Snakefile."""
    of = entries.everything(declared)
    yield lambda: loop.train(of["key-tiny"], threads=1, progress=False)
    yield lambda: fitting.fit(of["key-logistic"])
    yield lambda: prediction.predict(of["key-krumhansl"], threads=1)


LEAK = (
    r"leak: copy \(part test, recordings/copy\.mp3\) and piece 0 \(part train, "
    r"recordings/piece 0\.wav\) are the same audio, 0\.\d\d s apart: give the groups 'copy' and "
    r"'piece 0' the same part in data/splits/tiny\.csv, or remove one of the two recordings$"
)


def test_the_same_audio_coded_again_in_two_parts_stops_the_run(line):
    for run in runs(line):
        with pytest.raises(DeepmirError, match=LEAK):
            run()


def test_it_runs_when_both_groups_have_one_part(line):
    splits.write(paths.split("tiny"), splits.read(paths.split("tiny")) | {"copy": "train"})
    _, *others = runs(line)
    for run in others:
        run()


def test_it_runs_when_one_of_the_two_is_taken_away(line):
    Path("recordings/copy.mp3").unlink()
    Path("recordings/copy.jams").unlink()
    tiny.prepare(line)
    fitting.fit(entries.resolve(line, "key-logistic"))


def test_it_runs_when_both_are_in_one_group(line):
    Path("recordings/metadata.csv").write_text("file,group\npiece 0.wav,one\ncopy.mp3,one\n")
    splits.write(paths.split("tiny"), splits.read(paths.split("tiny")) | {"one": "test"})
    tiny.prepare(line)
    fitting.fit(entries.resolve(line, "key-logistic"))


def test_the_same_audio_coded_again_in_two_folds_stops_the_run(line):
    row = {"entry": "key-logistic", "dataset": "tiny", "folds": 3}
    crossed = entries.everything(declare(folds={"crossed": row}))
    dealt = {group: index % 3 for index, group in enumerate(splits.read(paths.split("tiny")))}
    folds.write(folds.path("tiny", 3), dealt | {"piece 0": 0, "copy": 1})
    message = (
        r"copy \(fold 1, .* piece 0 \(fold 0, .*the same fold in data/splits/tiny-3-folds\.csv"
    )
    with pytest.raises(DeepmirError, match=message):
        crossed["crossed"].files.read()
    with pytest.raises(DeepmirError, match=r"copy \(part validation, .*\) and piece 0 \(part test"):
        fitting.fit(crossed["crossed-fold0"])
    folds.write(folds.path("tiny", 3), dealt | {"piece 0": 1, "copy": 1})
    crossed["crossed"].files.read()


def test_a_recording_that_a_carried_model_has_heard_does_not_test_it(root):
    copy_as_mp3("far")
    tiny_and_far = {
        "tiny": {"source": "folder", "path": "recordings", "shards": 2},
        "far": {"source": "folder", "path": "far", "shards": 1},
    }
    row = {"model": "key-logistic", "dataset": "far"}
    declared = declare(datasets=tiny_and_far, experiments={}, carried={"carried": row})
    soundfile.write("far/other.wav", tiny.recording(30)[0], tiny.RATE)
    shutil.copy("far/copy.jams", "far/other.jams")
    splits.write(paths.split("far"), {"copy": "test", "other": "test"})
    tiny.prepare(declared)
    carried = entries.resolve(declared, "carried")
    fitting.fit(entries.resolve(declared, "key-logistic"))
    message = r"copy \(part test, .* and piece 0 \(part train, .*move the group 'copy' out of"
    with pytest.raises(DeepmirError, match=rf"{message} the test part in data/splits/far\.csv"):
        prediction.predict(carried, threads=1)
    splits.write(paths.split("far"), {"copy": "train", "other": "test"})
    prediction.predict(carried, threads=1)


def test_other_pairs_are_counted(line):
    pair = duplicates.read(FOUND)[0]
    others = [replace(pair, second=("tiny", f"piece {index}")) for index in (3, 6)]
    duplicates.write(FOUND, [pair, *others])
    with pytest.raises(DeepmirError, match=rf"recordings \(2 more such pairs, see {FOUND}\)$"):
        entries.resolve(line, "key-tiny").files.read()


BROKEN = ["", "[]", '{"duplicates": [1]}', '{"duplicates": [{"first": ["a"]}]}']


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_list_is_named_with_what_makes_it_again(root, text):
    FOUND.write_text(text)
    command = f"snakemake --cores 2 --force {FOUND}"
    with pytest.raises(DeepmirError, match=rf"{FOUND} is not a list of duplicates .*`{command}`"):
        duplicates.read(FOUND)
    FOUND.unlink()
    with pytest.raises(DeepmirError, match=rf"{FOUND} is missing: .*`{command}`"):
        duplicates.read(FOUND)


def test_the_command_writes_the_pairs(line, capsys):
    before = FOUND.read_bytes()
    FOUND.unlink()
    assert cli.main(["duplicates", str(tiny.RATE), "tiny"]) == 0
    assert FOUND.read_bytes() == before
    assert f"{FOUND}: 1 pairs" in capsys.readouterr().out


def test_what_is_made_here_is_not_compared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = {"made": {"source": "tones", "timbres": 3, "seconds": 2.1, "shards": 1}}
    row = {"dataset": "made", "task": "key", "method": "krumhansl"}
    declared = {"datasets": made, "representations": {}, "baselines": {"x": row}}
    Path("params.yaml").write_text(yaml.safe_dump(declared))
    cli.main(["render", "made", "0"])
    cli.main(["downmix", "made", "22050", "0"])
    digest = tiny.downmix.digest(tiny.RATE)
    assert len(Store([paths.audio("made", tiny.RATE, 0)], digest).tracks) == 36
    assert Store([paths.audio("made", tiny.RATE, 0)], digest, FINGERPRINTS).tracks == []
    assert entries.resolve(tiny.load(), "x").files.compared == []


def test_snakemake_compares_recordings_before_they_are_divided(root):
    row = yaml.safe_load(tiny.DECLARED)["baselines"]["key-krumhansl"]
    declare(experiments={}, baselines={"key-krumhansl": row})
    FOUND.unlink()
    shutil.copy(ROOT / "Snakefile", "Snakefile")
    command = ["snakemake", "-n", "reports/metrics/key-krumhansl.json"]
    assert re.search(r"^duplicates +1$", programs.run(command, root), re.M)
