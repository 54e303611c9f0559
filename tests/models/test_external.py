"""External networks as a representation: ONNX files made by the tests."""

import pickle
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from onnx import helper as made

import tiny
from deepmir import paths
from deepmir.declarations import entries
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction, scoring
from deepmir.features import compute as features
from deepmir.models import external, external_file
from deepmir.models.external_check import examined
from deepmir.representations import Onnx
from deepmir.training import fitting
from deepmir.workflow import stages

HOP = 100
AUDIO = {"kind": "audio", "sample_rate": 10_000, "hop": HOP}
OTHERS = yaml.safe_load(tiny.DECLARED)["representations"]
MEL = OTHERS["mel"]
POWERS = {  # of audio: the mean square of every hop, of a batch of samples
    **{"file": "powers.onnx", "source": AUDIO},
    **{"input_axes": ["batch", "samples"], "output_axes": ["batch", "frames"]},
}
SHIFTED = {  # of a mel-spectrogram: its frames and its frames two later
    **{"file": "shifted.onnx", "source": MEL},
    **{"input_axes": ["batch", "channels", "frames", "bins"]},
    **{"output_axes": ["batch", "channels", "frames", "bins"]},
}


def powers(name="powers.onnx", shape=("b", "n"), gain=1.0):
    """Mean squares of a hop around every hop but the last, as a convolution."""
    kernel = np.full((1, 1, HOP), gain / HOP, np.float32)
    nodes = [
        made.make_node("Mul", ["x", "x"], ["squares"]),
        made.make_node("Unsqueeze", ["squares", "one"], ["row"]),
        made.make_node(
            "Conv", ["row", "kernel"], ["means"], strides=[HOP], pads=[HOP // 2, HOP // 2]
        ),
        made.make_node("Squeeze", ["means", "one"], ["y"]),
        made.make_node("Identity", ["squares"], ["z"]),
    ]
    tiny.write_onnx(name, nodes, {"x": shape}, {"y": ("b", "t")}, kernel=kernel, one=np.array([1]))


def shifted(name="shifted.onnx", frames="t"):
    """Two channels with the frames 0 and 2 frames after each, as a convolution."""
    kernel = np.zeros((2, 1, 3, 1), np.float32)
    kernel[0, 0, 0] = kernel[1, 0, 2] = 1
    node = made.make_node("Conv", ["x", "kernel"], ["y"])
    tiny.write_onnx(
        name, [node], {"x": ("b", 1, frames, 20)}, {"y": ("b", 2, "u", 20)}, kernel=kernel
    )


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def computed(samples, **given):
    declared = examined(Onnx(**given))
    values = external.function(declared)(samples)
    assert values.shape == (declared.frames(len(samples)), declared.bins)
    return values


def test_audio_gives_a_row_for_every_frame_centred_on_it(rng):
    powers()
    samples = rng.standard_normal(2345).astype(np.float32)
    values = computed(samples, **POWERS)
    around = np.pad(samples, HOP // 2)[: 23 * HOP].reshape(23, HOP)
    assert np.allclose(values[:23, 0], (around**2).mean(1), atol=1e-5)


@pytest.mark.parametrize("batch", ["b", 1, 3])
@pytest.mark.parametrize("length", [8 * HOP, 8 * HOP + 37])
def test_pieces_of_a_fixed_length_fit_together(rng, batch, length):
    powers()
    samples = rng.standard_normal(5678).astype(np.float32)
    whole = computed(samples, **POWERS)
    powers("pieces.onnx", (batch, length))
    given = {**POWERS, "file": "pieces.onnx", "margin": 1}
    assert np.allclose(computed(samples, **given), whole, atol=1e-6)
    # Without a margin the first frame of a piece is not heard as a whole.
    cut = computed(samples, **{**given, "margin": 0})
    assert sorted(np.flatnonzero(abs(cut - whole).max(1) > 1e-6) % 8) == [0] * 7


def test_a_recording_shorter_than_a_piece_is_followed_by_silence(rng):
    powers("pieces.onnx", ("b", 8 * HOP))
    samples = rng.standard_normal(130).astype(np.float32)
    values = computed(samples, **{**POWERS, "file": "pieces.onnx"})
    squares = np.pad(samples, (HOP // 2, HOP))[: 2 * HOP].reshape(2, HOP) ** 2
    assert np.allclose(values[:, 0], squares.mean(1), atol=1e-5)


@pytest.mark.parametrize("frames", ["t", 12])
def test_channels_and_bins_of_frames_are_side_by_side(rng, frames):
    shifted(frames=frames)
    samples = rng.standard_normal(22050).astype(np.float32)
    margin = {"margin": 1} if frames == 12 else {}
    values = computed(samples, **SHIFTED, first=1, **margin)
    mel = Onnx(**SHIFTED).source(samples)
    inside = slice(3, -3)  # the network pads nothing
    assert np.allclose(values[inside, :20], np.roll(mel, 1, 0)[inside], atol=1e-5)
    assert np.allclose(values[inside, 20:], np.roll(mel, -1, 0)[inside], atol=1e-5)
    axes = ["batch", "channels", "frames", "averaged"]
    means = computed(samples, **{**SHIFTED, "output_axes": axes}, first=1, **margin)
    assert np.allclose(means, values.reshape(-1, 2, 20).mean(2), atol=1e-5)


def test_frames_of_an_output_are_held_and_one_without_any_is_the_same_in_a_piece(rng):
    pool = made.make_node("AveragePool", ["x"], ["y"], kernel_shape=[4, 1], strides=[4, 1])
    tiny.write_onnx("pool.onnx", [pool], {"x": ("b", 1, 10, 20)}, {"y": ("b", 1, "u", 20)})
    samples = rng.standard_normal(22050).astype(np.float32)
    values = computed(samples, **{**SHIFTED, "file": "pool.onnx"}, stride=4, margin=1)
    # A piece has ten frames, of which eight are kept: 1 to 3, 4 to 8.
    assert (values[0:3] == values[0]).all() and (values[3:8] == values[3]).all()
    assert not np.allclose(values[2], values[3])
    mean = made.make_node("ReduceMean", ["x"], ["y"], axes=[1, 2], keepdims=0)
    tiny.write_onnx("mean.onnx", [mean], {"x": ("b", 1, 10, 20)}, {"y": ("b", 20)})
    given = {**SHIFTED, "file": "mean.onnx", "output_axes": ["batch", "bins"]}
    values = computed(samples, **given)
    mel = Onnx(**SHIFTED).source(samples)
    assert np.allclose(values[10:20], mel[10:20].mean(0), atol=1e-5)


def test_its_digest_is_that_of_the_file_wherever_it_lies():
    def digest(file):
        return examined(Onnx(**{**POWERS, "file": file})).digest

    powers("one.onnx")
    first = digest("one.onnx")
    Path("two.onnx").write_bytes(Path("one.onnx").read_bytes())
    assert digest("two.onnx") == first
    powers("one.onnx", gain=2.0)
    assert digest("one.onnx") != first


def test_it_can_be_sent_to_another_process_and_refuses_another_file(rng):
    powers()
    declared = examined(Onnx(**POWERS))
    samples = rng.standard_normal(500).astype(np.float32)
    sent = pickle.loads(pickle.dumps(external.function(declared)))
    assert np.array_equal(sent(samples), external.function(declared)(samples))
    powers(gain=2.0)
    external_file._opened.cache_clear()
    with pytest.raises(DeepmirError, match=r"powers\.onnx is not the file that was declared"):
        external.function(declared)(samples)


def two_inputs():
    node = made.make_node("Add", ["a", "b"], ["y"])
    tiny.write_onnx("powers.onnx", [node], {"a": ("b", "n"), "b": ("b", "n")}, {"y": ("b", "n")})


def two_outputs():
    nodes = [made.make_node("Identity", ["x"], [name]) for name in ("low", "high")]
    tiny.write_onnx(
        "powers.onnx", nodes, {"x": ("b", "n")}, {"low": ("b", "n"), "high": ("b", "n")}
    )


def whole_numbers():
    shape = ("b", "n")
    graph = made.make_graph(
        [made.make_node("Identity", ["x"], ["y"])],
        "test",
        *([made.make_tensor_value_info(n, onnx.TensorProto.INT64, shape)] for n in "xy"),
    )
    onnx.save_model(made.make_model(graph, ir_version=8), "powers.onnx")


def weights_beside():
    powers()
    model = onnx.load("powers.onnx")
    onnx.save_model(
        *(model, "powers.onnx"), save_as_external_data=True, location="w", size_threshold=0
    )


def unknown_operator():
    node = made.make_node("Run", ["x"], ["y"], domain="mine")
    tiny.write_onnx("powers.onnx", [node], {"x": ("b", "n")}, {"y": ("b", "n")})


@pytest.mark.parametrize(
    ("make", "given", "said"),
    [
        (powers, {"file": "none.onnx"}, "file: none.onnx cannot be read: No such file"),
        (powers, {"file": "."}, "file: . cannot be read: Is a directory"),
        (lambda: Path("powers.onnx").write_text("no network"), {}, "is not an ONNX network"),
        (lambda: Path("powers.onnx").touch(), {}, "is not an ONNX network"),
        (weights_beside, {}, "has its weights in another file: write it again with"),
        (unknown_operator, {}, "file: powers.onnx cannot be used ("),
        (two_inputs, {}, "file: powers.onnx has 2 inputs, not one: a, b"),
        (whole_numbers, {}, "takes tensor(int64), not tensor(float)"),
        (two_outputs, {}, "output: powers.onnx has several, name one: low, high"),
        (two_outputs, {"output": "lo"}, "output: there is no output of powers.onnx called 'lo'"),
        (powers, {"input_axes": ["samples"]}, "input_axes: powers.onnx takes b × n: name as many"),
        (powers, {"output_axes": ["frames"]}, "output_axes: y is 1 × 1001: name as many axes"),
        (powers, {"stride": 4}, "gives 1001 frames for 1000 of the source, but stride 4 and"),
        (powers, {"first": 9}, "stride: powers.onnx gives 1001 frames"),
        (powers, {"source": {**AUDIO, "hop": 50}}, "or give the source another hop"),
        (powers, {"margin": 2}, "margin: powers.onnx takes no pieces: leave it out"),
        (
            lambda: powers(shape=("b", 8 * HOP)),
            {"margin": 4},
            "margin: nothing is left of a piece of 8 frames",
        ),
        (
            lambda: powers(shape=(3, "n")),
            {"output_axes": ["frames", "bins"]},
            "output_axes: powers.onnx takes 3 at a time: name batch",
        ),
        (
            powers,
            {"file": "network.pt"},
            "file: network.pt is a PyTorch file, which may run any code: export the network",
        ),
        (powers, {"input_axes": ["batch", "frames"]}, "input_axes: audio has no frames"),
        (powers, {"input_axes": ["batch"]}, "input_axes: the samples of audio are missing"),
    ],
)
def test_what_is_not_as_it_is_declared_is_refused(make, given, said):
    make()
    with pytest.raises(DeepmirError, match=r"representations\.deep") as error:
        parsed({**POWERS, **given})
    assert said in str(error.value)


def test_bins_that_are_not_those_of_the_source_are_refused():
    shifted()
    with pytest.raises(DeepmirError, match="source: it has 21 bins, and shifted.onnx takes b × 1"):
        examined(Onnx(**{**SHIFTED, "source": {**MEL, "bins": 21}}))
    with pytest.raises(DeepmirError, match="input_axes: the bins of mel are missing"):
        parsed({**SHIFTED, "input_axes": ["batch", "frames"]})


def test_values_that_are_not_finite_and_recordings_that_are_too_short_are_refused():
    root = made.make_node("Log", ["x"], ["y"])
    tiny.write_onnx("powers.onnx", [root], {"x": ("b", "n")}, {"y": ("b", "n")})
    source = {**AUDIO, "hop": 1}
    with pytest.raises(DeepmirError, match=r"powers\.onnx gives values that are not finite"):
        computed(np.zeros(50, np.float32), **{**POWERS, "source": source})
    shifted()
    with pytest.raises(DeepmirError, match=r"shifted\.onnx cannot be run on an input of 1 × 1 × 1"):
        computed(np.zeros(10, np.float32), **SHIFTED, first=1)


def parsed(given, **sections):
    return tiny.parse(
        representations={**OTHERS, "deep": {"kind": "onnx", **given}},
        **sections,
    )


def test_a_shallow_classifier_learns_on_a_network_from_elsewhere(root):
    shifted(frames=100)
    row = {"dataset": "tiny", "task": "key", "representation": "deep"}
    params = parsed(
        {**SHIFTED, "first": 1, "margin": 1},
        baselines={"deep-logistic": {**row, "method": "logistic_regression"}},
    )
    found = params.representations["deep"]
    assert found.bins == 40
    for shard in range(2):
        audio = paths.audio("tiny", tiny.RATE, shard)
        out = paths.features("tiny", found, shard)
        features.compute(audio, out, found, 2, external.function(found))
    entry = entries.to_train(params, "deep-logistic")
    fitting.fit(entry)
    prediction.predict(entry, threads=1)
    assert 0 <= scoring.evaluate(entry)["metrics"]["weighted"]["mean"] <= 1
    layers = stages.closure_of("features", found)
    assert {"external.py", "external_file.py"} <= {path.name for path in layers.files}
    plain = stages.closure_of("features", params.representations["cqt"])
    assert "external.py" not in {path.name for path in plain.files}
    shifted(frames=90)
    again = parsed({**SHIFTED, "first": 1, "margin": 1}).representations["deep"]
    assert paths.features("tiny", again, 0) != paths.features("tiny", found, 0)
