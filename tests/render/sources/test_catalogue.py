"""The catalogue, compared with the installed corpus."""

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from deepmir.errors import DeepmirError
from deepmir_render.labelling.labels import tonic_name
from deepmir_render.song import transposed
from deepmir_render.sources import catalogue, corpus, fingerprint

WORKS = {work.id: work for work in catalogue.works()}


@pytest.mark.parametrize(
    ("name", "key", "metre"),
    [
        ("bach-bwv269", "G:major", "3/4"),
        ("bach-bwv66.6", "F#:minor", "4/4"),
        ("bach-bwv113.8", "B:minor", "4/4"),  # in an archive with a `mimetype`
        ("oneill-3", "G:minor", "4/4"),
        ("aird-10", "D:major", "6/8"),
        ("ryan-AcaciaReel", "G:major", "2/4"),
    ],
)
def test_rows_say_what_the_scores_say(name, key, metre):
    work = WORKS[name]
    assert f"{tonic_name(work.tonic, work.mode)}:{work.mode}" == key
    assert work.metre == metre
    score = work.read()
    (found,) = score.keys
    assert (found.tonic, found.mode, str(score.metre)) == (work.tonic, work.mode, work.metre)
    assert len(score.bars) == work.bars
    assert catalogue._genre(work, work.metre) == work.genre


def test_the_catalogue_has_what_the_collections_promise():
    assert len(WORKS) > 2500
    assert {work.metre for work in WORKS.values()} >= {"2/4", "3/4", "4/4", "6/8", "9/8", "2/2"}
    assert {work.collection.id for work in WORKS.values()} == {"aird", "bach", "oneill", "ryan"}
    assert not any(work.path.startswith("essen") or ".krn" in work.path for work in WORKS.values())
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in WORKS)
    assert len({name.lower() for name in WORKS}) == len(WORKS)


def test_candidates_are_named_as_in_the_catalogue():
    candidates = {work.id: work for work in catalogue.sources()}
    for name in ("bach-bwv269", "oneill-3", "aird-10", "ryan-AcaciaReel"):
        row, candidate = WORKS[name], candidates[name]
        assert (row.path, row.number, row.title) == (
            candidate.path,
            candidate.number,
            candidate.title,
        )


@pytest.mark.parametrize(
    "same",
    [
        # "O Haupt voll Blut und Wunden" and what Bach made of it in the Christmas oratorio
        ("bach-bwv244.17", "bach-bwv244.54", "bach-bwv248.64-s"),
        # "Nun ruhen alle Waelder" under three of its texts
        ("bach-bwv13.6", "bach-bwv244.10", "bach-bwv367", "bach-bwv393"),
        # "Wer nur den lieben Gott laesst walten"
        ("bach-bwv84.5", "bach-bwv88.7", "bach-bwv434"),
    ],
)
def test_settings_of_one_tune_are_one_group(same):
    assert len({WORKS[name].group for name in same}) == 1


def test_a_tune_under_another_name_is_found_in_any_transposition():
    score = WORKS["oneill-3"].read()
    higher = transposed(score, 5)
    other = WORKS["aird-10"].read()
    prints = {
        name: fingerprint.fingerprint(s) for name, s in [("a", score), ("b", higher), ("c", other)]
    }
    titles = {"a": "One", "b": "Another", "c": "A third"}
    assert fingerprint.groups(prints, titles) == {"a": "a", "b": "a", "c": "c"}


def test_ornaments_and_note_values_do_not_hide_a_tune():
    score = WORKS["bach-bwv269"].read()
    halved = tuple(
        piece
        for note in score.melody
        for middle in [note.start + min(0.5, (note.end - note.start) / 2)]
        for piece in (
            replace(note, end=middle),
            *(
                [replace(note, start=middle, pitch=note.pitch + 1)]
                if note.end - note.start <= 1
                else []
            ),
        )
    )
    ornamented = replace(score, melody=halved)
    prints = {"a": fingerprint.fingerprint(score), "b": fingerprint.fingerprint(ornamented)}
    assert fingerprint.groups(prints, {"a": "", "b": ""})["b"] == "a"


def test_no_title_and_no_group_leaks():
    chorales = [work for work in WORKS.values() if work.chorale and work.title]
    groups: dict[str, set[str]] = {}
    for work in chorales:
        groups.setdefault(work.title, set()).add(work.group)
    assert all(len(names) == 1 for names in groups.values())
    assert max(Counter(work.group for work in WORKS.values()).values()) < 30


def test_tunes_are_found_by_their_number():
    tunes = corpus.tunes_of("airdsAirs/book1.abc")
    assert corpus.abc_field(tunes[1], "T")[0] == "The Ranting Highlandman."
    assert corpus.abc_field(tunes[1], "M") == ["C|"]


@pytest.mark.parametrize("name", ["bach-bwv269", "ryan-WhiteStarReel", "aird-10"])
def test_a_work_is_a_song(name):
    work = catalogue.work(name)
    song = work.read()
    assert song.id == f"music21-{name}"
    assert (song.group, song.licence) == (work.group, work.collection.licence)
    assert bool(song.parts) == work.chorale
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(song.melody))
    length = song.metre.bar_length
    assert all(b.start - a.start == pytest.approx(length) for a, b in pairwise(song.bars))
    assert song.bars[0].start <= 0 < song.bars[0].start + length
    assert song.bars[-1].start < song.end <= song.bars[-1].start + length
    assert song.sections[-1].end == song.keys[-1].end == song.end
    notes = [*song.melody, *(n for part in song.parts for n in part.notes)]
    assert max(n.end for n in notes) <= song.end


def test_a_chorale_with_an_analysis_has_chords():
    song = catalogue.work("bach-bwv269").read()
    assert song.chords[0].root == 7  # in G major
    assert song.artist == "Johann Sebastian Bach"


def test_no_such_work():
    with pytest.raises(DeepmirError, match="no work bach-bwv0"):
        catalogue.work("bach-bwv0")
