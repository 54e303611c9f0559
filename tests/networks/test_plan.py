import pytest

from deepmir.errors import DeepmirError
from deepmir.networks import InputShape, Output, check, describe

CQT = InputShape(channels=1, bins=84, frame_rate=31.25, bins_per_octave=12)
KEY = Output(width=24, time_varying=False)
BEAT = Output(width=1, time_varying=True)


def shapes(notation, shape=CQT, output=KEY):
    return [str(layer.output) for layer in check(notation, shape, output)]


def test_shapes_follow_the_tutorials_symbols():
    assert shapes("c2(32,3x3) - p2(2x4) - r1(64) - r2(64,forward) - d1") == [
        "32 × 84 × T", "32 × 42 × T/4", "128 × T/4", "64", "24",
    ]  # fmt: skip


def test_p1_pools_frequency_after_c2_and_time_after_c1():
    assert shapes("c2(8) - p1(3) - d1(4) - r2(2) - d1")[1] == "8 × 28 × T"
    assert shapes("c1(8) - p1(3) - r2(2) - d1")[1] == "8 × T/3"


def test_f1_adds_octaves_up_and_sees_all_of_them():
    assert shapes("c2(8,1x1) - f1(12) - c1(4) - d1")[1] == "8 × 12 × T"
    folded = check("f1(12) - d1", CQT, KEY)[0]
    assert folded.reach.bins(84) == 73  # from a pitch in the lowest octave to the highest
    assert folded.parameters == folded.multiply_adds_per_frame == 0


def test_time_is_averaged_before_the_closing_dense_layers_alone():
    implied = check("d1(8) - c2(4,1x1) - res[d1(4)] - d1(4) - d1", InputShape(1, 1, 1.0), KEY)
    assert [layer.layer for layer in implied][2:4] == ["(mean over time)", "res"]
    explicit = check("c2(8) - p2(global) - d1(4) - d1", CQT, KEY)
    assert not any(layer.implied for layer in explicit)
    assert not any(layer.implied for layer in check("c2(8) - d1(4) - d1", CQT, BEAT))


def test_repetition_makes_layers_with_growing_dilation():
    layers = check("c1(4) - 3x[c1(4,3,dilation=2^n)] - d1", CQT, BEAT)
    assert [layer.reach.frames for layer in layers] == [3, 5, 9, 17, 17]
    assert [layer.layer for layer in layers][1:4] == [
        "c1(4,3)", "c1(4,3,dilation=2)", "c1(4,3,dilation=4)",
    ]  # fmt: skip


def test_stacked_context_is_that_of_section_5_5():
    """Two layers with 2 past and 2 future frames cover 4 on either side."""
    reach = check("d2(8,5) - d2(8,5) - d1", CQT, BEAT)[-1].reach
    assert (reach.past, reach.future) == (4, 4)


def test_a_kernel_over_all_of_frequency_is_the_same_as_a_dense_layer_with_context():
    """Section 5.4: F-by-W kernels are equivalent to d2."""
    (c1, *_), (d2, *_) = check("c1(8,7) - d1", CQT, BEAT), check("d2(8,7) - d1", CQT, BEAT)
    (c2, *_) = check("c2(8,84x7,valid) - d1", CQT, BEAT)
    assert c1.parameters == d2.parameters == c2.parameters == 84 * 7 * 8 + 8
    assert c1.output == d2.output == c2.output


@pytest.mark.parametrize(
    ("notation", "frames"),
    [("p2(2x4) - p2(2x3) - r2(4) - d1", 12), ("c1(4,5,stride=4) - p1(3) - d1", 9),
     ("[c1(4) - p1(6) | p1(global) - c1(4) - p1(6)] - d1", 6), ("c2(4) - r2(4) - d1", 1)],
)  # fmt: skip
def test_the_shortest_input_leaves_one_frame(notation, frames):
    assert describe(notation, CQT, KEY).minimum_frames == frames


