"""A tiny WaveNet in the pipeline: trained, resumed, generating, judged."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import yaml

import tiny
from deepmir import cli, paths, tasks
from deepmir.datasets import splits
from deepmir.declarations import generated, loading
from deepmir.errors import DeepmirError
from deepmir.generators import generating, judging, training
from deepmir.generators.judgement import Estimate
from deepmir.generators.wavenet import showing
from deepmir.generators.wavenet.listening import Heard, Listener
from deepmir.generators.wavenet.method import load, templates
from deepmir.models import model
from deepmir.models.card import NetworkCard
from deepmir.tasks.shared.pitched import Notes

RATE = 8000
DECLARED = """
datasets:
  notes:
    {source: instrument_notes, instruments: [flute, nylon guitar], highest: 67, takes: 1, seconds: 0.5, shards: 1}
representations:
  audio: {kind: audio, sample_rate: 8000, hop: 80}
  mel: {kind: mel, sample_rate: 8000, hop: 160, window: 512, bins: 16, fmin: 60.0, fmax: 4000.0}
training: {epochs: 3, device: cpu, batch_size: 2, patch_seconds: 0.02, patches_per_epoch: 6}
experiments:
  instruments:
    {dataset: notes, task: instrument, representation: mel, network: d1, labels: [flute, nylon guitar]}
generators:
  wave: {kind: wavenet, dataset: notes, representation: audio, classifier: instruments, channels: 8,
    skip_channels: 8, layers: 4, stacks: 1, condition_channels: 4, samples: 6}
