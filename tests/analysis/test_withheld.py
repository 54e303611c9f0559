"""Unreliable answers are only given when requested by name."""

import pytest
import untrained

import deepmir
from deepmir.analysis import command
from deepmir.errors import DeepmirError

WHY = "accuracy .11 [.07, .15], chance .10, on 40 recordings"


@pytest.fixture
def doubtful(tmp_path):
    untrained.save(tmp_path / "models" / "onset", "onset")
    untrained.save(tmp_path / "models" / "key", "key", withheld={"key": WHY})
    return tmp_path / "models"


def test_it_is_left_out_by_default_and_answered_by_name(doubtful):
    said = deepmir.analyze(untrained.pulses(5.0), untrained.RATE, models=doubtful)
    assert said.key is None
    assert said.onsets is not None
    assert said.jams.sandbox["deepmir"]["remarks"] == []
    asked = deepmir.analyze(untrained.pulses(5.0), untrained.RATE, ["key"], doubtful)
    assert asked.key is not None
    assert asked.jams.sandbox["deepmir"]["remarks"] == [f"key: {WHY}"]


def test_a_folder_of_nothing_else_says_what_to_type(doubtful):
    with pytest.raises(DeepmirError, match=r"--tasks key"):
        deepmir.analyze(untrained.pulses(5.0), untrained.RATE, models=doubtful / "key")


def test_the_remark_is_on_the_page_and_in_the_terminal(doubtful, tmp_path, capsys):
    song = untrained.write(tmp_path / "song.wav", untrained.pulses(5.0))
    options = command.Options(tmp_path, "html", ["key"], doubtful)
    command.run([str(song)], options)
    assert f"song.wav: key: {WHY}" in capsys.readouterr().err
    assert f"Remark: key: {WHY}." in (tmp_path / "song.html").read_text()
