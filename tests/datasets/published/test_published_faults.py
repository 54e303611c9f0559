import hashlib
import logging
import os
import sys
from fnmatch import fnmatch
from pathlib import Path

import layouts
import pytest
from layouts import LAYOUTS

from deepmir.datasets import base
from deepmir.datasets.index import Track
from deepmir.datasets.published import table
from deepmir.datasets.published.dataset import Mirdata, track_id
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.store import Failure


@pytest.fixture
def gtzan(tmp_path):
    return layouts.write(tmp_path / "home", "gtzan_genre")


def collected(declaration, root, shard=0, workers=1):
    return list(declaration.collect(root, shard, workers))


def file_of(declaration, track, key):
    return declaration.home / LAYOUTS[declaration.name].rows[track][key][0]


def test_a_half_downloaded_set_fails_track_by_track_with_the_command(gtzan, tmp_path):
    missing = file_of(gtzan, "country.00001", "audio")
    missing.unlink()
    results = collected(gtzan, tmp_path)
    assert [r.id for r in results if isinstance(r, Track)] == ["hiphop.00000"]
    failure = next(r for r in results if isinstance(r, Failure))
    assert failure.track == "country.00001"
    assert f"{missing} is missing: run `deepmir fetch`" in failure.reason


def test_a_damaged_annotation_is_that_tracks_failure(gtzan, tmp_path):
    damaged = file_of(gtzan, "hiphop.00000", "beats")
    damaged.write_text("0.5\t1\n")
    [failure] = [r for r in collected(gtzan, tmp_path) if isinstance(r, Failure)]
    assert failure.track == "hiphop.00000"
    assert f"{damaged} is damaged or from another edition" in failure.reason
    assert "delete it and run `deepmir fetch`" in failure.reason


def test_audio_that_is_as_published_but_not_audio_is_that_tracks_failure(tmp_path, monkeypatch):
    rows = LAYOUTS["gtzan_genre"].rows
    audio = (rows["hiphop.00000"]["audio"][0], b"not audio at all")
    monkeypatch.setitem(rows["hiphop.00000"], "audio", audio)
    declaration = layouts.write(tmp_path / "home", "gtzan_genre")
    [failure] = [r for r in collected(declaration, tmp_path) if isinstance(r, Failure)]
    assert "hiphop.00000.wav: not readable as audio" in failure.reason


def test_an_annotation_that_mirdata_refuses_is_that_tracks_failure(tmp_path, monkeypatch):
    rows = LAYOUTS["gtzan_genre"].rows
    beats = (rows["hiphop.00000"]["beats"][0], "1.0\t1\n0.5\t2\n")
    monkeypatch.setitem(rows["hiphop.00000"], "beats", beats)
    declaration = layouts.write(tmp_path / "home", "gtzan_genre")
    [failure] = [r for r in collected(declaration, tmp_path) if isinstance(r, Failure)]
    assert failure.reason.startswith("hiphop.00000: mirdata cannot read ")
    assert failure.reason.endswith(
        "gtzan_hiphop_00000.beats (ValueError: times should be strictly increasing)"
    )


def test_a_missing_home_is_one_clear_line(tmp_path):
    declaration = layouts.declared(tmp_path / "none", "gtzan_genre")
    for ask in (Mirdata.members, Mirdata.state, lambda d: collected(d, tmp_path)):
        with pytest.raises(DeepmirError, match=r"the folder is missing: run `deepmir fetch`"):
            ask(declaration)


def test_a_home_without_index_is_not_fetched_yet(gtzan, tmp_path):
    layouts.index_file(gtzan.home, "gtzan_genre").unlink()
    with pytest.raises(DeepmirError, match=r"index gtzan_genre_index_1.0.json is missing: run `d"):
        collected(gtzan, tmp_path)


def test_an_index_that_mirdata_does_not_publish_is_said_to_be_so(tmp_path):
    declaration = layouts.write(tmp_path, "hainsworth")
    layouts.index_file(tmp_path, "hainsworth").unlink()
    with pytest.raises(DeepmirError, match="has it only in its repository"):
        declaration.members()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("billboard", "billboard-2.0-index.csv"),
        ("maestro", "maestro-v2.0.0.json"),
        ("groove_midi", "info.csv"),
        ("medleydb_melody", "medleydb_melody_metadata.json"),
        ("rwc_jazz", "metadata-master/rwc-j.csv"),
        ("good_sounds", "takes.json"),
        ("dali", "dali_metadata.json"),
        ("tonas", "TONAS-Metadata.txt"),
    ],
)
def test_missing_metadata_are_one_clear_line(tmp_path, name, path):
    declaration = layouts.write(tmp_path, name)
    (tmp_path / path).unlink()
    with pytest.raises(DeepmirError) as raised:
        declaration.members()
    told = str(raised.value)
    assert path in told
    assert "missing" in told
    assert "run `deepmir fetch`" in told
    assert ".download()" not in told


