"""Patches do not depend on the process that draws them; validation data are not deformed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from deepmir.deformations.base import StoredDeformation
from deepmir.deformations.names import NAMES
from deepmir.features.inputs import Excerpt
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.models.model import as_input
from deepmir.representations import Cqt, Log
from deepmir.tasks import beat
from deepmir.training.patches import Example, Patch, Patches, Sampler, WholeTracks, collate

CQT = Cqt(hop=441, bins=60, bins_per_octave=12, fmin=65.4, conditioning=(Log(),))
BEATS = Jams(20.0, (Annotation("beat", (Observation(1.0, 0.0, 1),)),))
ALL = {
    **{"time_stretch": 0.1, "pitch_shift": 3, "reverb": 0.3, "equaliser": 6, "gain": 6},
    **{"noise": 0.1, "codec": 6, "time_mask": 0.2, "frequency_mask": 0.2},
    **{"clipping": 12, "bandwidth": 2000},
}
AUDIO = ("reverb", "clipping", "codec")
FEATURES = {name: most for name, most in ALL.items() if name not in AUDIO}


def sampler(arrays, kind, amounts):
    rng = np.random.default_rng(1)
    if kind == "audio":
        made = [rng.integers(-9000, 9000, 6 * 22050).astype(np.int16) for _ in range(4)]
    else:
        made = [rng.normal(size=(900, 60)).astype(np.float16) for _ in range(4)]
    inputs = arrays({f"track{i}": array for i, array in enumerate(made)})
    return inputs, Sampler(beat.TASK, CQT, frames=100, amounts=amounts)


def batches(arrays, epoch, workers=0, kind="features", amounts=FEATURES):
    inputs, drawing = sampler(arrays, kind, amounts)
    patches = Patches(inputs.examples(BEATS), drawing, batches=5, batch_size=2, seed=(1, epoch))
    loader = torch.utils.data.DataLoader(patches, batch_size=None, num_workers=workers)
    return list(loader)


def same(one, other):
    for a, b in zip(one, other, strict=True):
        tensors = (
            [*batch[:-1], *(batch.drawn[name] for name in sorted(a.drawn))] for batch in (a, b)
        )
        if not all(torch.equal(x, y) for x, y in zip(*tensors, strict=True)):
            return False
    return True


def test_all_deformations_are_here():
    assert set(ALL) == set(NAMES)


@pytest.mark.parametrize(("kind", "amounts"), [("features", FEATURES), ("audio", ALL)])
@pytest.mark.parametrize("workers", [0, 1, 2])
def test_the_sequence_is_the_same_for_any_number_of_workers(arrays, workers, kind, amounts):
    first = batches(arrays, 0, 0, kind, amounts)
    assert same(first, batches(arrays, 0, workers, kind, amounts))


def test_epochs_and_batches_differ(arrays):
    first = batches(arrays, 0)
    assert not same(first, batches(arrays, 1))
    assert len({batch.x[0].sum().item() for batch in first}) == len(first)
    for name, values in first[0].drawn.items():
        if name != "pitch_shift":
            assert not torch.equal(values[0], values[1]), name


@pytest.mark.parametrize("amounts", [{}, {"pitch_shift": 3, "time_stretch": 0.1}])
@pytest.mark.parametrize("kind", ["features", "audio"])
def test_what_else_is_declared_does_not_move_the_first_patch(arrays, kind, amounts):
    """The position of a patch is drawn before the deformation of its sound."""
    more = {**amounts, "gain": 6, "noise": 0.1, "time_mask": 0.2}
    drawn = []
    for declared in (amounts, more):
        inputs, drawing = sampler(arrays, kind, declared)
        patch = drawing.draw(inputs.examples(BEATS)[0], np.random.default_rng(5))
        drawn.append(patch)
    plain, deformed = drawn
    assert (plain.source, plain.frames) == (deformed.source, deformed.frames)
    np.testing.assert_array_equal(plain.target, deformed.target)
    assert plain.excerpt.values.shape == deformed.excerpt.values.shape
    if kind == "features":
        np.testing.assert_array_equal(plain.excerpt.values, deformed.excerpt.values)
    else:
        assert plain.excerpt.values.dtype == np.int16
        assert not np.array_equal(plain.excerpt.values, deformed.excerpt.values)


@pytest.mark.parametrize("kind", ["features", "audio"])
def test_validation_tracks_are_never_deformed(arrays, kind):
    inputs, drawing = sampler(arrays, kind, ALL if kind == "audio" else FEATURES)
    for batch in WholeTracks(inputs.examples(BEATS), drawing, batch_size=2):
        assert batch.drawn == {}
        assert torch.equal(batch.source, batch.lengths)
        assert {tuple(row.flatten()[:50].tolist()) for row in batch.x} <= {
            tuple(array.flatten()[:50].tolist()) for array in inputs.arrays.values()
        }


@pytest.mark.parametrize(
    ("frames", "sizes"),
    [
        ([100] * 5, [2, 2, 1]),  # as many as a batch has
        ([100, 200, 300, 800], [2, 2]),  # two of the longest are just four times a batch
        ([100, 200, 300, 801], [2, 1, 1]),
        ([100, 5000, 5001], [1, 1, 1]),  # whole songs, one by one
    ],
)
def test_a_batch_of_whole_tracks_is_bounded_and_each_is_in_one(arrays, frames, sizes):
    _, drawing = sampler(arrays, "features", {})
    examples = [Example(str(i), n, Jams(1.0, ()), None, 1.0) for i, n in enumerate(frames)]
    whole = WholeTracks(examples[::-1], replace(drawing, frames=200), batch_size=2)
    assert [len(some) for some in whole.batches] == sizes
    assert [e.frames for some in whole.batches for e in some] == frames


def test_audio_is_deformed_as_audio_and_features_as_features(arrays):
    of_audio, of_features = (
        set(batches(arrays, 0, kind=kind, amounts=amounts)[0].drawn)
        for kind, amounts in (("audio", ALL), ("features", FEATURES))
    )
    assert of_audio == {"pitch_shift", "time_mask", "frequency_mask"}
    assert of_features - of_audio == {one.name for one, _ in StoredDeformation.chosen(FEATURES)}


def test_a_track_shorter_than_a_patch_is_padded_and_its_length_kept(rng):
    made = [rng.normal(size=(n, 8)).astype(np.float32) for n in (5, 9)]
    batch = collate(
        [Patch(Excerpt(x, 0), len(x), len(x), np.ones((len(x), 2), np.float32)) for x in made]
    )
    assert batch.x.shape == (2, 9, 8)
    assert as_input(batch.x).shape == (2, 1, 8, 9)
    assert batch.lengths.tolist() == [5, 9]
    np.testing.assert_array_equal(as_input(batch.x)[0, 0, :, :5].numpy().T, made[0])
    assert batch.x[0, 5:].abs().max() == 0
    assert batch.target[0, :, 5:].max() == 0
