import unicodedata
from pathlib import Path

import pytest

from deepmir.errors import DeepmirError
from deepmir.files.folders import files_below, spelled


def names(folder):
    return [path.relative_to(folder).as_posix() for path in files_below(folder)]


def test_linked_folders_are_followed_and_loops_are_not(tmp_path):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    for path in (here / "a.wav", here / ".hidden/b.wav", elsewhere / "c.wav", here / "._a.wav"):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (here / "linked").symlink_to(elsewhere)
    (here / "loop").symlink_to(here)
    (elsewhere / "back").symlink_to(here)
    (here / "itself").symlink_to(here / "itself")
    (here / "nowhere").symlink_to(tmp_path / "nothing")
    assert names(here) == ["a.wav", "linked/c.wav"]
    (tmp_path / "all").symlink_to(here)
    assert names(tmp_path / "all") == ["a.wav", "linked/c.wav"]


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(DeepmirError, match="the folder cannot be read"):
        files_below(tmp_path / "none")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_path_is_found_in_either_spelling(tmp_path, form):
    stored = tmp_path / unicodedata.normalize(form, "Zoë/Größe.wav")
    stored.parent.mkdir()
    stored.touch()
    for typed in ("NFC", "NFD"):
        path = tmp_path / unicodedata.normalize(typed, "Zoë/Größe.wav")
        assert spelled(path) == stored
        assert spelled(path.with_name("no.wav")) == path.with_name("no.wav")
    assert spelled(Path("no/where")) == Path("no/where")
