"""Beam search, compared with enumeration."""

import itertools

import numpy as np
import pytest
import torch

from deepmir.sequences.decoder import Decoder
from deepmir.sequences.options import Decoding
from deepmir.sequences.search import search
from deepmir.sequences.spelling import END, Spelling

UNITS = 6


class Letters(Spelling):
    """Two fields with three and two values: few enough to enumerate all sequences."""

    fields = ("start", "letter")
    rising = 1
    sizes = (3, 2)

    events = moved = heard = within = annotation = name = starts = None


SPELLING = Letters(0.1, 3)


def made(seed=1, **options):
    torch.manual_seed(seed)
    decoder = Decoder(SPELLING, Decoding(units=UNITS, **options), 5).eval()
    with torch.no_grad():  # decided enough for beams to go astray
        decoder.output.weight *= 6
    return decoder, decoder.remember(3 * torch.randn(2, UNITS, 5), None)


def score(decoder, memory, tokens):
    rows = torch.tensor([tokens] * 2)
    said = decoder(memory, rows).gather(2, rows[..., None])[..., 0]
    return said.sum(1)


def every(longest):
    """All valid sequences up to a number of tokens."""
    for events in range((longest - 1) // 2 + 1):
        for starts in itertools.combinations(range(3), events):
            for letters in itertools.product(range(2), repeat=events):
                yield SPELLING.tokens(list(zip(starts, letters, strict=True))).tolist()


def exhaustive(decoder, memory, longest):
    scored = [(tokens, score(decoder, memory, tokens)) for tokens in every(longest)]
    best = [max(scored, key=lambda pair: pair[1][i].item()) for i in range(2)]
    return [tokens for tokens, _ in best], [each[i].item() for i, (_, each) in enumerate(best)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("attention", ["additive", "none"])
def test_a_beam_as_wide_as_the_tree_finds_the_most_probable_sequence(seed, attention):
    decoder, memory = made(seed, attention=attention)
    for longest in (3, 5, 7):
        found = search(decoder, memory, beam=80, longest=longest)
        tokens, scores = exhaustive(decoder, memory, longest)
        for row, wanted in zip(found.tokens.tolist(), tokens, strict=True):
            assert row[: len(wanted)] == wanted
            assert set(row[len(wanted) :]) <= {END}
        np.testing.assert_allclose(found.scores, scores, rtol=1e-5)


def greedy(decoder, memory, longest):
    state = decoder.start(memory)
    taken, row = torch.tensor([decoder.begin]), []
    while not row or row[-1] != END:
        said, state = decoder.step(taken, state, memory)
        full = len(row) % 2 == 0 and len(row) + 2 >= longest
        taken = torch.tensor([END]) if full else said.argmax(1)
        row.append(int(taken))
    return row


@pytest.mark.parametrize("seed", range(5))
def test_a_beam_of_one_is_greedy(seed):
    decoder, _ = made(seed)
    x = 3 * torch.randn(3, UNITS, 5)
    found = search(decoder, decoder.remember(x, None), beam=1, longest=7).tokens.tolist()
    for row, one in zip(found, x, strict=True):
        wanted = greedy(decoder, decoder.remember(one[None], None), 7)
        assert row[: len(wanted)] == wanted


def test_a_wider_beam_is_never_worse_here_and_once_better():
    better = 0
    for seed in range(20):
        decoder, memory = made(seed)
        narrow, wide = (search(decoder, memory, beam=n, longest=7).scores for n in (1, 80))
        assert (wide >= narrow - 1e-5).all()
        better += int((wide > narrow + 1e-4).sum())
    assert better


@pytest.mark.parametrize("longest", range(1, 8))
def test_no_sequence_is_longer_than_the_limit_and_each_ends(longest):
    for seed in range(4):
        decoder, memory = made(seed)
        with torch.no_grad():
            decoder.output.bias[END] = -20  # it would write on
        found = search(decoder, memory, beam=3, longest=longest)
        assert found.tokens.shape[1] <= longest
        assert (found.tokens == END).any(1).all()
        # As many whole events as there is room for, and as there are starts.
        events = [len(SPELLING.read(row.numpy())) for row in found.tokens]
        assert max(events) <= (longest - 1) // 2


def test_an_excerpt_is_not_heard_by_its_neighbour_nor_by_its_padding():
    decoder, _ = made()
    x = 3 * torch.randn(2, UNITS, 5)
    both = search(decoder, decoder.remember(x, torch.tensor([5, 3])), beam=4, longest=7)
    alone = search(decoder, decoder.remember(x[1:, :, :3], None), beam=4, longest=7)
    torch.testing.assert_close(both.scores[1], alone.scores[0])
    assert both.weights[1, :, 3:].abs().max() == 0
    torch.testing.assert_close(both.weights.sum(-1), torch.ones(both.weights.shape[:2]))
