"""How fast networks train on a GPU: by precision, compiled, and beside plain PyTorch.

Run by hand on a machine with a GPU: ``python benchmarks/gpu.py``. In the folder of a study that has
run, ``--line`` adds how long its trainings wait for their patches. ``--smallest`` shows on any CPU,
in seconds, that the script works; its numbers mean nothing. Medians of wall time; the two sides are
warmed up, alternate, and are synchronised with the device.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import time
from collections.abc import Callable

import torch
from machine import processor
from torch import Tensor, nn

from deepmir.networks.network import build
from deepmir.networks.zoo import ZOO, Entry
from networks import BY_HAND

RAW_SECONDS = 3.0
Step = Callable[[], None]


def device_name(device: torch.device) -> str:
    """What the benchmark runs on."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else processor()


def wait(device: torch.device) -> None:
    """Wait until all that was asked for is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def stepping(network: nn.Module, x: Tensor, precision: torch.dtype | None) -> Step:
    """One step of training, with an optimiser of its own."""
    network = network.to(x.device).train()
    optimizer = torch.optim.AdamW(network.parameters(), fused=precision is None)
    scaler = torch.amp.GradScaler(x.device.type, enabled=precision is torch.float16)

    def step() -> None:
        optimizer.zero_grad()
        half = torch.autocast(x.device.type, precision) if precision else contextlib.nullcontext()
        with half:
            loss = network(x).float().square().mean()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()

    return step


def sides(entry: Entry, x: Tensor) -> dict[str, Step]:
    """Every way to train a network that this device can: notation first, which others are over."""

    def ours() -> nn.Module:
        return build(entry.notation, entry.input, entry.output)

    found = {"notation": stepping(ours(), x, None)}
    if entry.name in BY_HAND:
        found["plain"] = stepping(BY_HAND[entry.name](), x, None)
    found["bf16"] = stepping(ours(), x, torch.bfloat16)
    if x.device.type == "cuda":
        found["fp16"] = stepping(ours(), x, torch.float16)
    found["compiled"] = stepping(torch.compile(ours()), x, None)
    found["compiled, bf16"] = stepping(torch.compile(ours()), x, torch.bfloat16)
    return found


def seconds(steps: dict[str, Step], device: torch.device, repetitions: int) -> dict[str, float]:
    """The median time of a step of each side; of one that fails, none."""
    times: dict[str, list[float]] = {}
    for name, step in list(steps.items()):
        try:
            step()  # compiles, allocates, chooses algorithms
            step()
            times[name] = []
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {str(error).splitlines()[0]}")
    for repetition in range(repetitions):
        for name in list(times)[:: 1 if repetition % 2 else -1]:
            wait(device)
            start = time.perf_counter()
            steps[name]()
            wait(device)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def zoo(device: torch.device, names: list[str], batch: int, length: float, count: int) -> None:
    """The first table: patches a second of the notation, and the others as a multiple of it."""
    columns = ["plain", "bf16", "fp16", "compiled", "compiled, bf16"]
    print(f"| network | patches/s | {' | '.join(columns)} | memory, MB |")
    print(f"|{'---|' * (len(columns) + 3)}")
    for entry in [each for each in ZOO if each.name in names]:
        torch.manual_seed(0)
        network = build(entry.notation, entry.input, entry.output)
        wanted = min(length, RAW_SECONDS) if entry.input.bins == 1 else length
        frames = max(int(wanted * entry.input.frame_rate), network.minimum_frames)
        x = torch.randn(batch, entry.input.channels, entry.input.bins, frames, device=device)
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        found = seconds(sides(entry, x), device, count)
        ours = found["notation"]
        cells = [f"{ours / found[side]:.2f}" if side in found else "" for side in columns]
        peak = torch.cuda.max_memory_allocated(device) / 2**20 if device.type == "cuda" else 0
        print(
            f"| {entry.name} | {batch / ours:.0f} | {' | '.join(cells)} | {peak:.0f} |", flush=True
        )


def waiting(device: torch.device, steps: int) -> None:
    """The second table: the share of a training's time that goes by without a batch to train on."""
    from deepmir.declarations import entries, loading
    from deepmir.declarations.neural import NetworkEntry
    from deepmir.training import loop

    print("\n| experiment | workers | ms a step | waiting for patches |\n|---|---|---|---|")
    for name, entry in entries.everything(loading.load()).items():
        if not isinstance(entry, NetworkEntry) or not entry.is_trained:
            continue
        module = loop.prepare(entry, entry.files.read_to_train())
        module.log = lambda *_, **__: None  # type: ignore[method-assign]
        module.to(device).train()
        optimizer = module.configure_optimizers()["optimizer"]
        waited = begin = 0.0
        done = 0
        batches = iter(module.train_dataloader())
        for index in range(min(steps, module.batches_per_epoch)):
            start = time.perf_counter()
            batch = module.transfer_batch_to_device(next(batches), device, 0)
            wait(device)
            if index:  # the first step allocates and starts the workers
                waited, done = waited + time.perf_counter() - start, done + 1
            optimizer.zero_grad()
            module.training_step(batch, index).backward()
            optimizer.step()
            wait(device)
            begin = begin or time.perf_counter()
        total = time.perf_counter() - begin
        workers = entry.experiment.training.workers
        each = 1000 * total / max(done, 1)
        print(f"| {name} | {workers} | {each:.1f} | {waited / total:.1%} |", flush=True)


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("names", nargs="*", help="networks of the zoo; all by default")
    arguments.add_argument("--line", action="store_true", help="trainings of ./params.yaml too")
    arguments.add_argument("--smallest", action="store_true", help="one network, on the CPU")
    arguments.add_argument("--batch", type=int, default=32, help="patches in a batch")
    options = arguments.parse_args()
    has_gpu = torch.cuda.is_available() and not options.smallest
    device = torch.device("cuda" if has_gpu else "cpu")
    print(f"{device_name(device)}; torch {torch.__version__}\n")
    if options.smallest:
        zoo(device, options.names or ["conv1d"], batch=2, length=3.0, count=1)
    else:
        names = options.names or [entry.name for entry in ZOO]
        zoo(device, names, options.batch, length=10.0, count=20)
    if options.line:
        waiting(device, 4 if options.smallest else 200)


if __name__ == "__main__":
    main()
