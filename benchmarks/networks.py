"""Networks of the zoo against the same networks written by hand in plain PyTorch.

    python benchmarks/networks.py [name ...]

Both sides run interleaved in one process and on one thread; CPU time, median of the repetitions.
The ratio is by how much the network of the notation is faster: 1.2 means 1.2 times as fast.
Results are of the machine it runs on: compare ratios, not times. docs/networks.md has a table.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from deepmir.networks.network import build
from deepmir.networks.zoo import ZOO

BATCH = 8
SECONDS = 10.0
REPETITIONS = 8
RAW_SECONDS = 3.0


class Transposed(nn.Module):
    """A layer for (batch, time, features) between layers for (batch, features, time)."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer; of a recurrent one, keep the outputs."""
        found = self.layer(x.transpose(1, 2))
        y: Tensor = found[0] if isinstance(found, tuple) else found
        return y.transpose(1, 2)


class Last(nn.Module):
    """A recurrent layer's state after the last frame."""

    def __init__(self, layer: nn.GRU) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """(batch, features, time) to (batch, units)."""
        y: Tensor = self.layer(x.transpose(1, 2))[1][-1]
        return y


class Mean(nn.Module):
    """The mean over the last axis."""

    def forward(self, x: Tensor) -> Tensor:
        """(batch, ..., time) to (batch, features)."""
        return x.mean(-1).flatten(1)


class Residual(nn.Module):
    """The input added to the output."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Any shape; it stays."""
        y: Tensor = x + self.body(x)
        return y


def _conv2d(before: int, after: int, pool: tuple[int, int], drop: float = 0.0) -> list[nn.Module]:
    layers: list[nn.Module] = [
        nn.Conv2d(before, after, 3, padding=1),
        nn.BatchNorm2d(after),
        nn.ELU(),
        nn.MaxPool2d(pool),
    ]
    return [*layers, nn.Dropout(drop)] if drop else layers


def _conv2d_5() -> nn.Module:
    widths, pools = [1, 32, 128, 128, 192, 256], [(2, 4), (2, 4), (2, 4), (3, 5), (4, 4)]
    blocks = [
        layer
        for before, after, pool in zip(widths, widths[1:], pools, strict=False)
        for layer in _conv2d(before, after, pool)
    ]
    return nn.Sequential(*blocks, Mean(), nn.Linear(256, 50))


def _crnn() -> nn.Module:
    widths, pools = [1, 64, 128, 128, 128], [(2, 2), (3, 3), (4, 4), (4, 4)]
    blocks = [
        layer
        for before, after, pool in zip(widths, widths[1:], pools, strict=False)
        for layer in _conv2d(before, after, pool, 0.1)
    ]
    first, second = nn.GRU(128, 32, batch_first=True), nn.GRU(32, 32, batch_first=True)
    ends = [nn.Flatten(1, 2), Transposed(first), Last(second), nn.Dropout(0.3), nn.Linear(32, 50)]
    return nn.Sequential(*blocks, *ends)


def _rnn_4() -> nn.Module:
    sizes = [(80, 30), (60, 20), (40, 40)]
    layers = [
        Transposed(nn.LSTM(before, units, batch_first=True, bidirectional=True))
        for before, units in sizes
    ]
    return nn.Sequential(nn.Flatten(1, 2), *layers, Transposed(nn.Linear(80, 1)))


def _conv1d() -> nn.Module:
    return nn.Sequential(
        nn.Flatten(1, 2), nn.Conv1d(128, 32, 8, padding="same"), nn.ReLU(), nn.MaxPool1d(4),
        nn.Conv1d(32, 32, 8, padding="same"), nn.ReLU(), nn.MaxPool1d(4), Mean(),
        nn.Linear(32, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 50),
    )  # fmt: skip


def _dnn() -> nn.Module:
    dense = [nn.Conv1d(105, 512, 15, padding=7), nn.ReLU(), nn.Dropout()]
    for _ in range(2):
        dense += [nn.Conv1d(512, 512, 1), nn.ReLU(), nn.Dropout()]
    return nn.Sequential(nn.Flatten(1, 2), *dense, nn.Conv1d(512, 12, 1))


