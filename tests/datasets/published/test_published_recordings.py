"""Users' own recordings for sets that are published without."""

import io

import layouts
import numpy as np
import pytest
import soundfile
from layouts import LAYOUTS

from deepmir.datasets.index import Track
from deepmir.datasets.published import dataset, table
from deepmir.files.store import Failure


@pytest.fixture(autouse=True)
def nobody_is_warned_yet(monkeypatch):
    monkeypatch.setattr(dataset, "_warned", set())


OWN = sorted(name for name, loader in table.LOADERS.items() if loader.own_audio)


def recorded(seconds, format="WAV"):
    written = io.BytesIO()
    samples = np.random.default_rng(0).normal(0, 0.1, int(8000 * seconds))
    soundfile.write(written, samples, 8000, format=format)
    return written.getvalue()


def first_recording(declaration):
    row = next(iter(LAYOUTS[declaration.name].rows.values()))
    return declaration.home / row[table.LOADERS[declaration.name].audio][0]


def first(declaration, tmp_path):
    return next(iter(declaration.collect(tmp_path / "raw", 0, 1)))


@pytest.mark.parametrize("name", OWN)
def test_a_copy_of_the_same_length_is_used_and_told_of_once(tmp_path, capfd, name):
    declaration = layouts.write(tmp_path / "home", name)
    first_recording(declaration).write_bytes(recorded(4.2))
    assert isinstance(first(declaration, tmp_path), Track)
    told, *odd = capfd.readouterr().err.splitlines()
    assert told == f"deepmir: {name}: {dataset.COPIES}"
    # The metadata of RWC's fixtures state the length of the whole piece.
    assert odd == [] or name.startswith("rwc")
    first(declaration, tmp_path)
    assert dataset.COPIES not in capfd.readouterr().err


@pytest.mark.parametrize("name", ["beatles", "queen", "billboard", "salami"])
@pytest.mark.parametrize(("seconds", "told"), [(1.0, "lasts 1.0 s"), (9.0, "lasts 9.0 s")])
def test_a_copy_of_another_length_than_the_annotations_is_used_with_a_warning(
    tmp_path, capfd, name, seconds, told
):
    declaration = layouts.write(tmp_path / "home", name)
    path = first_recording(declaration)
    path.write_bytes(recorded(seconds))
    track = first(declaration, tmp_path)
    assert isinstance(track, Track)
    assert track.audio == str(path)
    line = capfd.readouterr().err.splitlines()[1]
    assert line.startswith(f"deepmir: {name}: {path}: {told}, its annotations ")
    assert "it is used" in line
    assert "delete" not in line


def test_a_copy_is_compared_with_the_length_that_the_metadata_state(tmp_path, capfd):
    declaration = layouts.write(tmp_path / "home", "rwc_jazz")
    first_recording(declaration).write_bytes(recorded(4.0))
    assert isinstance(first(declaration, tmp_path), Track)
    assert "lasts 4.0 s, the published recording 137.0 s: it is used" in capfd.readouterr().err


def test_the_published_recording_is_not_compared(tmp_path, capfd):
    assert isinstance(first(layouts.write(tmp_path / "home", "rwc_jazz"), tmp_path), Track)
    assert capfd.readouterr().err == ""


def test_a_copy_in_another_format_is_found_by_its_name(tmp_path):
    declaration = layouts.write(tmp_path / "home", "beatles")
    path = first_recording(declaration)
    path.unlink()
    path.with_suffix(".FLAC").write_bytes(recorded(4.0, "FLAC"))
    track = first(declaration, tmp_path)
    assert track.audio == str(path.with_suffix(".FLAC"))
    assert path.with_suffix(".FLAC") in declaration.files()


def test_a_copy_is_found_in_whatever_form_its_accents_are(tmp_path, monkeypatch):
    row = next(iter(LAYOUTS["beatles"].rows.values()))
    composed = "audio/0/Caf\u00e9.wav"
    monkeypatch.setitem(row, "audio", (composed, row["audio"][1]))
    declaration = layouts.write(tmp_path / "home", "beatles")
    (declaration.home / composed).unlink()
    path = declaration.home / "audio/0/cafe\u0301.mp3"
    path.write_bytes(recorded(4.0, "MP3"))
    assert first(declaration, tmp_path).audio == str(path)


def test_a_missing_copy_is_asked_for_where_it_has_to_be(tmp_path):
    declaration = layouts.write(tmp_path / "home", "beatles")
    path = first_recording(declaration)
    path.unlink()
    reason = first(declaration, tmp_path).reason
    assert reason.startswith(
        f"{path} is missing: beatles comes without recordings; put yours there"
    )
    path.with_suffix(".mp3").write_bytes(recorded(4.0, "MP3"))
    assert isinstance(first(declaration, tmp_path), Track)


def test_the_strictness_can_be_declared(tmp_path):
    declaration = layouts.write(tmp_path / "home", "beatles", audio="exact")
    path = first_recording(declaration)
    path.write_bytes(recorded(4.0))
    failure = first(declaration, tmp_path)
    assert isinstance(failure, Failure)
    assert f"{path} is damaged or from another edition" in failure.reason
    assert failure.reason.endswith(
        "copy the published recording there, or declare `audio: similar` to use this one"
    )


def test_recordings_that_are_published_have_to_be_those(tmp_path):
    declaration = layouts.write(tmp_path / "home", "gtzan_genre")
    first_recording(declaration).write_bytes(recorded(4.0))
    failure = first(declaration, tmp_path)
    assert "declare `audio: similar`" in failure.reason
    assert "delete" not in failure.reason
    similar = layouts.declared(declaration.home, "gtzan_genre", audio="similar")
    assert isinstance(first(similar, tmp_path), Track)


def test_annotations_have_to_be_those_that_were_published_all_the_same(tmp_path):
    declaration = layouts.write(tmp_path / "home", "beatles", audio="similar")
    row = next(iter(LAYOUTS["beatles"].rows.values()))
    (declaration.home / row["chords"][0]).write_text("0.0\t4.0\tC\n")
    assert "is damaged or from another edition" in first(declaration, tmp_path).reason


def test_fetch_tells_of_copies_and_their_lengths(tmp_path, monkeypatch):
    from mirdata import download_utils

    monkeypatch.setattr(download_utils, "downloader", lambda *_, **__: None)
    declaration = layouts.write(tmp_path, "beatles")
    first_recording(declaration).write_bytes(recorded(9.0))
    told = declaration.fetch()
    assert "2 of 2 tracks are complete\n" in told
    assert "recordings other than the published ones, used as they are: 1\n" in told
    assert "of another length: 1\n" in told
    assert f"  {first_recording(declaration)}: lasts 9.0 s, its annotations 3.9 s" in told
