"""Beam search: the most probable sequence of an excerpt, or nearly.

The best few beginnings are kept, and each is continued by every token. A beam that is as wide as
the tree is deep and broad finds what an exhaustive search finds; one of width 1 is greedy.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from deepmir.sequences.decoder import Decoder, Memory
from deepmir.sequences.spelling import END


class Found(NamedTuple):
    """The best sequence of each excerpt.

    Attributes:
        tokens: with their ends and what fills them up, shape (B, L).
        log_probabilities: of each token, shape (B, L).
        weights: of the frames, when each token was read, shape (B, L, T).
    """

    tokens: Tensor
    log_probabilities: Tensor
    weights: Tensor

    @property
    def scores(self) -> Tensor:
        """The log-probability of each sequence, shape (B,)."""
        return self.log_probabilities.sum(dim=1)


@torch.no_grad()
def search(decoder: Decoder, memory: Memory, *, beam: int, longest: int) -> Found:
    """Search for the most probable sequences that end within a length.

    Args:
        decoder: in evaluation mode.
        memory: of B excerpts.
        beam: beginnings that are kept of each.
        longest: tokens of a sequence, its end among them; where no other event would fit, only the
            end may follow.
    """
    excerpts, width = len(memory.frames), len(decoder.allowed)
    memory = memory.repeated(beam)
    state = decoder.start(memory)
    device = memory.frames.device
    taken = torch.full((excerpts * beam,), decoder.begin, device=device)
    # At first all beginnings of an excerpt are the same: one of them counts.
    scores = torch.full((excerpts, beam), -torch.inf, device=device)
    scores[:, 0] = 0.0
    ended = torch.zeros_like(taken, dtype=torch.bool)
    base = torch.arange(excerpts, device=device)[:, None] * beam
    paths: list[Found] = []
    for place in range(longest):
        said, state = decoder.step(taken, state, memory)
        if place % width == 0 and place + width >= longest:
            said = _only_end(said, said[:, END])
        said = torch.where(ended[:, None], _only_end(said, 0.0), said)
        totals = scores[..., None] + said.view(excerpts, beam, -1)
        scores, best = totals.flatten(1).topk(beam, dim=1)
        rows = (base + best // said.shape[1]).flatten()
        taken = (best % said.shape[1]).flatten()
        state, ended = state.chosen(rows), ended[rows] | (taken == END)
        paths = [Found(*(part[rows] for part in path)) for path in paths]
        paths.append(Found(taken, said[rows, taken], state.weights))
        # Log-probabilities only fall: what leads and has ended stays the best.
        if bool(ended[::beam].all()):
            break
    return Found(*(torch.stack(part, dim=1)[::beam] for part in zip(*paths, strict=True)))


def _only_end(said: Tensor, value: Tensor | float) -> Tensor:
    """Nothing but the end may follow, with this log-probability."""
    only = torch.full_like(said, -torch.inf)
    only[:, END] = value
    return only
