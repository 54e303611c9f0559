"""The tracks of scores and of mixtures."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from deepmir_render import tracks
from deepmir_render.sources import catalogue, pop909
from deepmir_render.sources.genre import GENRES

WORKS = {work.id: work for work in catalogue.works()}


def test_small_is_a_part_of_full_and_balanced():
    small, full = tracks.scores("small"), tracks.scores("full")
    assert set(small) <= set(full)
    assert 230 <= len(small) <= 240
    assert len(full) == tracks.RENDERINGS * len(WORKS)
    assert len({track.id for track in full}) == len(full)
    assert len({track.group for track in small}) == len(small)
    kinds = Counter("-".join(track.stratum.split("-")[:2]) for track in small)
    assert set(kinds) == {"chorale-major", "chorale-minor", "tune-major", "tune-minor"}
    assert min(kinds.values()) > 50
    assert tracks.scores("small") == small


def test_every_genre_has_enough_works_in_the_medium_set():
    medium = tracks.scores("medium")
    counts = Counter(WORKS[track.song].genre for track in medium)
    assert set(counts) == {*GENRES, ""}
    assert min(counts.values()) >= 20
    assert len({track.group for track in medium}) == len(medium) == tracks.MEDIUM
    assert set(tracks.scores("small")) <= set(medium)


def test_importing_and_listing_costs_no_music21():
    code = (
        "import sys; from deepmir_render import tracks; tracks.scores('small');"
        "print([m for m in ('music21', 'jams', 'soundfile', 'scipy') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.fixture
def made(monkeypatch):
    """Mixtures of a hundred pop songs and the works."""
    monkeypatch.setattr(pop909, "songs", lambda home: [f"{n:03}" for n in range(100)])
    usual = {"collections": ("pop909", "music21"), "hours": 4.0, "seconds": 75.0, "whole": 0.1}
    return lambda **changes: tracks.mixture(**(usual | {"home": Path()} | changes))


def test_the_set_is_about_as_long_as_declared(made):
    for whole in (0.0, 0.1, 1.0):
        seconds = sum(
            tracks.WHOLE_SECONDS[t.collection] if t.whole else 75.0 for t in made(whole=whole)
        )
        assert 4 * 3600 <= seconds <= 4 * 3600 + 240


def test_a_longer_set_begins_with_the_shorter_one(made):
    assert made(hours=8.0)[: len(made())] == made()


def test_a_song_is_in_one_part_whatever_its_takes(made):
    parts = {}
    for track in made(hours=60.0):
        assert parts.setdefault(track.group, track.part) == track.part
    shares = Counter(parts.values())
    assert shares["train"] / len(parts) == pytest.approx(0.8, abs=0.06)
    assert all(shares[part] for part in ("validation", "test"))


def test_names_are_unique_and_say_the_take(made):
    rendered = made(collections=["pop909"], hours=5.0)
    assert len({t.id for t in rendered}) == len(rendered)
    assert {t.id[-3:] for t in rendered} >= {"-t0", "-t1"}


def test_collections_take_turns(made):
    counts = Counter(t.collection for t in made(hours=2.5))
    assert counts["pop909"] / counts["music21"] == pytest.approx(3, rel=0.1)


def test_one_collection_alone_is_enough(made):
    assert {t.collection for t in made(collections=["music21"])} == {"music21"}
