"""Moods and tags derived by rules from facts."""

from dataclasses import replace

import numpy as np
import pytest

from deepmir.files.annotations import joined
from deepmir_render.labelling.describing import FAMILIES, TAGS, Facts, mood, tags
from deepmir_render.mixing.mix import Effects
from deepmir_render.song import Metre

DRY = Effects(None, -10.0, None, None)
FACTS = Facts("major", Metre(4, 4), "reel", 100.0, 3.0, 70.0, 0.9, -20.0, frozenset({"flute"}), DRY)


@pytest.mark.parametrize(
    ("cause", "values", "valence", "arousal"),
    [
        ("mode", ("minor", "major"), 1, 0),
        ("bpm", (60.0, 90.0, 120.0, 160.0), 1, 1),
        ("density", (0.5, 2.0, 4.0, 8.0), 1, 1),
        ("register", (50.0, 60.0, 72.0, 84.0), 1, 1),
        ("level", (-30.0, -25.0, -20.0, -16.0), 0, 1),
        ("held", (1.0, 0.95, 0.85, 0.7), 1, 1),
    ],
)
def test_each_cause_has_its_direction(cause, values, valence, arousal):
    moods = np.array([mood(replace(FACTS, **{cause: value})) for value in values])
    assert np.all(np.sign(np.diff(moods, axis=0)) == (valence, arousal))
    assert np.abs(moods).max() <= 1


def test_extremes_stay_inside_the_square():
    wild = replace(FACTS, bpm=1e4, density=1e3, register=127.0, level=0.0, held=0.0)
    assert mood(wild) == (1.0, 1.0)
    dull = replace(wild, mode="minor", bpm=0.0, density=0.0, register=-1e3, level=-99.0, held=1.0)
    assert -1 <= min(mood(dull)) < -0.8


@pytest.mark.parametrize(
    ("change", "tag"),
    [
        ({"mode": "minor"}, "minor"),
        ({"metre": Metre(6, 8)}, "compound"),
        ({"metre": Metre(3, 4)}, "triple"),
        ({"bpm": 130.0}, "fast"),
        ({"bpm": 70.0}, "slow"),
        ({"genre": "chorale"}, "hymn"),
        ({"effects": replace(DRY, reverberation=1.2)}, "reverberant"),
        ({"effects": replace(DRY, snr=25.0)}, "noisy"),
        ({"effects": replace(DRY, low_pass=5000.0)}, "lo-fi"),
        *(
            ({"instruments": frozenset({name})}, family)
            for family, names in FAMILIES.items()
            if family != "flutes"
            for name in sorted(names)
        ),
    ],
)
def test_tags_are_facts(change, tag):
    assert tag not in tags(FACTS)
    assert tag in tags(replace(FACTS, **change))


def test_tags_are_a_fixed_vocabulary():
    assert tags(FACTS) == ("dance", "duple", "flutes", "major")
    assert list(TAGS) == sorted(set(TAGS))


def test_intervals_are_joined_over_short_gaps():
    spans = [(0, 100), (50, 200), (22_100, 22_200), (60_000, 60_100)]
    assert joined(spans, 22_050) == [(0, 22_200), (60_000, 60_100)]
    assert joined([], 0.5) == []
