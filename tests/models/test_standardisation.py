import numpy as np
import pytest
import torch

from deepmir.models.model import Model


@pytest.mark.parametrize("level", [1.0, 1e-6])
def test_a_bin_that_changes_is_heard_at_any_level(level):
    """Powers, falling by 60 dB along frequency."""
    rng = np.random.default_rng(0)
    powers = level * np.logspace(0, -6, 20) * rng.gamma(1.0, size=(500, 20))
    network = Model(torch.nn.Identity(), 1, 20)
    network.standardise_by([powers[:200], powers[200:]])
    z = (torch.from_numpy(powers.T).float() - network.mean[0]) * network.scale[0]
    torch.testing.assert_close(z.mean(1), torch.zeros(20), atol=1e-3, rtol=0)
    torch.testing.assert_close(z.std(1, correction=0), torch.ones(20), atol=1e-3, rtol=0)


@pytest.mark.parametrize("value", [0.0, -23.02585, 1e-9])
def test_a_bin_that_never_changes_carries_nothing(value):
    network = Model(torch.nn.Identity(), 1, 2)
    still = np.full((5000, 2), value, np.float32)
    still[:, 1] += np.linspace(0, 1, 5000, dtype=np.float32)
    network.standardise_by([still])
    assert network.scale[0, 0] == 0
    assert network.scale[0, 1] > 0
