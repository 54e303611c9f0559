"""Networks on long recordings in pieces, so that memory does not grow with the recording.

The outputs do not depend on how long the pieces are:

- A network with a limited receptive field is given as many frames as it sees around each piece,
  and its outputs are exactly those for the whole.
- One that sees everything (recurrent layers, attention) has no such limit. Its pieces are always
  the same, with so much to each side that its memory has settled where the piece begins.
- One for a task of long decision time scale gets the excerpts that it was trained on, half
  overlapping, and the mean over them is that of the whole (`deepmir.models.excerpts`).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir import networks

if TYPE_CHECKING:
    from deepmir.models.card import NetworkCard
    from deepmir.models.running import Runner
    from deepmir.representations import Representation
    from deepmir.tasks.base import Task

Array = npt.NDArray[np.float32]

# Frames of a piece of a network that sees everything, and of what it is given to each side. Memory
# fades by the frame: against 60 s with 12 s at 50 frames per second, it is 300 s with 60 s at 10.
PIECE = 3000
SETTLING = 600

SECONDS = 30.0  # a piece of any other network: large enough for the processor, small for its caches
PER_CONTEXT = 4  # and at least so many times its context, all of which is computed for every piece
EXCERPT = 120.0  # s, where a network for the long scale was trained on recordings of any length
TOGETHER = 2  # excerpts in one batch: more are no faster, and take as many times the memory


@dataclass(frozen=True)
class Windows:
    """The pieces of a recording that a network is given.

    Attributes:
        frames: of a piece.
        before: frames of context that it is given ahead of the piece, where there are any.
        after: frames of context behind it.
        fixed: whether the outputs depend on where the pieces begin and end.
    """

    frames: int
    before: int
    after: int
    fixed: bool

    def cut(self, length: int) -> Iterator[tuple[slice, slice]]:
        """Pieces of so many frames in all: what the network is given, and what of it is kept.

        The second slice counts from the begin of the first. Where it does not matter where they
        end, they are of one length: what is left would need as much context as any other.
        """
        frames = self.frames
        if not self.fixed:
            frames = math.ceil(length / max(1, math.ceil(length / frames)))
        for start in range(0, length, max(1, frames)):
            stop = min(start + frames, length)
            first, last = max(0, start - self.before), min(length, stop + self.after)
            yield slice(first, last), slice(start - first, stop - first)


def of(
    card: "NetworkCard", representation: "Representation", task: "Task", seconds: float = SECONDS
) -> Windows:
    """The pieces for a network.

    Args:
        card: of the network.
        representation: its input.
        task: its task.
        seconds: of a piece, for a network whose outputs do not depend on it.
    """
    rate = representation.frame_rate
    if not task.time_varying:
        length = card.excerpt_frames or round(EXCERPT * rate)
        return Windows(length, 0, 0, fixed=True)
    output = networks.Output(width=task.output.width, time_varying=True)
    shape = networks.InputShape.of(representation, card.ensemble)
    reach = networks.describe(card.network, shape, output).reach
    if math.isinf(reach.past) or math.isinf(reach.future):
        return Windows(PIECE, SETTLING, SETTLING, fixed=True)
    past, future = int(reach.past), int(reach.future)
    frames = max(1, round(seconds * rate), PER_CONTEXT * (past + future))
    return Windows(frames, past, future, fixed=False)


def run(network: "Runner", features: npt.NDArray[np.floating], windows: Windows) -> Iterator[Array]:
    """The outputs of a network for a task of short decision time scale, piece by piece.

    Args:
        network: what runs it.
        features: of the whole recording, shape (frames, bins) or (frames, bins, channels).
        windows: the pieces.

    Yields:
        Activations and, where the task wants them, the last features, shape (frames, V + H).

    Raises:
        DeepmirError: when there are fewer frames than the network needs.
    """
    for given, kept in windows.cut(len(features)):
        yield network(features[None, given])[0][kept]


def run_whole(network: "Runner", features: npt.NDArray[np.floating], windows: Windows) -> Array:
    """The outputs of a network for a task of long decision time scale, shape (V,).

    Raises:
        DeepmirError: when there are fewer frames than the network needs.
    """
    from deepmir.models.excerpts import starts

    begins = starts(len(features), windows.frames)
    total: float | npt.NDArray[np.float64] = 0.0
    for first in range(0, len(begins), TOGETHER):
        batch = begins[first : first + TOGETHER]
        outputs = network(np.stack([features[b : b + windows.frames] for b in batch]))
        total = total + np.sum(outputs, axis=0, dtype=np.float64)
    return np.asarray(total / len(begins), dtype=np.float32)
