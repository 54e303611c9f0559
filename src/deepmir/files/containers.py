"""The location of the sound in a file, whatever length its header claims.

Streaming programs cannot know a length in advance, and concatenated files keep the header of the
first. So a file is divided into parts that a decoder reads completely, each with the length in its
header, if that can be trusted.
"""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from mmap import ACCESS_READ, mmap
from pathlib import Path

from deepmir.errors import DeepmirError
from deepmir.files import mapped, mp3

# Lengths written by recorders that do not know it: all ones, or the greatest that others can read.
# They are only interpreted in this way if the file is shorter.
STREAMED = 0x7FFF0000

STREAM = re.compile(rb"fLaC\x00\x00\x00\x22")  # of FLAC: its first block has 34 bytes


@dataclass(frozen=True)
class Part:
    """A recording inside a file, or the whole file.

    Attributes:
        start: first byte.
        stop: byte after the last one.
        patches: bytes to read at an offset from `start` instead of those of the file.
        damaged: whether a decoder will report bytes that it skips.
        unbounded: patches for a decoder that stops at the length in the header.
        endless: whether the decoder must not guess the length from the number of bytes.
        frames: samples per channel, if already counted.
        remark: on an oddity, or empty.
    """

    start: int
    stop: int
    patches: tuple[tuple[int, bytes], ...] = ()
    unbounded: tuple[tuple[int, bytes], ...] = ()
    endless: bool = False
    damaged: bool = False
    frames: int | None = None
    remark: str = ""

    @property
    def plain(self) -> bool:
        """Whether a decoder can read the bytes unchanged."""
        return not self.start and not self.patches and not self.endless


def parts(path: Path) -> list[Part]:
    """The recordings in a file, one after another.

    Raises:
        DeepmirError: when it ends before its sound does.
        OSError: when it cannot be read.
    """
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        for magic, kinds, of_container in CONTAINERS:
            if data[: len(magic)] == magic and (not kinds or data[8:12] in kinds):
                return of_container(path, data)
        return _mp3(path, data) if mp3.begins(data) else [Part(0, len(data))]


def _joined(data: mmap, starts: list[int]) -> list[Part]:
    """A part from each start to the next."""
    stops = [*starts[1:], len(data)]
    remark = f"{len(starts)} recordings joined in one file: all are used" if starts[1:] else ""
    return [
        Part(start, stop, remark="" if start else remark)
        for start, stop in zip(starts, stops, strict=True)
    ]


def _flac(path: Path, data: mmap) -> list[Part]:
    """The first block of each stream describes it."""
    starts = []
    for first in range(0, len(data), mapped.ROOM):
        stop = first + mapped.ROOM + 7  # a stream that begins in it may end after it
        # Three times as fast as `mmap.find`.
        starts += [found.start() for found in STREAM.finditer(data, first, stop)]
        mapped.let_go(data, first)
    starts = starts or [0]
    unbounded = ((21, bytes([data[21] & 0xF0, 0, 0, 0, 0])),)
    return [replace(part, unbounded=unbounded) for part in _joined(data, starts)]


def _ogg(path: Path, data: mmap) -> list[Part]:
    """Pages that begin streams come first; later ones begin the next recording."""
    starts, at, began, read = [0], 0, True, mapped.ROOM
    while at < len(data):
        header = data[at : at + 27]
        if len(header) < 27 or header[:4] != b"OggS":
            if (found := data.find(b"OggS", at)) < 0:
                break  # garbage at the end
            at = found
            continue
        first = bool(header[5] & 2)
        if first and not began:
            starts.append(at)
        began = first
        segments = data[at + 27 : at + 27 + header[26]]
        if at >= read:
            read = mapped.let_go(data, at)
        size = 27 + header[26] + sum(segments)
        if len(segments) < header[26] or at + size > len(data):
            raise DeepmirError(f"{path}: truncated, it ends in the middle of a page; copy it again")
        at += size
    return _joined(data, starts)


def _chunked(
    path: Path,
    data: mmap,
    chunks: Iterator[tuple[bytes, int, int, int]],
    patches: Callable[[int, int], tuple[tuple[int, bytes], ...]],
    sound: bytes,
    align: int = 2,
) -> list[Part]:
    """A file of chunks: the one with the sound must end at the next one, or with the file.

    Args:
        path: the file.
        data: its bytes.
        chunks: name, position of the length, start and length of each chunk.
        patches: for the position of the length and its correct value.
        sound: name of the chunk with the sound.
        align: chunks begin at multiples of this many bytes.
    """
    for name, place, start, length in chunks:
        if name != sound:
            continue
        there = len(data) - start
        if length == there:
            return [Part(0, len(data))]
        if there < length < STREAMED:
            raise DeepmirError(
                f"{path}: truncated, {length - there} of {length} bytes of audio are missing; "
                "copy it again"
            )
        if 0 < length < there:
            after = start + length + -length % align
            if data[after : after + 4] == data[:4]:
                rest = f"the file contains another recording after it, from byte {after}: split it"
                raise DeepmirError(f"{path}: {rest}")
            if len(data) - after < 8 or _is_name(data[after : after + 4]):
                return [Part(0, len(data))]
        remark = "its header does not give its length: all the audio is used"
        if 0 < length < there:
            remark = (
                f"its header says {length} bytes of audio, but the file has {there}: all are used"
            )
        return [Part(0, len(data), patches(place, there), remark=remark)]
    raise DeepmirError(f"{path}: a file without audio (no {sound.decode()} chunk)")


