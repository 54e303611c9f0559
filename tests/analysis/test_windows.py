import numpy as np
import pytest
import torch
import untrained
from hypothesis import given, settings
from hypothesis import strategies as st

from deepmir.analysis import activations, models, streaming, windows
from deepmir.analysis.windows import Windows
from deepmir.evaluation import prediction
from deepmir.files import audio
from deepmir.models import model
from deepmir.representations import Cqt, Decibel, Mel, Pcen, Separation, Stack, Tempogram

RATE = untrained.RATE


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = untrained.save_all(tmp_path_factory.mktemp("models"))
    return {one.card.task: one for one in models.load(models.find(folder))}


def heard(samples, representations, **options):
    source = audio.from_samples(samples, RATE)
    return streaming.compute(source, representations, **options).features


@given(length=st.integers(1, 400), frames=st.integers(1, 90), before=st.integers(0, 50))
def test_pieces_cover_every_frame_once_with_their_context(length, frames, before):
    cut = list(Windows(frames, before, 3, fixed=False).cut(length))
    kept = [np.arange(length)[asked][inside] for asked, inside in cut]
    assert np.array_equal(np.concatenate(kept), np.arange(length))
    for (asked, _), frame in zip(cut, kept, strict=True):
        assert asked.start == max(0, frame[0] - before)
        assert asked.stop == min(length, frame[-1] + 1 + 3)


def as_trained(one, features):
    """The outputs for the whole recording, as computed by the pipeline."""
    return prediction.activations(model.load(one.folder)[0], one.card, features)


@pytest.mark.parametrize("task", ["onset", "melody", "singing"])
@settings(max_examples=8)
@given(frames=st.integers(1, 900))
def test_a_convolutional_network_says_the_same_whatever_the_pieces(trained, task, frames):
    one = trained[task]
    assert not one.windows.fixed
    rng = np.random.default_rng(1)
    features = rng.normal(-5, 2, (500, one.representation.bins)).astype(np.float16)
    around = one.windows
    pieces = Windows(frames, around.before, around.after, fixed=False)
    said = np.concatenate(list(windows.run(one.network, features, pieces)))
    whole = as_trained(one, features)
    np.testing.assert_allclose(said, whole, atol=1e-5)


@pytest.mark.parametrize("task", ["onset", "singing"])
def test_the_context_is_no_wider_than_needed_and_no_narrower(trained, task):
    one = trained[task]
    features = np.random.default_rng(1).normal(-5, 2, (300, one.representation.bins))
    around = one.windows
    less = Windows(50, around.before - 1, around.after - 1, fixed=False)
    said = np.concatenate(list(windows.run(one.network, features, less)))
    whole = as_trained(one, features)
    assert np.abs(said - whole).max() > 1e-4


def test_a_recurrent_network_is_asked_in_the_same_pieces_always(trained):
    one = trained["beat"]
    assert one.windows == windows.of(one.card, one.representation, one.trained_for, seconds=1.0)
    assert one.windows.fixed
    features = np.random.default_rng(1).normal(-5, 2, (7000, 20)).astype(np.float16)
    said = np.concatenate(list(windows.run(one.network, features, one.windows)))
    whole = as_trained(one, features)
    # Beyond the time in which its memory settles, a piece is what the whole would be.
    np.testing.assert_allclose(said, whole, atol=1e-4)


def test_a_long_decision_is_the_mean_over_the_excerpts_of_training(trained):
    one = trained["key"]
    features = np.random.default_rng(1).normal(-5, 2, (777, 48)).astype(np.float16)
    said = windows.run_whole(one.network, features, one.windows)
    whole = as_trained(one, features)
    np.testing.assert_allclose(said, whole, atol=1e-6)


def test_what_training_computes_is_what_is_heard(trained, tmp_path):
    """From the file to the activations, compared with the functions of the pipeline."""
    samples = np.stack([untrained.pulses(7.3, 44100), untrained.pulses(7.3, 44100, seed=1)], 1)
    path = untrained.write(tmp_path / "a.wav", samples, 44100, subtype="FLOAT")
    said = activations.activations_from_file(path, models=tmp_path_models(trained))
    for task, one in trained.items():
        values = one.representation(audio.load(path, RATE)).astype(np.float16)
        whole = as_trained(one, values)[..., : len(one.labels)]
        # A rounding of the resampler can fall to either side of half a float16.
        np.testing.assert_allclose(said[task].values, whole, atol=2e-3)
        assert said[task].labels == one.task.output.labels


def tmp_path_models(trained):
    return {task: one.folder for task, one in trained.items()}


