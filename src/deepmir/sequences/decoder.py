"""The recurrent decoder that writes the symbols of an excerpt (tutorial, Figure 15)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from deepmir.sequences.attention import Attention, codes
from deepmir.sequences.options import Decoding
from deepmir.sequences.spelling import END, Spelling


class Memory(NamedTuple):
    """The output of an encoder for some excerpts.

    Attributes:
        frames: its features with position encoding, shape (B, T, D).
        keys: compared with states, shape (B, T, D); also without attention.
        summary: of the whole excerpt, shape (B, D).
        lengths: frames of each, shape (B,); None if none is padded.
    """

    frames: Tensor
    keys: Tensor
    summary: Tensor
    lengths: Tensor | None

    def repeated(self, times: int) -> "Memory":
        """Each excerpt repeated several times in a row."""
        each = (None if part is None else part.repeat_interleave(times, 0) for part in self)
        return Memory(*each)  # type: ignore[arg-type]


class State(NamedTuple):
    """The state of the decoder for some sequences.

    Attributes:
        hidden: of its cells, shape (N, D), or with the cell state of an LSTM, (N, 2D).
        context: last read from the memory, shape (N, D).
        earliest: the earliest start that may follow, shape (N,).
        place: number of tokens so far; the same for all.
        weights: last attention over the frames, shape (N, T); no frames without attention.
    """

    hidden: Tensor
    context: Tensor
    earliest: Tensor
    place: int
    weights: Tensor

    def chosen(self, rows: Tensor) -> "State":
        """Some of the sequences, by index, shape (M,)."""
        return State(
            self.hidden[rows],
            self.context[rows],
            self.earliest[rows],
            self.place,
            self.weights[rows],
        )


class Decoder(nn.Module):
    """Takes a token, reads the memory, and gives the probabilities of the next token.

    The new state attends to the frames; the result is used together with it to predict the next
    token, and is part of the input of the next step (input feeding: Luong, Pham and Manning, 2015).
    The query includes the onset of the last event, where attention starts; and as a start is a
    position among the frames, the energy of a frame contributes to it (pointer networks: Vinyals,
    Fortunato and Jaitly, NIPS 2015). Without attention, the decoder always reads the same summary
    (Cho et al., EMNLP 2014).

    Only valid tokens have a probability: the fields of an event follow each other, and no event
    starts before the previous one.
    """

    allowed: Tensor

    def __init__(self, spelling: Spelling, options: Decoding, frames: int) -> None:
        """Create a decoder with fresh weights.

        Args:
            spelling: of the sequences.
            options: as declared.
            frames: length of an excerpt.
        """
        super().__init__()
        self.frames = frames
        self.frames_per_step = frames / spelling.steps
        self.begin = spelling.size  # input before the first token
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
        """Build the memory from the output of an encoder.

        Args:
            features: shape (B, D, T).
            lengths: frames of each excerpt, shape (B,); None if none is padded.
        """
        frames = features.transpose(1, 2)
        rows = torch.arange(len(frames), device=frames.device)
        last = frames.shape[1] - 1 if lengths is None else lengths.to(frames.device) - 1
        # The forward direction ends in the last frame, the backward one in the first.
        ends = torch.cat([frames[:, 0], frames[rows, last]], dim=1)
        places = torch.arange(frames.shape[1], device=frames.device)
        frames = frames + codes(places, frames.shape[2], self.frames)
        keys = frames if self.attention is None else self.attention.keys(frames)
        return Memory(frames, keys, torch.tanh(self.bridge(ends)), lengths)

    def start(self, memory: Memory) -> State:
        """The state before the first token."""
        count, frames = memory.frames.shape[:2]
        return State(
            hidden=torch.tanh(self.initial(memory.summary)),
            context=memory.summary,
            earliest=torch.zeros(count, dtype=torch.long, device=memory.frames.device),
            place=0,
            weights=memory.frames.new_zeros(count, frames if self.attention else 0),
        )

    def step(self, tokens: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """Process one token of each sequence.

        Args:
            tokens: the last ones, shape (N,); `begin` before the first.
            state: before these tokens.
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
        """Log-probabilities of each token given the true previous ones (teacher forcing).

        Args:
            memory: of the excerpts.
            tokens: true sequences with their ends, shape (B, L).

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
        """Add the energy of its frame to each start; minus infinity past the end of an excerpt."""
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
        """Log-probabilities among the valid tokens at a position, in single precision."""
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
        tokens: with their ends, followed by padding, shape (B, L).

    Returns:
        The mean, and the number of tokens.
    """
    said = log_probabilities.gather(2, tokens[..., None])[..., 0]
    ended = (tokens == END).cumsum(dim=1)
    counted = (ended == 0) | ((ended == 1) & (tokens == END))
    number = int(counted.sum())
    return -said.masked_fill(~counted, 0.0).sum() / number, number


def grammar(spelling: Spelling) -> Tensor:
    """Which tokens are valid in each field of an event, shape (fields, tokens)."""
    allowed = torch.zeros(len(spelling.fields), spelling.size, dtype=torch.bool)
    for field, (first, size) in enumerate(zip(spelling.firsts, spelling.sizes, strict=True)):
        allowed[field, first : first + size] = True
    allowed[0, END] = True  # instead of another event
    return allowed
