"""A message names its subject exactly once."""

import pytest

from deepmir.errors import DamagedError, DeepmirError, about


@pytest.mark.parametrize(
    ("said", "line"),
    [("too short", "song.wav: too short"), ("song.wav: too short", "song.wav: too short")],
)
def test_an_error_begins_with_what_it_is_about(said, line):
    with pytest.raises(DeepmirError) as error, about("song.wav"):
        raise DeepmirError(said)
    assert str(error.value) == line


def test_its_kind_stays():
    with pytest.raises(DamagedError, match=r"^x: damaged$"), about("x"):
        raise DamagedError("damaged")
