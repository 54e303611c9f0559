from pathlib import Path

import pytest
import torch

from deepmir.networks import InputShape, Output, describe, parse, table
from deepmir.networks.network import build
from deepmir.networks.zoo import ZOO

BY_NAME = {entry.name: entry for entry in ZOO}


def described(name):
    entry = BY_NAME[name]
    return describe(entry.notation, entry.input, entry.output)


@pytest.mark.parametrize("entry", ZOO, ids=[entry.name for entry in ZOO])
def test_every_network_runs_on_its_input(entry):
    network = build(entry.notation, entry.input, entry.output).eval()
    frames = max(network.minimum_frames, 20)
    with torch.inference_mode():
        logits = network(torch.randn(1, entry.input.channels, entry.input.bins, frames))
    expected = (1, entry.output.width)
    assert logits.shape == ((*expected, frames) if entry.output.time_varying else expected)
    assert torch.isfinite(logits).all()
    total = sum(weights.numel() for weights in network.parameters())
    assert total == described(entry.name).parameters


def test_names_are_unique_and_notations_read():
    assert len(BY_NAME) == len(ZOO)
    for entry in ZOO:
        assert parse(str(parse(entry.notation))) == parse(entry.notation)


def test_crnn_has_the_published_number_of_parameters():
    """396,786 are published with the code of Choi et al. (2017).

    They include a normalisation of each of the 1,440 input frames and biases before batch
    normalisation, which this project omits; torch has two biases per gate instead of one.
    """
    input_norm, conv_biases, second_gru_biases = 2 * 1440, 64 + 3 * 128, 2 * 3 * 32
    assert described("crnn").parameters == 396_786 - input_norm - conv_biases + second_gru_biases


def test_conv2d_5_has_the_published_number_of_parameters():
    """865,950 are published with the code of Choi et al. (2016); see the CRNN above."""
    input_norm, conv_biases = 2 * 1366, 32 + 128 + 128 + 192 + 256
    assert described("conv2d-5").parameters == 865_950 - input_norm - conv_biases


def test_conv2d_5_needs_the_published_29_seconds():
    """1,366 frames leave one frame: the 29.1 s of the paper at 12 kHz with hop 256."""
    assert 1366 // 1280 == 1
    assert described("conv2d-5").minimum_frames == 1280


def test_the_dense_pass_sees_the_published_patch():
    assert described("conv2d-dense").reach.frames == 115


def test_deep_chroma_sees_the_published_15_frames():
    assert described("dnn").reach.frames == 15
    assert described("dnn").parameters == (15 * 105 + 1) * 512 + 2 * 513 * 512 + 513 * 12


def test_sample_cnn_turns_59049_samples_into_one_frame():
    assert described("sample-cnn").layers[-3].output.hop == 3**10
    widths = [1, 128, 128, 128, *[256] * 6, 512, 512]
    taps = [*[3] * 10, 1]
    layers = zip(widths, widths[1:], taps, strict=False)
    weights = sum(before * after * size + 2 * after for before, after, size in layers)
    assert described("sample-cnn").parameters == weights + 513 * 50


def test_recurrent_networks_have_four_gates_and_two_directions():
    def lstm(inputs, units):
        return 2 * 4 * units * (inputs + units + 2)

    expected = lstm(80, 30) + lstm(60, 20) + lstm(40, 40) + 81
    assert described("rnn-4").parameters == expected


def test_the_key_network_by_hand():
    convolutions = 25 * 8 + 8 + 4 * (25 * 8 * 8 + 8)
    dense = 8 * 105 * 48 + 48 + 48 * 24 + 24
    assert described("fully-convolutional").parameters == convolutions + dense


def test_the_temporal_convolutional_network_doubles_its_view_in_every_block():
    frames = [layer.reach.frames for layer in described("tcn").layers if layer.layer == "res"]
    assert frames == [5 + 4 * (2**block - 1) for block in range(1, 12)]


def test_the_documentation_shows_the_zoo_and_the_table_as_they_are():
    text = (Path(__file__).parents[2] / "docs/reference/networks.md").read_text(encoding="utf-8")
    for entry in ZOO:
        written = entry.notation.replace("|", "\\|")
        assert f"| `{entry.name}` | `{written}` |" in text
        assert f"| {described(entry.name).parameters:,} |" in text
    shape = InputShape(channels=1, bins=84, frame_rate=31.25, bins_per_octave=12)
    shown = describe(
        "c2(32,3x3) - p2(2x4) - r1(64) - r2(64) - d1", shape, Output(24, time_varying=False)
    )
    assert table(shown) in text
