"""Cards of models: they are read as written, and nothing else is accepted as one."""

import json
import resource

import pytest
from pydantic import ValidationError

from deepmir import paths, tasks
from deepmir.errors import DeepmirError
from deepmir.models import card, model
from deepmir.models.card import BaselineCard, NetworkCard, read_card, write_card
from deepmir.representations import Mel

SHIPPED = sorted(paths.SHIPPED.glob("*/card.json"))
ABOUT = {"name": "x", "task": "beat", "labels": ("beat", "downbeat"), "activation": "sigmoid"}


def network(notation="d1(8) - d1", **more):
    return NetworkCard(network=notation, representation=Mel(), **ABOUT, **more)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_a_card_that_comes_with_deepmir_is_written_as_it_is_read(path, tmp_path):
    write_card(tmp_path, read_card(path.parent))
    assert (tmp_path / "card.json").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "written",
    [
        network(auxiliary={"tempo": 0.2}, decoder={"threshold": 0.1, "tempo": {"width": 3}}),
        BaselineCard(name="x", task="key", method="krumhansl"),
    ],
)
def test_each_kind_is_read_as_it_was_written(written, tmp_path):
    write_card(tmp_path, written)
    assert read_card(tmp_path) == written


def test_options_of_a_decoder_are_those_of_its_task():
    shared = network(auxiliary={"tempo": 0.2}, decoder={"threshold": 0.1, "tempo": {"width": 3}})
    assert shared.options("beat") == {"threshold": 0.1}
    assert shared.options("tempo") == {"width": 3}
    with pytest.raises(ValidationError, match="options have names"):
        network(auxiliary={"tempo": 0.2}, decoder={"tempo": 3})


def test_a_letter_that_is_not_known_is_told_from_a_baseline(tmp_path):
    write_card(tmp_path, network())
    raw = json.loads((tmp_path / "card.json").read_text())
    (tmp_path / "card.json").write_text(json.dumps({**raw, "network": "z9(8) - d1"}))
    with pytest.raises(DeepmirError, match=r"card.json: network, column 1: .*newer deepmir"):
        read_card(tmp_path)


def test_a_baseline_has_no_network(tmp_path):
    write_card(tmp_path, BaselineCard(name="x", task="key", method="d1"))
    with pytest.raises(DeepmirError, match="is a baseline and has no network"):
        card.read_network_card(tmp_path)


def test_no_memory_is_taken_for_a_network_that_is_not_in_the_file(tmp_path):
    built = model.build("d1(8) - d1", Mel(), tasks.get("beat").output, varying=True)
    model.save(tmp_path, built.state_dict(), network())
    assert model.load(tmp_path)[1].network == "d1(8) - d1"
    raw = json.loads((tmp_path / "card.json").read_text())
    wide = {**raw, "network": "d1(30000) - d1(30000) - d1"}  # 3.6 GB of weights
    (tmp_path / "card.json").write_text(json.dumps(wide))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DeepmirError, match="the weights do not fit the network"):
        model.load(tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1e6  # kB


def test_what_a_card_does_not_say_is_not_in_its_file(tmp_path):
    write_card(tmp_path, network())
    assert "withheld" not in json.loads((tmp_path / "card.json").read_text())
    said = network(withheld={"beat": "F .31 [.25, .37], chance .30, on 40 recordings"})
    write_card(tmp_path, said)
    assert read_card(tmp_path) == said
