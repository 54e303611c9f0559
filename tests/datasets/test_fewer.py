"""Fewer training tracks: drawn by a seed, smaller sets within larger ones, by strata."""

import itertools
from collections import Counter

import pytest

from deepmir.datasets import fewer
from deepmir.datasets.index import Track
from deepmir.errors import DeepmirError

TRACKS = [
    Track(f"t{i}", f"g{i}", "rare" if i % 4 == 0 else "usual", "", "", "", "", "")
    for i in range(40)
]


def test_a_smaller_set_is_part_of_a_larger_one_and_another_seed_draws_others():
    sets = [fewer.draw(TRACKS, number, 1) for number in (1, 4, 16, 40)]
    assert [len(each) for each in sets] == [1, 4, 16, 40]
    assert all(small < large for small, large in itertools.pairwise(sets))
    assert fewer.draw(TRACKS[::-1], 16, 1) == sets[2] != fewer.draw(TRACKS, 16, 2)


@pytest.mark.parametrize(("number", "rare"), [(4, 1), (8, 2), (20, 5)])
def test_every_stratum_has_its_share(number, rare):
    drawn = fewer.draw(TRACKS, number, 3)
    found = Counter(track.stratum for track in TRACKS if track.id in drawn)
    assert found == {"rare": rare, "usual": number - rare}


def test_more_tracks_than_there_are_is_refused():
    with pytest.raises(DeepmirError, match="41 training tracks are requested, but there are 40"):
        fewer.draw(TRACKS, 41, 1)
