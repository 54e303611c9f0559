"""Recordings as blocks of mono samples: by libsndfile, and by ffmpeg for what that does not read.

Nothing here grows with the recording.
"""

import contextlib
import os
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir.files import audio
from deepmir.files.audio import BLOCK, SILENCE, Samples

if TYPE_CHECKING:
    from soundfile import SoundFile

SUFFIXES = frozenset(
    (
        *(".wav", ".wave", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc"),
        *(".au", ".snd", ".caf", ".w64", ".rf64"),  # these by libsndfile, those by ffmpeg
        *(".m4a", ".m4b", ".mp4", ".aac", ".wma", ".webm", ".mka", ".mkv", ".mov", ".ape", ".wv"),
        *(".tta", ".ac3", ".amr", ".mp2"),
    )
)
"""Of recordings in a folder; a file that is named itself may have any suffix."""


@dataclass(frozen=True)
class Source:
    """A recording that can be read once.

    Attributes:
        sample_rate: of the blocks, Hz.
        blocks: float32, shape (samples,), each valid until the next one is asked for.
        title: of the recording, or empty.
        artist: of the recording, or empty.
    """

    sample_rate: int
    blocks: Iterator[Samples]
    title: str = ""
    artist: str = ""


def from_samples(samples: npt.NDArray[np.floating], sample_rate: int) -> Source:
    """A recording in memory.

    Args:
        samples: shape (samples,) or (samples, channels), nominally in [-1, 1].
        sample_rate: Hz.

    Raises:
        DeepmirError: for another shape or type, or no sample rate. What only the samples
            show (none, silence, NaN) is raised by the blocks.
    """
    values = np.asarray(samples)
    if not np.issubdtype(values.dtype, np.floating):
        raise DeepmirError(f"samples have to be floats in [-1, 1], not {values.dtype}")
    if values.ndim not in (1, 2) or (
        values.ndim == 2 and values.shape[1] > max(values.shape[0], 1)
    ):
        raise DeepmirError(
            f"samples have the shape {values.shape}: it has to be (samples,) or (samples, channels)"
        )
    if sample_rate <= 0:
        raise DeepmirError(f"the sample rate is {sample_rate} Hz: it has to be above 0")
    cut = (values[start : start + BLOCK] for start in range(0, len(values), BLOCK))
    return Source(int(sample_rate), _checked("the samples", cut))


def from_file(path: Path) -> Source:
    """A recording on disk.

    Raises:
        DeepmirError: when it is missing, empty, truncated, not permitted or not audio. What only
            the samples show is raised by the blocks: none, silence, NaN, an end too early.
    """
    try:
        if not path.is_file():
            reason = "it is not a file" if path.exists() else "the file is missing"
            raise DeepmirError(f"{path}: {reason}")
        if path.stat().st_size == 0:
            raise DeepmirError(f"{path}: the file is empty (0 bytes)")
        audio.refuse_truncated(path)
    except PermissionError:
        raise DeepmirError(f"{path}: no permission to read it") from None
    except OSError as error:
        raise DeepmirError(f"{path}: not readable ({error.strerror})") from None
    return _by_libsndfile(path) or _by_ffmpeg(path)


def _by_libsndfile(path: Path) -> Source | None:
    """None for what libsndfile does not know."""
    import soundfile

    try:
        with _quiet():
            # As bytes, where a name may be any: it need not be text.
            file = soundfile.SoundFile(os.fsencode(path) if os.name == "posix" else path)
    except soundfile.LibsndfileError:
        return None
    blocks = _of_soundfile(path, file)
    return Source(file.samplerate, blocks, file.title or "", file.artist or "")


def _of_soundfile(path: Path, file: "SoundFile") -> Iterator[Samples]:
    import soundfile

    try:
        with file:
            # See deepmir.files.audio.load, which reads in the same ways.
            file.seekable = lambda: False
            yield from audio.downmixed(path, audio.decode(path, file), file.frames, file.channels)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise DeepmirError(f"{path}: not readable as audio ({error})") from None


def _by_ffmpeg(path: Path) -> Source:
    """What ffmpeg makes of the first audio stream, as a pipe of floats.

    An .au file, unlike WAV, needs no length in its header. The name is given as one of a local
    file, whatever it looks like, and nothing in the file can make ffmpeg open an address.
    """
    command = ["ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe"]
    command += ["-i", f"file:{path}", "-map", "0:a:0", "-c:a", "pcm_f32be", "-f", "au", "-"]
    log = tempfile.TemporaryFile()  # noqa: SIM115 - the pipe below closes it
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    except FileNotFoundError:
        raise DeepmirError(
            f"{path}: not readable as audio by libsndfile, and ffmpeg, which reads more, is not "
            "installed"
        ) from None
    assert process.stdout is not None
    header = process.stdout.read(24)
    if len(header) < 24:
        process.wait()
        raise DeepmirError(f"{path}: not readable as audio ({_last_line(log, path)})")
    _, offset, _, _, sample_rate, channels = struct.unpack(">4s5I", header)
    process.stdout.read(offset - 24)
    pieces = _of_pipe(path, process, process.stdout, log, channels)
    return Source(sample_rate, _checked(str(path), pieces))


def _of_pipe(
    path: Path,
    process: "subprocess.Popen[bytes]",
    pipe: IO[bytes],
    log: IO[bytes],
    channels: int,
) -> Iterator[npt.NDArray[np.floating]]:
    """Blocks of shape (frames, channels)."""
    try:
        while data := pipe.read(4 * channels * BLOCK):
            whole = len(data) // (4 * channels) * (4 * channels)
            yield np.frombuffer(data[:whole], ">f4").reshape(-1, channels).astype(np.float32)
        if process.wait() or log.tell():
            raise DeepmirError(f"{path}: broken or truncated ({_last_line(log, path)})")
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


def _checked(name: str, blocks: Iterator[npt.NDArray[np.floating]]) -> Iterator[Samples]:
    """Downmixed blocks; refuses what is not finite, empty or silent."""
    count, peak = 0, 0.0
    for block in blocks:
        mono = block if block.ndim == 1 else block.mean(axis=1)
        mono = mono.astype(np.float32)
        loudest = max(float(mono.max()), -float(mono.min()))
        if not np.isfinite(loudest):
            raise DeepmirError(f"{name}: there are samples that are not finite (NaN or infinite)")
        count, peak = count + len(mono), max(peak, loudest)
        yield mono
    if not count:
        raise DeepmirError(f"{name}: there are no samples")
    if peak < SILENCE:
        raise DeepmirError(f"{name}: silent, no sample above -80 dB of full scale")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Send what is written to standard error past Python nowhere: remarks of an MP3 decoder."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
