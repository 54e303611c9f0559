"""Decoding of recordings to blocks of samples with all channels (tutorial, section 5.1).

By libsndfile and miniaudio, or by ffmpeg, if installed, for other formats. The length of a
recording is that of its decoded samples: headers are only compared with it.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir.files import containers, ffmpeg, libsndfile
from deepmir.files.blocks import Block, Decoded, scaled

SUFFIXES = frozenset(
    (
        *(".wav", ".wave", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc"),
        *(".au", ".snd", ".caf", ".w64", ".rf64", ".mp2"),  # these by libsndfile, those by ffmpeg
        *(".m4a", ".m4b", ".mp4", ".aac", ".wma", ".webm", ".mka", ".mkv", ".mov", ".ape", ".wv"),
        *(".tta", ".ac3", ".amr"),
    )
)
"""Of recordings in a folder; a file that is named itself may have any suffix."""


def decode(path: Path, start: float = 0.0, seconds: float | None = None) -> Decoded:
    """Open a recording, or an excerpt of it.

    Args:
        path: of a file that libsndfile or ffmpeg can read.
        start: of the excerpt, seconds.
        seconds: length of the excerpt; by default, up to the end.

    Raises:
        DeepmirError: when it is missing, empty, truncated, not permitted or not audio. Problems
            found in decoding are raised by the blocks: a premature end, damage, a start past it.
    """
    try:
        if not path.is_file():
            reason = "it is not a file" if path.exists() else "the file is missing"
            raise DeepmirError(f"{path}: {reason}")
        if path.stat().st_size == 0:
            raise DeepmirError(f"{path}: the file is empty (0 bytes)")
        found = containers.parts(path)
    except PermissionError:
        raise DeepmirError(f"{path}: no permission to read it") from None
    except OSError as error:
        raise DeepmirError(f"{path}: not readable ({error.strerror})") from None
    decoded = libsndfile.decode(path, found, start) or ffmpeg.decode(path, start)
    if seconds is not None:
        decoded.blocks = _first(decoded.blocks, round(seconds * decoded.sample_rate))
    return decoded


def _first(blocks: Iterator[Block], frames: int) -> Iterator[Block]:
    """The blocks of some frames; nothing after them is decoded."""
    for block in blocks:
        yield block[:frames]
        if (frames := frames - len(block)) <= 0:
            return


def seconds(path: Path) -> float:
    """The duration of a recording; it is only decoded if necessary.

    Raises:
        DeepmirError: when it is missing, empty, truncated or not audio.
    """
    decoded = decode(path)
    frames = decoded.frames
    if frames is None:
        frames = sum(map(len, decoded.blocks))
    return frames / decoded.sample_rate


def whole(path: Path) -> tuple[npt.NDArray[np.float32], int]:
    """All samples of a short recording, shape (frames, channels), and the sample rate in Hz.

    Raises:
        DeepmirError: when it is missing, empty, truncated or not audio.
    """
    decoded = decode(path)
    blocks = [scaled(block).copy() for block in decoded.blocks]
    return np.concatenate([np.zeros((0, decoded.channels), np.float32), *blocks]), (
        decoded.sample_rate
    )
