"""Recordings as mu-law codes with their conditions, and batches of their excerpts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from deepmir.datasets.index import Track
from deepmir.errors import DeepmirError
from deepmir.features import corpus, downmix
from deepmir.files.annotations import Jams
from deepmir.files.store import Store
from deepmir.generators.wavenet import mulaw
from deepmir.generators.wavenet.mulaw import SILENCE, Codes
from deepmir.generators.wavenet.network import Given
from deepmir.tasks.shared.pitched import Notes, pitched_notes

IGNORED = -1  # target past the end of a recording


@dataclass(frozen=True)
class Vocabulary:
    """The possible conditions; empty without conditioning.

    Attributes:
        instruments: by name.
        pitches: MIDI numbers.
    """

    instruments: tuple[str, ...]
    pitches: tuple[int, ...]

    def instrument(self, track: str, jams: Jams) -> int:
        """The index of the instrument of a recording; 0 without this condition."""
        return self.instruments.index(_instrument(track, jams)) if self.instruments else 0


@dataclass(frozen=True)
class Recording:
    """A recording.

    Attributes:
        track: its identifier.
        codes: shape (T,).
        pitch: index from 1 on for each sample within a note, else 0, shape (T,).
        instrument: its index in the vocabulary.
    """

    track: str
    codes: Codes
    pitch: npt.NDArray[np.int64]
    instrument: int


class Batch(NamedTuple):
    """Excerpts; see :meth:`network.WaveNet.forward`.

    Attributes:
        past: codes before each sample, shape (B, R + T - 1).
        given: conditions there.
        target: the codes, or `IGNORED`, shape (B, T).
    """

    past: Tensor
    given: Given
    target: Tensor


def vocabulary(tracks: Sequence[Track], told: Sequence[str]) -> Vocabulary:
    """The instruments and pitches of recordings.

    Args:
        tracks: the training part.
        told: conditions of the network.

    Raises:
        DeepmirError: when a recording lacks the annotation.
    """
    instruments: set[str] = set()
    pitches: set[int] = set()
    for track, jams in corpus.read_annotations(tracks, ("tag_open", "note_midi")).items():
        if "instrument" in told:
            instruments.add(_instrument(track, jams))
        if "pitch" in told:
            pitches |= {round(pitch) for pitch in notes_of(track, jams).pitches}
    return Vocabulary(tuple(sorted(instruments)), tuple(sorted(pitches)))


def read(tracks: Sequence[Track], store: Store, rate: int, words: Vocabulary) -> list[Recording]:
    """Recordings as codes.

    Args:
        tracks: to read; those without audio are left out.
        store: of their audio.
        rate: samples per second.
        words: conditions in the training part.

    Raises:
        DeepmirError: when one has other conditions, or lacks the annotation.
    """
    found = []
    for track, jams in corpus.read_annotations(tracks, ("tag_open", "note_midi")).items():
        if track not in store:
            continue
        codes = mulaw.encode(downmix.samples_of(store, track))
        try:
            instrument = words.instrument(track, jams)
            pitch = _held(track, jams, rate, len(codes), words)
        except ValueError:
            raise DeepmirError(
                f"{track} has conditions that no training recording has: split the data set again"
            ) from None
        found.append(Recording(track, codes, pitch, instrument))
    return found


def notes_of(track: str, jams: Jams) -> Notes:
    """The notes of a recording; raises DeepmirError if there are none."""
    notes = pitched_notes(jams)
    if notes is None:
        raise DeepmirError(f"{track} has no note_midi: annotate its notes, or leave it out")
    return notes


def _instrument(track: str, jams: Jams) -> str:
    found = jams.first("tag_open", "instrument")
    names = {str(o.value) for o in found.observations} if found else set()
    if len(names) != 1:
        raise DeepmirError(f"{track} must have one instrument, not {len(names)} (tag_open)")
    return names.pop()


def _held(
    track: str, jams: Jams, rate: int, length: int, words: Vocabulary
) -> npt.NDArray[np.int64]:
    pitch = np.zeros(length, np.int64)
    if words.pitches:
        notes = notes_of(track, jams)
        for start, end, value in zip(notes.starts, notes.ends, notes.pitches, strict=True):
            place = words.pitches.index(round(value))
            pitch[round(start * rate) : round(end * rate)] = place + 1
    return pitch


def excerpt(recording: Recording, start: int, length: int, field: int) -> Batch:
    """An excerpt as a batch of one, with silence before the recording and nothing after its end.

    Args:
        recording: the source.
        start: its first sample.
        length: T.
        field: R, the receptive field.
    """
    codes = recording.codes.astype(np.int64)
    places = np.arange(start - field + 1, start + length)
    past = _at(codes, places - 1, SILENCE)
    pitch = _at(recording.pitch, places, 0)
    target = _at(codes, places[field - 1 :], IGNORED)
    instrument = torch.tensor([recording.instrument])
    return Batch(past[None], Given(pitch[None], instrument), target[None])


def _at(values: npt.NDArray[np.int64], places: npt.NDArray[np.int64], beyond: int) -> Tensor:
    inside = (places >= 0) & (places < len(values))
    return torch.from_numpy(np.where(inside, values[places * inside], beyond))


def together(batches: Sequence[Batch]) -> Batch:
    """Batches concatenated to one."""
    return Batch(
        torch.cat([one.past for one in batches]),
        Given(*(torch.cat(each) for each in zip(*(one.given for one in batches), strict=True))),
        torch.cat([one.target for one in batches]),
    )


class Excerpts(Dataset[Batch]):
    """An epoch of batches of random excerpts.

    Each batch has its own random numbers, from the seed, the epoch and its index.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        *,
        batches: int,
        batch_size: int,
        length: int,
        field: int,
        seed: tuple[int, ...],
    ) -> None:
        """Prepare an epoch.

        Args:
            recordings: drawn in proportion to their length.
            batches: number of batches.
            batch_size: excerpts per batch.
            length: samples per excerpt.
            field: the receptive field.
            seed: of the run and the epoch.
        """
        self.recordings = recordings
        self.batches, self.batch_size = batches, batch_size
        self.length, self.field, self.seed = length, field, seed
        lengths = np.array([len(one.codes) for one in recordings], np.float64)
        self.shares = lengths / lengths.sum()

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, index: int) -> Batch:
        rng = np.random.default_rng((*self.seed, index))
        chosen = rng.choice(len(self.recordings), self.batch_size, p=self.shares)
        return together([self._drawn(self.recordings[one], rng) for one in chosen])

    def _drawn(self, one: Recording, rng: np.random.Generator) -> Batch:
        # Moved inside if it would extend past an end, so the first samples are as likely as those
        # in the middle.
        last = max(0, len(one.codes) - self.length)
        start = int(rng.integers(-self.length, len(one.codes)).clip(0, last))
        return excerpt(one, start, self.length, self.field)


class Whole(Dataset[Batch]):
    """Whole recordings, batched by similar length."""

    def __init__(self, recordings: Sequence[Recording], batch_size: int, field: int) -> None:
        """Sort them by length, then name."""
        self.recordings = sorted(recordings, key=lambda one: (len(one.codes), one.track))
        self.batch_size, self.field = batch_size, field

    def __len__(self) -> int:
        return -(-len(self.recordings) // self.batch_size)

    def __getitem__(self, index: int) -> Batch:
        first = index * self.batch_size
        some = self.recordings[first : first + self.batch_size]
        longest = len(some[-1].codes)
        return together([excerpt(one, 0, longest, self.field) for one in some])
