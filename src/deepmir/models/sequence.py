"""A network that writes symbols: an encoder in the notation, and a decoder that reads it (A.5).

A track is written excerpt by excerpt. Excerpts overlap by half, and each counts from the middle of
one overlap to the middle of the next, where it has context before and after.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from deepmir import networks
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation
from deepmir.models import excerpts, model
from deepmir.models.card import CARD, SequenceCard, read_card
from deepmir.models.model import Model, as_input
from deepmir.networks.network import build as build_network
from deepmir.representations import Representation
from deepmir.sequences.decoder import Decoder, Memory, grammar
from deepmir.sequences.options import Decoding
from deepmir.sequences.search import search
from deepmir.sequences.spelling import END, Heard, Spelling, Tokens
from deepmir.sequences.spellings import spelling_of


class SequenceModel(nn.Module):
    """An encoder with the standardisation of its input, and a decoder."""

    def __init__(self, encoder: Model, decoder: Decoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def remember(self, x: Tensor, lengths: Tensor | None = None) -> Memory:
        """The decoder's input for some excerpts, shape (B, N, F, T)."""
        return self.decoder.remember(self.encoder(x, lengths), lengths)

    def forward(self, x: Tensor, lengths: Tensor | None, tokens: Tensor) -> Tensor:
        """Log-probabilities of tokens (B, L) given the previous ones, shape (B, L, tokens)."""
        found: Tensor = self.decoder(self.remember(x, lengths), tokens)
        return found


@dataclass(frozen=True)
class Written:
    """The symbols of an excerpt.

    Attributes:
        start: of the excerpt in seconds.
        tokens: without padding, shape (L,).
        probabilities: assigned by the decoder to each, shape (L,).
        weights: attention over the frames for each, shape (L, T); T is 0 without attention.
    """

    start: float
    tokens: Tokens
    probabilities: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Writer:
    """A model with everything needed to write tracks.

    Attributes:
        model: in evaluation mode.
        spelling: of its task.
        options: of its decoder.
        frames: length of an excerpt.
        frame_rate: frames per second.
    """

    model: SequenceModel
    spelling: Spelling
    options: Decoding
    frames: int
    frame_rate: float

    @torch.inference_mode()
    def write(self, features: npt.NDArray[np.floating]) -> list[Written]:
        """The symbols of every excerpt of a track.

        Args:
            features: shape (frames, bins) or (frames, bins, channels).
        """
        x = as_input(torch.from_numpy(features.astype(np.float32))[None])
        places = excerpts.starts(len(features), self.frames)
        pieces = torch.cat([x[..., start : start + self.frames] for start in places])
        return self.read(self.model.remember(pieces), places, self.options.beam)

    def read(self, memory: Memory, places: Sequence[int], beam: int) -> list[Written]:
        """The symbols of some excerpts.

        Args:
            memory: of the excerpts, none of which is padded.
            places: their first frames.
            beam: the width of the search.
        """
        found = search(self.model.decoder, memory, beam=beam, longest=self.options.longest)
        sure, weights = found.log_probabilities.exp().float(), found.weights.float()
        rows = zip(places, *(c.cpu().numpy() for c in (found.tokens, sure, weights)), strict=True)
        return [
            Written(start / self.frame_rate, *_until_end(tokens, sure, weights))
            for start, tokens, sure, weights in rows
        ]

    def annotation(self, written: Sequence[Written], frames: int) -> Annotation:
        """The annotation of a track from its excerpts.

        Args:
            written: of every excerpt, in order.
            frames: length of the track.
        """
        seconds = min(frames, self.frames) / self.frame_rate
        middles = [(a.start + seconds + b.start) / 2 for a, b in pairwise(written)]
        edges = [0.0, *middles, frames / self.frame_rate]
        pieces: list[Heard] = []
        for one, (first, last) in zip(written, pairwise(edges), strict=True):
            events = self.spelling.read(one.tokens)
            sure = one.probabilities[self.spelling.symbol :: len(self.spelling.fields)].tolist()
            for heard in self.spelling.heard(events, sure[: len(events)], seconds):
                at = replace(heard, start=one.start + heard.start, end=one.start + heard.end)
                kept = self.spelling.within(at, first, last)
                pieces += [] if kept is None else [kept]
        return self.spelling.annotation(pieces)


def _until_end(
    tokens: Tokens, sure: npt.NDArray[np.float32], weights: npt.NDArray[np.float32]
) -> tuple[Tokens, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    length = int(np.flatnonzero(tokens == END)[0]) + 1
    return tokens[:length], sure[:length], weights[:length]


def build(
    network: str, representation: Representation, options: Decoding, spelling: Spelling
) -> SequenceModel:
    """Make an untrained model."""
    shape = networks.InputShape.of(representation)
    output = networks.Output(options.units, time_varying=True)
    frames = round(spelling.steps * spelling.step * representation.frame_rate)
    encoder = Model(build_network(network, shape, output), representation.channels, shape.bins)
    return SequenceModel(encoder, Decoder(spelling, options, frames))


def load(folder: Path) -> tuple[Writer, SequenceCard]:
    """A trained model, ready for writing.

    Raises:
        DeepmirError: when a file is missing, damaged, newer or of another kind, or the two do not
            match.
    """
    card = read_card(folder)
    if not isinstance(card, SequenceCard):
        raise DeepmirError(f"{folder} is a {card.kind} and writes no symbols")
    representation, rate = card.representation, card.representation.frame_rate
    try:
        spelling = spelling_of(card.task, card.writer.step, card.excerpt_frames / rate)
        networks.check(
            card.network,
            networks.InputShape.of(representation),
            networks.Output(card.writer.units, time_varying=True),
        )
        with torch.device("meta"):
            made = build(card.network, representation, card.writer, spelling)
    except DeepmirError as error:
        raise DeepmirError(f"{folder / CARD}: {str(error).partition(chr(10))[0]}") from None
    model.fill(made, folder, card)
    # Buffers that are not weights were created without memory as well.
    made.decoder.allowed = grammar(spelling)
    return Writer(made, spelling, card.writer, card.excerpt_frames, rate), card
