"""Problems with the sound of a recording: clipping, silence, a DC offset."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from deepmir.datasets.folder.problems import Findings
from deepmir.files.blocks import Block, scaled

FULL = 32767 / 32768  # the greatest value of 16 bits
RUN = 3  # samples at full scale in a row: no converter gives them of a clean sound
RUNS = 10  # of them can be heard, or come of a file that is loud all the time

QUIET = 1e-3  # peak of silence, -60 dB of full scale
EDGE = 5.0  # seconds of silence at the beginning or end
SHARE = 0.5  # of what is between its first and last sound
CONSTANT = 0.02  # mean of a channel, as a share of full scale

FRAMES_A_SECOND = 20  # in which silence is looked for


@dataclass
class Levels:
    """Counts made while a recording is read.

    Attributes:
        rate: samples per second.
        runs: of samples at full scale.
        first_run: when the first of them is, in seconds.
        loud: whether each twentieth of a second is louder than silence.
        total: of the samples of each channel.
        samples: of a channel.
    """

    rate: int
    runs: int = 0
    first_run: float = 0.0
    loud: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    total: npt.NDArray[np.float64] | float = 0.0
    samples: int = 0
    _tail: npt.NDArray[np.bool_] | None = None

    def add(self, block: npt.NDArray[np.float32]) -> None:
        """Count some samples, shape (samples, channels)."""
        peaks = np.abs(block).max(axis=1)
        frame = frame_of(self.rate)
        begun = self.samples % frame
        starts = np.arange(-begun, len(block), frame).clip(0)
        loud = np.maximum.reduceat(peaks, starts) > QUIET
        if begun:  # a frame that began in the block before
            self.loud[-1][-1] |= loud[0]
            loud = loud[1:]
        self.loud.append(loud)
        self.total = self.total + block.sum(axis=0, dtype=np.float64)
        self._count_runs(block, bool(peaks.max() >= FULL))
        self.samples += len(block)

    def _count_runs(self, block: npt.NDArray[np.float32], reached: bool) -> None:
        """Count the runs that end here: the samples before a block can belong to one of them."""
        channels = block.shape[1]
        none = np.zeros((RUN, channels), dtype=np.bool_)
        if not reached:
            self._tail = none
            return
        before = none if self._tail is None else self._tail
        full = np.concatenate([before, np.abs(block) >= FULL])
        windows = np.lib.stride_tricks.sliding_window_view(full, RUN, axis=0)
        long: npt.NDArray[np.bool_] = np.logical_and.reduce(windows, axis=-1)
        begins = long[1:] & ~long[:-1]
        if begins.any() and not self.runs:
            place = int(np.flatnonzero(begins.any(axis=1))[0]) + 1 - RUN
            self.first_run = max(0.0, (self.samples + place) / self.rate)
        self.runs += int(begins.sum())
        self._tail = full[-RUN:]

    def report(self, findings: Findings) -> None:
        """Add the problems to the findings."""
        if self.runs >= RUNS:
            findings.warning(
                0,
                f"clipped: {self.runs} runs of {RUN} or more samples at full scale, the first at "
                f"{self.first_run:.2f} s",
            )
        mean = float(np.max(np.abs(self.total))) / max(self.samples, 1)
        if mean > CONSTANT:
            findings.warning(
                0, f"a constant part (DC) of {100 * mean:.1f} % of full scale: remove it"
            )
        self._report_silence(findings)

    def _report_silence(self, findings: Findings) -> None:
        loud = np.concatenate(self.loud)
        when = np.flatnonzero(loud)
        if not when.size:
            findings.warning(0, "nearly silent: no sample above -60 dB of full scale")
            return
        before = when[0] / FRAMES_A_SECOND
        after = (loud.size - 1 - when[-1]) / FRAMES_A_SECOND
        share = 1 - loud[when[0] : when[-1] + 1].mean()
        if before > EDGE:
            findings.warning(0, f"it begins with {before:.1f} s of silence")
        if after > EDGE:
            findings.warning(0, f"it ends with {after:.1f} s of silence")
        if share > SHARE:
            findings.warning(0, f"{100 * share:.0f} % of it, apart from both ends, is silence")


def frame_of(rate: int) -> int:
    """Samples in which silence is looked for, at so many a second."""
    return max(1, rate // FRAMES_A_SECOND)


def counted(blocks: Iterable[Block], levels: Levels) -> Iterator[Block]:
    """All samples of a recording, in blocks of shape (samples, channels), counted as they pass."""
    for block in blocks:
        samples = scaled(block)
        levels.add(samples)
        yield samples
