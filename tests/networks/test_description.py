import pytest

from deepmir.networks import InputShape, Output, describe, table

CQT = InputShape(channels=1, bins=84, frame_rate=31.25, bins_per_octave=12)
KEY = Output(width=24, time_varying=False)


def test_costs_by_hand():
    described = describe("c2(8,3x5,stride=2x2,bn) - d1(4) - r2(5,forward) - d1", CQT, KEY)
    conv, dense, recurrent, last = described.layers
    assert conv.parameters == 8 * 15 + 2 * 8
    assert conv.multiply_adds_per_frame == 8 * 15 * 42 / 2
    assert dense.multiply_adds_per_frame == 8 * 42 * 4 / 2
    assert recurrent.parameters == 3 * 5 * (4 + 5 + 2)
    assert recurrent.multiply_adds_per_frame == 3 * 5 * (4 + 5) / 2
    assert (last.multiply_adds_per_frame, last.multiply_adds_per_track) == (0, 5 * 24)
    frame = sum(layer.multiply_adds_per_frame for layer in described.layers)
    assert described.multiply_adds_per_second == frame * 31.25
    assert described.multiply_adds_per_track == 120


def test_costs_of_groups_are_their_own_and_their_layers():
    described = describe("res[c2(8,1x1)] - highway[c2(8,1x1)] - d1", CQT, KEY)
    projection, first, gate, second, _, _ = described.layers
    assert [projection.parameters, first.parameters] == [8, 16]
    assert [gate.parameters, second.parameters] == [72, 72]
    assert gate.multiply_adds_per_frame == 64 * 84


def test_the_table_shows_shapes_costs_and_receptive_fields():
    lines = table(describe("c2(8,3x3) - p2(2x4) - d1(4) - d1", CQT, KEY)).split("\n")
    assert lines[0] == "c2(8,3x3) - p2(2x4) - d1(4) - d1"
    assert lines[2].split() == [
        "layer", "output", "parameters", "multiply-adds", "frames", "seconds", "bins", "octaves",
    ]  # fmt: skip
    cells = [line.split("  ") for line in lines[4:]]
    rows = [[cell.strip() for cell in line if cell] for line in cells]
    assert rows[1] == ["c2(8,3x3)", "8 × 84 × T", "80", "6,048/frame", "3", "0.096", "3", "0.25"]
    assert rows[2] == ["p2(2x4)", "8 × 42 × T/4", "6", "0.192", "4", "0.33"]
    assert rows[3][:2] == ["(mean over time)", "336"]
    assert rows[5] == ["d1", "24", "120", "96/track", "all", "all", "all", "7.00"]
    assert any("implied" in line for line in lines)
    assert "shortest input: 4 frames, 0.128 s" in lines


def test_octaves_are_shown_for_logarithmic_frequency_alone():
    mel = InputShape(channels=1, bins=80, frame_rate=50.0)
    assert "octaves" not in table(describe("c1(8) - d1", mel, KEY))


@pytest.mark.parametrize(
    ("layer", "seen"),
    [("r1(4,forward)", "past+0"), ("r1(4)", "all"), ("t1(heads=2)", "all"), ("d1(4)", "1")],
)
def test_what_recurrence_and_attention_see(layer, seen):
    described = describe(f"{layer} - d1", CQT, Output(2, time_varying=True))
    assert table(described).split("\n")[5].split("frame  ")[1].split()[0] == seen
