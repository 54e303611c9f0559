"""Several networks that predict together, with one channel each."""

import pytest
import torch

import tiny
from deepmir import tasks
from deepmir.analysis.activations import activations_from_representation
from deepmir.errors import DeepmirError
from deepmir.models import model
from deepmir.models.card import NetworkCard
from deepmir.representations import Log, Mel, Pcen, Stack

MEL = Mel(sample_rate=22050, hop=441, window=1024, bins=20, conditioning=(Log(),))
BOTH = Stack(members=(MEL, MEL.model_copy(update={"conditioning": (Pcen(),)})))
NETWORK = "c2(4,3x3) - p1(20) - c1(6,5) - d1"
BEAT = tasks.get("beat")


@pytest.fixture
def ensemble():
    torch.manual_seed(0)
    made = model.build(NETWORK, BOTH, BEAT.output, BEAT.time_varying, ensemble=True).eval()
    made.mean.normal_()
    return made


@pytest.fixture
def heard():
    return torch.randn(2, 2, 20, 50, generator=torch.Generator().manual_seed(1))


def test_each_network_hears_its_channel_alone(ensemble, heard):
    other = heard.clone()
    other[:, 1] += 1.0
    first, second = ensemble.each(heard)
    same, different = ensemble.each(other)
    assert torch.equal(first, same)
    assert not torch.equal(second, different)
    assert not torch.equal(first, second)


def test_they_say_the_mean_of_their_logits(ensemble, heard):
    first, second = ensemble.each(heard)
    torch.testing.assert_close(ensemble(heard), (first + second) / 2)


def test_an_ensemble_is_read_as_it_was_written(ensemble, heard, tmp_path):
    card = NetworkCard(
        name="both",
        task="beat",
        network=NETWORK,
        representation=BOTH,
        labels=BEAT.output.labels,
        activation=BEAT.output.activation,
        ensemble=True,
    )
    model.save(tmp_path, ensemble.state_dict(), card)
    network, read, representation = model.load(tmp_path)
    assert read.ensemble
    assert representation == BOTH
    assert torch.equal(network(heard), ensemble(heard))
    frames = heard[0].permute(2, 1, 0).numpy()
    said = activations_from_representation(frames, "beat", {"beat": tmp_path}).values
    torch.testing.assert_close(torch.from_numpy(said), ensemble(heard[:1])[0].sigmoid().T)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"representation": "cqt"}, "cqt has one channel"),
        ({"training": {"health": True}}, "training.health records a single network"),
        ({"task": "structure"}, "the decoder of structure reads the features of a single"),
    ],
)
def test_what_no_ensemble_can_do_is_refused(changes, reason):
    declared = {
        **{"dataset": "tiny", "task": "key", "representation": "both", "ensemble": True},
        **{"network": "c2(4,3x3) - d1"},
    }
    with pytest.raises(DeepmirError, match=reason):
        tiny.parse(experiments={"key-both": declared | changes}, baselines={})
