import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from deepmir.errors import DeepmirError
from deepmir.networks import InputShape, Output, check, describe
from deepmir.networks.finish import BatchNorm
from deepmir.networks.letters.base import LETTERS
from deepmir.networks.network import build

SHAPE = InputShape(channels=2, bins=13, frame_rate=10.0, bins_per_octave=12)
TRACK = Output(width=3, time_varying=False)
FRAMES = Output(width=3, time_varying=True)

LAYERS = [
    "d1(4)", "d1(4,tanh,bn)", "d2(4,7)", "d2(3,3,leaky,drop=0.5)", "c1(4)", "c1(3,4,stride=2)",
    "c1(4,5,dilation=2,elu)", "c2(3,3x3)", "c2(3,2x4,bn)", "c2(2,5x3,valid,identity)",
    "c2(3,3x2,stride=2x1)", "c2(2,3x3,stride=1x2,bn)", "c2(2,3x3,dilation=2x3,logistic)",
    "r1(3)", "r1(3,lstm,forward)", "r1(3,vanilla,relu)", "r2(4)", "r2(4,lstm,forward)",
    "r2(3,vanilla)", "p1(2)", "p1(3,mean)", "p1(4,stride=2)", "p1(3,stride=1,mean)", "p1(global)",
    "p1(global,max)", "p2(2x2)", "p2(2x3,mean)", "p2(3x4,stride=2x1)", "p2(4x4,stride=2x3,mean)",
    "p2(global)", "p2(global,max)", "f1(1)", "f1(3)", "t1(heads=2)", "res[c2(4)]",
    "res[d1(4,bn)]", "res[c1(4)]",
    "highway[c2(2,3x3,bn)]", "highway[d1(4)]", "[c2(2,1x1) | c2(3,3x5)]",
    "[c1(4) - p1(2) | c1(2,2,stride=2)]", "2x[c1(4,3,dilation=2^n)]",
]  # fmt: skip


@st.composite
def fitting_networks(draw):
    """Networks of a few small layers that fit together."""
    output = draw(st.sampled_from([TRACK, FRAMES]))
    chosen: list[str] = []
    for layer in draw(st.lists(st.sampled_from(LAYERS), min_size=1, max_size=6)):
        try:
            check(" - ".join([*chosen, layer, "d1"]), SHAPE, output)
        except DeepmirError:
            continue
        chosen.append(layer)
    return " - ".join([*chosen, "d1"]), output


def padded(tracks, value=float("nan")):
    """Tracks in one batch, padded with values that no network may use."""
    lengths = torch.tensor([track.shape[-1] for track in tracks])
    batch = torch.full((len(tracks), *tracks[0].shape[:2], int(lengths.max()) + 3), value)
    for row, track in zip(batch, tracks, strict=True):
        row[..., : track.shape[-1]] = track
    return batch, lengths


@settings(max_examples=60)
@given(fitting_networks(), st.integers(0, 20))
def test_the_description_is_that_of_the_module(chosen, extra):
    notation, output = chosen
    described = describe(notation, SHAPE, output)
    network = build(notation, SHAPE, output).eval()
    assert described.parameters == sum(weights.numel() for weights in network.parameters())
    frames = described.minimum_frames + extra
    x = torch.randn(2, SHAPE.channels, SHAPE.bins, frames)
    expected = (2, 3, frames) if output.time_varying else (2, 3)
    assert network(x).shape == expected
    rows = iter([layer for layer in described.layers if layer.depth == 0])
    for part in network.layers.parts:
        x, _ = part(x, None)
        shape = next(rows).output
        assert x.shape[1] == shape.channels
        assert x.shape[2:-1] == (() if shape.bins == 1 else (shape.bins,))
        assert (x.dim() == 2) == (shape.hop is None)
        assert shape.hop is None or abs(x.shape[-1] - frames / shape.hop) <= 1


@settings(max_examples=60)
@given(fitting_networks(), st.lists(st.integers(0, 25), min_size=2, max_size=3))
def test_a_track_alone_and_in_a_batch_gives_the_same(chosen, extras):
    notation, output = chosen
    network = build(notation, SHAPE, output).eval()
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm1d):
            nn.init.uniform_(norm.bias)
    tracks = [
        torch.randn(SHAPE.channels, SHAPE.bins, network.minimum_frames + extra) for extra in extras
    ]
    batch, lengths = padded(tracks)
    batch.requires_grad_(True)
    predicted = network(batch, lengths)
    kept = [row[..., : len_] if output.time_varying else row
            for row, len_ in zip(predicted, lengths, strict=True)]  # fmt: skip
    for row, track in zip(kept, tracks, strict=True):
        torch.testing.assert_close(row, network(track[None])[0], rtol=1e-5, atol=1e-5)
    (gradient,) = torch.autograd.grad(sum(row.sum() for row in kept), batch)
    for row, length in zip(gradient, lengths, strict=True):
        assert torch.all(row[..., length:] == 0)
        assert torch.all(torch.isfinite(row))