REFUSED = [
    ("c2(8,85x3) - d1", KEY, 1, "spans 85 bins of frequency but 84 bins are left"),
    ("c2(8,3x3,dilation=42x1) - d1", KEY, 1, "spans 85 bins"),
    ("c2(8) - p1(40) - p1(3) - d1", KEY, 18, "use a height of at most 2"),
    ("c1(8) - c2(8) - d1", KEY, 9, "no frequency axis is left; write c1"),
    ("c1(8) - p2 - d1", KEY, 9, "write p1"),
    ("c1(8,3,stride=4) - d1", KEY, 1, "stride 4 along time exceeds its window of 3"),
    ("c2(8,3x3,stride=4x1) - d1", KEY, 1, "stride 4 along frequency exceeds"),
    ("p2(2x2,stride=2x3) - d1", KEY, 1, "stride 3 along time exceeds"),
    ("r1(8) - r2(8) - d1", BEAT, 9, "one value a track, but the task is time-varying"),
    ("c2(8) - p2(2x2) - d1", BEAT, 9, "1 frame in 2, but the task is time-varying"),
    ("c2(8) - p2(global) - d1", BEAT, 9, "pool along frequency alone with p1"),
    ("c1(8) - p1(2) - d1", BEAT, 9, "p1 pools time where no frequency axis is left"),
    ("c2(8,3x3,stride=1x2) - d1", BEAT, 1, "stride=2x1"),
    ("res[c1(8,3,stride=2)] - d1", BEAT, 5, "leave its stride out"),
    ("r2(8) - r1(8) - d1", KEY, 9, "no time axis is left before it"),
    ("p2(global) - p1(2) - d1", KEY, 14, "only d1 or s2 can follow"),
    ("c2(8) - f1(36) - d1", KEY, 9, "84 bins are left, which are not several octaves of 36"),
    ("p1(7) - f1(12) - d1", KEY, 9, "12 bins are left, which are not several octaves of 12"),
    ("c1(8) - f1 - d1", KEY, 9, "1 bins are left"),
    ("c2 - d1", KEY, 1, "expected a width, such as c2(64)"),
    ("d1 - d1", KEY, 1, "only the last d1 gets its width"),
    ("c2(8)", KEY, 1, "the last layer must be a bare 'd1'"),
    ("c2(8) - d1(24)", KEY, 9, "the last layer must be a bare 'd1'"),
    ("c2(8) - d1(drop=0.5)", KEY, 9, "its width and activation are the task's"),
    ("c2(8) - res[d1]", KEY, 9, "end the network with '- d1'"),
    ("res[c2(8) - p1(2)] - d1", KEY, 1, "keep frequency and time, and pool outside"),
    ("highway[c2(8)] - d1", KEY, 1, "expected 1 channels at its end, found 8"),
    ("[c2(8) | c1(8)] - d1", KEY, 1, "found 8 × 84 × T, 8 × T"),
    ("d1(30) - t1(heads=4) - d1", KEY, 10, "put d1(64) before it"),
    ("r1(8,gru,relu) - d1", KEY, 1, "only vanilla takes one"),
    ("p1(global,stride=2) - d1", KEY, 1, "global pooling has no stride"),
    ("c1(8,3,dilation=2^n) - d1", KEY, 1, "needs a repetition"),
    ("100x[6x[d1(8)]] - d1", KEY, 1, "at most 500 layers"),
]


@pytest.mark.parametrize(("notation", "output", "column", "reason"), REFUSED)
def test_what_cannot_fit_is_refused_with_the_reason(notation, output, column, reason):
    with pytest.raises(DeepmirError) as caught:
        check(notation, CQT, output)
    message, source, caret = str(caught.value).split("\n")
    assert message.startswith(f"network, column {column}: ")
    assert reason in message
    assert source == f"  {notation}"
    assert caret.index("^") == column + 1


def test_the_three_aggregations_are_exchanged_in_one_word():
    """Section 5.2: pooling, strides, many-to-one recurrence."""
    ends = [
        shapes(f"c1(8) - {aggregation} - d1")[-1]
        for aggregation in ("p1(4)", "c1(8,4,stride=4)", "r2(8)", "p1(global)")
    ]
    assert ends == ["24"] * 4
