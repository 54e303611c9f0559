"""CPU seconds to generate with a WaveNet: cached steps against the whole receptive field.

The network is that of studies/wavenet with untrained weights, which cost the same as trained ones.
Both ways draw the same samples from the same random numbers. Run by hand, with one thread:
``OMP_NUM_THREADS=1 python benchmarks/wavenet.py``.
"""

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor

from deepmir.generators.wavenet import sampling
from deepmir.generators.wavenet.network import Given, WaveNet

RATE = 8000
SIZES = {"channels": 32, "skip_channels": 64, "layers": 7, "condition_channels": 16}
Generate = Callable[[WaveNet, Given, Tensor], Tensor]


def timed(generate: Generate, network: WaveNet, length: int, sounds: int) -> tuple[float, Tensor]:
    """CPU seconds, and the codes that were drawn, which are the first of always the same."""
    torch.manual_seed(1)
    pitch, chance = torch.randint(0, 14, (RATE, sounds)), torch.rand(RATE, sounds).double()
    given = Given(pitch[:length].T.contiguous(), torch.arange(sounds) % 6)
    start = time.process_time()
    drawn = generate(network, given, chance[:length].T.contiguous())
    return time.process_time() - start, drawn


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=40, help="of the naive way")
    parser.add_argument("--sounds", type=int, default=8, help="that are drawn at once")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{options.sounds} sounds at once, double precision")
    print("looks back   cached, s for 1 s of audio   naive, s for 1 s   ratio   the same samples")
    for stacks in (1, 2, 4):
        torch.manual_seed(0)
        network = WaveNet(**SIZES, stacks=stacks, pitches=13, instruments=6).double()
        timed(sampling.cached, network, 10, options.sounds)  # what is only slow at first
        fast, cached = timed(sampling.cached, network, RATE // 4, options.sounds)
        slow, naive = timed(sampling.naive, network, options.samples, options.sounds)
        fast, slow = fast * 4, slow * RATE / options.samples
        same = torch.equal(cached[:, : options.samples], naive)
        print(f"{network.receptive_field:10d}{fast:29.1f}{slow:19.0f}{slow / fast:8.0f}   {same}")
    print("length, samples   cached, ms a sample")
    for length in (500, 1000, 2000, 4000):
        seconds, _ = timed(sampling.cached, network, length, options.sounds)
        print(f"{length:15d}{1000 * seconds / length:22.2f}")


if __name__ == "__main__":
    main()