"""  # noqa: E501


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    root = tmp_path_factory.mktemp("notes")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        (root / "params.yaml").write_text(DECLARED)
        declared = loading.load()
        splits.deal("notes", declared.datasets["notes"].members(), 0)
        tiny.prepare(declared, (RATE,))
        classifier(declared)
    return root


@pytest.fixture
def entry(notes, tmp_path, monkeypatch):
    shutil.copytree(notes, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return generated.resolve(loading.load(), "wave")


def classifier(declared):
    """Replace the trained classifier by one that always answers guitar."""
    experiment = declared.experiments["instruments"]
    mel, task = declared.representations["mel"], tasks.get("instrument", experiment.labels)
    made = model.build("d1", mel, task.output, varying=True, ensemble=False)
    for name, parameter in made.named_parameters():
        values = [-9.0, 9.0] if name.endswith("bias") else 0.0
        parameter.data[:] = torch.as_tensor(values)
    card = NetworkCard(
        name="instruments",
        task="instrument",
        network="d1",
        representation=mel,
        labels=task.output.labels,
        activation=task.output.activation,
    )
    model.save(paths.model("instruments"), made.state_dict(), card)


def train(entry, **options):
    return training.train(entry, threads=1, progress=False, **options)


def files(name):
    return [
        (paths.model(name) / file).read_bytes() for file in ("model.safetensors", "history.csv")
    ]


def test_a_training_that_is_killed_resumes_to_the_same_bits(entry):
    train(entry)
    whole = files("wave")
    with pytest.raises(tiny.Killed):
        train(entry, callbacks=[tiny.killed_in(2)])
    assert [*paths.CHECKPOINTS.glob("wave-*/last.ckpt")]
    train(entry)
    assert files("wave") == whole
    card = json.loads((paths.model("wave") / "card.json").read_text())["training"]
    assert card["instruments"] == ["flute", "nylon guitar"]
    assert card["pitches"] == [*range(60, 68)]
    assert card["tracks"] == {"train": 10, "validation": 2}


@pytest.fixture
def made(entry):
    train(entry)
    return generating.generate(entry, paths.generated("wave").parent, 6, seed=3)


def test_sounds_are_like_recordings_of_the_test_and_the_training_part_in_turn(entry, made):
    tracks = {track.id: track for track in entry.files.read().divided.test}
    assert [sample.said["part"] for sample in made] == ["test", "train"] * 3
    assert len({sample.said["like"] for sample in made}) == 6
    for sample in made:
        assert (sample.said["like"] in tracks) == (sample.said["part"] == "test")
        instrument, pitch = sample.said["instrument"], sample.said["pitch"]
        assert sample.said["like"] == f"{instrument.replace(' ', '-')}-0{pitch}-00"
        samples, rate = soundfile.read(paths.generated("wave").parent / sample.files[0])
        assert (rate, samples.shape) == (RATE, (RATE // 2,))
        assert np.abs(samples).max() > 0


def test_the_same_seed_gives_the_same_sounds_however_many_there_are(entry, made):
    whole = paths.generated("wave").parent
    few = paths.generated("few").parent
    generating.generate(entry, few, 2, seed=3)
    for sample in made[:2]:
        assert (few / sample.files[0]).read_bytes() == (whole / sample.files[0]).read_bytes()
    first = (few / made[0].files[0]).read_bytes()
    (other,) = generating.generate(entry, few, 1, seed=4)
    assert (few / other.files[0]).read_bytes() != first


def test_one_command_makes_eight_for_a_person(entry, made, capsys):
    assert cli.main(["generate", "wave", "--count", "8"]) == 0
    assert capsys.readouterr().out == "wave-generated: 8 samples of wave, listed in index.json\n"
    assert len([*Path("wave-generated").glob("*.wav")]) == 8


def test_more_sounds_than_recordings_come_round_again(entry):
    divided = entry.files.read().divided
    known = [track.id for track in (*divided.train, *divided.test)]
    chosen = templates(divided, known, 12, seed=0)
    test = [track.id for part, track in chosen if part == "test"]
    assert len(test) == 6
    assert len({*test}) == len(divided.test) == 4
    assert templates(divided, known[:2], 3, seed=0)[0][0] == "train"


def test_it_is_judged_beside_predictors_and_real_notes(entry, made):
    judging.judge(entry)
    raw, folder = judging.read(entry), paths.judgement("wave").parent
    assert set(raw["baselines"]) == {"linear predictor", "n-gram", "uniform", "real notes"}
    assert set(raw["differences"]) == {"linear predictor", "n-gram", "uniform"}
    uniform = Estimate(8.0, 8.0, 8.0, 4, 4)
    assert raw["baselines"]["uniform"]["bits"] == asdict(uniform)
    bits, difference = raw["metrics"]["bits"], raw["differences"]["uniform"]
    assert bits["n"] == 4
    assert difference["mean"] == pytest.approx(bits["mean"] - 8)
    # pYIN is right about real notes; a network that has learned for a second is not.
    assert raw["baselines"]["real notes"]["pitch"]["mean"] == 1.0
    assert raw["metrics"]["pitch"]["mean"] < 1.0
    heard = raw["metrics"]["instrument"], raw["baselines"]["real notes"]["instrument"]
    guitars = np.mean(
        [s.said["instrument"] == "nylon guitar" for s in made if s.said["part"] == "test"]
    )
    assert [each["mean"] for each in heard] == pytest.approx([guitars, guitars])
    shown = [*raw["figures"], *(sound for group in raw["sounds"] for sound in group["sounds"])]
    assert len(shown) == 2 + 2 * 6
    for one in shown:
        assert (folder / one["file"]).stat().st_size > 500
        assert (folder / one.get("picture", one["file"])).is_file()
    assert any(note.startswith("linear predictor: order") for note in raw["notes"])


def test_what_was_generated_of_other_data_is_refused(entry, made):
    path = paths.generated("wave")
    raw = json.loads(path.read_text())
    raw["samples"][0]["said"]["like"] = "gone"
    path.write_text(json.dumps(raw))
    with pytest.raises(DeepmirError, match="matches no track of notes: generate again"):
        judging.judge(entry)


def test_a_model_of_another_declaration_is_refused(entry, made):
    raw = yaml.safe_load(DECLARED)
    raw["generators"]["wave"]["channels"] = 9
    with pytest.raises(DeepmirError, match="is not the declared model: train it"):
        load(generated.resolve(loading.parse(raw), "wave"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"representation": "mel"}, "a wavenet takes the kind audio, not mel"),
        ({"classifier": "pitches"}, "classifier: its task is pitch_class"),
        ({"conditioning": ["pitch"]}, "classifier: it judges instruments"),
        ({"classifier": "none"}, "classifier: .*no experiment 'none'"),
    ],
)
def test_what_cannot_be_declared(changes, message):
    raw = yaml.safe_load(DECLARED)
    row = raw["experiments"]["instruments"]
    raw["experiments"]["pitches"] = {**row, "task": "pitch_class", "labels": []}
    raw["generators"]["wave"] |= changes
    with pytest.raises(DeepmirError, match=message):
        loading.parse(raw)


def tone(pitch, seconds=0.5):
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    return sum(0.3 / k * np.sin(2 * np.pi * k * hertz * time) for k in (1, 2, 3)).astype("float32")


@pytest.mark.parametrize(("off", "right"), [(0, 1), (0.4, 1), (-0.4, 1), (0.6, 0), (12, 0)])
def test_a_pitch_is_right_within_half_a_semitone(off, right):
    note = Notes(np.array([0.0]), np.array([0.5]), np.array([64.0]))
    assert Listener(RATE, None).on_pitch(tone(64 + off), note) == right


def test_each_note_of_a_phrase_counts_and_silence_has_no_pitch():
    notes = Notes(np.array([0.0, 0.5, 1.0]), np.array([0.5, 1.0, 1.5]), np.array([64.0, 67, 60]))
    phrase = np.concatenate([tone(64), tone(66), np.zeros(RATE // 2, np.float32)])
    assert Listener(RATE, None).on_pitch(phrase, notes) == pytest.approx(1 / 3)


def test_a_recording_without_notes_has_no_pitch_to_be_right():
    none = Notes(*np.zeros((3, 0)))
    assert Listener(RATE, None).hear(tone(64), none) == Heard(None, None)


def test_an_instrument_that_was_not_asked_for_may_be_heard(tmp_path):
    said = {"generated": [("flute", "organ"), ("harp", "harp")]}
    (figure,) = showing.confusion(said, ("flute", "harp"), tmp_path)
    assert "organ" in (tmp_path / figure.file).read_text()


def test_a_classifier_that_does_not_know_an_instrument_is_refused(entry):
    listener = Listener(RATE, entry.judges["classifier"])
    with pytest.raises(DeepmirError, match="does not know tuba: declare its `labels`"):
        listener.check(("flute", "tuba"))
