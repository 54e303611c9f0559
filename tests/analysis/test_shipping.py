"""The networks shipped with deepmir, and how they are installed."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest
import untrained

import tiny
from deepmir import paths
from deepmir.analysis import models
from deepmir.declarations import loading
from deepmir.errors import DeepmirError
from deepmir.models import export
from deepmir.models.archive import Manifest
from deepmir.version import VERSION
from deepmir.workflow import provenance, shipping


@pytest.fixture
def project(here):
    """A project with two trained networks for keys and one for beats."""
    for name, task in (("key-tiny", "key"), ("key-fly", "key"), ("beat-tiny", "beat")):
        untrained.save(here / "models" / name, task)
    (here / "params.yaml").write_text(f"{tiny.DECLARED}\ndefaults: {{key: key-fly}}\n")
    return here


def test_what_is_shipped_is_what_is_declared_and_nothing_else(project):
    own = project / "own"
    untrained.save(own / "onset", "onset")  # of an earlier release
    trained = project / "models" / "key-fly"
    card = json.loads((trained / "card.json").read_text())
    del card["training"]["commit"]  # it was never shipped; the other was, at another commit
    (trained / "card.json").write_text(json.dumps(card))
    archive = shipping.ship(tiny.parse(defaults={"key": "key-fly", "beat": "beat-tiny"}))
    assert archive == Path("dist") / f"models-{VERSION}.tar"
    assert set(models.find(own)) == {"onset"}  # nothing is changed before it is installed
    manifest = shipping.install(archive, own)
    assert manifest.release == VERSION
    assert models.find(own) == {"beat": own / "beat", "key": own / "key"}
    weights = "model.safetensors"
    assert (own / "key" / weights).read_bytes() == (trained / weights).read_bytes()
    shipped, made = (json.loads((f / "card.json").read_text()) for f in (own / "key", trained))
    assert shipped["training"].pop("commit") == provenance.commit()
    other = json.loads((own / "beat" / "card.json").read_text())
    assert other["training"]["commit"] == "c0de"
    assert made.pop("graph_sha256") == ""
    graph = (own / "key" / "model.onnx").read_bytes()
    assert shipped.pop("graph_sha256") == hashlib.sha256(graph).hexdigest()
    assert shipped == made


def test_the_same_networks_give_the_same_archive(project):
    declared = tiny.parse(defaults={"key": "key-fly"})
    first = shipping.ship(declared).read_bytes()
    assert shipping.ship(declared).read_bytes() == first


def test_what_is_not_trained_cannot_be_shipped(project):
    (project / "models" / "beat-tiny" / "model.safetensors").unlink()
    with pytest.raises(DeepmirError, match=r"run `snakemake .* models/beat-tiny/card.json` first"):
        shipping.ship(tiny.parse(defaults={"beat": "beat-tiny"}))
    assert not Path("dist").exists()
    with pytest.raises(DeepmirError, match="defaults in params.yaml is empty"):
        shipping.ship(tiny.parse())


def test_a_network_without_a_graph_is_shipped_all_the_same(project, capsys, monkeypatch):
    def refuse(folder):
        raise DeepmirError("the network cannot be exported: there is no operator")

    monkeypatch.setattr(export, "export", refuse)
    own = project / "own"
    shipping.install(shipping.ship(tiny.parse(defaults={"key": "key-fly"})), own)
    assert "key: shipped without a graph, so it needs torch: the network" in capsys.readouterr().err
    assert {path.name for path in (own / "key").iterdir()} == {"card.json", "model.safetensors"}
    assert models.load(models.find(own))[0].card.graph_sha256 == ""


def damaged(files):
    files["key/model.safetensors"] = files["key/model.safetensors"][:-1] + b"!"


def lost(files):
    del files["key/model.safetensors"]


def elsewhere(files):
    manifest = json.loads(files["manifest.json"])
    manifest["files"]["../card.json"] = manifest["files"]["key/card.json"]
    files["manifest.json"] = json.dumps(manifest).encode()
    files["../card.json"] = files["key/card.json"]


def unknown(files):
    files["manifest.json"] = b'{"release": "1", "files": {}, "more": 1}'


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (damaged, "key/model.safetensors is damaged"),
        (lost, "key/model.safetensors"),
        (elsewhere, "card.json' does not belong in it"),
        (unknown, "manifest.json: more is not a known key"),
        (dict.clear, "manifest.json"),
    ],
)
def test_an_archive_that_is_not_whole_changes_nothing(project, capsys, change, reason):
    own = project / "own"
    untrained.save(own / "onset", "onset")
    archive = shipping.ship(tiny.parse(defaults={"key": "key-fly"}))
    with tarfile.open(archive) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar}
    change(files)
    with tarfile.open(archive, "w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    with pytest.raises(DeepmirError, match=rf"models-{VERSION}.tar.*{reason}"):
        shipping.install(archive, own)
    assert set(models.find(own)) == {"onset"}
    left = {p.name for p in project.iterdir() if p.name.startswith(".")} - {".partial"}
    assert not left and not list((project / ".partial").iterdir())


def test_what_is_no_archive_is_not_installed(project):
    Path("models.tar").write_bytes(b"no tar")
    with pytest.raises(DeepmirError, match=r"models.tar is not an archive of networks"):
        shipping.install(Path("models.tar"), project / "own")
    with pytest.raises(DeepmirError, match=r"nothing.tar is missing"):
        shipping.install(Path("nothing.tar"), project / "own")


def test_the_networks_in_the_tree_are_those_of_their_release():
    """Weights enter git once per release: a change of weights requires one of the manifest."""
    manifest = Manifest.model_validate_json((paths.SHIPPED / "manifest.json").read_bytes())
    there = {
        path.relative_to(paths.SHIPPED).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths.SHIPPED.glob("*/*")
    }
    assert manifest.files == there
    assert manifest.release <= VERSION


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
    shipping.install(shipping.ship(made), project / "own")
    assert models.find(project / "own") == dict.fromkeys(
        ("beat", "tempo"), project / "own" / "beat"
    )
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


def test_a_reason_to_withhold_is_declared_once_and_shipped(project):
    why = "weighted .21 [.15, .27], chance .20, on 40 recordings"
    declared = tiny.parse(defaults={"key": "key-fly", "beat": "beat-tiny"}, withheld={"key": why})
    own = project / "own"
    shipping.install(shipping.ship(declared), own)
    cards = {one.task.name: one.card for one in models.load(models.find(own))}
    assert cards["key"].withheld == {"key": why}
    assert cards["beat"].withheld == {}
    with pytest.raises(DeepmirError, match="'beet'"):
        tiny.parse(defaults={"key": "key-fly"}, withheld={"beet": why})