def _is_name(name: bytes) -> bool:
    """Whether these four bytes can be the name of a chunk, which is unlikely for samples."""
    return name.isascii() and name.decode().isprintable()


def _wav(path: Path, data: mmap) -> list[Part]:
    def chunks() -> Iterator[tuple[bytes, int, int, int]]:
        at, long = 12, None
        while at + 8 <= len(data):
            name, length = struct.unpack_from("<4sI", data, at)
            place = at + 4
            if name == b"ds64" and at + 24 <= len(data):
                place, long = at + 16, struct.unpack_from("<Q", data, at + 16)[0]
                yield name, place, at + 8, length
            elif name == b"data" and long is not None:
                yield name, DS64 + 16, at + 8, long
            else:
                yield name, place, at + 8, length
            at += 8 + length + length % 2

    def patches(place: int, length: int) -> tuple[tuple[int, bytes], ...]:
        if place == DS64 + 16:
            return ((place, struct.pack("<Q", length)),)
        return ((place, struct.pack("<I", min(length, 0xFFFFFFFF))),)

    return _chunked(path, data, chunks(), patches, b"data")


DS64 = 12  # start of the chunk with the 64-bit lengths, by EBU Tech 3306


def _aiff(path: Path, data: mmap) -> list[Part]:
    common = 0

    def chunks() -> Iterator[tuple[bytes, int, int, int]]:
        nonlocal common
        at = 12
        while at + 8 <= len(data):
            name, length = struct.unpack_from(">4sI", data, at)
            if name == b"COMM":
                common = at
            yield name, at + 4, at + 8, length
            at += 8 + length + length % 2

    def patches(place: int, length: int) -> tuple[tuple[int, bytes], ...]:
        return ((common + 10, bytes(4)), (place, struct.pack(">I", length)))

    return _chunked(path, data, chunks(), patches, b"SSND")


def _au(path: Path, data: mmap) -> list[Part]:
    """Nothing may follow the sound, so everything up to the end belongs to it."""
    order = ">" if data[:4] == b".snd" else "<"
    start, length = struct.unpack_from(f"{order}2I", data, 4)
    there = len(data) - start
    if there < length < STREAMED:
        raise DeepmirError(
            f"{path}: truncated, {length - there} of {length} bytes of audio are missing; "
            "copy it again"
        )
    if length >= there:
        return [Part(0, len(data))]
    remark = f"its header says {length} bytes of audio, but the file has {there}: all are used"
    return [Part(0, len(data), ((8, struct.pack(f"{order}I", there)),), remark=remark)]


def _caf(path: Path, data: mmap) -> list[Part]:
    def chunks() -> Iterator[tuple[bytes, int, int, int]]:
        at = 8
        while at + 12 <= len(data):
            name, length = struct.unpack_from(">4sQ", data, at)
            yield name, at + 4, at + 12, length
            at += 12 + length

    def patches(place: int, length: int) -> tuple[tuple[int, bytes], ...]:
        return ((place, struct.pack(">Q", length)),)

    return _chunked(path, data, chunks(), patches, b"data", align=1)


def _w64(path: Path, data: mmap) -> list[Part]:
    """Names have 16 bytes, the first four as in WAV; lengths include the name and themselves."""

    def chunks() -> Iterator[tuple[bytes, int, int, int]]:
        at = 40
        while at + 24 <= len(data):
            name, size = data[at : at + 4], struct.unpack_from("<Q", data, at + 16)[0]
            yield name, at + 16, at + 24, max(size - 24, 0)
            at += max(size + -size % 8, 24)

    def patches(place: int, length: int) -> tuple[tuple[int, bytes], ...]:
        return ((place, struct.pack("<Q", length + 24)),)

    return _chunked(path, data, chunks(), patches, b"data", align=8)


def _mp3(path: Path, data: mmap) -> list[Part]:
    """Parts with a frame count in a header are decoded with it, without the others' delay."""
    found = mp3.runs(data)
    if not found:
        return [Part(0, len(data))]
    remark = f"{len(found)} recordings joined in one file: all are used" if found[1:] else ""
    stops = [*(one.start for one in found[1:]), len(data)]
    tagged = data[:3] == b"ID3"  # with the title
    return [
        Part(
            one.start if i or not tagged else 0,
            stop,
            endless=not one.counted,
            frames=None if one.counted else one.frames,
            damaged=one.skipped > 0,
            remark="; ".join(_remarks(one, "" if i else remark)),
        )
        for i, (one, stop) in enumerate(zip(found, stops, strict=True))
    ]


def _remarks(one: mp3.Run, remark: str) -> Iterator[str]:
    if remark:
        yield remark
    if one.skipped:
        yield f"damaged, {one.skipped} bytes in it are not MP3: the rest is used"


# The first bytes of each format, the possible bytes 8 to 12, and its function.
CONTAINERS: tuple[
    tuple[bytes, tuple[bytes, ...], Callable[[Path, mmap], list[Part]]],
    ...,
] = (
    (b"fLaC", (), _flac),
    (b"OggS", (), _ogg),
    (b"RIFF", (b"WAVE",), _wav),
    (b"RF64", (b"WAVE",), _wav),
    (b"FORM", (b"AIFF", b"AIFC"), _aiff),
    (b".snd", (), _au),
    (b"dns.", (), _au),
    (b"caff", (), _caf),
    (b"riff", (), _w64),
)
