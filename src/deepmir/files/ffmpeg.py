"""Decoding by ffmpeg, if installed, for formats that libsndfile cannot read."""

import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from deepmir.errors import DeepmirError
from deepmir.files.blocks import BLOCK, DAMAGED, Block, Decoded

# Messages of ffmpeg about missing sound; all others are remarks.
LOSSES = ("partial file", "truncat", "end of file", "invalid data", "moov atom", "corrupt")


def decode(path: Path, start: float) -> Decoded:
    """The first audio stream from `start` seconds, decoded by ffmpeg to a pipe of floats.

    An .au file, unlike WAV, needs no length in its header. The name is always passed as that of a
    local file, and nothing in the file can make ffmpeg open a URL.
    """
    command = ["ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe"]
    command += ["-i", f"file:{path}", "-map", "0:a:0", *(["-ss", f"{start}"] if start else [])]
    command += ["-c:a", "pcm_f32be", "-f", "au", "-"]
    log = tempfile.TemporaryFile()  # noqa: SIM115 - the pipe below closes it
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    except FileNotFoundError:
        raise DeepmirError(
            f"{path}: not readable as audio by libsndfile; ffmpeg, which reads more "
            "formats, is not installed"
        ) from None
    assert process.stdout is not None
    header = process.stdout.read(24)
    if len(header) < 24:
        process.wait()
        said = _last_line(log, path)
        raise DeepmirError(
            f"{path}: not readable as audio: it is not a recording, or damaged (ffmpeg: {said})"
        )
    _, offset, _, _, sample_rate, channels = struct.unpack(">4s5I", header)
    process.stdout.read(offset - 24)
    remarks: list[str] = []
    blocks = _of_pipe(path, process, process.stdout, log, channels, remarks)
    return Decoded(sample_rate, channels, "by ffmpeg", blocks, remarks=remarks)


def _of_pipe(
    path: Path,
    process: "subprocess.Popen[bytes]",
    pipe: IO[bytes],
    log: IO[bytes],
    channels: int,
    remarks: list[str],
) -> Iterator[Block]:
    """Blocks of shape (frames, channels)."""
    try:
        while data := pipe.read(4 * channels * BLOCK):
            whole = len(data) // (4 * channels) * (4 * channels)
            yield np.frombuffer(data[:whole], ">f4").reshape(-1, channels).astype(np.float32)
        if process.wait():
            raise DeepmirError(f"{path}: {DAMAGED} (ffmpeg: {_last_line(log, path)})")
        if log.tell():
            said = _last_line(log, path)
            if any(word in said.lower() for word in LOSSES):
                raise DeepmirError(f"{path}: {DAMAGED} (ffmpeg: {said})")
            remarks.append(f"ffmpeg says: {said}")
    finally:
        process.kill()
        process.wait()
        pipe.close()
        log.close()


def _last_line(log: IO[bytes], path: Path) -> str:
    """The last message of ffmpeg, without the name of the file."""
    log.seek(0)
    lines = log.read().decode(errors="replace").replace(f"file:{path}: ", "").splitlines()
    return lines[-1].strip() if lines else "ffmpeg finds no audio in it"
