"""Decoding by libsndfile, and by miniaudio where that is faster."""

import contextlib
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deepmir.errors import DeepmirError
from deepmir.files.blocks import BLOCK, DAMAGED, Block, Decoded
from deepmir.files.containers import Part
from deepmir.files.quiet import quiet

if TYPE_CHECKING:
    from soundfile import SoundFile
    from typing_extensions import Buffer

# Share of the frames that may be missing: at cuts in Ogg streams, decoders differ by a packet.
LOST = 0.002

# Number of frames if the header does not have it: FLAC uses 36 bits.
UNKNOWN = (1 << 36) - 1

EXTRA = 1 << 16  # bytes of tags

INTEGERS = ("PCM_S8", "PCM_U8", "PCM_16")  # formats that fit into 16 bits


def decode(path: Path, parts: Sequence[Part], start: float) -> Decoded | None:
    """The parts of a file one after another; None for formats unknown to libsndfile.

    Args:
        path: the file.
        parts: of it.
        start: of the excerpt, seconds.
    """
    import soundfile

    try:
        first = _opened(path, parts[0])
    except soundfile.LibsndfileError:
        return None
    remarks = [part.remark for part in parts if part.remark]
    return Decoded(
        first.samplerate,
        first.channels,
        first.format,
        _of_parts(path, parts, first, start, remarks),
        _frames(path, parts, first),
        first.title or "",
        first.artist or "",
        remarks,
    )


def _frames(path: Path, parts: Sequence[Part], first: "SoundFile") -> int | None:
    """Frames of all parts, if known from headers or a count of the frames."""
    import soundfile

    total = 0
    for part in parts:
        try:
            with contextlib.nullcontext(first) if part is parts[0] else _opened(path, part) as file:
                count = file.frames if part.frames is None else part.frames
                raw = count * file.channels * (3 if file.subtype == "PCM_24" else 2)
        except soundfile.LibsndfileError:
            return None
        # A FLAC file that is larger than its samples has more of them than its header says.
        larger = file.format == "FLAC" and part.stop - part.start > 1.02 * raw + EXTRA
        if not 0 < count < UNKNOWN or larger:
            return None
        total += count
    return total


def _of_parts(
    path: Path, parts: Sequence[Part], first: "SoundFile", start: float, remarks: list[str]
) -> Iterator[Block]:
    import soundfile

    rate, channels = first.samplerate, first.channels
    done, skip = 0, round(start * rate)
    if start and all(part.plain for part in parts) and 0 < first.frames < UNKNOWN:
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
    """Seek a frame, so that decoding continues exactly as without seeking."""
    file.seekable = lambda: False  # see `_by_soundfile`
    lead = min(frame, file.samplerate // 4)
    file.seek(frame - lead)
    # An MP3 frame may need bits of previous frames: they are decoded and dropped.
    file.read(lead, dtype="float32")
    return frame


def _compare(path: Path, part: Part, file: "SoundFile", found: int, remarks: list[str]) -> None:
    """Compare the decoded length with that in the header."""
    promised = file.frames
    if part.endless or not 0 < promised < UNKNOWN or part.patches:
        return
    if found < promised * (1 - LOST):
        what = "damaged" if part.damaged else "truncated"
        raise DeepmirError(
            f"{path}: {what}, it has {found} of {promised} frames; copy it again, or "
            "convert it if it is complete"
        )
    if found > promised * (1 + LOST):
        remarks.append(f"its header says {promised} frames, but the file has {found}: all are used")


def _opened(path: Path, part: Part) -> "SoundFile":
    """A part of a file, opened with libsndfile.

    Raises:
        soundfile.LibsndfileError: when the format is unknown.
    """
    import soundfile

    with quiet():
        if part.plain and part.stop == path.stat().st_size:
            # As bytes, if allowed: a name need not be text.
            return soundfile.SoundFile(os.fsencode(path) if os.name == "posix" else path)
        return soundfile.SoundFile(_Window(path, part))


class _Window(io.RawIOBase):
    """Part of a file as a separate file.

    For an MP3 without a length, libsndfile trusts its guess from the number of bytes and reads
    no further: it is given an impossibly large number.
    """

    FAR = 1 << 34
    TAIL = 128  # bytes at the end that may contain tags

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
    """Blocks of a part, from the fastest decoder that reads it completely.

    For FLAC without a length only libsndfile reports truncation.
    """
    quick = not sought and part.plain and part.stop == path.stat().st_size
    known = file.format == "FLAC" and file.frames < UNKNOWN
    # miniaudio needs a path that is text, and has no wheel for Linux on ARM.
    quick = quick and str(path).isprintable() and find_spec("miniaudio") is not None
    quicker = _by_miniaudio(path, file) if quick and (known or file.subtype == "VORBIS") else None
    if quicker is not None:
        yield from quicker
    elif part.unbounded and not sought:
        with _opened(path, replace(part, patches=part.unbounded)) as whole:
            yield from _by_soundfile(path, whole)
    else:
        yield from _by_soundfile(path, file, part.damaged)


def _by_soundfile(path: Path, file: "SoundFile", damaged: bool = False) -> Iterator[Block]:
    import soundfile

    # In a seekable file, soundfile seeks to the end of every block that it has read, and an MP3
    # decoder that seeks starts over: each block would begin with a click.
    file.seekable = lambda: False
    # Integer samples are read many times as fast as floats.
    kind = np.int16 if file.subtype in INTEGERS else np.float32
    block = np.empty((BLOCK, file.channels), kind)
    try:
        while True:
            with quiet() if damaged else contextlib.nullcontext():
                read = file.read(out=block)
            if not len(read):
                return
            yield read
    except soundfile.LibsndfileError:
        if damaged or file.format == "FLAC":  # it lost sync
            raise DeepmirError(f"{path}: {DAMAGED}") from None
        raise


def _by_miniaudio(path: Path, file: "SoundFile") -> Iterator[Block] | None:
    """The same samples of FLAC and Vorbis in three quarters of the time.

    None for unknown formats, such as Vorbis from an encoder of 2000, which libsndfile reads.
    """
    import miniaudio

    integers = file.format == "FLAC" and file.subtype in INTEGERS
    kind = miniaudio.SampleFormat.SIGNED16 if integers else miniaudio.SampleFormat.FLOAT32
    try:
        stream = miniaudio.stream_file(str(path), kind, file.channels, file.samplerate, BLOCK)
    except miniaudio.DecodeError:
        return None
    bare = (np.frombuffer(block, np.uint8) for block in stream)
    return (
        (block.view(np.int16) if integers else block.view(np.float32)).reshape(-1, file.channels)
        for block in bare
    )
