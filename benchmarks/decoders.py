"""CPU seconds to decode an hour of activations, for every task; madmom where installed.

Run by hand, with one thread: ``OMP_NUM_THREADS=1 python benchmarks/decoders.py``.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from deepmir import tasks
from deepmir.decoders.bar_pointer import BarPointer
from deepmir.decoders.peaks import PeakPicker
from deepmir.tasks.base import Task
from deepmir.tasks.names import NAMES

Activations = NDArray[np.float64]


def synthetic_activations(frame_rate: float, seconds: float) -> Activations:
    """Noisy activations (frames, 2) of a 4/4 piece which drifts between 100 and 140 BPM."""
    rng = np.random.default_rng(0)
    frames = int(frame_rate * seconds)
    activations = 0.3 * rng.uniform(size=(frames, 2)) ** 4
    beat, at = 0, 0.5
    while at < seconds - 1:
        near = np.arange(int(at * frame_rate) - 4, int(at * frame_rate) + 5)
        bell = 0.9 * np.exp(-0.5 * ((near - at * frame_rate) / (0.015 * frame_rate)) ** 2)
        if rng.uniform() > 0.1:
            columns = 2 if beat % 4 == 0 else 1
            activations[near, :columns] = np.maximum(activations[near, :columns], bell[:, None])
        beat, at = beat + 1, at + 60 / (120 + 20 * np.sin(at / 60))
    return activations


def cpu_seconds(decode: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.process_time()
        decode()
        times.append(time.process_time() - start)
    return float(np.median(times))


# Frames a second of each task's activations; of the long scale there is one vector a recording.
RATES = {"onset": 50.0, "offset": 50.0, "beat": 50.0, "melody": 50.0, "notes": 50.0}
RATES |= {"singing": 50.0, "chord": 10.0, "chord_large": 10.0, "chroma": 10.0}
RATES |= {"structure": 10.0, "instrument": 10.0}
HIDDEN = 64  # features that the decoder of structure reads beside the activations


def smoothed_noise(task: Task, frames: int, frame_rate: float) -> NDArray[np.float32]:
    """Activations that change about twice a second: each head's noise through its activation."""
    from scipy.ndimage import gaussian_filter1d

    rng = np.random.default_rng(0)
    width = task.output.width + (HIDDEN if task.hidden else 0)
    noise = rng.standard_normal((frames, width), dtype=np.float32)
    logits = gaussian_filter1d(noise, frame_rate / 6, axis=0)
    logits *= 4 / logits.std()
    for head, part in zip(task.output.heads, task.output.slices, strict=True):
        values = logits[:, part]
        if head.activation == "softmax":
            values = np.exp(values - values.max(axis=1, keepdims=True))
            logits[:, part] = values / values.sum(axis=1, keepdims=True)
        elif head.activation == "sigmoid":
            logits[:, part] = 1 / (1 + np.exp(2 - values))
    return logits


def every_task(repeats: int) -> None:
    """An hour of each task with its default options."""
    print("task          frames a second   CPU seconds per hour of audio")
    for name in NAMES:
        task, rate = tasks.get(name), RATES.get(name, 1.0)
        frames = int(3600 * rate) if task.time_varying else 1
        activations = smoothed_noise(task, frames, rate)
        decode = task.decoder(rate)
        values = activations if task.time_varying else activations[0]
        decode(values[: int(20 * rate)] if task.time_varying else values)  # compiles
        seconds = cpu_seconds(partial(decode, values), repeats)
        told = f"{rate:.0f}" if task.time_varying else "one a recording"
        print(f"{name:14s}{told:18s}{seconds:8.2f}")


def madmom_decoder(frame_rate: float) -> Callable[[Activations], Activations] | None:
    """The decoder of madmom with the same settings; it wants beats which exclude downbeats."""
    try:
        from madmom.features.downbeats import DBNDownBeatTrackingProcessor
    except ImportError:
        return None
    decoder = DBNDownBeatTrackingProcessor(beats_per_bar=[2, 3, 4], fps=frame_rate)

    def decode(activations: Activations) -> Activations:
        beat = np.maximum(activations.max(axis=1) - activations[:, 1], 1e-5)
        return decoder(np.stack([beat, np.maximum(activations[:, 1], 1e-5)], axis=1))

    return decode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--madmom-minutes", type=float, default=5, help="its memory limits it")
    arguments = parser.parse_args()
    start = time.perf_counter()
    BarPointer(frame_rate=50)(synthetic_activations(50, 10))
    print(
        f"first call, compiling or loading the compiled search: {time.perf_counter() - start:.1f} s"
    )
    every_task(arguments.repeats)
    print("decoder                                    CPU seconds per hour of audio")
    for frame_rate in (50.0, 100.0):
        hour = synthetic_activations(frame_rate, 3600)
        rows: dict[str, Callable[[], object]] = {
            "bar pointer": partial(BarPointer(frame_rate=frame_rate), hour),
            "bar pointer, no oversampling": partial(
                BarPointer(frame_rate=frame_rate, oversampling=1), hour
            ),
            "peak picking": partial(PeakPicker(frame_rate=frame_rate), hour[:, 0]),
        }
        for name, decode in rows.items():
            seconds = cpu_seconds(decode, arguments.repeats)
            print(f"{frame_rate:4.0f} fps  {name:32s} {seconds:8.2f}")
        if (madmom := madmom_decoder(frame_rate)) is not None:
            minutes = arguments.madmom_minutes
            part = hour[: int(frame_rate * 60 * minutes)]
            seconds = cpu_seconds(partial(madmom, part), 1) * 60 / minutes
            print(f"{frame_rate:4.0f} fps  {'madmom, the same model':32s} {seconds:8.2f}")
            ours = BarPointer(frame_rate=frame_rate, oversampling=1)(part).times
            theirs = madmom(part)[:, 0]
            near = np.abs(ours[:, None] - theirs).min(axis=1) <= 1 / frame_rate
            print(f"          of {len(ours)} beats {near.mean():.1%} within a frame of madmom's")


if __name__ == "__main__":
    main()
