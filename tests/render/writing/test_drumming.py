import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepmir_render import styles
from deepmir_render.song import Bar, Groove, Hit, Metre
from deepmir_render.writing import drumming

FOUR = Metre(4, 4)
ROCK = styles.STYLES["rock"]


def groove(name, bpm=120.0, style="rock", fill=False, part="train", bars=2, metre=FOUR):
    hits = tuple(Hit(b + 0.01, 36, 100) for b in range(bars * 4))
    return Groove(name, style, bpm, metre, bars, part, fill, hits)


def bars(count, metre=FOUR):
    return [Bar(i * metre.bar_length, metre) for i in range(count)]


@pytest.mark.parametrize(
    "other",
    [
        groove("slow", bpm=60.0),
        groove("jazz", style="jazz"),
        groove("waltz", metre=Metre(3, 4)),
        groove("held back", part="test"),
        groove("fill", fill=True),
    ],
    ids=lambda g: g.id,
)
def test_only_fitting_drumming_is_found(other, rng):
    assert drumming.find([other], ROCK, 120.0, FOUR, "train", rng) is None
    found = drumming.find([other, groove("good")], ROCK, 120.0, FOUR, "train", rng)
    assert {g.id for g in found.beats} == {"good"}


def test_the_drumming_of_the_test_part_is_heard_there_alone(rng):
    takes = [groove("a"), groove("b", part="test")]
    found = drumming.find(takes, ROCK, 120.0, FOUR, "test", rng)
    assert {g.id for g in found.beats} == {"b"}


@given(st.integers(1, 12), st.booleans(), st.booleans(), st.booleans())
def test_every_bar_is_drummed_and_nothing_outside(count, light, fill, crash):
    made = drumming.Drumming((groove("a"), groove("b")), (groove("c", fill=True, bars=1),), True)
    rng = np.random.default_rng(0)
    end = count * 4.0
    hits = drumming.play(made, bars(count), end, 1, light=light, fill=fill, crash=crash, rng=rng)
    kicks = [h.position for h in hits if h.drum == 36]
    assert kicks == pytest.approx([b + 0.01 for b in range(count * 4)])
    assert any(h.drum == drumming.CRASH for h in hits) == (crash and not light)


@pytest.mark.parametrize("style", styles.STYLES)
@pytest.mark.parametrize("metre", [FOUR, Metre(3, 4), Metre(6, 8), Metre(2, 4)], ids=str)
def test_patterns_fit_into_a_bar(style, metre, rng):
    for _ in range(5):
        made = drumming.patterned(styles.STYLES[style], metre, 120.0, rng)
        for take in (*made.beats, *made.fills):
            assert take.hits
            assert all(0 <= h.position < metre.bar_length for h in take.hits)
            assert any(h.position == 0 for h in take.hits)