def test_a_broken_index_is_one_clear_line(gtzan, tmp_path):
    layouts.index_file(gtzan.home, "gtzan_genre").write_text("{")
    with pytest.raises(DeepmirError, match="index or metadata is damaged"):
        collected(gtzan, tmp_path)


def test_an_unknown_loader_names_the_nearest_and_all_others(tmp_path):
    declaration = layouts.declared(tmp_path, "gtzan")
    with pytest.raises(DeepmirError, match=r"did you mean 'gtzan_genre'.*ballroom, .*vocadito"):
        declaration.members()


def test_an_unknown_version_names_those_that_there_are(tmp_path):
    with pytest.raises(
        DeepmirError, match=r"gtzan_genre of mirdata has no '9.9' .*default, test, 1.0"
    ):
        layouts.declared(tmp_path, "gtzan_genre", version="9.9").members()


def test_members_need_no_recordings_but_only_what_names_their_group(tmp_path):
    declaration = layouts.write(tmp_path, "giantsteps_key")
    file_of(declaration, "1", "audio").unlink()
    file_of(declaration, "2", "meta").unlink()
    assert [member.group for member in declaration.members()] == ["Ann", "Ann"]


def test_the_listing_changes_with_a_file_and_not_with_a_file_that_is_not_read(tmp_path):
    declaration = layouts.write(tmp_path, "guitarset")
    before = declaration.state()
    track = next(iter(LAYOUTS["guitarset"].rows))
    file_of(declaration, track, "audio_hex").write_bytes(b"other")
    assert declaration.state() == before
    file_of(declaration, track, "jams").write_bytes(b"other")
    assert declaration.state() != before


def test_files_that_are_not_read_need_not_be_there(tmp_path):
    declaration = layouts.write(tmp_path, "guitarset")
    for track in LAYOUTS["guitarset"].rows:
        file_of(declaration, track, "audio_hex").unlink()
    assert all(isinstance(r, Track) for r in collected(declaration, tmp_path / "raw"))


def test_every_track_is_in_one_shard_and_workers_change_nothing(tmp_path):
    declaration = layouts.write(tmp_path / "home", "maestro", shards=3)
    parts = [collected(declaration, tmp_path / "a", shard) for shard in range(3)]
    names = sorted(track.id for part in parts for track in part)
    assert names == sorted(track_id(name) for name in LAYOUTS["maestro"].rows)
    again = [collected(declaration, tmp_path / "a", shard, workers=2) for shard in range(3)]
    assert again == parts


def test_limit_takes_the_first_tracks_but_the_split_is_of_all(tmp_path):
    declaration = layouts.write(tmp_path / "home", "maestro", limit=1)
    assert len(collected(declaration, tmp_path / "raw")) == 1
    assert len(declaration.members()) == 2


def test_a_changed_index_is_read_anew(gtzan, tmp_path):
    collected(gtzan, tmp_path)
    rows = {"country.00001": LAYOUTS["gtzan_genre"].rows["country.00001"]}
    layouts.write_index(gtzan.home, "gtzan_genre", rows)
    assert [track.id for track in collected(gtzan, tmp_path)] == ["country.00001"]


