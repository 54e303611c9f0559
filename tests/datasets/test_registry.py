"""A class that lacks a part of a data set is refused when it is registered."""

import re
from pathlib import Path
from typing import Literal

import pytest

from deepmir.datasets import base, registry
from deepmir.datasets.index import Member, Track
from deepmir.datasets.tones import Tones
from deepmir.errors import DeepmirError


class Whole(base.Dataset):
    """A complete data set."""

    source: Literal["whole"]

    def recordings(self):
        return []

    def track(self, recording, root):
        return Track.of("a", Member("a", ""), root, root, "")

    def members(self):
        return [Member("a", "")]


class NotAll(base.Dataset):
    """Makes no tracks."""

    source: Literal["not-all"]

    def recordings(self):
        return []


class Silent(Whole):
    source: Literal["silent"]


class Wordless(Whole):
    """Any word selects it."""

    source: str


class Two(Whole):
    """Two words select it."""

    source: Literal["one", "two"]


class Again(Whole):
    """It has the word of another one."""

    source: Literal["tones"]


def test_what_is_whole_is_taken_and_has_the_default_parts():
    registry.check([Tones, Whole])
    made = Whole(source="whole")
    made.check()
    assert made.state() == ""
    assert list(made.collect(Path(), 0, 1)) == []
    with pytest.raises(DeepmirError, match="the source whole has nothing to fetch"):
        made.fetch()


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (NotAll, "NotAll lacks members(), track()"),
        (Silent, "Silent lacks a docstring that says what it holds"),
        (Wordless, 'Wordless lacks its word: declare `source: Literal["its-word"]`'),
        (Two, "Two lacks its word"),
        (Again, "Again has the source 'tones', which Tones has: choose another"),
        (int, "<class 'int'> is not a subclass of datasets.base.Dataset"),
        (len, "is not a subclass"),
    ],
)
def test_what_lacks_a_part_is_refused_with_its_name(one, said):
    with pytest.raises(DeepmirError, match=re.escape(said)):
        registry.check([Tones, one])


@pytest.mark.filterwarnings("ignore:Field name")
def test_a_key_that_hides_a_method_is_refused():
    class Hiding(Whole):
        """Requests files."""

        source: Literal["hiding"]
        files: tuple[str, ...] = ()

    with pytest.raises(DeepmirError, match="has a key 'files', which hides the method: rename it"):
        registry.check([Hiding])
