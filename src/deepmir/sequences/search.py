"""Beam search: the approximately most probable sequence of an excerpt.

The best few prefixes are kept, and each is continued by every token. A beam that is wide enough
for the whole tree is an exhaustive search; one of width 1 is greedy.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from deepmir.sequences.decoder import Decoder, Memory
from deepmir.sequences.spelling import END


class Found(NamedTuple):
    """The best sequence of each excerpt.

    Attributes:
        tokens: with their ends and padding, shape (B, L).
        log_probabilities: of each token, shape (B, L).
        weights: attention over the frames for each token, shape (B, L, T).
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
    """Search for the most probable sequences up to a maximum length.

    Args:
        decoder: in evaluation mode.
        memory: of B excerpts.
        beam: prefixes kept per excerpt.
        longest: tokens of a sequence including its end; when no other event would fit, only the
            end may follow.
    """
    excerpts, width = len(memory.frames), len(decoder.allowed)
    memory = memory.repeated(beam)
    state = decoder.start(memory)
    device = memory.frames.device
    taken = torch.full((excerpts * beam,), decoder.begin, device=device)
    # At first all prefixes of an excerpt are the same: only one of them counts.
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
        # Log-probabilities only decrease: a finished leader stays the best.
        if bool(ended[::beam].all()):
            break
    return Found(*(torch.stack(part, dim=1)[::beam] for part in zip(*paths, strict=True)))


def _only_end(said: Tensor, value: Tensor | float) -> Tensor:
    """Allow only the end to follow, with this log-probability."""
    only = torch.full_like(said, -torch.inf)
    only[:, END] = value
    return only
