import numpy as np
import pytest

import tiny
from deepmir.inspection.probe import observe


@pytest.fixture
def look():
    """The probe of an excerpt with an untrained network."""

    def made(notation, representation, samples, task="key", change=lambda network: None):
        network, card = tiny.untrained(
            notation, representation, task, lambda made: change(made.network), seed=3
        )
        return observe(network, card, representation, samples)

    return made


@pytest.fixture(scope="session")
def tone():
    """A soft A4 that begins after one second, and noise."""
    rate = 22050
    time = np.arange(3 * rate) / rate
    samples = 0.3 * np.sin(2 * np.pi * 440 * time) * (time > 1)
    noise = 0.002 * np.random.default_rng(0).standard_normal(len(time))
    return (samples + noise).astype(np.float32)
