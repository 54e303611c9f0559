import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deepmir import cli, paths
from deepmir.declarations.schema import Evaluation
from deepmir.errors import DeepmirError
from deepmir.generators import gan, generating, judging
from deepmir.generators.gan import judging as measures
from deepmir.generators.gan import statistics
from deepmir.generators.gan.trained import Trained

OPTIONS = Evaluation(bootstrap=200)


@pytest.fixture(scope="module")
def judged(made):
    """The judgements by generator, without a copy of the pipeline."""
    import os

    import tiny
    from deepmir.declarations import generated

    before = os.getcwd()  # noqa: PTH109
    os.chdir(made)
    try:
        entries = {n: generated.resolve(tiny.load(), n) for n in ("told", "untold")}
        for one in entries.values():
            judging.judge(one)
        return {name: judging.read(one) for name, one in entries.items()}
    finally:
        os.chdir(before)


def test_every_metric_has_its_measure_and_its_interval(judged):
    for raw in judged.values():
        for values in (raw["metrics"], *raw["baselines"].values()):
            assert {*values} <= {*gan.METHOD.measures}
            for metric, found in values.items():
                assert found["low"] <= found["mean"] <= found["high"], metric
                assert found["n"] > 1
        assert {*raw["baselines"]} == {*raw["differences"]} == {"real", "gaussian"}
    assert {*judged["told"]["metrics"]} == {*gan.METHOD.measures}
    assert not {"accuracy", "pitch"} & {*judged["untold"]["metrics"]}


def test_all_sets_are_of_the_size_of_the_test_part(judged):
    raw = judged["told"]
    every = [raw["metrics"], *raw["baselines"].values()]
    assert {values["frechet"]["n"] for values in every} == {8}


def test_a_difference_is_that_of_the_distances(judged):
    raw = judged["told"]
    ours, theirs = (v["frechet"]["mean"] for v in (raw["metrics"], raw["baselines"]["real"]))
    assert raw["differences"]["real"]["mean"] == pytest.approx(ours - theirs)


def test_a_gan_that_has_learned_nothing_is_no_better_than_real_notes(judged):
    for raw in judged.values():
        assert raw["differences"]["real"]["mean"] > 0


def test_figures_and_sounds_are_there(judged, made):
    for name, raw in judged.items():
        folder = made / paths.judgement(name).parent
        for figure in raw["figures"]:
            assert (folder / figure["file"]).stat().st_size > 1000
        for group in raw["sounds"]:
            for sound in group["sounds"]:
                samples, rate = soundfile.read(folder / sound["file"])
                assert rate == 16000
                assert 15_000 <= len(samples) <= 16_000
                assert (folder / sound["picture"]).is_file()
    labels = [[sound["label"] for sound in group["sounds"]] for group in judged["told"]["sounds"]]
    assert all(found[0] == "generated" and len(found) in (1, 3) for found in labels)
    assert any(len(found) == 3 for found in labels)
    assert judged["told"]["sounds"][0]["title"].startswith("clarinet, pitch 6")


def test_notes_are_generated_by_class_and_seed(entry):
    folder = paths.generated("told").parent
    samples = generating.read(folder)
    assert [sample.said["instrument"] for sample in samples] == [
        "clarinet",
        "nylon guitar",
        "clarinet",
    ]
    before = [(folder / file).read_bytes() for sample in samples for file in sample.files]
    again = generating.generate(entry(), folder, 3, seed=1)
    assert [(folder / file).read_bytes() for sample in again for file in sample.files] == before
    other = generating.generate(entry(), folder, 3, seed=2)
    after = [(folder / file).read_bytes() for sample in other for file in sample.files]
    assert after != before


def test_one_command_makes_eight_for_a_person(line, capsys):
    assert cli.main(["generate", "told", "--count", "8"]) == 0
    assert capsys.readouterr().out == "told-generated: 8 samples of told, listed in index.json\n"
    assert len([*Path("told-generated").glob("*.wav")]) == 8


def test_the_trained_generator_depends_on_the_class_and_on_nothing_else_but_the_noise(entry):
    model = Trained.load(entry())
    one, other = model.make([[0, 3]], 5), model.make([[1, 3]], 5)
    assert one.shape == (1, 16, 20)
    assert not np.allclose(one, other, atol=1e-3)
    # In evaluation a note does not depend on those that are made with it.
    noise_first = model.make([[0, 3], [1, 2]], 5)[0]
    assert np.allclose(noise_first, one[0], atol=1e-5)


def test_another_network_than_the_trained_one_is_refused(entry):
    with pytest.raises(DeepmirError, match="another network than params.yaml declares: train"):
        Trained.load(entry(width=3))


def test_a_card_without_a_vocabulary_is_refused(entry):
    path = paths.model("told") / "card.json"
    raw = json.loads(path.read_text())
    del raw["training"]["vocabulary"]
    path.write_text(json.dumps(raw))
    with pytest.raises(DeepmirError, match="lacks vocabulary or scale"):
        Trained.load(entry())


def test_an_instrument_that_the_classifier_does_not_know_is_named(entry, monkeypatch):
    from deepmir.declarations.entries import NetworkEntry
    from deepmir.tasks.instrument import Instrument

    monkeypatch.setattr(NetworkEntry, "task", Instrument(labels=("clarinet", "harp")))
    with pytest.raises(DeepmirError, match="classifier: it has no label nylon guitar"):
        gan.METHOD.judge(entry(), paths.generated("told").parent, paths.judgement("told").parent)


def test_evenness_of_classes():
    assert statistics.evenness(np.array([0, 1, 2, 3]), 4) == pytest.approx(1)
    assert statistics.evenness(np.array([2, 2, 2]), 4) == pytest.approx(0.25)
    assert statistics.evenness(np.array([0, 0, 3, 3]), 4) == pytest.approx(0.5)


def test_notes_of_a_group_are_drawn_together():
    groups = ["a", "b", "b", "b"]
    draws = statistics.of_draws(lambda which: float((which == 1).sum()), groups, OPTIONS)
    other = statistics.of_draws(lambda which: float((which == 3).sum()), groups, OPTIONS)
    assert draws.tolist() == other.tolist()
    found = statistics.centred(draws, groups, OPTIONS)
    assert (found.n, found.groups) == (4, 2)


def test_the_interval_lies_around_the_statistic_though_draws_are_biased():
    """The distance of a set to itself is 0, unlike that of draws."""
    alone = [str(place) for place in range(40)]
    draws = statistics.of_draws(lambda which: float(len(set(which.tolist()))), alone, OPTIONS)
    assert draws[0] == 40
    assert draws[1:].max() < 40
    found = statistics.centred(draws, alone, OPTIONS)
    assert found.low < 40 < found.high
    assert found.mean == 40


def test_copies_are_found(rng):
    train = rng.standard_normal((60, 4, 5))
    own = np.concatenate([train[:3] + 1e-3, rng.standard_normal((3, 4, 5)) + 4])
    found = measures._copies(own, own, train)
    assert found.copied.tolist() == [1, 1, 1, 0, 0, 0]
    assert found.places[:3].tolist() == [0, 1, 2]
