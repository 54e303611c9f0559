from collections import Counter

import pytest

from deepmir.datasets.rendered import Rendered
from deepmir_render import tracks
from deepmir_render.sources import pop909, works


@pytest.fixture(autouse=True)
def songs(monkeypatch):
    """A hundred pop songs and five hundred works."""
    monkeypatch.setattr(pop909, "songs", lambda home: [f"{n:03}" for n in range(100)])
    monkeypatch.setattr(works, "songs", lambda: [f"w{n}" for n in range(500)])
    monkeypatch.setattr(works, "group_of", lambda song: f"music21-{int(song[1:]) // 2}")
    tracks._works.cache_clear()
    yield
    tracks._works.cache_clear()


def made(**changes):
    return tracks.tracks(Rendered(source="rendered", **({"hours": 4.0} | changes)))


def test_the_set_is_about_as_long_as_declared():
    for whole in (0.0, 0.1, 1.0):
        seconds = sum(
            tracks.WHOLE_SECONDS[t.collection] if t.whole else 75.0 for t in made(whole=whole)
        )
        assert 4 * 3600 <= seconds <= 4 * 3600 + 240


def test_a_longer_set_begins_with_the_shorter_one():
    assert made(hours=8.0)[: len(made())] == made()


def test_a_song_is_in_one_part_whatever_its_takes():
    parts = {}
    for track in made(hours=60.0):
        assert parts.setdefault(track.group, track.part) == track.part
    shares = Counter(parts.values())
    assert shares["train"] / len(parts) == pytest.approx(0.8, abs=0.06)
    assert all(shares[part] for part in ("validation", "test"))


def test_names_are_unique_and_say_the_take():
    rendered = made(hours=30.0)
    assert len({t.id for t in rendered}) == len(rendered)
    assert {t.take for t in rendered} >= {0, 1}


def test_collections_take_turns():
    counts = Counter(t.collection for t in made(hours=2.5))
    assert counts["pop909"] / counts["music21"] == pytest.approx(3, rel=0.1)


def test_one_collection_alone_is_enough():
    assert {t.collection for t in made(collections=["music21"])} == {"music21"}
