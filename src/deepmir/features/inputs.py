"""The source of a network's input: features in HDF5, or audio with a front end on the fly.

Both read excerpts from memory maps, so only the excerpt is read, and leave them as stored: further
processing is done on the training device. Both give the same values; the option `precompute` of an
experiment chooses between them (tutorial, section 5.1).
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from deepmir.features import downmix
from deepmir.features.corpus import Files
from deepmir.files.store import Store
from deepmir.representations import Representation
from deepmir.representations.framing import Context


@dataclass(frozen=True)
class Excerpt:
    """A part of a recording that contains the requested frames.

    Attributes:
        values: features (frames, bins) or (frames, bins, channels), or audio (samples,), as stored.
        first: index in the excerpt of the first requested frame.
    """

    values: npt.NDArray[Any]
    first: int


class Inputs(Protocol):
    """The recordings of a data set as input of a network."""

    @property
    def failures(self) -> dict[str, str]:
        """The excluded tracks, with the reason."""

    def __contains__(self, track: str) -> bool:
        """Whether a track can be used."""

    def frames(self, track: str) -> int:
        """Length of a track in frames."""

    def features(self, track: str) -> npt.NDArray[np.floating]:
        """The whole track, shape (frames, bins) or (frames, bins, channels)."""

    def excerpt(self, track: str, start: int, frames: int) -> Excerpt:
        """Some frames of a track, or the audio to compute them from."""


def open_inputs(files: Files, representation: Representation, *, on_the_fly: bool) -> Inputs:
    """The input of a network.

    Args:
        files: of the data set.
        representation: that the network takes.
        on_the_fly: whether it is computed from audio now instead of precomputed.

    Raises:
        DeepmirError: when files are missing or stale, or too many tracks failed.
    """
    if on_the_fly:
        return OnTheFly(files.open_audio(representation.sample_rate), representation)
    return Precomputed(files.open_features(representation))


@dataclass(frozen=True)
class Precomputed:
    """Features of the pipeline's `features` stage."""

    store: Store

    @property
    def failures(self) -> dict[str, str]:
        """The excluded tracks, with the reason."""
        return self.store.failures

    def __contains__(self, track: str) -> bool:
        return track in self.store

    def frames(self, track: str) -> int:
        """Length of a track in frames."""
        return self.store.length(track)

    def features(self, track: str) -> npt.NDArray[np.floating]:
        """The whole track, shape (frames, bins) or (frames, bins, channels)."""
        return self.store[track]

    def excerpt(self, track: str, start: int, frames: int) -> Excerpt:
        """Some frames of a track."""
        return Excerpt(self.store[track][start : start + frames], 0)


class OnTheFly:
    """Audio of the `downmix` stage, and the representation to compute from it."""

    def __init__(self, recordings: Store, representation: Representation) -> None:
        """Determine how much audio a frame needs around it.

        Raises:
            DeepmirError: when it needs the whole recording.
        """
        self.recordings = recordings
        self.representation = representation
        self.context: Context = representation.context()

    @property
    def failures(self) -> dict[str, str]:
        """The excluded tracks, with the reason."""
        return self.recordings.failures

    def __contains__(self, track: str) -> bool:
        return track in self.recordings

    def frames(self, track: str) -> int:
        """Length of a track in frames."""
        return self.representation.frames(self.recordings.length(track))

    def features(self, track: str) -> npt.NDArray[np.floating]:
        """The whole track, computed now, shape (frames, bins) or (frames, bins, channels)."""
        return self.representation(downmix.samples_of(self.recordings, track))

    def excerpt(self, track: str, start: int, frames: int) -> Excerpt:
        """The audio of some frames and of their context, shape (samples,)."""
        hop, grid = self.representation.hop, self.context.grid
        first = max(0, start - self.context.before) // grid * grid
        last = start + frames + self.context.after
        # This many samples give exactly the frames from first to last.
        stop = last * hop - 1 if last < self.frames(track) else None
        return Excerpt(self.recordings[track][first * hop : stop], start - first)