@settings(max_examples=40)
@given(fitting_networks())
def test_every_parameter_learns(chosen):
    notation, output = chosen
    network = build(notation, SHAPE, output).train()
    batch, lengths = padded(
        [torch.randn(2, 13, network.minimum_frames + n) for n in (9, 5, 17)], 0.0
    )
    network(batch, lengths).square().sum().backward()
    for name, weights in network.named_parameters():
        assert weights.grad is not None, name
        assert torch.all(torch.isfinite(weights.grad)), name


def test_gradients_reach_the_first_layer_of_a_deep_residual_network():
    network = build("c2(4) - 20x[res[c2(4,3x3,bn)]] - p2(global) - d1", SHAPE, TRACK)
    network(torch.randn(4, 2, 13, 20)).square().sum().backward()
    assert network.layers.parts[0].convolution.weight.grad.norm() > 1e-3


FINITE = [
    "c2(2,3x3) - c2(2,4x2) - d1",
    "c2(2,3x3,stride=2x2) - p2(2x3) - c2(2,3x3) - c1(3,4) - d1",
    "c2(2,5x3,valid) - p1(2) - c2(2,3x3,dilation=1x2) - p1(2) - d1",
    "p2(3x4,stride=2x3,mean) - c2(2,2x2,dilation=2x2) - p1(global,max) - c1(2,2,stride=2) - d1",
    "d2(3,5) - d2(3,5) - d1",
    "c1(3,4,stride=3) - p1(2) - c1(3) - d1",
    "res[c2(2,3x5)] - [c2(2,1x1) | c2(2,3x1) - c2(2,1x4)] - p1(2) - highway[c2(4,2x3)] - d1",
    "c1(3) - 4x[res[c1(3,3,dilation=2^n)]] - d1",
    "p2(4x4,stride=1x1) - p2(3x3,mean) - d1",
    "c2(2,3x3) - f1(20) - c2(2,3x3) - d1",
    "p1(2) - f1(5) - c1(3) - d1",
]


@pytest.mark.parametrize("notation", FINITE)
def test_the_receptive_field_is_what_a_unit_sees(notation):
    """NaN in one frame (or bin) of the input shows in all units whose field includes it."""
    tall = InputShape(channels=1, bins=40, frame_rate=10.0)
    layers = [layer for layer in check(notation, tall, TRACK) if layer.depth == 0]
    network = build(notation, tall, TRACK).double().eval()
    frames = 80
    # One track for every frame spoilt, then one for every bin spoilt.
    x = torch.zeros(frames + tall.bins, 1, tall.bins, frames, dtype=torch.double)
    for frame in range(frames):
        x[frame, :, :, frame] = torch.nan
    for number in range(tall.bins):
        x[frames + number, :, number] = torch.nan
    for part, layer in zip(network.layers.parts, layers, strict=False):
        x, _ = part(x, None)
        hop, reach = layer.output.hop, layer.reach
        if hop is None:
            break
        unit = x.shape[-1] // 2
        seen = x[:frames, ..., unit].flatten(1).isnan().any(1).nonzero().flatten()
        assert (seen[0], seen[-1]) == (unit * hop - reach.past, unit * hop + reach.future)
        bins = x if x.dim() == 4 else x.unsqueeze(2)
        row = bins.shape[2] // 2
        seen = bins[frames:, :, row].flatten(1).isnan().any(1).nonzero().flatten()
        assert seen[0] == max(0, row * reach.pitch - reach.below)
        assert seen[-1] == min(tall.bins - 1, row * reach.pitch + reach.above)


def test_batch_statistics_leave_padding_out():
    network = build("c2(4,1x1,bn,identity) - d1", SHAPE, FRAMES).train()
    tracks = [torch.randn(2, 13, frames) for frames in (5, 12, 9)]
    network(*padded(tracks))
    alone = build("c2(4,1x1,bn,identity) - d1", SHAPE, FRAMES).train()
    alone.load_state_dict({**network.state_dict(), **fresh(alone)})
    joined = torch.cat(tracks, -1)[None]
    alone(joined)
    for ours, reference in zip(network.buffers(), alone.buffers(), strict=True):
        if ours.is_floating_point():
            torch.testing.assert_close(ours, reference)


def fresh(network):
    return {name: value for name, value in network.state_dict().items() if "running" in name}


def test_batch_norm_of_a_single_track_uses_what_it_remembers():
    network = build("p2(global) - d1(4,bn) - d1", SHAPE, TRACK).train()
    assert torch.isfinite(network(torch.randn(1, 2, 13, 6))).all()


def test_a_single_frame_of_a_padded_track_too():
    norm = BatchNorm(4).train()
    norm.running_mean += 1
    x = torch.randn(1, 4, 6)
    wanted = (x[..., :1] - 1) * torch.rsqrt(torch.tensor(1 + norm.eps))
    torch.testing.assert_close(norm(x, torch.tensor([1]))[..., :1], wanted)
    assert norm.running_mean.tolist() == norm.running_var.tolist() == [1.0] * 4


