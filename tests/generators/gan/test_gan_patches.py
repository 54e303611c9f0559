import numpy as np
import pytest
import torch

from deepmir.errors import DeepmirError
from deepmir.generators.gan import patches
from deepmir.generators.gan.patches import Batches, Patches, Scale


def test_the_scale_is_undone(rng):
    frames = rng.uniform(-5, 3, (4, 6, 3)).astype(np.float32)
    scale = Scale.of(frames)
    scaled = scale.inwards(frames)
    assert scaled.shape == (4, 1, 3, 6)
    assert (float(scaled.min()), float(scaled.max())) == (-1, 1)
    assert np.allclose(scale.outwards(scaled), frames, atol=1e-5)


def test_what_is_beyond_the_training_part_is_cut_off():
    scaled = Scale(0.0, 1.0).inwards(np.array([[[-3.0, 0.5, 9.0]]], np.float32))
    assert scaled.flatten().tolist() == [-1, 0, 1]


def notes():
    said = ({"instrument": "violin", "pitch": "062"}, {"instrument": "flute", "pitch": "060"})
    return Patches(np.zeros((2, 4, 3), np.float32), said, ("a", "b"))


def test_classes_are_places_in_the_vocabulary():
    vocabulary = patches.vocabulary(notes(), ("instrument", "pitch"))
    assert vocabulary == {"instrument": ["flute", "violin"], "pitch": ["060", "062"]}
    assert notes().classes(vocabulary) == [[1, 1], [0, 0]]
    assert notes().classes({}) == [[], []]
    assert notes().some([1]).tracks == ("b",)


def test_a_class_without_a_training_track_is_named():
    with pytest.raises(DeepmirError, match="track a is of the instrument violin"):
        notes().classes({"instrument": ["flute"]})


def batches(**changes):
    given = {"batches": 3, "batch_size": 4, "seed": (1, 0), **changes}
    values = torch.arange(10.0).reshape(10, 1, 1, 1)
    return Batches(values, torch.arange(10).reshape(10, 1), **given)


def test_a_batch_is_drawn_by_its_own_seed():
    one, other = batches(), batches()
    assert len(one) == 3
    assert torch.equal(one[2][0], other[2][0])
    assert not torch.equal(one[1][0], one[2][0])
    assert not torch.equal(batches(seed=(1, 1))[2][0], one[2][0])
    drawn, classes = one[0]
    assert drawn.flatten().tolist() == classes.flatten().tolist()


def test_processes_share_a_batch():
    shared = [batches(places=(rank, 2))[0][1] for rank in (0, 1)]
    assert torch.equal(torch.stack(shared, 1).flatten(), batches()[0][1].flatten())
