import numpy as np
import pytest

from deepmir import deformations
from deepmir.annotations import Annotation, Jams, Observation
from deepmir.patches import Example, Patches, Sampler, collate
from deepmir.representations import Cqt
from deepmir.tasks import beat, key

RATE = 50.0
CQT = Cqt(sample_rate=22050, hop=441, bins=60, bins_per_octave=12, fmin=65.4)


def peaks_at(times, frames=1000, bins=60):
    """Features with a click in every bin at some times."""
    features = np.zeros((frames, bins), np.float32)
    features[np.rint(np.asarray(times) * RATE).astype(int)] = 1
    return features


def test_a_pitch_shift_moves_bins_and_fills_with_the_quietest_value(rng):
    features = rng.normal(size=(5, 24)).astype(np.float32)
    up = deformations.pitch_shift(features, 2)
    np.testing.assert_array_equal(up[:, 2:], features[:, :-2])
    assert (up[:, :2] == features.min()).all()
    down = deformations.pitch_shift(features, -3)
    np.testing.assert_array_equal(down[:, :-3], features[:, 3:])
    assert deformations.pitch_shift(features, 0) is features


@pytest.mark.parametrize("frames", [37, 50, 64])
def test_a_stretch_interpolates_from_end_to_end(frames):
    ramp = np.linspace(0, 1, 50, dtype=np.float32)[:, None] * np.ones(3, np.float32)
    stretched = deformations.time_stretch(ramp, frames)
    np.testing.assert_allclose(stretched[:, 0], np.linspace(0, 1, frames), atol=1e-6)


def test_beats_stay_on_their_clicks_when_a_patch_is_stretched():
    times = np.arange(0.5, 19.5, 0.52)
    jams = Jams(20.0, (Annotation("beat", tuple(Observation(t, 0.0, 1) for t in times)),))
    example = Example("a", peaks_at(times), jams)
    sampler = Sampler(beat.TASK, CQT, frames=300, amounts={"time_stretch": 0.3})
    shares = []
    for seed in range(40):
        patch, target = sampler.draw(example, np.random.default_rng(seed))
        assert patch.shape == (300, 60)
        clicks = np.flatnonzero(patch[:, 0] > 0.4)
        shares.append(np.mean(target[clicks, 0] >= 0.5))
    assert np.mean(shares) > 0.99


def test_the_key_moves_with_the_bins():
    jams = Jams(20.0, (Annotation("key_mode", (Observation(0.0, 20.0, "C:major"),)),))
    features = np.zeros((100, 60), np.float32)
    features[:, 24] = 1
    sampler = Sampler(key.TASK, CQT, frames=50, amounts={"pitch_shift": 6})
    moved = set()
    for seed in range(60):
        drawn = sampler.draw(Example("a", features, jams), np.random.default_rng(seed))
        shift = int(np.argmax(drawn[0][0])) - 24
        assert np.argmax(drawn[1]) == shift % 12
        moved.add(shift)
    assert moved == set(range(-6, 7))


def test_an_epoch_is_the_same_for_the_same_seed_and_differs_between_epochs(rng):
    jams = Jams(20.0, (Annotation("beat", (Observation(1.0, 0.0, 1),)),))
    examples = [
        Example(str(i), rng.normal(size=(900, 60)).astype(np.float16), jams) for i in range(4)
    ]
    sampler = Sampler(beat.TASK, CQT, frames=100, amounts={"time_stretch": 0.1})

    def epoch(number):
        return [
            x.numpy()
            for x, _, _ in Patches(examples, sampler, batches=3, batch_size=2, seed=(1, number, 0))
        ]

    np.testing.assert_array_equal(epoch(0), epoch(0))
    assert not np.array_equal(epoch(0), epoch(1))


def test_a_track_shorter_than_a_patch_is_padded_and_its_length_kept(rng):
    arrays = [rng.normal(size=(n, 8)).astype(np.float32) for n in (5, 9)]
    x, lengths, y = collate(arrays, [np.ones((n, 2), np.float32) for n in (5, 9)])
    assert x.shape == (2, 1, 8, 9)
    assert lengths.tolist() == [5, 9]
    np.testing.assert_array_equal(x[0, 0, :, :5].numpy().T, arrays[0])
    assert x[0, :, :, 5:].abs().max() == 0
    assert y[0, :, 5:].max() == 0
