"""Networks of the zoo against the same networks written by hand in plain PyTorch.

Run by hand: ``python benchmarks/networks.py [name ...]``. In each process both sides alternate, on
one thread; CPU time, medians. `notation` is how many times as fast the network in the notation is
as plain eager PyTorch with torch's default AdamW; `+ allocator`, the same when the process keeps
its memory, as in training by the Snakefile, against plain PyTorch without that. The second table
compares predictions for every frame by one dense pass with one patch a frame.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from machine import processor
from torch import Tensor, nn

from deepmir.networks.finish import BatchNorm
from deepmir.networks.network import build
from deepmir.networks.zoo import ZOO, Entry

BATCH = 8
SECONDS = 10.0
REPETITIONS = 8
RAW_SECONDS = 3.0
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "4294967296",
    "MALLOC_TOP_PAD_": "134217728",
}
WEIGHTED = (nn.Conv2d, nn.Conv1d, nn.Linear, BatchNorm)


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


def _infer(network: nn.Module, x: Tensor, optimizer: torch.optim.Optimizer) -> None:
    with torch.inference_mode():
        network.eval()(x)


def _train(network: nn.Module, x: Tensor, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    network.train()(x).square().mean().backward()
    optimizer.step()


def _times(entry: Entry) -> dict[str, list[float]]:
    """CPU milliseconds of every repetition: ours and plain, inference and training, in turn."""
    torch.manual_seed(0)
    seconds = RAW_SECONDS if entry.input.bins == 1 else SECONDS
    ours, plain = build(entry.notation, entry.input, entry.output), BY_HAND[entry.name]()
    shape = (entry.input.channels, entry.input.bins, int(seconds * entry.input.frame_rate))
    x = torch.randn(BATCH, *shape[:2], max(shape[2], ours.minimum_frames))
    sides = {
        "ours": (ours, torch.optim.AdamW(ours.parameters(), fused=True)),
        "plain": (plain, torch.optim.AdamW(plain.parameters())),
    }
    found: dict[str, list[float]] = {}
    for work in (_infer, _train):
        for repetition in range(REPETITIONS + 1):
            # Whoever comes second finds warmer caches: take turns.
            for side in list(sides)[:: 1 if repetition % 2 else -1]:
                start = time.process_time()
                work(sides[side][0], x, sides[side][1])
                spent = 1000 * (time.process_time() - start)
                if repetition:  # the first pass allocates
                    found.setdefault(f"{side}{work.__name__}", []).append(spent)
    return found


def _apart(name: str, keep_memory: bool) -> dict[str, list[float]]:
    """The times of a network in a process of its own, with the allocator's settings or without."""
    settings = {**os.environ, "OMP_NUM_THREADS": "1", **(KEEP_MEMORY if keep_memory else {})}
    run = [sys.executable, __file__, "--one", name]
    seen = subprocess.run(run, env=settings, capture_output=True, text=True, check=True)
    found: dict[str, list[float]] = json.loads(seen.stdout)
    return found


def _row(name: str) -> str:
    both = {keep: _apart(name, keep) for keep in (False, True)}
    cells = [name]
    for work in ("_infer", "_train"):
        plain, ours = both[False][f"plain{work}"], both[False][f"ours{work}"]
        cells.append(f"{statistics.median(plain):.0f}")
        pairs = [p / o for p, o in zip(plain, ours, strict=True)]
        cells.append(f"{statistics.median(pairs):.2f}")
        kept = statistics.median(both[True][f"ours{work}"])
        cells.append(f"{statistics.median(plain) / kept:.2f}")
    return f"| {' | '.join(cells)} |"


class Patchwise(nn.Module):
    """Schlueter's network as published: one prediction for the middle of 115 frames."""

    def __init__(self, dense: nn.Module) -> None:
        super().__init__()
        self.parts = [part for part in dense.modules() if isinstance(part, WEIGHTED)]

    def forward(self, x: Tensor) -> Tensor:
        """(patches, 1, 80, 115) to (patches, 1)."""
        convolutions, norms = self.parts[0:14:2], self.parts[1:14:2]
        for place, (convolution, norm) in enumerate(zip(convolutions, norms, strict=True)):
            if place == 2:
                x = F.max_pool2d(x, 3)
            if place == 5:
                x = F.max_pool2d(x, (4, 1)).flatten(1, 2)
            if isinstance(convolution, nn.Linear):
                x = convolution(x.flatten(1))
            elif isinstance(convolution, nn.Conv1d):
                x = F.conv1d(x, convolution.weight)[..., 0]
            else:
                x = F.conv2d(x, convolution.weight)
            x = F.leaky_relu(norm(x))
        y: Tensor = self.parts[-1](x)
        return y


def _framewise() -> None:
    """A dense pass against one patch a frame, with the same weights."""
    torch.manual_seed(0)
    entry = next(each for each in ZOO if each.name == "conv2d-dense")
    network = build(entry.notation, entry.input, entry.output).eval()
    patchwise, frames, context = Patchwise(network).eval(), 600, 115
    x = torch.randn(1, 1, entry.input.bins, frames)
    reach = context // 2
    patches = F.pad(x, (reach, reach)).unfold(3, context, 1)[0].permute(2, 0, 1, 3)
    times: dict[str, list[float]] = {"dense": [], "patches": []}
    with torch.inference_mode():
        for _ in range(4):
            start = time.process_time()
            dense = network(x)[0]
            times["dense"].append(1000 * (time.process_time() - start))
            start = time.process_time()
            single = torch.cat([patchwise(some) for some in torch.split(patches, 64)]).T
            times["patches"].append(1000 * (time.process_time() - start))
    inner = slice(context, frames - context)
    apart = float((dense - single)[:, inner].norm() / dense[:, inner].norm())
    one, many = (statistics.median(times[side][1:]) for side in ("dense", "patches"))
    print("\n| frame-wise inference | frames | dense, ms | patches, ms | ratio | difference |")
    print("|---|---|---|---|---|---|")
    print(f"| conv2d-dense | {frames} | {one:.0f} | {many:.0f} | {many / one:.0f} | {apart:.0e} |")


def main(names: list[str]) -> None:
    """Print one row a network, or its times alone."""
    torch.set_num_threads(1)
    if names[:1] == ["--one"]:
        print(json.dumps(_times(next(entry for entry in ZOO if entry.name == names[1]))))
        return
    print(f"{processor()}; torch {torch.__version__}, one thread\n")
    print("| network | plain inference, ms | notation | + allocator ", end="")
    print("| plain training step, ms | notation | + allocator |")
    print("|---|---|---|---|---|---|---|")
    for name in names or BY_HAND:
        print(_row(name), flush=True)
    if not names:
        _framewise()


if __name__ == "__main__":
    main(sys.argv[1:])
