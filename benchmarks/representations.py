"""CPU time of every representation beside the straightforward librosa call, on the same samples.

Run by hand, with one thread and an otherwise idle machine:

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/representations.py

The two sides alternate within one run, so that a slower machine slows both. Times are process CPU
milliseconds per 30 seconds of audio; a ratio is librosa's time over ours.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import librosa
import numpy as np
import numpy.typing as npt

from deepmir.representations import (
    Chroma,
    Cqt,
    Decibel,
    Hcqt,
    Log,
    Mel,
    Mfcc,
    Pcen,
    Separation,
    Stft,
    Tempogram,
)

Array = npt.NDArray[np.float32]
RATE, SECONDS = 22050, 30


class Case(NamedTuple):
    """One row: the same thing by deepmir and by librosa."""

    name: str
    ours: Callable[[Array], object]
    theirs: Callable[[Array], object]


def hcqt(samples: Array) -> Array:
    """A CQT for each harmonic, as its authors' code computes it."""
    fmins = [32.7032 * h for h in (0.5, 1, 2, 3, 4, 5)]
    return np.stack(
        [
            np.abs(librosa.cqt(samples, fmin=f, n_bins=216, bins_per_octave=36, tuning=0))
            for f in fmins
        ]
    )


CASES = (
    Case("STFT magnitude, 2048 / 512", Stft(), lambda x: np.abs(librosa.stft(x))),
    Case(
        "log-mel 96, 1024 / 256",
        Mel(window=1024, hop=256, bins=96, conditioning=(Log(),)),
        lambda x: np.log(
            librosa.feature.melspectrogram(y=x, n_fft=1024, hop_length=256, n_mels=96, htk=True)
            + 1e-6
        ),
    ),
    Case(
        "PCEN of mel 128, 2048 / 512",
        Mel(power=1, conditioning=(Pcen(),)),
        lambda x: librosa.pcen(librosa.feature.melspectrogram(y=x, power=1) * 2**31),
    ),
    Case(
        "MFCC 20",
        Mfcc(source=Mel(conditioning=(Decibel(),))),
        lambda x: librosa.feature.mfcc(y=x, sr=RATE),
    ),
    Case("CQT 84, 12 an octave", Cqt(), lambda x: np.abs(librosa.cqt(x, n_bins=84, tuning=0))),
    Case(
        "CQT 252, 36 an octave",
        Cqt(bins=252, bins_per_octave=36),
        lambda x: np.abs(librosa.cqt(x, n_bins=252, bins_per_octave=36, tuning=0)),
    ),
    Case(
        "CQT 84, hop 441 (50 frames a second)",
        Cqt(hop=441),
        lambda x: np.abs(librosa.cqt(x, n_bins=84, tuning=0, hop_length=441)),
    ),
    Case("HCQT 216 x 6", Hcqt(), hcqt),
    Case("chroma of CQT", Chroma(), lambda x: librosa.feature.chroma_cqt(y=x, tuning=0)),
    Case("tempogram 384", Tempogram(), lambda x: librosa.feature.tempogram(y=x)),
    Case(
        "harmonic-percussive separation",
        lambda x: Separation(keep="harmonic")(x),
        lambda x: librosa.effects.harmonic(x),
    ),
)


def music() -> Array:
    """Decaying harmonic notes and noise: nothing here depends on what the audio is."""
    rng = np.random.default_rng(2017)
    seconds = np.arange(RATE * SECONDS) / RATE
    samples = 0.002 * rng.standard_normal(len(seconds))
    for onset in np.arange(0, SECONDS - 2, 0.25):
        fundamental = 440 * 2 ** ((rng.integers(36, 84) - 69) / 12)
        part = slice(int(onset * RATE), int((onset + 2) * RATE))
        since = seconds[part] - onset
        for partial in range(1, 6):
            tone = np.sin(2 * np.pi * partial * fundamental * since)
            samples[part] += np.exp(-4 * since) * tone / partial
    loud: Array = (samples / np.abs(samples).max()).astype(np.float32)
    return loud


def cpu(function: Callable[[Array], object], samples: Array) -> float:
    """Process-CPU milliseconds of one call."""
    start = time.process_time()
    function(samples)
    return 1000 * (time.process_time() - start)


def row(case: Case, samples: Array, rounds: int) -> str:
    """Median times, median ratio and the middle half of the ratios."""
    case.ours(samples), case.theirs(samples)  # plans, caches, compilation
    times = np.array([(cpu(case.ours, samples), cpu(case.theirs, samples)) for _ in range(rounds)])
    ratios = times[:, 1] / times[:, 0]
    ours, theirs = np.median(times, axis=0)
    low, middle, high = np.percentile(ratios, [25, 50, 75])
    return f"| {case.name} | {ours:.1f} | {theirs:.1f} | {middle:.1f} | {low:.1f}-{high:.1f} |"


def processor() -> str:
    """Model and number of cores."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), "CPU")
    return f"{model}, {os.cpu_count()} cores"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    samples = music()
    print(f"{processor()}; librosa {librosa.__version__}; {rounds} rounds\n")
    print("| 30 s at 22,050 Hz | deepmir, CPU ms | librosa, CPU ms | ratio | middle half |")
    print("|---|---|---|---|---|")
    for case in CASES:
        print(row(case, samples, rounds), flush=True)


if __name__ == "__main__":
    main()