def _fully_convolutional() -> nn.Module:
    layers: list[nn.Module] = []
    for before in (1, 8, 8, 8, 8):
        layers += [nn.Conv2d(before, 8, 5, padding=2), nn.ELU()]
    dense = [Transposed(nn.Linear(840, 48)), nn.ELU(), Mean(), nn.Linear(48, 24)]
    return nn.Sequential(*layers, nn.Flatten(1, 2), *dense)


def _tcn() -> nn.Module:
    front: list[nn.Module] = []
    for before, kernel, pad in ((1, (3, 3), (0, 1)), (16, (3, 3), (0, 1)), (16, (8, 1), (0, 0))):
        front += [nn.Conv2d(before, 16, kernel, padding=pad), nn.ELU(), nn.Dropout(0.1)]
        front += [nn.MaxPool2d((3, 1))] if kernel == (3, 3) else []
    blocks = [
        Residual(
            nn.Conv1d(16, 16, 5, padding="same", dilation=2**n), nn.ELU(), nn.Dropout(0.1)
        )
        for n in range(11)
    ]  # fmt: skip
    return nn.Sequential(*front, nn.Flatten(1, 2), *blocks, nn.Conv1d(16, 1, 1))


def _sample_cnn() -> nn.Module:
    layers: list[nn.Module] = [nn.Conv1d(1, 128, 3, stride=3), nn.BatchNorm1d(128), nn.ReLU()]
    widths = [128, 128, 128, *[256] * 6, 512]
    for before, after in itertools.pairwise(widths):
        layers += [nn.Conv1d(before, after, 3, padding=1), nn.BatchNorm1d(after), nn.ReLU()]
        layers += [nn.MaxPool1d(3)]
    layers += [nn.Conv1d(512, 512, 1), nn.BatchNorm1d(512), nn.ReLU(), nn.Dropout()]
    return nn.Sequential(nn.Flatten(1, 2), *layers, Mean(), nn.Linear(512, 50))


BY_HAND: dict[str, Callable[[], nn.Module]] = {
    "dnn": _dnn,
    "rnn-4": _rnn_4,
    "conv1d": _conv1d,
    "sample-cnn": _sample_cnn,
    "conv2d-5": _conv2d_5,
    "crnn": _crnn,
    "fully-convolutional": _fully_convolutional,
    "tcn": _tcn,
}


def _infer(network: nn.Module, x: Tensor) -> None:
    with torch.inference_mode():
        network.eval()(x)


def _train(network: nn.Module, x: Tensor) -> None:
    network.train()(x).square().mean().backward()
    network.zero_grad()


def _ratio(work: Callable[[nn.Module, Tensor], None], ours: nn.Module, plain: nn.Module,
           x: Tensor) -> tuple[float, float]:  # fmt: skip
    """Median CPU milliseconds of ours, and the median ratio of the interleaved pairs."""
    times: dict[nn.Module, list[float]] = {ours: [], plain: []}
    for repetition in range(REPETITIONS + 1):
        # Whoever comes second finds warmer caches: take turns.
        for network in (ours, plain) if repetition % 2 else (plain, ours):
            start = time.process_time()
            work(network, x)
            times[network].append(time.process_time() - start)
    pairs = list(zip(times[ours], times[plain], strict=True))[1:]  # the first pass allocates
    ratio = statistics.median(by_hand / own for own, by_hand in pairs)
    return 1000 * statistics.median(own for own, _ in pairs), ratio


def main(names: list[str]) -> None:
    """Print one row a network."""
    torch.set_num_threads(1)
    print(f"{'network':22}{'infer ms':>10}{'ratio':>8}{'train ms':>10}{'ratio':>8}")
    for entry in ZOO:
        if entry.name not in BY_HAND or (names and entry.name not in names):
            continue
        torch.manual_seed(0)
        seconds = RAW_SECONDS if entry.input.bins == 1 else SECONDS
        ours, plain = build(entry.notation, entry.input, entry.output), BY_HAND[entry.name]()
        shape = (entry.input.channels, entry.input.bins, int(seconds * entry.input.frame_rate))
        frames = max(shape[2], ours.minimum_frames)
        x = torch.randn(BATCH, *shape[:2], frames)
        infer, train = _ratio(_infer, ours, plain, x), _ratio(_train, ours, plain, x)
        print(f"{entry.name:22}{infer[0]:10.1f}{infer[1]:8.2f}{train[0]:10.1f}{train[1]:8.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
