import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from deepmir.generators.wavenet import sampling
from deepmir.generators.wavenet.module import bits_of
from deepmir.generators.wavenet.mulaw import SILENCE
from deepmir.generators.wavenet.network import Given, WaveNet
from deepmir.generators.wavenet.recordings import Batch

SMALL = {"channels": 6, "skip_channels": 8, "layers": 3, "stacks": 2, "condition_channels": 4}


def network(**changes):
    torch.manual_seed(0)
    return WaveNet(**{**SMALL, "pitches": 3, "instruments": 2, **changes}).double()


def played(length, sounds=2):
    pitch = torch.randint(0, 4, (sounds, length), generator=torch.manual_seed(1))
    return Given(pitch, torch.arange(sounds) % 2)


def codes(length, sounds=2):
    return torch.randint(0, 256, (sounds, length), generator=torch.manual_seed(2))


@pytest.mark.parametrize(("layers", "stacks", "field"), [(3, 2, 15), (1, 1, 2), (8, 2, 511)])
def test_receptive_field_and_shapes(layers, stacks, field):
    net = network(layers=layers, stacks=stacks)
    assert net.receptive_field == field
    assert net(codes(field + 4), played(field + 4)).shape == (2, 5, 256)


def test_a_sample_changes_nothing_before_it_and_all_behind_it_as_far_as_the_field_reaches():
    net = network()
    field, length = net.receptive_field, 40
    past, given = codes(field + length - 1), played(field + length - 1)
    before = net(past, given)
    changed = past.clone()
    place = 10  # among those that are predicted: its place among those before is this much later
    changed[:, field + place] += 1
    changed %= 256
    is_other = (net(changed, given) != before).any(-1).any(0)
    assert is_other.nonzero().flatten().tolist() == [*range(place + 1, place + 1 + field)]


def test_what_is_told_later_changes_nothing_before_it():
    net = network()
    field = net.receptive_field
    past, given = codes(field + 19), played(field + 19)
    pitch = given.pitch.clone()
    pitch[:, field - 1 + 10 :] = (pitch[:, field - 1 + 10 :] + 1) % 4
    is_other = (net(past, Given(pitch, given.instrument)) != net(past, given)).any(-1).any(0)
    assert not is_other[:10].any()
    assert is_other[10:].all()


@pytest.mark.parametrize("told", ["pitch", "instrument"])
def test_each_condition_changes_the_output_unless_it_is_not_told(told):
    given = played(30)
    other = {
        "pitch": Given((given.pitch + 1) % 4, given.instrument),
        "instrument": Given(given.pitch, 1 - given.instrument),
    }[told]
    net, deaf = network(), network(**{f"{told}{'e' * (told == 'pitch')}s": 0})
    past = codes(30)
    assert (net(past, other) != net(past, given)).any(-1).all()
    assert torch.equal(deaf(past, other), deaf(past, given))


def test_a_network_that_is_told_nothing():
    net = network(pitches=0, instruments=0)
    given = played(30)
    assert net.given_channels == 0
    chance = torch.rand(2, 30, generator=torch.manual_seed(3))
    drawn = sampling.cached(net, given, chance)
    assert torch.equal(drawn, sampling.naive(net, given, chance))


@pytest.mark.parametrize("stacks", [1, 2])
def test_cached_generation_draws_what_the_naive_does(stacks):
    net = network(stacks=stacks)
    with torch.no_grad():
        net.last[-1].weight.mul_(8)  # so that much depends on what came before
    length = 5 * net.receptive_field
    given, chance = played(length), torch.rand(2, length, generator=torch.manual_seed(3))
    drawn = sampling.cached(net, given, chance)
    assert torch.equal(drawn, sampling.naive(net, given, chance))
    assert drawn.unique().numel() > 20
    other = torch.rand(2, length, generator=torch.manual_seed(4))
    assert not torch.equal(drawn, sampling.cached(net, given, other))


def test_what_is_drawn_does_not_depend_on_what_is_drawn_beside_it():
    net = network()
    given, chance = played(40), torch.rand(2, 40, generator=torch.manual_seed(3))
    alone = sampling.cached(net, Given(given.pitch[1:], given.instrument[1:]), chance[1:])
    assert torch.equal(sampling.cached(net, given, chance)[1:], alone)


def flops(draw, net, length):
    with FlopCounterMode(display=False) as counter:
        draw(net, played(length), torch.full((2, length), 0.5))
    return counter.get_total_flops()


def test_cached_generation_takes_one_step_of_each_layer_a_sample():
    """Operations are counted, not timed."""
    net = network()
    start, one, two = (flops(sampling.cached, net, length) for length in (0, 50, 100))
    assert two - start == 2 * (one - start)
    # However far it looks back; the naive way pays for the whole receptive field.
    longer = network(layers=6, stacks=1)
    assert flops(sampling.cached, longer, 50) == one
    naive, cached = flops(sampling.naive, longer, 50), one - start
    assert naive > 10 * cached


def test_codes_are_drawn_as_often_as_they_are_likely():
    logits = torch.full((4000, 256), -50.0)
    logits[:, 3], logits[:, 200] = 0.0, torch.log(torch.tensor(3.0))
    drawn = sampling.draw(logits, (torch.arange(4000) + 0.5) / 4000)
    assert drawn.bincount(minlength=256)[[3, 200]].tolist() == [1000, 3000]
    ends = sampling.draw(torch.zeros(2, 256), torch.tensor([0.0, 1 - 1e-7]))
    assert ends.tolist() == [0, 255]


def test_a_uniform_network_takes_eight_bits():
    net = network()
    for parameter in net.last[-1].parameters():
        torch.nn.init.zeros_(parameter)
    field = net.receptive_field
    target = codes(20)
    target[1, 12:] = -1
    bits = bits_of(net, Batch(codes(field + 19), played(field + 19), target))
    torch.testing.assert_close(bits, torch.where(target < 0, 0.0, 8.0))


def test_the_cache_begins_as_if_there_had_always_been_silence():
    net = network()
    given = played(1)
    past = torch.full((2, net.receptive_field), SILENCE)
    pitch = torch.nn.functional.pad(given.pitch, (net.receptive_field - 1, 0))
    expected = net(past, Given(pitch, given.instrument))[:, 0]
    cache = sampling.Cache(net, given.instrument)
    found = cache.step(torch.full((2,), SILENCE), net.embed(given)[:, 0])
    torch.testing.assert_close(found, expected)
