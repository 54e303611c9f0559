"""The recurrent decoder that writes the symbols of an excerpt (tutorial, Figure 15)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from deepmir.sequences.attention import Attention, codes
from deepmir.sequences.options import Decoding
from deepmir.sequences.spelling import END, Spelling


class Memory(NamedTuple):
    """What an encoder hands over of some excerpts.

    Attributes:
        frames: its features with the code of their places, shape (B, T, D).
        keys: what states are compared with, shape (B, T, D); those of an empty attention too.
        summary: of the whole excerpt, shape (B, D).
        lengths: frames of each, shape (B,); None where none is padded.
    """

    frames: Tensor
    keys: Tensor
    summary: Tensor
    lengths: Tensor | None

    def repeated(self, times: int) -> "Memory":
        """Each excerpt so many times in a row."""
        each = (None if part is None else part.repeat_interleave(times, 0) for part in self)
        return Memory(*each)  # type: ignore[arg-type]


class State(NamedTuple):
    """Where the decoder stands in some sequences.

    Attributes:
        hidden: of its cells, shape (N, D), with the memory of an LSTM beside it, (N, 2D).
        context: what it has last read, shape (N, D).
        earliest: the least start that may follow, shape (N,).
        place: tokens that it has taken; the same for all.
        weights: of the frames, when it last read, shape (N, T); no frames without attention.
    """

    hidden: Tensor
    context: Tensor
    earliest: Tensor
    place: int
    weights: Tensor

    def chosen(self, rows: Tensor) -> "State":
        """Some of the sequences, by number, shape (M,)."""
        return State(
            self.hidden[rows],
            self.context[rows],
            self.earliest[rows],
            self.place,
            self.weights[rows],
        )


class Decoder(nn.Module):
    """Takes a token, reads the memory, and gives the probabilities of the next token.

    The new state looks at the frames; what it finds there is read together with it for the next
    token, and is part of the input of the next step (input feeding: Luong, Pham and Manning, 2015).
    It knows when the last event has begun, which is where it looks at first; and a start is a place
    among the frames, so how much one is looked at speaks for it (pointer networks: Vinyals,
    Fortunato and Jaitly, NIPS 2015). Without attention it finds the same summary every time (Cho et
    al., EMNLP 2014).

    Only what can be a token at its place has a probability: the fields of an event follow each
    other, and no event starts before the one before it.
    """

    allowed: Tensor

    def __init__(self, spelling: Spelling, options: Decoding, frames: int) -> None:
        """Make a decoder with fresh weights.

        Args:
            spelling: of what it writes.
            options: as declared.
            frames: length of an excerpt.
        """
        super().__init__()
        self.frames = frames
        self.frames_per_step = frames / spelling.steps
        self.begin = spelling.size  # what is taken before the first token
        self.rising = spelling.rising
        self.starts = spelling.firsts[0], spelling.firsts[0] + spelling.sizes[0]
        units = options.units
        self.embedding = nn.Embedding(spelling.size + 1, units)
        self.bridge = nn.Linear(2 * units, units)
        self.initial = nn.Linear(units, units * (2 if options.cell == "lstm" else 1))
        cells = {"gru": nn.GRUCell, "lstm": nn.LSTMCell}
        self.cell = cells[options.cell](2 * units, units)
        self.attention = None
        if options.attention != "none":
            self.attention = Attention(options.attention, units)
            self.query = nn.Linear(units, units)
        self.mixed = nn.Linear(2 * units, units)
        self.dropout = nn.Dropout(options.drop)
        self.output = nn.Linear(units, spelling.size)
        self.register_buffer("allowed", grammar(spelling), persistent=False)

    def remember(self, features: Tensor, lengths: Tensor | None) -> Memory:
        """Make the memory of what an encoder gives.

        Args:
            features: shape (B, D, T).
            lengths: frames of each excerpt, shape (B,); None where none is padded.
        """
        frames = features.transpose(1, 2)
        rows = torch.arange(len(frames), device=frames.device)
        last = frames.shape[1] - 1 if lengths is None else lengths.to(frames.device) - 1
        # What has been read forwards is in the last frame, what backwards in the first.
        ends = torch.cat([frames[:, 0], frames[rows, last]], dim=1)
        places = torch.arange(frames.shape[1], device=frames.device)
        frames = frames + codes(places, frames.shape[2], self.frames)
        keys = frames if self.attention is None else self.attention.keys(frames)
        return Memory(frames, keys, torch.tanh(self.bridge(ends)), lengths)

    def start(self, memory: Memory) -> State:
        """Before the first token."""
        count, frames = memory.frames.shape[:2]
        return State(
            hidden=torch.tanh(self.initial(memory.summary)),
            context=memory.summary,
            earliest=torch.zeros(count, dtype=torch.long, device=memory.frames.device),
            place=0,
            weights=memory.frames.new_zeros(count, frames if self.attention else 0),
        )

    def step(self, tokens: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """Take a token of each sequence.

        Args:
            tokens: the last ones, shape (N,); `begin` before the first.
            state: before them.
            memory: of the excerpt of each sequence.

        Returns:
            Log-probabilities of the next token, shape (N, tokens), and the state after.
        """
        given = torch.cat([self.embedding(tokens), state.context], dim=1)
        if isinstance(self.cell, nn.LSTMCell):
            hidden = torch.cat(self.cell(given, state.hidden.chunk(2, dim=1)), dim=1)
        else:
            hidden = self.cell(given, state.hidden)
        seen = hidden[:, : self.cell.hidden_size]
        earliest = self._earliest(tokens, state.earliest)
        context, weights, energies = memory.summary, state.weights, None
        if self.attention is not None:
            now = codes(earliest * self.frames_per_step, seen.shape[1], self.frames)
            energies = self.attention(self.query(seen) + now, memory.keys, memory.lengths)
            weights = torch.softmax(energies, dim=1)
            context = (weights[:, None] @ memory.frames)[:, 0]
        mixed = torch.tanh(self.mixed(torch.cat([seen, context], dim=1)))
        logits = self.output(self.dropout(mixed))
        if energies is not None:
            logits = self._pointed(logits, energies)
        after = State(hidden, context, earliest, state.place + 1, weights)
        return self._possible(logits, state.place, earliest), after

    def forward(self, memory: Memory, tokens: Tensor) -> Tensor:
        """Log-probabilities of each token after the true ones before it (teacher forcing).

        Args:
            memory: of the excerpts.
            tokens: what they are, with their ends, shape (B, L).

        Returns:
            Shape (B, L, tokens).
        """
        state, each = self.start(memory), []
        taken = torch.full_like(tokens[:, 0], self.begin)
        for place in range(tokens.shape[1]):
            found, state = self.step(taken, state, memory)
            each.append(found)
            taken = tokens[:, place]
        return torch.stack(each, dim=1)

    def _pointed(self, logits: Tensor, energies: Tensor) -> Tensor:
        """Add the energy of its frame to each start; there is none past the end of an excerpt."""
        first, end = self.starts
        steps = torch.arange(end - first, device=logits.device)
        frames = (steps * self.frames_per_step).long()
        there = frames[frames < energies.shape[1]]
        beyond = energies.new_full((len(energies), len(frames) - len(there)), -torch.inf)
        pointed = torch.cat([energies[:, there], beyond], dim=1)
        return torch.cat(
            [logits[:, :first], logits[:, first:end] + pointed, logits[:, end:]], dim=1
        )

    def _earliest(self, tokens: Tensor, before: Tensor) -> Tensor:
        first, end = self.starts
        return torch.where((tokens >= first) & (tokens < end), tokens - first + self.rising, before)

    def _possible(self, logits: Tensor, place: int, earliest: Tensor) -> Tensor:
        """Log-probabilities among what may stand at a place, in single precision."""
        field = place % len(self.allowed)
        barred = ~self.allowed[field].expand(logits.shape)
        if field == 0:
            first, end = self.starts
            steps = torch.arange(end - first, device=logits.device)
            early = steps < earliest[:, None]
            barred = torch.cat([barred[:, :first], early, barred[:, end:]], dim=1)
        return torch.log_softmax(logits.float().masked_fill(barred, -torch.inf), dim=-1)


def loss(log_probabilities: Tensor, tokens: Tensor) -> tuple[Tensor, int]:
    """The mean negative log-probability of the tokens up to the end of each sequence.

    Args:
        log_probabilities: shape (B, L, tokens).
        tokens: with their ends; what is behind an end is padding, shape (B, L).

    Returns:
        The mean, and of how many tokens.
    """
    said = log_probabilities.gather(2, tokens[..., None])[..., 0]
    ended = (tokens == END).cumsum(dim=1)
    counted = (ended == 0) | ((ended == 1) & (tokens == END))
    number = int(counted.sum())
    return -said.masked_fill(~counted, 0.0).sum() / number, number


def grammar(spelling: Spelling) -> Tensor:
    """Which tokens may stand in each field of an event, shape (fields, tokens)."""
    allowed = torch.zeros(len(spelling.fields), spelling.size, dtype=torch.bool)
    for field, (first, size) in enumerate(zip(spelling.firsts, spelling.sizes, strict=True)):
        allowed[field, first : first + size] = True
    allowed[0, END] = True  # in place of another event
    return allowed
