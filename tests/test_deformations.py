import numpy as np
import pytest
import torch

from deepmir import deformations
from deepmir.annotations import Annotation, Jams, Observation
from deepmir.inputs import Excerpt
from deepmir.model import as_input
from deepmir.patches import Example, Patch, Patches, Sampler, collate
from deepmir.representations import Cqt
from deepmir.tasks import beat, key

RATE = 50.0
CQT = Cqt(sample_rate=22050, hop=441, bins=60, bins_per_octave=12, fmin=65.4)


class Arrays:
    """Features by the name of their track, as an input of a network."""

    def __init__(self, **arrays):
        self.failures = {}
        self.arrays = arrays

    def __contains__(self, track):
        return track in self.arrays

    def frames(self, track):
        return len(self.arrays[track])

    def features(self, track):
        return self.arrays[track]

    def excerpt(self, track, start, frames):
        return Excerpt(self.arrays[track][start : start + frames], 0)

    def examples(self, jams):
        return [Example(track, len(array), jams) for track, array in self.arrays.items()]


def deformed(patch):
    """What becomes of one patch on its way to the network, shape (frames, bins)."""
    batch = collate([patch])
    x = deformations.cut(as_input(batch.x), batch.first, batch.source, batch.lengths)
    return deformations.pitch_shift(x, batch.shift)[0, 0].numpy().T


def peaks_at(times, frames=1000, bins=60):
    """Features with a click in every bin at some times."""
    features = np.zeros((frames, bins), np.float32)
    features[np.rint(np.asarray(times) * RATE).astype(int)] = 1
    return features


def test_a_pitch_shift_moves_bins_and_fills_with_the_quietest_value():
    x = torch.randn(4, 2, 24, 5, generator=torch.Generator().manual_seed(0))
    shifted = deformations.pitch_shift(x, torch.tensor([2, -3, 0, 30]))
    assert torch.equal(shifted[0, :, 2:], x[0, :, :-2])
    assert (shifted[0, :, :2] == x[0].min()).all()
    assert torch.equal(shifted[1, :, :-3], x[1, :, 3:])
    assert (shifted[1, :, -3:] == x[1].min()).all()
    assert torch.equal(shifted[2], x[2])
    assert (shifted[3] == x[3].min()).all()


def test_nothing_is_copied_where_nothing_is_deformed():
    x, frames, none = torch.randn(2, 1, 8, 10), torch.tensor([10, 7]), torch.tensor([0, 0])
    assert deformations.pitch_shift(x, none) is x
    assert deformations.cut(x, none, frames, frames) is x


@pytest.mark.parametrize("frames", [37, 50, 64])
def test_a_stretch_interpolates_from_end_to_end(frames):
    ramp = torch.linspace(0, 1, 50).expand(1, 1, 3, 50)
    source, none = torch.tensor([50]), torch.tensor([0])
    stretched = deformations.cut(ramp, none, source, torch.tensor([frames]))
    np.testing.assert_allclose(stretched[0, 0, 1], np.linspace(0, 1, frames), atol=1e-6)


def test_a_patch_is_cut_from_where_it_begins_and_says_nothing_of_what_follows():
    x = torch.arange(20.0).expand(2, 1, 1, 20)
    first, source = torch.tensor([5, 0]), torch.tensor([4, 11])
    patches = deformations.cut(x, first, source, torch.tensor([4, 6]))
    assert patches[0, 0, 0].tolist() == [5, 6, 7, 8, 8, 8]
    assert patches[1, 0, 0].tolist() == [0, 2, 4, 6, 8, 10]


def test_beats_stay_on_their_clicks_when_a_patch_is_stretched():
    times = np.arange(0.5, 19.5, 0.52)
    jams = Jams(20.0, (Annotation("beat", tuple(Observation(t, 0.0, 1) for t in times)),))
    inputs = Arrays(a=peaks_at(times))
    (example,) = inputs.examples(jams)
    sampler = Sampler(beat.TASK, CQT, inputs, frames=300, amounts={"time_stretch": 0.3})
    shares = []
    for seed in range(40):
        patch = sampler.draw(example, np.random.default_rng(seed))
        clicks = np.flatnonzero(deformed(patch)[:, 0] > 0.4)
        assert patch.target.shape == (300, 2)
        shares.append(np.mean(patch.target[clicks, 0] >= 0.5))
    assert np.mean(shares) > 0.99


def test_the_key_moves_with_the_bins():
    jams = Jams(20.0, (Annotation("key_mode", (Observation(0.0, 20.0, "C:major"),)),))
    features = np.zeros((100, 60), np.float32)
    features[:, 24] = 1
    inputs = Arrays(a=features)
    (example,) = inputs.examples(jams)
    sampler = Sampler(key.TASK, CQT, inputs, frames=50, amounts={"pitch_shift": 6})
    moved = set()
    for seed in range(60):
        patch = sampler.draw(example, np.random.default_rng(seed))
        shift = int(np.argmax(deformed(patch)[0])) - 24
        assert np.argmax(patch.target) == shift % 12
        moved.add(shift)
    assert moved == set(range(-6, 7))


def batches(epoch, workers=0):
    rng = np.random.default_rng(1)
    arrays = {f"track{i}": rng.normal(size=(900, 60)).astype(np.float16) for i in range(4)}
    inputs = Arrays(**arrays)
    jams = Jams(20.0, (Annotation("beat", (Observation(1.0, 0.0, 1),)),))
    sampler = Sampler(beat.TASK, CQT, inputs, frames=100, amounts={"time_stretch": 0.1})
    patches = Patches(inputs.examples(jams), sampler, batches=5, batch_size=2, seed=(1, epoch))
    loader = torch.utils.data.DataLoader(patches, batch_size=None, num_workers=workers)
    return list(loader)


def same(one, other):
    pairs = zip(one, other, strict=True)
    return all(torch.equal(a, b) for pair in pairs for a, b in zip(*pair, strict=True))


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_the_sequence_is_the_same_for_any_number_of_workers(workers):
    assert same(batches(0), batches(0, workers))


def test_epochs_and_batches_differ():
    first = batches(0)
    assert not same(first, batches(1))
    assert len({batch.x[0].sum().item() for batch in first}) == len(first)


def test_a_track_shorter_than_a_patch_is_padded_and_its_length_kept(rng):
    arrays = [rng.normal(size=(n, 8)).astype(np.float32) for n in (5, 9)]
    batch = collate(
        [Patch(Excerpt(x, 0), len(x), len(x), 0, np.ones((len(x), 2), np.float32)) for x in arrays]
    )
    assert batch.x.shape == (2, 9, 8)
    assert as_input(batch.x).shape == (2, 1, 8, 9)
    assert batch.lengths.tolist() == [5, 9]
    np.testing.assert_array_equal(as_input(batch.x)[0, 0, :, :5].numpy().T, arrays[0])
    assert batch.x[0, 5:].abs().max() == 0
    assert batch.target[0, :, 5:].max() == 0
