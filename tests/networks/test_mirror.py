"""Decoders: upsampling, vectors as maps, and the mirror of an encoder (appendix A.4)."""

import pytest
import torch

from deepmir import networks
from deepmir.errors import DeepmirError
from deepmir.networks import InputShape, Output, parse
from deepmir.networks.letters.upsampling import Upsampling
from deepmir.networks.mirror import mirrored
from deepmir.networks.network import Chain, build
from deepmir.networks.plan import plan, plan_decoder
from deepmir.networks.shapes import Shape

SHAPE = InputShape(1, 16, 25.0, frames=12)


def shaped(bins, frames, channels=1):
    return InputShape(channels, bins, 25.0, frames=frames)


def upsampled(layer, x):
    return layer.module(Shape(x.shape[1], x.shape[2], 1, x.shape[3]))(x, None)[0]


def test_values_are_repeated_cut_or_continued_to_a_size():
    x = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    y = upsampled(Upsampling((2, 3)), x)[0, 0]
    assert y.tolist() == [[1, 1, 1, 2, 2, 2]] * 2 + [[3, 3, 3, 4, 4, 4]] * 2
    y = upsampled(Upsampling((2, 3), to=(5, 5)), x)[0, 0]
    assert y.tolist() == [[1, 1, 1, 2, 2]] * 2 + [[3, 3, 3, 4, 4]] * 3


def test_upsampling_undoes_pooling_of_a_network_whose_time_is_free():
    network = build("p2(2x2) - u2(2x2) - d1", InputShape(1, 8, 10.0), Output(3, False))
    x = torch.randn(2, 1, 8, 10)
    alone = network(x[:1, ..., :6])
    x[0, ..., 6:] = torch.nan
    assert torch.allclose(network(x, torch.tensor([6, 10]))[0], alone[0], atol=1e-6)


@pytest.mark.parametrize(
    ("notation", "shape", "said"),
    [
        ("u2(2x2) - d1", InputShape(1, 8, 10.0), "1 frame in 1 cannot be repeated 2 times"),
        ("u2(2x1,to=16x9) - d1", InputShape(1, 8, 10.0), "to= needs patches of one length"),
        ("u2(2x1,to=20x12) - d1", SHAPE, "from which to=20x12 is too far"),
        ("s2(4x2) - d1", InputShape(1, 8, 10.0), "its input still has a time axis"),
        ("p2(global) - d1(9) - s2(4x2) - d1", SHAPE, "9 numbers do not fill maps of 4x2"),
        ("s2 - d1", SHAPE, "expected a size, such as s2(20x12)"),
        ("p2(2x13) - d1", SHAPE, "leaves nothing of 12 frames"),
    ],
)
def test_what_cannot_be_is_refused(notation, shape, said):
    with pytest.raises(DeepmirError) as error:
        networks.check(notation, shape, Output(3, False))
    assert said in str(error.value)


def test_a_patch_of_one_length_becomes_a_vector_and_loses_nothing():
    nodes = plan(parse("c2(4) - p2(2x3) - d1(5) - d1"), SHAPE, Output(2, False))
    assert [str(node.output) for node in nodes] == ["4 × 16 × 12", "4 × 8 × 4", "128", "5", "2"]
    network = build("d1", SHAPE, Output(2, False))
    assert network.layers.parts[1].linear.weight.shape == (2, 16 * 12)
    with pytest.raises(DeepmirError, match="takes patches of 12 frames, not of 13"):
        network(torch.zeros(1, 1, 16, 13))


ENCODERS = (
    "c2(8,3x3,bn) - p2(2x2) - c2(6,5x3,elu) - p2(2x2) - d1(20,tanh) - d1",
    "d1",
    "c1(7,3) - p1(2) - c1(5,3,bn) - d1",
    "c2(4,3x3,stride=2x3) - c2(5,3x3,stride=2x2,bn) - d1",
    "p1(3) - c2(4) - p2(3x3,stride=2x2) - d1(9) - d1",
    "c1(6,3,stride=2) - d1(4) - d1",
)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("bins", "frames"), [(16, 12), (17, 13), (19, 15), (11, 9)])
@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_mirror_gives_back_the_shape_of_the_patches(encoder, bins, frames, channels):
    shape = shaped(bins, frames, channels)
    nodes = plan(parse(encoder), shape, Output(3, False))
    notation = mirrored(nodes)
    assert str(parse(notation)) == notation
    decoder = Chain(plan_decoder(parse(notation), 3, shape)).eval()
    code = build(encoder, shape, Output(3, False)).eval()(torch.randn(2, channels, bins, frames))
    made = decoder(code, None)[0]
    assert made.reshape(2, channels, bins, frames).isfinite().all()


def test_the_mirror_is_written_in_the_notation():
    nodes = plan(parse(ENCODERS[0]), SHAPE, Output(3, False))
    assert mirrored(nodes) == (
        "d1(20,tanh) - d1(72,elu) - s2(4x3) - u2(2x2) - c2(8,5x3) - u2(2x2) - c2(1,3x3,identity)"
    )
    dense = plan(parse("d1(9,bn) - d1"), SHAPE, Output(3, False))
    assert mirrored(dense) == "d1(9) - d1(192,identity) - s2(16x12)"
    odd = plan(parse("p2(2x2) - d1"), shaped(17, 12), Output(3, False))
    assert mirrored(odd) == "d1(48,identity) - s2(8x6) - u2(2x2,to=17x12)"


@pytest.mark.parametrize("encoder", ["r2(4) - d1", "res[c2(1)] - d1", "p2(global) - d1", "f1 - d1"])
def test_layers_without_a_mirror_ask_for_a_decoder(encoder):
    shape = shaped(24, 12)
    nodes = plan(parse(encoder), shape, Output(3, False))
    with pytest.raises(DeepmirError, match="the mirror of .* is not known here: write the decoder"):
        mirrored(nodes)


@pytest.mark.parametrize("decoder", ["d1(9)", "d1(192) - s2(12x16)", "d1(384) - s2(16x12)"])
def test_a_decoder_has_to_make_the_patches(decoder):
    with pytest.raises(DeepmirError, match="from a code, but the patches are 1 × 16 × 12"):
        plan_decoder(parse(decoder), 3, SHAPE)