DROPPING = [
    *("d1(8,drop=0.5)", "d2(8,3,drop=0.5)", "c1(8,drop=0.5)", "c2(8,drop=0.5)"),
    *("r1(8,drop=0.5)", "r2(8,drop=0.5)", "d1(8) - t1(heads=2,drop=0.5)"),
    *("p1(2,drop=0.5)", "d1(8) - p1(2,drop=0.5)", "p1(2,mean,drop=0.5)"),
    *("p1(4,stride=2,drop=0.5)", "p1(global,drop=0.5)", "d1(8) - p1(global,drop=0.5)"),
    *("p2(2x2,drop=0.5)", "p2(2x3,mean,drop=0.5)", "p2(global,max,drop=0.5)"),
]


@pytest.mark.parametrize("layer", DROPPING)
def test_what_is_to_be_dropped_is_dropped_in_training_alone(layer):
    network = build(f"{layer} - d1", SHAPE, TRACK)
    x = torch.randn(4, 2, 13, 10)
    assert not torch.equal(network.train()(x), network(x))
    assert torch.equal(network.eval()(x), network(x))


def test_every_letter_that_drops_is_tested():
    dropping = {letter for letter, kind in LETTERS.items() if hasattr(kind, "drop")}
    assert dropping <= {row.split(" - ")[-1].partition("(")[0] for row in DROPPING}


def test_recurrence_forward_does_not_see_the_future():
    network = build("r1(4,forward) - d1", SHAPE, FRAMES).eval()
    x = torch.randn(1, 2, 13, 10)
    changed = x.clone()
    changed[..., 6:] = 0
    assert torch.equal(network(x)[..., :6], network(changed)[..., :6])


def test_folding_adds_bins_of_the_same_pitch_class():
    """As for the chroma of Eq. 5: transposition by a semitone rotates the output by one."""
    network = build("f1(12) - d1", InputShape(1, 36, 10.0, 12), FRAMES).eval()
    fold = network.layers.parts[0]
    x = torch.randn(1, 1, 36, 5)
    x[:, :, -1] = 0  # what leaves at the top does not come in at the bottom
    y, _ = fold(x, None)
    torch.testing.assert_close(y[0, 0, 3], x[0, 0, [3, 15, 27]].sum(0))
    torch.testing.assert_close(fold(x.roll(1, 2), None)[0], y.roll(1, 2))


def test_a_transformer_knows_where_it_is():
    network = build("t1(heads=1) - d1", SHAPE, FRAMES).eval()
    x = torch.randn(1, 2, 13, 10)
    backwards = network(x.flip(-1)).flip(-1)
    assert not torch.allclose(network(x), backwards, atol=1e-4)


@pytest.mark.parametrize(
    ("shape", "lengths", "reason"),
    [
        ((1, 1, 13, 20), None, "takes 2 channels of 13 bins"),
        ((2, 13, 20), None, "not \\(2, 13, 20\\)"),
        ((1, 2, 13, 3), None, "a track of 3 frames is too short.*needs 8 \\(0.80 s\\)"),
        ((2, 2, 13, 20), [20, 7], "a track of 7 frames is too short"),
        ((2, 2, 13, 20), [21, 20], "at most 20 frames for each of 2 tracks"),
        ((2, 2, 13, 20), [20], "for each of 2 tracks"),
    ],
)
def test_input_that_does_not_fit_is_refused(shape, lengths, reason):
    network = build("c2(2) - p2(2x4) - p2(2x2) - d1", SHAPE, TRACK)
    with pytest.raises(DeepmirError, match=reason):
        network(torch.zeros(shape), None if lengths is None else torch.tensor(lengths))


def test_first_weights_keep_the_scale_of_activations():
    for activation in ("relu", "leaky", "elu", "tanh", "identity"):
        notation = f"10x[c2(32,3x3,{activation})] - d1"
        network = build(notation, InputShape(32, 20, 1.0), FRAMES).eval()
        x = torch.randn(1, 32, 20, 30)
        for part in network.layers.parts[:-1]:
            x, _ = part(x, None)
        assert 0.02 < x.std() < 5, activation


@pytest.mark.parametrize("output", [TRACK, FRAMES])
def test_the_last_layer_makes_the_logits_from_the_hidden_features(output):
    network = build("c2(4,3x3) - p2(2x1) - d1(5) - d1", InputShape(1, 12, 10.0), output).eval()
    x, lengths = torch.randn(2, 1, 12, 30), torch.tensor([30, 20])
    logits, hidden = network.with_hidden(x, lengths)
    assert hidden.shape[:2] == (2, 5)
    assert torch.equal(logits, network(x, lengths))
    last = network.layers.parts[-1]
    assert torch.allclose(last(hidden, lengths)[0], logits, atol=1e-6)
