"""The output of every decoder: a recording as blocks of samples with all channels."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.int16] | npt.NDArray[np.float32]

# Frames decoded at once: blocks stay in the cache, and memory does not grow with the file.
BLOCK = 1 << 17

DAMAGED = "truncated or damaged; copy it again"


@dataclass
class Decoded:
    """A recording that can be read once.

    Attributes:
        sample_rate: of the blocks, Hz.
        channels: of them.
        format: of the file, as named by its decoder.
        blocks: int16 at full scale or float32, shape (frames, channels), of at most :data:`BLOCK`
            frames, each valid until the next one is read.
        frames: number of samples per channel, if known without decoding.
        title: of the recording, or empty.
        artist: of the recording, or empty.
        remarks: oddities that do not prevent its use; complete after the last block.
    """

    sample_rate: int
    channels: int
    format: str
    blocks: Iterator[Block]
    frames: int | None = None
    title: str = ""
    artist: str = ""
    remarks: list[str] = field(default_factory=list)


def full_scale(block: Block) -> float:
    """The value of full scale in a block as it was decoded."""
    return 32768.0 if block.dtype == np.int16 else 1.0


def scaled(block: Block) -> npt.NDArray[np.float32]:
    """A block as floats, with full scale 1."""
    if block.dtype == np.int16:
        return np.multiply(block, np.float32(1 / 32768), dtype=np.float32)
    return block.astype(np.float32, copy=False)
