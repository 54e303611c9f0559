"""Whether training waits for its patches, and how fast they are read.

Run by hand in the folder of a study that has run, such as studies/tasks, with one thread:
``OMP_NUM_THREADS=1 python ../../benchmarks/feeding.py``. The first table trains one epoch of every
experiment of params.yaml that has features, precomputed and on the fly, with batches made by the
training process or by one or two others. The second reads the same patches in three ways.
"""

import argparse
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
import torch
from deepmir.training.training import TrainingModule
from machine import processor
from torch import Tensor

from deepmir.declarations import entries, loading
from deepmir.declarations.neural import NetworkEntry
from deepmir.declarations.schema import Experiment, Params
from deepmir.features.inputs import Precomputed
from deepmir.models import losses
from deepmir.training import loop


def resident() -> float:
    """Memory of this process that is not a file's, MB."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) / 1024


def epoch(module: TrainingModule, steps: int) -> tuple[float, float]:
    """Seconds of waiting for batches, and seconds in all, over the steps of an epoch."""
    network = module.model.train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4, fused=True)
    waited, begin = 0.0, 0.0
    batches = iter(module.train_dataloader())
    for step in range(steps):
        if step == 1:  # the first step compiles, allocates and starts the workers
            waited, begin = 0.0, time.perf_counter()
        before = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - before
        optimizer.zero_grad()
        logits: Tensor = network(module.features(batch), batch.lengths)
        output = module.task.output
        means = losses.means(output, logits, batch.target, batch.lengths)
        losses.loss(output, means).backward()
        optimizer.step()
    return waited, time.perf_counter() - begin


def prepare(declared: Params, name: str) -> TrainingModule:
    """A network ready to be trained."""
    entry = entries.resolve(declared, name)
    assert isinstance(entry, NetworkEntry)
    return loop.prepare(entry, entry.files.read())


def waiting(declared: Params, name: str, experiment: Experiment, steps: int) -> None:
    """A line of the first table for every way of feeding an experiment."""
    for precompute in (True, False):
        for workers in (0, 1, 2):
            options = experiment.training.model_copy(update={"workers": workers})
            changes = {"precompute": precompute, "training": options}
            changed = experiment.model_copy(update=changes)
            module = prepare(declared.model_copy(update={"experiments": {name: changed}}), name)
            batches = min(steps, module.batches_per_epoch)
            before = resident()
            waited, total = epoch(module, batches)
            way = "precomputed" if precompute else "on the fly"
            print(
                f"| {name} | {way} | {workers} | {batches} | {1000 * total / (batches - 1):.0f} | "
                f"{1000 * waited / (batches - 1):.2f} | {waited / total:.2%} | "
                f"{resident() - before:+.0f} |",
                flush=True,
            )


def reading(module: TrainingModule, patches: int, batch_size: int) -> None:
    """The second table: the same patches from a memory map and from HDF5, one at a time."""
    inputs = module.sampler.inputs
    assert isinstance(inputs, Precomputed)
    rng, frames = np.random.default_rng(0), module.sampler.frames
    examples = [e for e in module.train_examples if e.frames > frames]
    chosen = [examples[int(i)] for i in rng.integers(0, len(examples), patches)]
    wanted = [(e.track, int(rng.integers(0, e.frames - frames))) for e in chosen]
    shape = inputs.store[wanted[0][0]][:frames].shape
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name, options in (("contiguous", {}), ("gzip", {"compression": "gzip"})):
            files[name] = h5py.File(Path(folder) / f"{name}.h5", "w")
            for example in examples:
                files[name].create_dataset(
                    example.track, data=inputs.store[example.track], **options
                )
        ways = {
            "memory map (deepmir)": lambda track, at: inputs.excerpt(track, at, frames).values,
            "h5py, contiguous, file kept open": lambda track, at: files["contiguous"][track][
                at : at + frames
            ],
            "h5py, gzip as h5py users write it": lambda track, at: files["gzip"][track][
                at : at + frames
            ],
        }
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(5):
            for name, read in ways.items():
                some = wanted if "map" in name else wanted[: len(wanted) // 10]
                start = time.perf_counter()
                for first in range(0, len(some), batch_size):
                    np.stack([read(*each) for each in some[first : first + batch_size]])
                rates[name].append(len(some) / (time.perf_counter() - start))
        print(f"\nPatches of {shape}, {patches} of them, stacked in batches of {batch_size}:\n")
        print("| read from | patches a second | memory map is faster by |")
        print("|---|---|---|")
        best = np.array(rates["memory map (deepmir)"])
        for name, found in rates.items():
            print(f"| {name} | {np.median(found):,.0f} | {np.median(best / found):.1f} |")
        for file in files.values():
            file.close()


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=60, help="of each epoch, at most")
    parser.add_argument("--patches", type=int, default=20000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    declared = loading.load()
    print(f"{processor()}; torch {torch.__version__}, one thread\n")
    print("| experiment | features | workers | steps | ms a step | waiting, ms | share | MB more |")
    print("|---|---|---|---|---|---|---|---|")
    for name, experiment in declared.experiments.items():
        waiting(declared, name, experiment, arguments.steps)
    for name, experiment in declared.experiments.items():
        module = prepare(declared, name)
        reading(module, arguments.patches, experiment.training.batch_size)


if __name__ == "__main__":
    main()
