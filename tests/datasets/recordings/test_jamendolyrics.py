import csv
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from deepmir.datasets import base
from deepmir.datasets.index import read_index
from deepmir.datasets.recordings import words
from deepmir.datasets.recordings.jamendolyrics import JamendoLyrics
from deepmir.declarations.schema import Dataset
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.annotations import PAUSE
from deepmir.files.writing import hash_file
from deepmir.tasks import get, singing

HEADER = "URL,Filepath,Artist,Title,Genre,LicenseType,Language,LyricOverlap,Polyphonic,NonLexical"
SONGS = {
    "Veränderung_-_doromusis": ("Doromusis", "CC BY-NC-ND", "German", "false"),
    "Te_amo_-_fabios": ("FABIOS", "CC  BY-NC-SA", "Spanish", "false"),
    "Embers": ("Avercage", "BY-SA", "English", "true"),
    "Elsewhere": ("Nobody", "CC BY", "French", "false"),
}
TIMES = "word_start,word_end,line_end\n1.0,1.5,nan\n1.9,2.5,2.5\n4.0,4.5,4.5\n"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The set as published, with one recording missing."""
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "set"
    (home / "annotations" / "words").mkdir(parents=True)
    (home / "mp3").mkdir()
    rows = [
        f"https://x,{name}.mp3,{artist},{name},Pop,{licence},{language},false,false,{non_lexical}"
        for name, (artist, licence, language, non_lexical) in SONGS.items()
    ]
    (home / "JamendoLyrics.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    noise = 0.1 * np.random.default_rng(0).standard_normal(6 * 8000)
    for number, name in enumerate(SONGS):
        (home / "annotations" / "words" / f"{name}.csv").write_text(TIMES)
        if name != "Elsewhere":
            soundfile.write(home / "mp3" / f"{name}.mp3", noise / (1 + number), 8000)
    return home


def declared(home, **values):
    return TypeAdapter(Dataset).validate_python(
        {"source": "jamendolyrics", "home": str(home), "shards": 1, **values}
    )


def collected(declaration):
    indices = []
    for shard in range(declaration.shards):
        base.make_shard("songs", declaration, shard, workers=1)
        indices.append(Path(f"data/raw/songs/index/{shard:04d}.json"))
    return read_index(indices)


def test_the_songs_whose_recordings_are_there_become_tracks(home):
    index = collected(declared(home))
    assert not index.failures
    by_id = {track.id: track for track in index.tracks}
    assert set(by_id) == set(SONGS) - {"Elsewhere"}
    track = by_id["Te_amo_-_fabios"]
    assert (track.group, track.stratum, track.licence) == ("FABIOS", "Spanish", "CC BY-NC-SA")
    assert by_id["Embers"].licence == "CC BY-SA"
    assert track.sha256 == hash_file(home / "mp3" / "Te_amo_-_fabios.mp3")


def test_shards_together_have_every_song_once(home):
    assert len(collected(declared(home, shards=3)).tracks) == 3


def test_words_become_what_the_task_reads(home):
    track = collected(declared(home)).tracks[0]
    jams = annotations.read(Path(track.annotations))
    assert jams.duration == pytest.approx(6.0, abs=0.2)
    # 0.4 s of silence inside of a line do not interrupt, 1.5 s do.
    np.testing.assert_allclose(singing.sung(jams), [[1.0, 2.5], [4.0, 4.5]])
    assert get("singing").metrics(jams, jams)["accuracy"] == 1


def test_singing_that_is_not_annotated_is_said(home):
    kinds = {
        track.id: annotations.read(Path(track.annotations)).annotations[0].sandbox
        for track in collected(declared(home)).tracks
    }
    assert kinds["Embers"] == {"kind": "voice", "non_lexical": "not annotated"}
    assert kinds["Te_amo_-_fabios"] == {"kind": "voice"}


def test_every_song_is_for_testing_and_its_artist_is_its_group(home):
    members = declared(home).members()
    assert {member.group for member in members} == {row[0] for row in SONGS.values()}
    assert {member.part for member in members} == {"test"}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_of_either_unicode_form_are_found_and_give_the_same_track(home, form):
    for path in [*home.glob("mp3/*"), *home.glob("annotations/words/*")]:
        path.rename(path.with_name(unicodedata.normalize(form, path.name)))
    index = collected(declared(home))
    assert not index.failures
    assert "Veränderung_-_doromusis" in {track.id for track in index.tracks}


def test_recordings_beside_the_table_are_found_as_well(home):
    for path in home.glob("mp3/*"):
        path.rename(home / path.name)
    assert len(collected(declared(home)).tracks) == 3


def test_a_missing_set_or_one_without_recordings_is_one_error_with_the_command(home):
    with pytest.raises(DeepmirError, match=r"nowhere.*git clone https://github.com/f90/jamendo"):
        declared("nowhere").members()
    for path in home.glob("mp3/*"):
        path.unlink()
    for ask in (collected, JamendoLyrics.fetch):
        with pytest.raises(DeepmirError, match=r"none of the recordings.*git clone"):
            ask(declared(home))


def test_fetch_says_how_much_is_there(home):
    assert "3 of 4 songs" in declared(home).fetch()


def test_a_table_without_a_column_is_named(home):
    table = home / "JamendoLyrics.csv"
    table.write_text(table.read_text().replace("LicenseType", "License"))
    with pytest.raises(DeepmirError, match=r"JamendoLyrics.csv, line 1.*LicenseType"):
        declared(home).members()


def test_a_changed_file_changes_the_state(home):
    before = declared(home).state()
    assert declared(home).state() == before
    words = home / "annotations" / "words" / "Embers.csv"
    words.write_text(TIMES + "5.0,5.5,5.5\n")
    assert declared(home).state() != before


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("3.0,two,nan", "line 3.*numbers"),
        ("3.0,nan,nan", "line 3.*cannot"),
        ("3.0,2.0,nan", "line 3.*cannot"),
        ("-1,2.0,nan", "line 3.*cannot"),
        ("9.0,9.5,nan", "line 3.*starts at 9.00 s"),
        ("3.0", "line 3.*numbers"),
    ],
)
def test_a_bad_word_is_a_failure_of_its_song_alone(home, line, told):
    table = home / "annotations" / "words" / "Embers.csv"
    table.write_text(f"word_start,word_end,line_end\n1.0,1.5,nan\n{line}\n")
    index = collected(declared(home))
    assert len(index.tracks) == 2
    (failure,) = index.failures
    assert failure.track == "Embers"
    with pytest.raises(DeepmirError, match=f"Embers.csv, {told}"):
        raise DeepmirError(failure.reason)


@pytest.mark.parametrize("content", [None, "word_start,word_end,line_end\n"])
def test_a_song_without_words_is_a_failure(home, content):
    table = home / "annotations" / "words" / "Embers.csv"
    table.unlink()
    if content:
        table.write_text(content)
    (failure,) = collected(declared(home)).failures
    assert failure.track == "Embers"
    assert "words" in failure.reason


def test_a_word_that_lasts_longer_than_the_recording_is_cut(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("word_start,word_end,line_end\n1.0,3.0,nan\n")
    assert words.read(path, 2.0) == [(1.0, 2.0)]


def test_columns_may_be_in_any_order(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["word_end", "word_start"], ["1.5", "1.0"]])
    assert words.read(path, 2.0) == [(1.0, 1.5)]


milliseconds = st.integers(0, 20000)


@given(st.lists(st.tuples(milliseconds, st.integers(1, 3000)), min_size=1), st.randoms())
def test_the_voice_is_all_words_and_the_short_gaps_between_them(spans, random):
    """Compared with the definition, millisecond by millisecond."""
    sung = np.zeros(24000, dtype=bool)
    for start, length in spans:
        sung[start : start + length] = True
    given_words = [(start / 1000, (start + length) / 1000) for start, length in spans]
    random.shuffle(given_words)
    found = words.voice(given_words, non_lexical=False).intervals
    assert (found[1:, 0] - found[:-1, 1] > PAUSE).all()
    inside = np.zeros(24000, dtype=bool)
    for start, end in np.round(found * 1000).astype(int):
        inside[start:end] = True
    assert (inside | ~sung).all()
    edges = np.sort(np.array([edge for word in given_words for edge in word]))
    assert found[0, 0] == edges[0]
    assert found[-1, 1] == pytest.approx(edges[-1])
    added = np.flatnonzero(np.diff(np.concatenate([[0], inside & ~sung, [0]]).astype(int)))
    assert (added[1::2] - added[::2] <= 1000 * PAUSE).all()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_tables_that_a_german_spreadsheet_saved_say_the_same(home, encoding):
    before = declared(home).songs()
    table = home / "JamendoLyrics.csv"
    table.write_bytes(table.read_text("utf-8").replace(",", ";").encode(encoding))
    assert declared(home).songs() == before
    times = home / "annotations" / "words" / "Embers.csv"
    wanted = words.read(times, 10.0)
    times.write_bytes(TIMES.replace(",", ";").replace(".", ",").encode(encoding))
    assert words.read(times, 10.0) == wanted


def test_a_table_in_no_encoding_or_with_a_short_row_is_refused_by_name(home):
    table = home / "JamendoLyrics.csv"
    table.write_bytes(table.read_bytes() + b"\nx,y.mp3\n")
    with pytest.raises(DeepmirError, match=r"JamendoLyrics.csv, line 6: 2 columns"):
        declared(home).songs()
    table.write_bytes(b"\x8d\xff" + table.read_bytes())
    with pytest.raises(DeepmirError, match=r"JamendoLyrics.csv: neither UTF-8"):
        declared(home).songs()