@pytest.mark.parametrize(
    "representation",
    [
        untrained.MEL,
        untrained.CQT,
        Mel(sample_rate=16000, hop=400, window=1024, bins=20, conditioning=(Pcen(),)),
        Cqt(sample_rate=RATE, hop=512, bins=24, separation=Separation(keep="harmonic")),
        Tempogram(source=Mel(sample_rate=RATE, hop=441, bins=20, window=1024), bins=40),
        Mel(sample_rate=RATE, hop=441, bins=20, window=1024, conditioning=(Decibel(),)),
    ],
    ids=lambda r: f"{r.kind}-{r.digest[:4]}",
)
def test_representations_do_not_depend_on_the_blocks(representation):
    samples = untrained.pulses(11.7, representation.sample_rate)
    samples = untrained.levelled(samples, representation.sample_rate)
    source = audio.from_samples(samples, representation.sample_rate)
    digest = representation.digest
    blocks = streaming.compute(source, [representation], seconds=1.3).features[digest]
    whole = representation(samples).astype(np.float16)
    assert blocks.shape == whole.shape and blocks.dtype == whole.dtype
    np.testing.assert_allclose(
        blocks.astype(np.float32), whole.astype(np.float32), rtol=2e-3, atol=2e-3
    )


def test_equal_representations_are_computed_once(trained, monkeypatch):
    calls = []
    plain = Mel.__call__
    monkeypatch.setattr(
        Mel, "__call__", lambda self, samples: calls.append(self.digest) or plain(self, samples)
    )
    twin = Mel(**untrained.MEL.model_dump())
    heard(untrained.pulses(3.0), [untrained.MEL, twin, untrained.MEL])
    assert calls == [untrained.MEL.digest]


def test_a_member_of_a_stack_is_not_computed_again(monkeypatch):
    calls = []
    plain = Mel.analyse
    monkeypatch.setattr(
        Mel, "analyse", lambda self, samples: calls.append(self.digest) or plain(self, samples)
    )
    loud = untrained.MEL.model_copy(update={"conditioning": (Pcen(),)})
    stack = Stack(members=(untrained.MEL, loud))
    samples = untrained.pulses(5.0)
    alone = heard(samples, [loud], seconds=2.0)[loud.digest]
    calls.clear()
    both = heard(samples, [loud, stack], seconds=10.0)
    assert len(calls) == 1
    assert np.array_equal(both[loud.digest], both[stack.digest][..., 1])
    np.testing.assert_allclose(both[loud.digest], alone, rtol=2e-3, atol=2e-3)


def test_pieces_are_of_one_length_where_that_changes_nothing():
    lengths = [kept.stop - kept.start for _, kept in Windows(100, 5, 5, fixed=False).cut(130)]
    assert lengths == [65, 65]
    fixed = [kept.stop - kept.start for _, kept in Windows(100, 5, 5, fixed=True).cut(130)]
    assert fixed == [100, 30]


@settings(max_examples=6)
@given(seconds=st.tuples(*[st.floats(9.0, 16.0)] * 2), seed=st.integers(0, 99))
def test_a_concatenation_says_what_its_parts_say_away_from_the_seam(trained, seconds, seed):
    tasks = ("onset", "melody", "singing", "beat", "structure")
    # The seam is on a frame of every representation: the second part has the same frames.
    counts = [round(s * 10) * 2205 for s in seconds]
    parts = [untrained.pulses(n / RATE, seed=seed + i) for i, n in enumerate(counts)]
    both = [untrained.NETWORKS[task][0] for task in tasks]
    whole, first, second = (heard(x, both) for x in (np.concatenate(parts), *parts))
    for task in tasks:
        one = trained[task]
        digest = one.representation.digest
        said = [activations.of(one, x[digest]).values for x in (whole, first, second)]
        # 1.2 s: filters of the lowest pitch, then what a network sees, or remembers.
        near = round(1.2 * one.representation.frame_rate) + min(one.windows.before, 60)
        seam = counts[0] // one.representation.hop
        tolerance = 0.02 if one.windows.fixed else 5e-3
        for alone, joined in (
            (said[1][: seam - near], said[0][: seam - near]),
            (said[2][near:], said[0][seam + near :]),
        ):
            assert len(alone) > 5
            np.testing.assert_allclose(alone, joined, atol=tolerance)


def test_few_frames_are_told_with_what_is_needed(trained):
    from deepmir.errors import DeepmirError

    with pytest.raises(DeepmirError, match="1 frames is too short.*needs 2"):
        activations.of(trained["key"], np.zeros((1, 48), np.float16))


def test_torch_is_left_in_no_gradient_mode_alone_while_asked(trained):
    activations.of(trained["onset"], np.zeros((50, 20), np.float16))
    assert torch.is_grad_enabled()


def test_columns_of_tasks_that_share_a_network_are_not_kept_in_memory(tmp_path, rng):
    folder = untrained.save(tmp_path / "beat", "beat", auxiliary={"tempo": 0.1})
    (trained,) = models.load({"beat": folder})
    features = rng.normal(size=(200, untrained.MEL.bins)).astype(np.float16)
    ((piece,),) = activations.pieces([trained], features)
    assert piece.shape == (200, 2)
    assert piece.base is None  # no view of all 258 columns
