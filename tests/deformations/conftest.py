import pytest
import torch

from deepmir.features.inputs import Excerpt
from deepmir.training.patches import Example


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Arrays:
    """Features (frames, bins) or audio (samples,) by name of track."""

    def __init__(self, arrays, hop=441):
        self.failures = {}
        self.arrays = arrays
        self.hop = hop

    def __contains__(self, track):
        return track in self.arrays

    def frames(self, track):
        array = self.arrays[track]
        return len(array) if array.ndim > 1 else 1 + len(array) // self.hop

    def features(self, track):
        return self.arrays[track]

    def excerpt(self, track, start, frames):
        step = 1 if self.arrays[track].ndim > 1 else self.hop
        return Excerpt(self.arrays[track][start * step : (start + frames) * step], 0)

    def examples(self, jams):
        total = sum(map(self.frames, self.arrays))
        return [
            Example(track, self.frames(track), jams, self, self.frames(track) / total)
            for track in self.arrays
        ]


@pytest.fixture(scope="session")
def arrays():
    return Arrays
