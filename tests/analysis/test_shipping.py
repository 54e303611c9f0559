"""The networks that come with deepmir, and how they get there."""

import json

import pytest
import untrained

import tiny
from deepmir import paths
from deepmir.analysis import models
from deepmir.declarations import loading
from deepmir.errors import DeepmirError
from deepmir.workflow import provenance, shipping


@pytest.fixture
def project(here):
    """A project with two trained networks for keys and one for beats."""
    for name, task in (("key-tiny", "key"), ("key-fly", "key"), ("beat-tiny", "beat")):
        untrained.save(here / "models" / name, task)
    (here / "params.yaml").write_text(f"{tiny.DECLARED}\ndefaults: {{key: key-fly}}\n")
    return here


def test_what_is_shipped_is_what_is_declared_and_nothing_else(project):
    untrained.save(project / "shipped" / "onset", "onset")  # of an earlier declaration
    defaults = {"key": "key-fly", "beat": "beat-tiny"}
    folders = shipping.ship(tiny.parse(defaults=defaults), project / "shipped")
    assert folders == [project / "shipped" / "key", project / "shipped" / "beat"]
    assert models.find(project / "shipped") == {"beat": folders[1], "key": folders[0]}
    trained = project / "models" / "key-fly"
    weights = "model.safetensors"
    assert (folders[0] / weights).read_bytes() == (trained / weights).read_bytes()
    shipped, made = (json.loads((f / "card.json").read_text()) for f in (folders[0], trained))
    assert shipped["training"].pop("commit") == provenance.commit()
    made["training"].pop("commit")
    assert shipped == made


def test_what_is_not_trained_cannot_be_shipped_and_changes_nothing(project):
    untrained.save(project / "shipped" / "onset", "onset")
    (project / "models" / "beat-tiny" / "model.safetensors").unlink()
    with pytest.raises(DeepmirError, match=r"run `snakemake .* models/beat-tiny/card.json` first"):
        shipping.ship(tiny.parse(defaults={"beat": "beat-tiny"}), project / "shipped")
    assert set(models.find(project / "shipped")) == {"onset"}
    with pytest.raises(DeepmirError, match="defaults in params.yaml is empty"):
        shipping.ship(tiny.parse(), project / "shipped")


def test_of_two_models_for_a_task_the_default_of_the_project_is_asked(project):
    assert models.find("models", ["key"])["key"].name == "key-fly"
    assert set(models.find(project / "models")) == {"key", "beat"}
    (project / "params.yaml").unlink()
    with pytest.raises(DeepmirError, match="both models for the task key: .* under `defaults`"):
        models.find("models", ["key"])


def test_a_network_is_shipped_once_for_all_that_it_answers(project):
    declared = tiny.parse()
    experiments = {k: v.model_dump(exclude_unset=True) for k, v in declared.experiments.items()}
    experiments["beat-tiny"]["auxiliary"] = {"tempo": 0.1}
    untrained.save(project / "models" / "beat-tiny", "beat", auxiliary={"tempo": 0.1})
    defaults = {"tempo": "beat-tiny", "beat": "beat-tiny"}
    made = tiny.parse(experiments=experiments, defaults=defaults)
    assert shipping.ship(made, project / "shipped") == [project / "shipped" / "beat"]
    assert set(models.find(project / "shipped")) == {"tempo", "beat"}
    with pytest.raises(DeepmirError, match="defaults.tempo: beat-tiny is an experiment for beat"):
        tiny.parse(experiments=experiments, defaults={"tempo": "beat-tiny"})


@pytest.mark.parametrize(
    ("defaults", "said"),
    [
        ({"kee": "key-tiny"}, r"no task \(in defaults\) 'kee' .*key"),
        ({"key": "key-tine"}, r"experiment \(in defaults\) 'key-tine' .*key-tiny"),
        ({"key": "key-krumhansl"}, "'key-krumhansl'"),
        ({"key": "beat-tiny"}, "defaults.key: beat-tiny is an experiment for beat"),
    ],
)
def test_a_default_is_an_experiment_for_its_task(defaults, said):
    with pytest.raises(DeepmirError, match=said):
        tiny.parse(defaults=defaults)


def test_every_default_of_the_study_of_recordings_comes_with_deepmir():
    declared = loading.load(paths.SHIPPED.parents[2] / "studies/recordings/params.yaml")
    shipped = models.find()
    assert set(shipped) == set(declared.defaults)
    for one in models.load(shipped):
        experiment = declared.experiments[declared.defaults[one.card.task]]
        representation = declared.representations[experiment.representation]
        assert one.card.name == declared.defaults[one.card.task]
        assert one.card.network == experiment.network
        assert one.representation == representation
        assert one.card.auxiliary == dict(experiment.auxiliary)
        assert one.card.training["seed"] == experiment.training.seed
