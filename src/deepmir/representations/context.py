"""How much of a recording a frame depends on: what a patch on the fly is cut with."""

import math
from dataclasses import dataclass

from deepmir.errors import DeepmirError
from deepmir.representations import Representation
from deepmir.representations.chroma import Chroma
from deepmir.representations.conditioning import Decibel, LocalContrast, Pcen, Step, Whitening
from deepmir.representations.constant_q import RINGING, Filters, plan
from deepmir.representations.cqt import Cqt
from deepmir.representations.filterbank import Filterbank
from deepmir.representations.hcqt import Hcqt
from deepmir.representations.mfcc import Mfcc
from deepmir.representations.separation import Separation
from deepmir.representations.stack import Stack
from deepmir.representations.stft import Stft
from deepmir.representations.tempogram import Tempogram

# The exponential memory of PCEN is followed back until 6e-6 of it is left.
TIME_CONSTANTS = 12


@dataclass(frozen=True)
class Context:
    """What a frame needs around it.

    Attributes:
        before: frames ahead of it.
        after: frames that follow it.
        grid: an excerpt has to begin at a multiple of so many frames.
    """

    before: int
    after: int
    grid: int = 1

    def wider(self, before: int, after: int) -> "Context":
        """The context of something that looks at this many frames of what is looked at here."""
        return Context(self.before + before, self.after + after, self.grid)


def context(representation: Representation) -> Context:
    """How far the frames of a representation look.

    Raises:
        DeepmirError: when a frame depends on the whole recording, with what to change.
    """
    found = _before_conditioning(representation)
    for step in representation.conditioning:
        found = found.wider(*_of_step(step, representation.frame_rate))
    return found


def _before_conditioning(representation: Representation) -> Context:
    if isinstance(representation, Stack):
        members = [context(member) for member in representation.members]
        return Context(
            max(member.before for member in members),
            max(member.after for member in members),
            math.lcm(*(member.grid for member in members)),
        )
    if isinstance(representation, Hcqt):
        reach = _filters_reach(representation.union()[0], representation.hop)
        return _separated(representation.source.separation, reach, representation.hop)
    if isinstance(representation, Chroma | Mfcc):
        return context(representation.source)
    if isinstance(representation, Tempogram):
        half = representation.bins // 2
        return context(representation.source).wider(half + representation.delay, half)
    if isinstance(representation, Cqt):
        reach = _filters_reach(representation.filters, representation.hop)
    elif isinstance(representation, Stft | Filterbank):
        reach = representation.window // 2
    else:
        reach = representation.hop // 2
    return _separated(representation.separation, reach, representation.hop)


def _filters_reach(filters: Filters, hop: int) -> int:
    """Samples to either side of a frame that its longest filter and the decimation look at."""
    return max((group.before + RINGING) * group.factor for group in plan(filters, hop))


def _separated(separation: Separation | None, reach: int, hop: int) -> Context:
    """The context of an analysis that reaches so many samples, after separation or without it."""
    if separation is None:
        frames = math.ceil(reach / hop)
        return Context(frames, frames)
    # A sample lies in the frames of one window to either side, each of them within a median.
    reach += 2 * separation.window + (separation.kernel // 2) * separation.hop
    frames = math.ceil(reach / hop)
    return Context(frames, frames, separation.hop // math.gcd(hop, separation.hop))


def _of_step(step: Step, frame_rate: float) -> tuple[int, int]:
    if isinstance(step, Pcen):
        return math.ceil(TIME_CONSTANTS * step.time_constant * frame_rate), 0
    if isinstance(step, LocalContrast):
        return step.reach, step.reach
    if isinstance(step, Decibel) and (step.range is not None or step.reference == "maximum"):
        raise DeepmirError(
            "decibel relates to the loudest moment of the whole recording: declare range: null "
            "and a number as its reference"
        )
    if isinstance(step, Whitening):
        raise DeepmirError(
            "whitening follows the peaks from the beginning of the recording: leave it out"
        )
    return 0, 0
