import numpy as np
import pytest

from deepmir.decoders.median import MedianThreshold
from deepmir.decoders.parting import part


def heaps(low, high, share=0.5, frames=2000):
    """Probabilities whose logits fall into two heaps."""
    rng = np.random.default_rng(3)
    logits = np.where(np.arange(frames) < share * frames, high, low) + rng.normal(0, 0.5, frames)
    return 1 / (1 + np.exp(-logits))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_an_unsure_recording_is_parted_between_its_heaps(share):
    level = part(heaps(-4, -0.5, share), 0.5, slack=4)
    assert -3 < np.log(level / (1 - level)) < -1.5


def test_an_empty_valley_is_parted_in_its_middle():
    values = np.repeat([0.02, 0.6], 50)
    level = part(values, 0.9, slack=9)
    assert np.log(level / (1 - level)) == pytest.approx(
        (np.log(0.02 / 0.98) + np.log(0.6 / 0.4)) / 2, abs=0.1
    )


@pytest.mark.parametrize(
    ("low", "high", "level"),
    [(-1, 5, 0.5), (-8, -5, 1 / (1 + np.e**2)), (-7, 0, 1 / (1 + np.e**2))],
)
def test_the_level_is_never_above_the_threshold_nor_far_below(low, high, level):
    assert part(heaps(low, high), 0.5, slack=2) == pytest.approx(level)


@pytest.mark.parametrize("values", [[], [0.3], [0.0, 0.0], [1.0, 1.0], [0.2] * 9])
def test_without_two_heaps_the_threshold_stays(values):
    assert part(values, 0.4, slack=2) == 0.4


def test_without_slack_the_threshold_stays():
    assert part(heaps(-4, -1), 0.5, slack=0) == 0.5


def test_a_voice_that_is_unlike_those_of_the_training_is_found_with_slack():
    values = np.repeat([0.01, 0.35, 0.01], 100)
    assert not len(MedianThreshold(frame_rate=10, slack=0)(values))
    found = MedianThreshold(frame_rate=10)(values)
    np.testing.assert_allclose(found, [[9.95, 19.95]])
