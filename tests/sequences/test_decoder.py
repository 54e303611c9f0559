"""The decoder: shapes, grammar, attention, teacher forcing."""

import pytest
import torch

from deepmir.sequences.attention import Attention
from deepmir.sequences.decoder import Decoder, loss
from deepmir.sequences.options import Decoding
from deepmir.sequences.spelling import END
from deepmir.sequences.spellings import ChordSpelling, NoteSpelling

UNITS = 12
NOTES = NoteSpelling(0.1, 7)
CHORDS = ChordSpelling(0.1, 7)
KINDS = [(cell, attention) for cell in ("gru", "lstm") for attention in ("additive", "dot", "none")]


def made(spelling=NOTES, **options):
    torch.manual_seed(3)
    return Decoder(spelling, Decoding(units=UNITS, **options), 9).eval()


def features(count=2, frames=9):
    return torch.randn(count, UNITS, frames, generator=torch.Generator().manual_seed(5))


def batch(spelling, *sequences):
    rows = [torch.from_numpy(spelling.tokens(events)) for events in sequences]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


PAIR = batch(NOTES, [(0, 40, 2), (3, 44, 1)], [(2, 50, 0)])


@pytest.mark.parametrize(("cell", "attention"), KINDS)
def test_every_place_has_probabilities_of_what_may_stand_there(cell, attention):
    decoder = made(cell=cell, attention=attention)
    found = decoder(decoder.remember(features(), None), PAIR)
    assert found.shape == (2, 7, NOTES.size)
    torch.testing.assert_close(found.exp().sum(-1), torch.ones(2, 7))
    first, pitch, length = NOTES.firsts
    fields = [{END, *range(first, pitch)}, {*range(pitch, length)}, {*range(length, NOTES.size)}]
    for place in range(7):
        # The second sequence ends after one event; what follows counts for nothing.
        allowed = set(found[0, place].isfinite().nonzero().flatten().tolist())
        assert allowed <= fields[place % 3]
    # After the event at step 3 none begins earlier.
    assert set(found[0, 6].isfinite().nonzero().flatten().tolist()) == {
        END,
        *range(first + 3, pitch),
    }


def test_a_chord_begins_after_the_one_before():
    decoder = made(CHORDS)
    found = decoder(decoder.remember(features(1), None), batch(CHORDS, [(0, 4), (2, 7)]))
    assert found[0, 4].isfinite().nonzero().flatten().tolist() == [END, 4, 5, 6, 7]


@pytest.mark.parametrize(("cell", "attention"), KINDS)
def test_teacher_forcing_leaves_padding_out(cell, attention):
    decoder = made(cell=cell, attention=attention)
    lengths = torch.tensor([9, 6])
    x = features()
    padded = torch.cat([x, 100 * torch.randn(2, UNITS, 4)], dim=2)
    longer = torch.cat([PAIR, torch.zeros(2, 5, dtype=torch.long)], dim=1)
    given, number = loss(decoder(decoder.remember(x, lengths), PAIR), PAIR)
    assert number == 11
    more, _ = loss(decoder(decoder.remember(padded, lengths), longer), longer)
    torch.testing.assert_close(given, more)
    # The second by itself, unpadded, and the first: their means by the number of tokens.
    each = [
        loss(decoder(decoder.remember(x[i : i + 1, :, :n], None), t), t)[0]
        for i, (n, t) in enumerate(zip((9, 6), (PAIR[:1], PAIR[1:, :4]), strict=True))
    ]
    torch.testing.assert_close(given, (7 * each[0] + 4 * each[1]) / 11)


def test_padding_has_no_gradient():
    decoder = made()
    x = features().requires_grad_()
    value, _ = loss(decoder(decoder.remember(x, torch.tensor([9, 6])), PAIR), PAIR)
    value.backward()
    assert x.grad[1, :, 6:].abs().max() == 0 < x.grad[1, :, :6].abs().max()
    assert all(p.grad.isfinite().all() for p in decoder.parameters())


@pytest.mark.parametrize("kind", ["additive", "dot"])
def test_weights_add_up_to_one_and_end_with_the_excerpt(kind):
    attention = Attention(kind, UNITS)
    memory = features().transpose(1, 2)
    energies = attention(torch.randn(2, UNITS), attention.keys(memory), torch.tensor([9, 4]))
    weights = torch.softmax(energies, 1)
    torch.testing.assert_close(weights.sum(1), torch.ones(2))
    assert weights[1, 4:].abs().max() == 0 < weights[1, :4].min()


def test_the_gradient_is_that_of_the_tokens_before_alone():
    decoder = made()
    memory = decoder.remember(features(), None)
    changed = PAIR.clone()
    changed[0, 4] += 1
    before, after = (decoder(memory, tokens) for tokens in (PAIR, changed))
    assert torch.equal(before[0, :5], after[0, :5])
    assert not torch.equal(before[0, 5], after[0, 5])


def test_without_attention_the_frames_between_do_not_matter_but_by_the_encoder():
    decoder = made(attention="none")
    x = features()
    other = x.clone()
    other[:, :, 1:-1] = 0
    one, two = (decoder(decoder.remember(v, None), PAIR) for v in (x, other))
    assert torch.equal(one, two)