def test_the_data_set_is_reached_through_its_source(gtzan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    index = base.make_shard("published", gtzan, 0, workers=1)
    assert [track.id for track in index.tracks] == ["country.00001", "hiphop.00000"]
    assert all(annotations.read(Path(t.annotations)).annotations for t in index.tracks)


def test_mirdata_leaves_the_root_logger_alone(gtzan):
    root = logging.getLogger()
    before = list(root.handlers), root.level
    gtzan.members()
    assert (root.handlers, root.level) == before
    assert logging.root.manager.disable == logging.NOTSET


def test_a_touched_index_is_the_same_index(gtzan):
    before = gtzan.recordings()
    os.utime(layouts.index_file(gtzan.home, "gtzan_genre"), (1, 1))
    assert gtzan.recordings() == before


@pytest.mark.parametrize("name", ["medley_solos_db", "openmic2018", "idmt_smt_audio_effects"])
def test_the_listing_changes_with_metadata_that_are_in_no_index(tmp_path, name):
    declaration = layouts.write(tmp_path, name)
    before = declaration.state()
    path = tmp_path / next(iter(LAYOUTS[name].beside))
    path.write_text(path.read_text() + "\n")
    assert declaration.state() != before


# Whatever mirdata raises --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key", "content", "kind"),
    [
        ("simac", "tempo", "", "StopIteration"),
        ("simac", "beats", "\n", "IndexError"),
        ("compmusic_carnatic_rhythm", "beats", "0.5,one\n", "ValueError"),
        ("jtd", "metadata", "[]", "AttributeError"),
        ("filosax", "annotation", "{}", "KeyError"),
        ("gtzan_genre", "beats", b"\xff\xfe", "UnicodeDecodeError"),
        ("compmusic_carnatic_varnam", "taala", "<sv>", "ExpatError"),
        ("slakh", "midi of a stem", "no MIDI", "EOFError"),
    ],
)
def test_whatever_a_loader_raises_is_one_line_with_track_file_and_type(
    tmp_path, monkeypatch, name, key, content, kind
):
    layout = LAYOUTS[name]
    track = next(iter(layout.rows))
    row = next(iter(layout.stems[track].values())) if "stem" in key else layout.rows[track]
    key = key.partition(" ")[0]
    monkeypatch.setitem(row, key, (row[key][0], content))
    declaration = layouts.write(tmp_path / "home", name)
    failures = [r for r in collected(declaration, tmp_path) if isinstance(r, Failure)]
    reason = next(f.reason for f in failures if f.track == track_id(track))
    assert reason.startswith(f"{track}: mirdata cannot read ")
    assert str(tmp_path / "home" / row[key][0]) in reason
    assert f"({kind}" in reason
    assert "\n" not in reason


def test_a_group_that_mirdata_cannot_read_is_one_line(tmp_path, monkeypatch):
    row = LAYOUTS["giantsteps_key"].rows["2"]
    monkeypatch.setitem(row, "meta", (row["meta"][0], "{"))
    declaration = layouts.write(tmp_path, "giantsteps_key")
    with pytest.raises(DeepmirError, match=r"^2: mirdata cannot read .*2 Bob.*\(JSONDecodeError: "):
        declaration.members()


@pytest.mark.parametrize("name", sorted(table.LOADERS))
def test_every_loader_names_its_versions(tmp_path, name):
    with pytest.raises(DeepmirError) as raised:
        layouts.declared(tmp_path, name, version="9.9").check()
    told = str(raised.value)
    assert told.startswith(f"version: {name} of mirdata has no '9.9' (it has default, ")
    assert told.count("(") == 1
    assert "[" not in told


def test_a_package_that_a_loader_needs_is_named(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "mirdata.datasets.dali", raising=False)
    monkeypatch.setitem(sys.modules, "DALI", None)
    with pytest.raises(
        DeepmirError,
        match=r"^name: dali of mirdata needs a package .*DALI.*`pip install 'mirdata\[dali\]'",
    ):
        layouts.declared(tmp_path, "dali").check()


@pytest.mark.parametrize("name", sorted(table.UNSERVED))
def test_a_loader_that_serves_no_task_is_told_why(tmp_path, name):
    with pytest.raises(DeepmirError, match=f"name: {name} of mirdata serves no task: it "):
        layouts.declared(tmp_path, name).check()


# mirdata's fixtures -------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["tests/indexes", "mirdata/datasets/indexes"])
@pytest.mark.parametrize("name", ["beatles", "simac", "slakh", "fma_keys"])
def test_the_version_test_reads_the_fixtures_in_the_repository(tmp_path, name, place):
    home = tmp_path / "mirdata/tests/resources/mir_datasets" / name
    declaration = layouts.write(home, name, version="test")
    index = layouts.index_file(home, name, "test")
    (tmp_path / "mirdata" / place).mkdir(parents=True)
    index.rename(tmp_path / "mirdata" / place / index.name)
    for path, _ in LAYOUTS[name].shared.values():  # the fixture is shorter than what is published
        (home / path).write_bytes((home / path).read_bytes() + b"\n")
    assert all(isinstance(r, Track) for r in collected(declaration, tmp_path / "raw"))


