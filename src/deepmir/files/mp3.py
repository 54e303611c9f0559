"""The frames of MPEG audio, layers I to III (ISO/IEC 11172-3 and 13818-3), counted by headers.

An MP3 file has no length except in an extra frame of its encoder ("Xing", "Info"), and decoders
guess it if that is missing.
"""

from mmap import mmap
from typing import NamedTuple

from deepmir.files import mapped

KILOBITS = {  # by the version, 1 or 2, and the layer
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
KILOBITS[2, 3] = KILOBITS[2, 2]
RATES = (44100, 48000, 32000)

LEAD = 1 << 16  # bytes within which the first frame begins
TAGS = (b"ID3", b"TAG", b"APE")  # first bytes of tags between concatenated recordings
SLACK = 2  # frames by which counts of encoders differ


class Frame(NamedTuple):
    """The content of a header.

    Attributes:
        size: bytes, including the header.
        samples: per channel.
        sample_rate: Hz.
        side: bytes of side information, which an encoder's extra frame follows.
    """

    size: int
    samples: int
    sample_rate: int
    side: int


class Run(NamedTuple):
    """Frames of one recording.

    Attributes:
        start: first byte.
        frames: samples per channel, without the encoder's extra frame.
        counted: whether an extra frame has their number, and there are no more.
        skipped: bytes between them that are neither frames nor tags.
    """

    start: int
    frames: int
    counted: bool
    skipped: int


def frame(header: bytes) -> Frame | None:
    """The frame of a four-byte header; None if it is invalid, or has a free bit rate."""
    if len(header) < 4 or header[0] != 0xFF or header[1] < 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate, speed = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer == 4 or rate in (0, 15) or speed == 3:
        return None
    half = version != 3  # MPEG 2, and 2.5
    kilobits = KILOBITS[2 if half else 1, layer][rate - 1]
    sample_rate = RATES[speed] >> (0 if version == 3 else 1 if version == 2 else 2)
    padding = header[2] >> 1 & 1
    samples = 384 if layer == 1 else 576 if layer == 3 and half else 1152
    size = samples // 8 * kilobits * 1000 // sample_rate + padding
    if layer == 1:
        size = (12000 * kilobits // sample_rate + padding) * 4
    mono = header[3] >> 6 == 3
    side = (9 if mono else 17) if half else (17 if mono else 32)
    return Frame(size, samples, sample_rate, side)


def begins(data: mmap) -> bool:
    """Whether a file begins with frames: after a tag, or some bytes of garbage."""
    return _next(data, 0, LEAD) >= 0


def runs(data: mmap) -> list[Run]:
    """The recordings of a possibly concatenated file, with the length of each."""
    found: list[Run] = []
    known: dict[bytes, Frame | None] = {}
    start, promised, samples, rate, skipped = -1, 0, 0, 0, 0
    at, read = _next(data, 0), mapped.ROOM
    while at >= 0:
        if at >= read:
            read = mapped.let_go(data, at)
        header = data[at : at + 4]
        if header not in known:
            known[header] = frame(header)
        one = known[header]
        if one is None or at + one.size > len(data):
            following = _next(data, at if header[:3] == b"ID3" else at + 1)
            skipped += 0 if following < 0 or header[:3] in TAGS else following - at
            at = following
            continue
        extra = _promised(data, at, one) * one.samples
        more = promised and samples >= promised + SLACK * one.samples
        if start < 0 or extra or more or one.sample_rate != rate:
            if start >= 0:
                found.append(Run(start, samples, bool(promised), skipped))
            start, promised, samples, rate, skipped = at, extra, 0, one.sample_rate, 0
        if not (extra and start == at):
            samples += one.samples
        at += one.size
    if start >= 0:
        found.append(Run(start, samples, bool(promised), skipped))
    return found


def _promised(data: mmap, at: int, found: Frame) -> int:
    """Number of frames in an encoder's extra frame; 0 if this is none."""
    tag = at + 4 + found.side
    if data[tag : tag + 4] not in (b"Xing", b"Info") or not data[tag + 7] & 1:
        return 0
    return int.from_bytes(data[tag + 8 : tag + 12], "big")


def _next(data: mmap, at: int, lead: int | None = None) -> int:
    """The next frame that is followed by another or by the end of the file; -1 if there is none.

    Args:
        data: the file.
        at: start of the search.
        lead: maximum number of bytes after a tag; by default, all.
    """
    if data[at : at + 3] == b"ID3" and at + 10 <= len(data):
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size
    stop = len(data) if lead is None else at + lead
    while (at := data.find(b"\xff", at, stop)) >= 0:
        found = frame(data[at : at + 4])
        if found is not None:
            following = at + found.size
            if following == len(data):
                return at
            other = frame(data[following : following + 4])
            if other is not None and other.sample_rate == found.sample_rate:
                return at
        at += 1
    return -1
