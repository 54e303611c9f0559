import importlib.metadata

import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir_render.playing import fluidsynth
from deepmir_render.playing.fluidsynth import BLOCK, FADE, RELEASE, SILENCE, STRIKE, Channel, Event
from deepmir_render.sources.corpus import package_folder

FONT = package_folder("pretty_midi") / "TimGM6mb.sf2"
MARIMBA, ORGAN = Channel(12), Channel(16)


def level(sound):
    return 10 * np.log10(np.mean(np.square(sound.astype(np.float64))))


def test_a_note_is_the_same_at_every_block():
    early = fluidsynth.play(FONT, [MARIMBA], [Event(0, STRIKE, 0, 72, 90)], 20_000)
    late = fluidsynth.play(FONT, [MARIMBA], [Event(77 * BLOCK, STRIKE, 0, 72, 90)], 30_000)
    assert np.array_equal(late[:, 77 * BLOCK :][:, :20_000], early)
    assert not late[:, : 77 * BLOCK].any()


def test_where_no_block_begins_nothing_can_happen():
    with pytest.raises(ValueError, match="sample=100.*multiple of 64"):
        fluidsynth.play(FONT, [ORGAN], [Event(100, STRIKE, 0, 72, 90)], 20_000)


@pytest.mark.parametrize("velocity", [20, 64, 127])
def test_amplitudes_are_as_velocities_are(velocity):
    played, full = (
        fluidsynth.play(FONT, [ORGAN], [Event(0, STRIKE, 0, 69, force)], 20_000)
        for force in (velocity, 127)
    )
    expected = 20 * np.log10(velocity / 127)
    assert level(played) - level(full) == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize("gain", [-30.0, -0.25, 7.0, fluidsynth.HEADROOM])
def test_a_gain_is_exact_to_a_tenth_of_a_decibel(gain):
    note = [Event(0, STRIKE, 0, 69, 100)]
    louder, plain = (
        fluidsynth.play(FONT, [Channel(16, gain=g)], note, 20_000) for g in (gain, 0.0)
    )
    assert level(louder) - level(plain) == pytest.approx(gain, abs=0.1)


def test_a_channel_that_was_silenced_sounds_again():
    strike, at = Event(0, STRIKE, 0, 69, 100), 100 * BLOCK
    events = [strike, Event(at - BLOCK, FADE, 0), Event(at, SILENCE, 0)]
    sound = fluidsynth.play(FONT, [ORGAN], [*events, strike._replace(sample=2 * at)], 3 * at)
    assert not sound[:, at : 2 * at].any()
    assert level(sound[:, 2 * at :]) == pytest.approx(level(sound[:, :at]), abs=1.0)


def test_it_is_quiet_on_the_terminal(capfd):
    events = [Event(0, RELEASE, 0, 60), Event(0, STRIKE, 0, 200, 90)]  # of which it would warn
    fluidsynth.play(FONT, [ORGAN], events, 1000)
    assert capfd.readouterr() == ("", "")


def test_a_program_that_is_not_there_is_named():
    with pytest.raises(DeepmirError, match=r"TimGM6mb.sf2: it has no program 99 in bank 128"):
        fluidsynth.play(FONT, [Channel(99, drums=True)], [], 1000)


def test_what_is_no_soundfont_is_named(tmp_path, capfd):
    path = tmp_path / "font.sf2"
    path.write_bytes(b"RIFF, but nothing else")
    with pytest.raises(DeepmirError, match=r"font.sf2: not readable as a soundfont"):
        fluidsynth.play(path, [ORGAN], [], 1000)
    assert capfd.readouterr() == ("", "")


def test_a_pygame_without_fluidsynth_is_told(monkeypatch):
    fluidsynth._library.cache_clear()
    monkeypatch.setattr(importlib.metadata, "files", lambda name: [])
    with pytest.raises(DeepmirError, match="pygame-ce does not include FluidSynth"):
        fluidsynth._library()
