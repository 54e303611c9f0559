"""Recordings to blocks of samples, all of their channels (tutorial, section 5.1).

By libsndfile and miniaudio, and by ffmpeg, where it is installed, for what those do not read. How
long a recording is, is what decodes: headers are only held against it.
"""

import contextlib
import io
import os
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir.files import containers
from deepmir.files.containers import Part

if TYPE_CHECKING:
    from soundfile import SoundFile
    from typing_extensions import Buffer

Block = npt.NDArray[np.int16] | npt.NDArray[np.float32]

SUFFIXES = frozenset(
    (
        *(".wav", ".wave", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc"),
        *(".au", ".snd", ".caf", ".w64", ".rf64", ".mp2"),  # these by libsndfile, those by ffmpeg
        *(".m4a", ".m4b", ".mp4", ".aac", ".wma", ".webm", ".mka", ".mkv", ".mov", ".ape", ".wv"),
        *(".tta", ".ac3", ".amr"),
    )
)
"""Of recordings in a folder; a file that is named itself may have any suffix."""

# Share of the frames that may be missing: where Ogg streams were cut, decoders differ by a packet.
LOST = 0.002

# Frames decoded at once: blocks stay in the cache, and memory does not grow with the file.
BLOCK = 1 << 16

# Frames of a length that a header does not know: FLAC has 36 bits for it.
UNKNOWN = (1 << 36) - 1

DAMAGED = "truncated or damaged; copy it again"


@dataclass
class Decoded:
    """A recording that can be read once.

    Attributes:
        sample_rate: of the blocks, Hz.
        channels: of them.
        format: of the file, as its decoder calls it.
        blocks: int16 at full scale or float32, shape (frames, channels), each valid until the next
            one is asked for.
        title: of the recording, or empty.
        artist: of the recording, or empty.
        remarks: what is odd about the file although it is used; whole after the last block.
    """

    sample_rate: int
    channels: int
    format: str
    blocks: Iterator[Block]
    title: str = ""
    artist: str = ""
    remarks: list[str] = field(default_factory=list)


def decode(path: Path, start: float = 0.0) -> Decoded:
    """Open a recording.

    Args:
        path: of anything that libsndfile or ffmpeg can read.
        start: where to begin, seconds.

    Raises:
        DeepmirError: when it is missing, empty, truncated, not permitted or not audio. What only
            decoding shows is raised by the blocks: an end too early, damage, a start beyond it.
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
    return _by_libsndfile(path, found, start) or _by_ffmpeg(path, start)


def seconds(path: Path) -> float:
    """How long a recording is; it is decoded only where nothing else tells.

    Raises:
        DeepmirError: when it is missing, empty, truncated or not audio.
    """
    decoded = decode(path)
    known = _known_frames(path)
    if known is None:
        known = sum(map(len, decoded.blocks))
    return known / decoded.sample_rate


def _known_frames(path: Path) -> int | None:
    import soundfile

    frames = 0
    for part in containers.parts(path):
        try:
            with _opened(path, part) as file:
                counted = file.frames if part.frames is None else part.frames
        except soundfile.LibsndfileError:
            return None
        if not 0 < counted < UNKNOWN or file.format == "FLAC":
            return None
        frames += counted
    return frames


def scaled(block: Block) -> npt.NDArray[np.float32]:
    """A block as floats, full scale at 1."""
    if block.dtype == np.int16:
        return np.multiply(block, np.float32(1 / 32768), dtype=np.float32)
    return block.astype(np.float32, copy=False)


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


def _by_libsndfile(path: Path, parts: list[Part], start: float) -> Decoded | None:
    """None for what libsndfile does not know."""
    import soundfile

    try:
        first = _opened(path, parts[0])
    except soundfile.LibsndfileError:
        return None
    remarks = [part.remark for part in parts if part.remark]
    blocks = _of_parts(path, parts, first, start, remarks)
    titles = first.title or "", first.artist or ""
    return Decoded(first.samplerate, first.channels, first.format, blocks, *titles, remarks)


def _of_parts(
    path: Path, parts: list[Part], first: "SoundFile", start: float, remarks: list[str]
) -> Iterator[Block]:
    import soundfile

    rate, channels = first.samplerate, first.channels
    done, skip = 0, round(start * rate)
    if start and parts == [part for part in parts if part.plain] and 0 < first.frames < UNKNOWN:
        if skip >= first.frames:
            raise DeepmirError(
                f"{path}: it ends at {first.frames / rate:.2f} s, before {start:g} s"
            )
        done = _seek(first, skip)
    try:
        for part in parts:
            with first if part is parts[0] else _opened(path, part) as file:
                if (file.samplerate, file.channels) != (rate, channels):
                    raise DeepmirError(
                        f"{path}: from {done / rate:.2f} s it has another sample rate or number "
                        "of channels: split the file there"
                    )
                began = 0 if part is parts[0] else done
                for block in _of_part(path, part, file, sought=began == 0 and done > 0):
                    done += len(block)
                    if done > skip:
                        yield block[max(0, len(block) - (done - skip)) :]
                _compare(path, part, file, done - began, remarks)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        reason = str(error).removeprefix(f"Error opening {str(path)!r}: ").strip()
        raise DeepmirError(f"{path}: not readable as audio ({reason})") from None
    if start and done <= skip:
        raise DeepmirError(f"{path}: it ends at {done / rate:.2f} s, before {start:g} s")


def _seek(file: "SoundFile", frame: int) -> int:
    """Go to a frame, so that what is decoded next is as if all before had been decoded."""
    file.seekable = lambda: False  # see `_by_soundfile`
    lead = min(frame, file.samplerate // 4)
    file.seek(frame - lead)
    # An MP3 frame may need bits of the frames before it: they are decoded and dropped.
    file.read(lead, dtype="float32")
    return frame


def _compare(path: Path, part: Part, file: "SoundFile", found: int, remarks: list[str]) -> None:
    """Hold what was decoded to what the header promises."""
    promised = file.frames
    if part.endless or not 0 < promised < UNKNOWN or part.patches:
        return
    if found < promised * (1 - LOST):
        raise DeepmirError(
            f"{path}: truncated, {found} of {promised} frames are there; copy it again, or convert "
            "it if this is all"
        )
    if found > promised * (1 + LOST):
        remarks.append(f"its header says {promised} frames, {found} are there: all are used")


def _opened(path: Path, part: Part) -> "SoundFile":
    """A part of a file, to be read by libsndfile.

    Raises:
        soundfile.LibsndfileError: when it does not know it.
    """
    import soundfile

    with _quiet():
        if part.plain and part.stop == path.stat().st_size:
            # As bytes, where a name may be any: it need not be text.
            return soundfile.SoundFile(os.fsencode(path) if os.name == "posix" else path)
        return soundfile.SoundFile(_Window(path, part))


class _Window(io.RawIOBase):
    """Part of a file as a file of its own.

    Of an MP3 that does not know its length, libsndfile takes a guess by the number of bytes for
    the truth and reads no further: it is given a number that no file has.
    """

    FAR = 1 << 34
    TAIL = 128  # bytes at the end, in which tags are looked for

    def __init__(self, path: Path, part: Part) -> None:
        self._file = path.open("rb")
        self._part = part
        self._length = part.stop - part.start
        self._end = self.FAR if part.endless else self._length
        self._at = 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._at = (0, self._at, self._end)[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer", /) -> int:
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self._length - self._at)
        if wanted <= 0:
            far = self._end > self._length and self._at >= self._end - self.TAIL
            wanted = min(len(view), self._end - self._at) if far else 0
            view[:wanted] = bytes(wanted)
        else:
            self._file.seek(self._part.start + self._at)
            wanted = self._file.readinto(view[:wanted])
            self._patch(view, wanted)
        self._at += wanted
        return wanted

    def _patch(self, view: memoryview, count: int) -> None:
        for place, values in self._part.patches:
            for i, value in enumerate(values, place - self._at):
                if 0 <= i < count:
                    view[i] = value

    def close(self) -> None:
        self._file.close()
        super().close()


def _of_part(path: Path, part: Part, file: "SoundFile", sought: bool) -> Iterator[Block]:
    """Blocks of a part, by the quickest decoder that reads it whole.

    Of FLAC without a length only libsndfile tells whether it was cut off.
    """
    quick = not sought and part.plain and part.stop == path.stat().st_size
    known = file.format == "FLAC" and file.frames < UNKNOWN
    # miniaudio wants a path that is text, and has no wheel for Linux on ARM.
    quick = quick and str(path).isprintable() and find_spec("miniaudio") is not None
    if quick and (known or file.subtype == "VORBIS"):
        yield from _by_miniaudio(path, file)
    elif part.unbounded and not sought:
        with _opened(path, replace(part, patches=part.unbounded)) as whole:
            yield from _by_soundfile(path, whole)
    else:
        yield from _by_soundfile(path, file)


def _by_soundfile(path: Path, file: "SoundFile") -> Iterator[Block]:
    import soundfile

    # Of a file that can seek, soundfile seeks to the end of every block that it has read,
    # and an MP3 decoder that seeks starts over: each block would begin with a click.
    file.seekable = lambda: False
    # Integers that the file holds are handed out many times as fast as floats.
    kind = np.int16 if file.subtype in ("PCM_S8", "PCM_U8", "PCM_16") else np.float32
    block = np.empty((BLOCK, file.channels), kind)
    try:
        while len(read := file.read(out=block)):
            yield read
    except soundfile.LibsndfileError:
        if file.format == "FLAC":  # it lost sync
            raise DeepmirError(f"{path}: {DAMAGED}") from None
        raise


def _by_miniaudio(path: Path, file: "SoundFile") -> Iterator[Block]:
    """The same samples of FLAC and Vorbis, as float32, in three quarters of the time."""
    import miniaudio

    kind = miniaudio.SampleFormat.FLOAT32
    try:
        stream = miniaudio.stream_file(str(path), kind, file.channels, file.samplerate, BLOCK)
        for block in stream:
            yield np.frombuffer(block, np.float32).reshape(-1, file.channels)
    except miniaudio.DecodeError as error:
        raise DeepmirError(f"{path}: not readable as audio ({error})") from None


def _by_ffmpeg(path: Path, start: float) -> Decoded:
    """What ffmpeg makes of the first audio stream, as a pipe of floats.

    An .au file, unlike WAV, needs no length in its header. The name is given as one of a local
    file, whatever it looks like, and nothing in the file can make ffmpeg open an address.
    """
    command = ["ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe"]
    command += ["-i", f"file:{path}", "-map", "0:a:0", *(["-ss", f"{start}"] if start else [])]
    command += ["-c:a", "pcm_f32be", "-f", "au", "-"]
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


# What ffmpeg writes where sound is missing; what else it writes is a remark.
LOSSES = ("partial file", "truncat", "end of file", "invalid data", "moov atom", "corrupt")


def _last_line(log: IO[bytes], path: Path) -> str:
    """The last message of ffmpeg, without the name of the file."""
    log.seek(0)
    lines = log.read().decode(errors="replace").replace(f"file:{path}: ", "").splitlines()
    return lines[-1].strip() if lines else "ffmpeg finds no audio in it"


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
