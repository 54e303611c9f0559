"""Works of the music21 corpus as songs."""

from dataclasses import replace
from itertools import pairwise

import pytest

from deepmir.errors import DeepmirError
from deepmir_render.sources import catalogue, works
from deepmir_render.writing.notation import ChordSpan, Metre, Note, Part, Score, Section


def fake_score(pickup=1.0):
    """Three bars in three, after a pickup."""
    bars = (pickup - 3, *(pickup + 3.0 * bar for bar in range(3))) if pickup else (0.0, 3.0, 6.0)
    melody = tuple(Note(float(i), i + 1.0, 60 + i) for i in range(8))
    lower = tuple(Note(float(i), i + 1.0, 48) for i in range(8))
    return Score(
        parts=(Part("soprano", melody), Part("bass", lower)),
        bars=bars,
        end=8.0,
        tonic=7,
        mode="minor",
        metre=Metre(3, 4),
        chords=(ChordSpan(0.0, 4.0, 7, ":min"),),
        sections=(Section(0.0, 3.0, "A"), Section(3.0, 8.0, "B")),
    )


@pytest.fixture
def read(monkeypatch):
    def read(score, work="bach-bwv269"):
        monkeypatch.setattr(catalogue.Work, "read", lambda self: score)
        return works.read(work)

    return read


def test_pickup_fills_the_end_of_a_bar(read):
    song = read(fake_score())
    assert [bar.start for bar in song.bars] == [0, 3, 6, 9]
    assert song.end == 12
    assert (song.melody[0].start, song.melody[0].end, song.melody[0].pitch) == (2, 3, 60)
    assert len(song.accompaniment) == 8
    assert song.chords == (ChordSpan(2.0, 6.0, 7, ":min"),)
    # The second section starts with a pickup too, on the beat before its first bar line.
    assert song.sections == (Section(0, 6, "A"), Section(6, 12, "B"))
    (key,) = song.keys
    assert (key.start, key.end, key.tonic, key.mode) == (0, 12, 7, "minor")


def test_without_a_pickup(read):
    song = read(fake_score(pickup=0.0))
    assert [bar.start for bar in song.bars] == [0, 3, 6]
    assert song.end == 9
    assert song.melody[0].start == 0
    assert song.sections == (Section(0, 3, "A"), Section(3, 9, "B"))


def test_melody_does_not_overlap(read):
    score = fake_score()
    notes = (Note(0.0, 1.0000004, 60), Note(1.0, 2.0, 62))
    song = read(replace(score, parts=(Part("soprano", notes),)))
    assert song.melody[0].end == song.melody[1].start == 3
    assert song.accompaniment == ()


@pytest.mark.parametrize("work", ["bach-bwv269", "ryan-WhiteStarReel", "aird-10"])
def test_work_of_the_corpus(work):
    song = works.read(work)
    assert song.id == f"music21-{work}"
    assert song.group == works.group_of(work)
    assert song.group.startswith("music21-")
    assert song.licence == works.licence_of(work)
    assert bool(song.accompaniment) == work.startswith("bach")
    assert all(before.end <= after.start for before, after in pairwise(song.melody))
    length = song.bars[0].metre.bar_length
    assert [bar.start for bar in song.bars] == [length * i for i in range(len(song.bars))]
    assert song.end == length * len(song.bars)
    lines = {bar.start for bar in song.bars}
    assert {section.start for section in song.sections} <= lines
    assert song.sections[-1].end == song.keys[-1].end == song.end
    assert max(n.end for n in (*song.melody, *song.accompaniment)) <= song.end


def test_chorale_with_an_analysis_has_chords():
    song = works.read("bach-bwv269")
    assert song.chords[0].root == 7  # in G major
    assert song.artist == "Johann Sebastian Bach"


def test_list():
    ids = works.songs()
    assert ids == sorted(set(ids))
    assert {name.split("-")[0] for name in ids} == {"aird", "bach", "oneill", "ryan"}


def test_no_such_work():
    with pytest.raises(DeepmirError, match="no work bach-bwv0"):
        works.read("bach-bwv0")
