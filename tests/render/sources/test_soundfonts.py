import pytest

from deepmir.errors import DeepmirError
from deepmir.tasks.instrument import FAMILIES, LABELS
from deepmir_render.instruments import INSTRUMENTS
from deepmir_render.sources import soundfonts


def test_the_soundfont_that_comes_with_pretty_midi_is_always_there():
    font = soundfonts.find("TimGM6mb")
    assert font.path.name == "TimGM6mb.sf2"
    assert font.path.stat().st_size > 5_000_000
    assert font.licence == "GPL-2"
    assert "TimGM6mb" in soundfonts.installed()


def test_own_folders_are_searched_first(tmp_path, monkeypatch):
    empty, full = tmp_path / "empty", tmp_path / "full"
    for folder in (empty, full):
        folder.mkdir()
    (full / "TimGM6mb.sf2").touch()
    monkeypatch.setenv("SOUNDFONTS", f"{empty}:{full}")
    assert soundfonts.find("TimGM6mb").path == full / "TimGM6mb.sf2"


def test_a_missing_soundfont_says_what_to_install(monkeypatch):
    monkeypatch.setattr(soundfonts, "FOLDERS", ())
    with pytest.raises(DeepmirError, match="apt install fluid-soundfont-gm"):
        soundfonts.find("FluidR3_GM")
    assert "FluidR3_GM" not in soundfonts.installed()


def test_an_unknown_soundfont_says_which_are_known():
    with pytest.raises(DeepmirError, match="no soundfont Fluid: .*FluidR3_GM"):
        soundfonts.find("Fluid")


@pytest.mark.parametrize("font", soundfonts.KNOWN)
def test_every_soundfont_has_what_a_song_needs(font):
    players = soundfonts.measured(font)
    assert "drums" in players
    families = [each.instrument.family for each in players.values()]
    for family in ("keys", "plucked", "bass", "strings", "brass", "reeds", "flutes"):
        assert families.count(family) >= 2, family


@pytest.mark.parametrize("font", soundfonts.KNOWN)
def test_what_is_used_is_in_tune_and_sounds(font):
    for player in soundfonts.measured(font).values():
        assert -60 < player.level < 0
        assert abs(player.tuning) <= 60
        assert 0 <= player.latency < 0.02 * 44100
        assert player.rise > 0
        assert player.instrument.high - player.instrument.low >= 12


def test_a_range_is_never_wider_than_the_instruments():
    for font in soundfonts.KNOWN:
        for name, player in soundfonts.measured(font).items():
            assert INSTRUMENTS[name].low <= player.instrument.low
            assert player.instrument.high <= INSTRUMENTS[name].high


def test_families_are_labels_of_the_task():
    for program in INSTRUMENTS.values():
        assert program.family in (*LABELS, "")
        if program.name in FAMILIES:
            assert program.family == FAMILIES[program.name], program.name
