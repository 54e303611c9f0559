"""Representations of a recording that is read once, block by block.

The numbers equal those of the training code, stored as training stores them: each block of frames
is computed from its samples and as many around them as a frame depends on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir.files.audio import Source
from deepmir.files.samples import Samples
from deepmir.representations import Representation, Stack
from deepmir.representations.framing import Context

SECONDS = 60.0  # of audio that are turned into frames at once

Features = npt.NDArray[np.floating]
Function = Callable[[Samples], npt.NDArray[np.float32]]


@dataclass(frozen=True)
class RecordingFeatures:
    """The inputs of networks, from one recording.

    Attributes:
        duration: in seconds.
        features: by the digest of the representation, shape (frames, bins[, channels]).
    """

    duration: float
    features: dict[str, Features]


def compute(
    source: Source,
    representations: Iterable[Representation],
    seconds: float = SECONDS,
    functions: Mapping[str, Function] | None = None,
) -> RecordingFeatures:
    """Decode a recording once, resample it once to every rate, compute each representation once.

    Args:
        source: the recording; it is consumed.
        representations: equal ones are computed once.
        seconds: of audio to process at a time, which affects only memory.
        functions: compute them from samples, by their digests; by default, they do it themselves.

    Raises:
        DeepmirError: when the recording cannot be used.
    """
    by = functions or {}
    asked = {r.digest: r for r in representations}
    channels = _channels(asked)
    wanted = {
        digest: Streamed(r, seconds, by.get(digest, r))
        for digest, r in asked.items()
        if digest not in channels
    }
    rates = sorted({one.representation.sample_rate for one in wanted.values()})
    outlets = [
        _Outlet(source.sample_rate, rate, [s for s in wanted.values() if s.at(rate)])
        for rate in rates
    ]
    samples = 0
    for block in source.blocks:
        samples += len(block)
        for outlet in outlets:
            outlet.feed(block)
    for outlet in outlets:
        outlet.finish()
    features = {digest: one.features() for digest, one in wanted.items()}
    for digest, (stack, channel) in channels.items():
        features[digest] = features[stack][..., channel]
    return RecordingFeatures(samples / source.sample_rate, features)


def _channels(asked: Mapping[str, Representation]) -> dict[str, tuple[str, int]]:
    """Those that are members of a stack that is asked for too: its digest, and their channel."""
    return {
        member.digest: (digest, channel)
        for digest, one in asked.items()
        if isinstance(one, Stack) and not one.conditioning
        for channel, member in enumerate(one.members)
        if member.digest in asked and member.storage == one.storage
    }


class _Outlet:
    """The recording at one sample rate, handed on to what is computed from it."""

    def __init__(self, source_rate: int, rate: int, streams: Sequence["Streamed"]) -> None:
        import soxr

        same = source_rate == rate
        self._resampler = None if same else soxr.ResampleStream(source_rate, rate, 1, quality="HQ")
        self._streams = streams

    def feed(self, block: Samples) -> None:
        if self._resampler is None:
            self._hand_on(block.copy())  # the next block overwrites it
        else:
            self._hand_on(self._resampler.resample_chunk(block))

    def finish(self) -> None:
        if self._resampler is not None:
            self._hand_on(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        for stream in self._streams:
            stream.finish()

    def _hand_on(self, samples: Samples) -> None:
        for stream in self._streams:
            stream.feed(samples)


@dataclass
class Streamed:
    """The frames of one representation, while its samples come in.

    If its frames depend on the whole recording, it is computed at the end, from all samples.
    """

    representation: Representation
    seconds: float
    function: Function
    _pieces: list[Samples] = field(default_factory=list)
    _held: int = 0  # samples in the pieces
    _first: int = 0  # number of the first of them
    _done: int = 0  # frames
    _frames: Features | None = None  # those, with room for more

    def __post_init__(self) -> None:
        self._context = _context(self.representation)

    def at(self, rate: int) -> bool:
        """Whether it is computed from samples at this rate."""
        return self.representation.sample_rate == rate

    def feed(self, samples: Samples) -> None:
        """Take samples that must not be overwritten later, shape (samples,)."""
        self._pieces.append(samples)
        self._held += len(samples)
        if self._context is None:
            return
        frames = max(1, round(self.seconds * self.representation.frame_rate))
        hop = self.representation.hop
        while self._first + self._held >= (self._done + frames + self._context.after) * hop:
            self._compute(frames, self._context)

    def finish(self) -> None:
        """Compute the remaining frames, after the last samples."""
        total = self.representation.frames(self._first + self._held)
        if total > self._done:
            self._compute(total - self._done, self._context or Context(total, total))

    def features(self) -> Features:
        """All frames, as training stores them; they are released here."""
        frames, self._frames = self._frames, None
        assert frames is not None
        frames.resize((self._done, *frames.shape[1:]), refcheck=False)
        return frames

    def _compute(self, frames: int, around: Context) -> None:
        """Compute the next frames, and let go of the samples that none after them needs."""
        hop = self.representation.hop
        samples = np.concatenate(self._pieces)
        first = max(0, self._done - around.before) // around.grid * around.grid
        # So many samples give the frames up to the last and none that would begin beyond them.
        stop = (self._done + frames + around.after) * hop - 1
        values = self.function(samples[first * hop - self._first : stop - self._first])
        kept = values[self._done - first : self._done - first + frames]
        self._keep(_stored(kept, self.representation))
        needed = max(0, self._done - around.before) // around.grid * around.grid * hop
        rest = samples[needed - self._first :].copy()
        self._pieces, self._held, self._first = [rest], len(rest), needed

    def _keep(self, frames: Features) -> None:
        """Append frames in place: pieces put together in the end would take the memory twice."""
        stop = self._done + len(frames)
        if self._frames is None:
            self._frames = frames.copy()
        elif stop > len(self._frames):
            self._frames.resize((stop + stop // 16, *frames.shape[1:]), refcheck=False)
        self._frames[self._done : stop] = frames
        self._done = stop


def _context(representation: Representation) -> Context | None:
    try:
        return representation.context()
    except DeepmirError:
        return None


def _stored(values: npt.NDArray[np.float32], representation: Representation) -> Features:
    # The extremes are finite only if every value is, and finding them takes hardly any time.
    extremes = np.array([values.min(initial=0), values.max(initial=0)])
    with np.errstate(over="ignore"):
        extremes = extremes.astype(representation.storage)
    if not np.isfinite(extremes).all():
        raise DeepmirError(f"its {representation.kind} exceeds the range of float16: is it scaled?")
    return values.astype(representation.storage)
