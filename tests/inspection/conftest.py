import numpy as np
import pytest
import torch

from deepmir import tasks
from deepmir.inspection.probe import observe
from deepmir.models import model
from deepmir.models.card import NetworkCard


@pytest.fixture
def look():
    """A network with fresh weights, a card and an excerpt in it."""

    def made(notation, representation, samples, task="key", change=None):
        torch.manual_seed(3)
        kind = tasks.get(task)
        network = model.build(notation, representation, kind.output, kind.time_varying).eval()
        if change is not None:
            with torch.no_grad():
                change(network.network)
        card = NetworkCard(
            name="made",
            task=task,
            network=notation,
            representation=representation,
            labels=kind.output.labels,
            activation=kind.output.activation,
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
