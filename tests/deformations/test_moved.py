"""Time and pitch: features and targets move together."""

import numpy as np
import pytest
import torch

from deepmir.deformations import time_stretch
from deepmir.deformations.device import Deformer
from deepmir.deformations.pitch_shift import shift
from deepmir.deformations.time_stretch import cut
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.models.model import as_input
from deepmir.representations import Chroma, Cqt
from deepmir.tasks import beat, chroma, key, tempo
from deepmir.tasks.tempo import SLOWEST
from deepmir.training.patches import Sampler, collate

RATE = 50.0
CQT = Cqt(sample_rate=22050, hop=441, bins=60, bins_per_octave=12, fmin=65.4)


def deformed(patch, representation=CQT):
    """The input of the network for one deformed patch, shape (frames, bins)."""
    batch = collate([patch])
    x = cut(as_input(batch.x), batch.first, batch.source, batch.lengths)
    x = Deformer(representation, dict.fromkeys(batch.drawn, 1.0), sound=False)(
        x, batch.lengths, batch.drawn
    )
    return x[0, 0].numpy().T


def peaks_at(times, frames=1000, bins=60):
    """Features with a click in every bin at some times."""
    features = np.zeros((frames, bins), np.float32)
    features[np.rint(np.asarray(times) * RATE).astype(int)] = 1
    return features


def test_a_pitch_shift_moves_bins_and_fills_with_the_quietest_value():
    x = torch.randn(4, 2, 24, 5, generator=torch.Generator().manual_seed(0))
    shifted = shift(x, torch.tensor([2, -3, 0, 30]))
    assert torch.equal(shifted[0, :, 2:], x[0, :, :-2])
    quietest = x.amin((2, 3), keepdim=True)  # of each channel, which may have units of its own
    assert (shifted[0, :, :2] == quietest[0]).all()
    assert torch.equal(shifted[1, :, :-3], x[1, :, 3:])
    assert (shifted[1, :, -3:] == quietest[1]).all()
    assert torch.equal(shifted[2], x[2])
    assert (shifted[3] == quietest[3]).all()


def test_nothing_is_copied_where_nothing_is_deformed():
    x, frames, none = torch.randn(2, 1, 8, 10), torch.tensor([10, 7]), torch.tensor([0, 0])
    assert shift(x, none) is x
    assert cut(x, none, frames, frames) is x
    assert Deformer(CQT, {"gain": 6.0}, sound=False)(x, frames, {}) is x


@pytest.mark.parametrize("frames", [37, 50, 64])
def test_a_stretch_interpolates_from_end_to_end(frames):
    ramp = torch.linspace(0, 1, 50).expand(1, 1, 3, 50)
    source, none = torch.tensor([50]), torch.tensor([0])
    stretched = cut(ramp, none, source, torch.tensor([frames]))
    np.testing.assert_allclose(stretched[0, 0, 1], np.linspace(0, 1, frames), atol=1e-6)


def test_a_patch_is_cut_from_where_it_begins_and_says_nothing_of_what_follows():
    x = torch.arange(20.0).expand(2, 1, 1, 20)
    first, source = torch.tensor([5, 0]), torch.tensor([4, 11])
    patches = cut(x, first, source, torch.tensor([4, 6]))
    assert patches[0, 0, 0].tolist() == [5, 6, 7, 8, 8, 8]
    assert patches[1, 0, 0].tolist() == [0, 2, 4, 6, 8, 10]


def test_beats_stay_on_their_clicks_when_a_patch_is_stretched(arrays):
    times = np.arange(0.5, 19.5, 0.52)
    jams = Jams(20.0, (Annotation("beat", tuple(Observation(t, 0.0, 1) for t in times)),))
    inputs = arrays({"a": peaks_at(times)})
    (example,) = inputs.examples(jams)
    sampler = Sampler(beat.TASK, CQT, frames=300, amounts={"time_stretch": 0.3})
    shares = []
    for seed in range(40):
        patch = sampler.draw(example, np.random.default_rng(seed))
        clicks = np.flatnonzero(deformed(patch)[:, 0] > 0.4)
        assert patch.target.shape == (300, 2)
        shares.append(np.mean(patch.target[clicks, 0] >= 0.5))
    assert np.mean(shares) > 0.99


def test_the_tempo_is_that_of_the_stretched_clicks(arrays):
    times = np.arange(0.1, 39, 0.5)
    jams = Jams(40.0, (Annotation("tempo", (Observation(0.0, 40.0, 120.0, 1.0),)),))
    inputs = arrays({"a": peaks_at(times, frames=2000)})
    (example,) = inputs.examples(jams)
    sampler = Sampler(tempo.TASK, CQT, frames=1000, amounts={"time_stretch": 0.3})
    told = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        patch = sampler.draw(example, rng)
        heights = deformed(patch)[:, 0]
        # Where a click has fallen between two frames, the two share its height.
        inner = (heights[1:-1] > heights[:-2]) & (heights[1:-1] >= heights[2:])
        peaks = np.flatnonzero(inner & (heights[1:-1] > 0.3))
        heard = 60 * RATE * (len(peaks) - 1) / (peaks[-1] - peaks[0])
        told.append(int(patch.target.argmax()) + SLOWEST)
        assert told[-1] == pytest.approx(heard, abs=1)
    assert min(told) < 110 < 130 < max(told)


def test_a_stretch_is_as_often_slower_as_faster():
    rng = np.random.default_rng(0)
    factors = np.array([time_stretch.DEFORMATION.draw(0.25, rng) for _ in range(2000)])
    assert factors.min() >= 0.8
    assert factors.max() <= 1.25
    assert np.mean(factors > 1) == pytest.approx(0.5, abs=0.04)


def test_the_key_moves_with_the_bins(arrays):
    jams = Jams(20.0, (Annotation("key_mode", (Observation(0.0, 20.0, "C:major"),)),))
    features = np.zeros((100, 60), np.float32)
    features[:, 24] = 1
    inputs = arrays({"a": features})
    (example,) = inputs.examples(jams)
    sampler = Sampler(key.TASK, CQT, frames=50, amounts={"pitch_shift": 6})
    moved = set()
    for seed in range(60):
        patch = sampler.draw(example, np.random.default_rng(seed))
        up = int(np.argmax(deformed(patch)[0])) - 24
        assert np.argmax(patch.target) == up % 12
        moved.add(up)
    assert moved == set(range(-6, 7))


def test_a_tone_goes_round_the_pitch_classes_and_its_target_with_it(arrays):
    representation = Chroma(source=Cqt(hop=4410, bins=72, bins_per_octave=12))
    time = np.arange(5 * 22050) / 22050
    tone = np.sin(2 * np.pi * 440 * time).astype(np.float32)  # A: pitch class 9
    jams = Jams(5.0, (Annotation("note_midi", (Observation(0.0, 5.1, 69),)),))
    inputs = arrays({"a": representation(tone)})
    (example,) = inputs.examples(jams)
    sampler = Sampler(chroma.TASK, representation, frames=10, amounts={"pitch_shift": 6})
    heard = set()
    for seed in range(40):
        patch = sampler.draw(example, np.random.default_rng(seed))
        classes = deformed(patch, representation).argmax(axis=1)
        np.testing.assert_array_equal(patch.target.argmax(axis=1), classes)
        heard.add(int(classes[5]))
    assert {9, 0, 3} <= heard
