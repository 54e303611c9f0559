import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepmir.errors import DeepmirError
from deepmir.networks import parse
from deepmir.networks.letters.base import LETTERS, OPTIONS, Growth
from deepmir.networks.letters.convolution import Convolution1D, Convolution2D
from deepmir.networks.letters.dense import Dense
from deepmir.networks.letters.pooling import Pooling1D, Pooling2D
from deepmir.networks.letters.recurrent import ManyToMany, ManyToOne
from deepmir.networks.notation import Highway, Notation, Parallel, Repeat, Residual

counts = st.integers(1, 1_000_000)
VALUES = {
    "count": counts,
    "odd": counts.filter(lambda n: n % 2),
    "size": st.tuples(counts, counts),
    "share": st.floats(0, 1, exclude_max=True),
    "growth": counts | st.builds(Growth, st.integers(2, 16)),
}


def values(option):
    choices = [st.just(meant) for _, meant in option.words]
    return st.one_of(*choices, *([VALUES[option.number]] if option.number else []))


def layers_of(letter):
    """A letter with its width or size and any of its options."""
    written = {name: values(option) for name, option in OPTIONS[letter].items()}
    needed = {name: written.pop(name) for name in ("width", "size") if name in written}
    given = st.fixed_dictionaries(needed, optional=written)
    return given.map(lambda options: LETTERS[letter](**options))


layers = st.one_of(st.just(Dense()), *map(layers_of, LETTERS))


def groups(elements):
    chains = st.lists(elements, min_size=1, max_size=2).map(tuple)
    return st.one_of(
        st.builds(Repeat, st.integers(1, 100), chains),
        st.builds(Residual, chains),
        st.builds(Highway, chains),
        st.builds(Parallel, st.lists(chains, min_size=2, max_size=2).map(tuple)),
    )


elements = layers | groups(layers | groups(layers))
networks = st.lists(elements, min_size=1, max_size=4).map(lambda found: Notation(tuple(found)))


@settings(max_examples=60)
@given(networks)
def test_what_is_written_is_read_back(network):
    assert parse(str(network)) == network


@settings(max_examples=60)
@given(networks)
def test_spaces_and_the_papers_dashes_do_not_matter(network):
    spaced = str(network).replace(" - ", "–").replace(",", " , ").replace("]", "\n]")
    assert parse(spaced) == network


def test_the_papers_multiplication_sign_is_read():
    assert parse("2×[c2(8,17×5)]") == parse("2x[c2(8,17x5)]")


@given(st.text("cdrp12x3(,)=[]|-^n. bgreluo\n", max_size=30))
def test_any_text_is_read_or_refused_in_our_words(text):
    try:
        assert parse(str(parse(text))) == parse(text)
    except DeepmirError as error:
        assert "expected" in str(error) or "has no" in str(error) or "given twice" in str(error)


def test_the_papers_crnn_reads_as_it_stands():
    network = parse("c2(32,3x3) - p2(2x4) - r1(64) - r2(64) - d1")
    assert network.elements == (
        Convolution2D(32, (3, 3)),
        Pooling2D((2, 4)),
        ManyToMany(64),
        ManyToOne(64),
        Dense(),
    )


def test_defaults_are_those_of_the_documentation():
    assert str(parse("c2(8) - c1(8) - d2(8) - p1 - p2 - r1(8) - t1")) == (
        "c2(8,3x3) - c1(8,3) - d2(8,5) - p1(2) - p2(2x2) - r1(8) - t1"
    )
    recurrent = ManyToMany(8)
    assert (recurrent.unit, recurrent.direction, Convolution1D(8).activation) == (
        "gru", "bi", "relu",
    )  # fmt: skip


def test_options_may_be_named_and_come_in_any_order():
    assert parse("c2(bn,kernel=5x1,drop=.2,width=8,leaky)") == parse("c2(8,5x1,leaky,bn,drop=0.2)")
    assert parse("p1(global,max)").elements == (Pooling1D(None, operation="max"),)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "expected a layer"),
        ("c2(32,3x3) - ", 13, "expected a layer"),
        ("c3(32)", 1, "expected a layer (d1, d2, c1"),
        ("c2(32,3)", 7, "expected height x width"),
        ("c2(0)", 4, "expected a whole number from 1"),
        ("c2(32,3x3", 10, "expected ',' or ')', found the end"),
        ("c2(32 3x3)", 7, "expected ',' or ')'"),
        ("d2(64,4)", 7, "expected an odd number of frames"),
        ("c2(32,gru)", 7, "expected an option of c2"),
        ("r1(8,lstm,gru)", 11, "the unit of r1 is given twice"),
        ("d1(8,16)", 6, "expected an option of d1 (drop="),
        ("c1(8,kernal=3)", 6, "c1 has no option 'kernal='"),
        ("d1(8,drop=1)", 11, "expected a share from 0 to below 1"),
        ("d1(8) d1", 7, "expected '-' or the end"),
        ("3x[d1(8) - ", 11, "expected a layer"),
        ("3x[d1(8)", 9, "expected '-' or ']'"),
        ("0x[d1(8)]", 1, "expected 1 to 100 repetitions"),
        ("[d1(8)]", 7, "expected '-' or '|' and a second branch"),
        ("res d1(8)", 5, "expected '[' after 'res'"),
        ("c1(8,dilation=3^m)", 16, "has no meaning"),
        ("d1(8) + d1", 7, "'+' has no meaning"),
        ("res[" * 9 + "d1" + "]" * 9, 36, "at most 8 deep"),
        ("c2(" + "9" * 5000 + ")", 4, "expected a whole number"),
    ],
)
def test_a_mistake_is_pointed_at(text, column, words):
    with pytest.raises(DeepmirError) as caught:
        parse(text)
    message, source, caret = str(caught.value).split("\n")
    assert message.startswith(f"network, column {column}: ")
    assert words in message
    assert source == f"  {text}"
    assert caret == " " * (column + 1) + "^"


def test_reading_and_checking_need_no_torch():
    code = (
        "import sys; from deepmir import networks as n; "
        "n.table(n.describe('c1(8) - d1', n.InputShape(1, 9, 10.0), n.Output(2, True))); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
