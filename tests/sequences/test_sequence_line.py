"""Networks that write symbols in the pipeline: trained, resumed, predicted, scored, reported."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

import tiny
from deepmir import cli, paths
from deepmir.declarations import entries, loading, sweeps
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction, results, scoring
from deepmir.evaluation import sequence as writing
from deepmir.files import annotations
from deepmir.models import sequence as models
from deepmir.models.card import SequenceCard, read_card, read_network_card
from deepmir.models.model import as_input
from deepmir.sequences.decoder import loss
from deepmir.training import fitting, loop, taught
from deepmir.training import sequence as training
from deepmir.workflow import stages


def declared(name, **changes):
    """The declarations with changed values of one sequence."""
    raw = yaml.safe_load(Path("params.yaml").read_text())
    raw["sequences"][name] |= changes
    return loading.parse(raw)


def entry(name, **changes):
    return entries.resolve(declared(name, **changes), name)


def train(name, callbacks=(), **changes):
    one = entry(name, **changes)
    folder = training.train(one, threads=1, progress=False, callbacks=callbacks)
    return (folder / "model.safetensors").read_bytes()


def ready(name, **changes):
    one = entry(name, **changes)
    return training.prepare(one, taught.of(one))


@pytest.mark.parametrize("name", ["chord-tiny", "chord-none"])
def test_a_killed_training_goes_on_and_ends_as_if_it_had_not_been(line, name):
    """With dropout, deformations and attention, and without them."""
    whole = train(name)
    history = Path(f"models/{name}/history.csv").read_text()
    shutil.rmtree("models")

    with pytest.raises(tiny.Killed):
        train(name, callbacks=[tiny.killed_in(1)])
    assert not Path("models").exists()
    assert train(name) == whole
    assert Path(f"models/{name}/history.csv").read_text() == history


@pytest.mark.parametrize(
    ("name", "symbols"), [("chord-tiny", "chord"), ("notes-tiny", "note_midi")]
)
def test_a_small_network_learns_two_tracks_by_heart(line, name, symbols):
    """From its own symbols, not from the true ones: the error rate decreases to zero."""
    options = {"units": 32, "longest": 64, "attention": "dot", "step": 0.1}
    module = ready(
        name,
        network="d1(32) - d1",
        decoder=options,
        deformations={},
        training={"batch_size": 8, "patch_seconds": 2},
    )
    module.validation_data.examples = module.train_examples
    batches = [module.validation_data[i] for i in range(2)]
    optimiser = torch.optim.Adam(module.parameters(), lr=0.01)
    for _ in range(400):
        total = 0.0
        for batch in batches:
            tokens = batch.target.long()
            value, _ = loss(module.model(as_input(batch.x), batch.lengths, tokens), tokens)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            total += value.item()
        if total < 0.05:
            break
    module.eval()
    for index, batch in enumerate(batches):
        module.validation_step(batch, index)
    assert [one.scores["symbol_error"] for one in module._validated] == [0.0, 0.0]


def test_teacher_forcing_and_search_see_the_same_network(line):
    """The score of a search result is its loss as a target."""
    module = ready("chord-tiny").eval()
    memory = module.model.remember(as_input(module.validation_data[0].x))
    places = module.validation_data.places(0)
    for one, row in zip(module.writer.read(memory, places, beam=3), memory.frames, strict=True):
        alone = module.model.decoder.remember(
            module.model.encoder(as_input(module.validation_data[0].x)), None
        )
        tokens = torch.from_numpy(one.tokens)[None].expand(len(places), -1)
        said = module.model.decoder(alone, tokens).gather(2, tokens[..., None])[..., 0]
        index = [torch.equal(row, other) for other in alone.frames].index(True)
        np.testing.assert_allclose(said[index].exp().detach(), one.probabilities, rtol=1e-4)


def test_the_line_from_training_to_the_table(line):
    shown = loading.load()
    every = entries.everything(shown)
    for one in every.values():
        if isinstance(one, entries.SequenceEntry):
            training.train(one, threads=1, progress=False)
            writing.predict(one, threads=1)
        else:
            make = fitting.fit if isinstance(one, entries.BaselineEntry) else None
            make(one) if make else loop.train(one, threads=1, progress=False)
            prediction.predict(one, threads=1)
        scoring.evaluate(one)
    groups = sweeps.groups(shown)
    assert [group.members for group in groups] == [["chord-tiny", "chord-tiny-seed-2"]]
    table = results.table(results.read(entries.shown(shown)), groups)
    assert {result.name for result in table if result.task == "chord"} == {
        "chord-tiny",
        "chord-none",
        "chord-frames",
        "chord-templates",
    }
    assert all("symbol_error" in result.raw["metrics"] for result in table)
    mean = next(result for result in table if result.name == "chord-tiny")
    assert len(mean.seeds) == 2 and mean.kind == "network"
    (compared,) = results.comparisons(mean, table)
    assert compared.baseline == "chord-templates"

    card = read_card(paths.model("chord-tiny"))
    assert isinstance(card, SequenceCard) and card.excerpt_frames == 40
    assert card.training["tracks"] == {"train": 2, "validation": 2}
    listed = json.loads(paths.predictions("notes-tiny").read_text())
    assert len(listed["tracks"]) == 2 and not listed["failures"]
    said = annotations.read(paths.prediction("chord-tiny", listed["tracks"][0]["track"]))
    (chords,) = said.annotations
    assert chords.tool.endswith("chord-tiny")
    assert all(0 <= o.confidence <= 1 and o.duration > 0 for o in chords.observations)
    ends = chords.intervals
    assert (ends[1:, 0] >= ends[:-1, 1] - 1e-6).all() and ends[-1, 1] <= 8.2

    with pytest.raises(DeepmirError, match="is a sequence and has no network to inspect$"):
        read_network_card(paths.model("chord-tiny"))
    with pytest.raises(DeepmirError, match="is a network and writes no symbols$"):
        models.load(paths.model("chord-frames"))


def test_what_is_loaded_writes_what_was_trained(line):
    one = entry("chord-tiny")
    module = training.prepare(one, taught.of(one))
    features = module.train_examples[0].inputs.features(module.train_examples[0].track)
    training.train(one, threads=1, progress=False)
    first, second = (models.load(one.folder)[0] for _ in range(2))
    for a, b in zip(first.write(features), second.write(features), strict=True):
        assert np.array_equal(a.tokens, b.tokens)
        assert a.weights.shape == (len(a.tokens), 40)
        np.testing.assert_allclose(a.weights.sum(1), 1.0, rtol=1e-5)
    (one.folder / "model.safetensors").write_bytes(b"x")
    with pytest.raises(DeepmirError, match="the weights do not match the card"):
        models.load(one.folder)


def test_steps_are_counted_in_whole_frames(line):
    """3.96 s are 119 frames, which last 3.967 s: 397 steps, not 396."""
    one = entry("notes-tiny", decoder={"step": 0.01}, training={"patch_seconds": 3.96, "epochs": 1})
    training.train(one, threads=1, progress=False)
    models.load(one.folder)


@pytest.mark.parametrize("attention", ["additive", "dot"])
def test_half_precision_trains(line, attention):
    train(
        "chord-tiny",
        training={"precision": "bf16-mixed", "epochs": 1},
        decoder={"units": 16, "longest": 32, "attention": attention},
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "key"}, r"task: key has no spelling as a sequence \(available: chord, notes\)"),
        ({"decoder": {"cell": "rnn"}}, r"decoder.cell: .*gru.*lstm"),
        ({"decoder": {"attention": "yes"}}, "decoder.attention: "),
        ({"decoder": {"beams": 4}}, "decoder.beams is not a known key .*beam"),
        (
            {"decoder": {"longest": 2}},
            "decoder.longest: 2 symbols cannot hold start, chord and the end",
        ),
        ({"decoder": {"step": 9.0}}, "decoder.step: 9 s is longer than an excerpt of 4 s: lower"),
        ({"training": {"health": True}}, "training.health is for experiments: leave it out"),
        ({"training": {"standardise": False}}, "training.standardise is for experiments"),
        ({"training": {"monitor": "validation/f"}}, "training.monitor: validation/f: "),
        ({"network": "p2(2x2) - d1"}, "p2"),
        ({"representation": "mel"}, "representation: "),
        ({"deformations": {"reverb": 0.5}}, "deformations.reverb acts on audio, but a sequence"),
        ({"deformations": {"pitch_shift": 99}}, "deformations.pitch_shift: 99 is not between"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(line, changes, message):
    with pytest.raises(DeepmirError, match=message) as refused:
        declared("chord-tiny", **changes)
    assert str(refused.value).startswith("params.yaml: sequences.chord-tiny: ") or (
        str(refused.value).startswith("params.yaml: sequences.chord-tiny.")
    )


def test_an_excerpt_with_too_many_symbols_is_named_before_training(line):
    with pytest.raises(
        DeepmirError,
        match=r"decoder.longest: 4.4 s of tune \d can have \d+ symbols, more than 5: raise it",
    ):
        ready("chord-tiny", decoder={"longest": 5})


def test_a_sequence_reruns_for_its_own_code_and_others_do_not():
    row = loading.parse(
        yaml.safe_load(
            "{datasets: {d: {source: scores}}, representations: {r: {kind: cqt, hop: 2205}},"
            " sequences: {s: {dataset: d, task: chord, representation: r, network: d1}},"
            " experiments: {e: {dataset: d, task: chord, representation: r, network: d1}}}"
        )
    )
    own = {p.name for p in stages.closure_of("train", row.sequences["s"]).files}
    other = {p.name for p in stages.closure_of("train", row.experiments["e"]).files}
    assert {"spelling.py", "decoder.py", "optimiser.py"} <= own
    assert "loop.py" not in own
    assert "search.py" not in other and "spelling.py" not in other


def test_what_is_written_is_shown_with_where_it_looked(line, capsys):
    for name in ("chord-tiny", "chord-none"):
        one = entry(name)
        training.train(one, threads=1, progress=False)
        writing.predict(one, threads=1)
    assert paths.alignment("chord-tiny").read_bytes().startswith(b"\x89PNG")
    assert not paths.alignment("chord-none").exists()
    before = paths.alignment("chord-tiny").read_bytes()
    writing.predict(entry("chord-tiny"), threads=1)
    assert paths.alignment("chord-tiny").read_bytes() == before

    capsys.readouterr()
    assert cli.main(["generate", "chord-tiny", "--count", "1", "--out", "shown"]) == 0
    (said,) = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"tune \d, from \d\.\d s, by chord-tiny: \d\.\d\d s \S+( \| \d\.\d\d s \S+)*", said
    )
    assert len(list(Path("shown").glob("*.png"))) == 1
    assert cli.main(["generate", "chord-none", "--count", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert not Path("chord-none-generated").exists()
    assert cli.main(["generate", "chord-tiny", "--seed", "2"]) == 1
    assert "--seed is for generators" in capsys.readouterr().err