def test_a_pickle_is_not_opened_unless_it_is_the_published_one(tmp_path):
    for version in ("default", "test"):
        declaration = layouts.write(tmp_path / version, "dali", version=version)
        file_of(declaration, "4b196e", "annot").write_bytes(b"no pickle")
        [failure] = collected(declaration, tmp_path)
        assert "is damaged or from another edition" in failure.reason


# Fetching ---------------------------------------------------------------------------------------


@pytest.fixture
def download(monkeypatch):
    """Record mirdata's downloads instead of downloading."""
    from mirdata import download_utils

    asked = []

    def downloader(save_dir, remotes=None, index=None, partial_download=None, **options):
        asked.append((save_dir, index, partial_download))

    monkeypatch.setattr(download_utils, "downloader", downloader)
    return asked


def test_fetch_says_what_is_complete_under_which_licence_and_whom_to_cite(gtzan, download):
    told = gtzan.fetch()
    assert told.startswith(f"gtzan_genre 1.0 in {gtzan.home}: 2 of 2 tracks are complete")
    assert "Musical genre" in told or "GTZAN genre collection" in told
    assert "license" in told.lower()
    assert len(download) == 1


def test_fetch_puts_the_index_into_the_home_and_not_into_mirdata(gtzan, download):
    gtzan.fetch()
    [(save_dir, index, _)] = download
    assert save_dir == str(gtzan.home)
    assert index.remote.destination_dir == str(gtzan.home.absolute())
    from mirdata.datasets import gtzan_genre

    assert "site-packages" in gtzan_genre.INDEXES["1.0"].remote.destination_dir


def test_fetch_downloads_no_more_than_is_read(tmp_path, download):
    layouts.write(tmp_path, "guitarset").fetch()
    assert download[0][2] == ["annotations", "audio_mic"]


def test_fetch_names_what_is_missing_and_how_to_get_by_it(tmp_path, download):
    declaration = layouts.write(tmp_path, "salami")
    for track in LAYOUTS["salami"].rows:
        file_of(declaration, track, "audio").unlink()
    wrong = file_of(declaration, "2", "annotator_1_uppercase")
    wrong.write_text("0.0\tA\n")
    told = declaration.fetch()
    assert "0 of 2 tracks are complete" in told
    assert "not as published (3 files):" in told
    assert f"missing: {tmp_path / 'audio/2.mp3'}" in told
    assert f"wrong checksum: {wrong}" in told
    assert "audio files of the Salami dataset are not available" in told
    assert f"copy the Salami folder to {tmp_path}" in told


def test_a_download_that_fails_is_one_clear_line(gtzan, monkeypatch):
    from mirdata import download_utils

    def downloader(*_, **__):
        raise OSError("<urlopen error: no such host>")

    monkeypatch.setattr(download_utils, "downloader", downloader)
    with pytest.raises(DeepmirError, match=r"gtzan_genre: the download failed: .*no such host"):
        gtzan.fetch()


def test_the_remotes_and_files_of_the_table_are_of_mirdata():
    import importlib

    for name, loader in table.LOADERS.items():
        module = importlib.import_module(f"mirdata.datasets.{name}")
        assert set(loader.remotes) <= set(getattr(module, "REMOTES", None) or ())
        keys = next(iter(LAYOUTS[name].rows.values()))
        assert set(loader.files) <= set(keys)
        assert any(fnmatch(key, loader.audio) for key in keys)


def test_fetch_downloads_nothing_for_the_fixtures(tmp_path, download):
    declaration = layouts.write(tmp_path, "gtzan_genre", version="test")
    assert "2 of 2 tracks are complete" in declaration.fetch()
    assert download == []


def test_fetch_gets_an_index_that_mirdata_forgets(tmp_path, monkeypatch):
    from mirdata.datasets import idmt_smt_audio_effects

    declaration = layouts.write(tmp_path / "home", "idmt_smt_audio_effects")
    index = layouts.index_file(tmp_path / "home", "idmt_smt_audio_effects")
    published = index.rename(tmp_path / "published.json")
    remote = idmt_smt_audio_effects.INDEXES["1.0"].remote
    monkeypatch.setattr(remote, "url", published.as_uri())
    monkeypatch.setattr(remote, "checksum", hashlib.md5(published.read_bytes()).hexdigest())
    monkeypatch.setattr(idmt_smt_audio_effects.Dataset, "download", lambda *_, **__: None)
    assert "2 of 2 tracks are complete" in declaration.fetch()
