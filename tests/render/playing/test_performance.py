"""Synthesised performances: timing, tuning and levels."""

from dataclasses import replace

import numpy as np
import pytest

from deepmir_render import recipes
from deepmir_render.playing import synthesis
from deepmir_render.playing.fluidsynth import on_grid
from deepmir_render.playing.performance import perform
from deepmir_render.playing.played import SAMPLE_RATE, PlayedNote, PlayedPart, released
from deepmir_render.song import Section
from deepmir_render.sources import catalogue, soundfonts
from deepmir_render.styles import STYLES
from deepmir_render.writing import passages
from deepmir_render.writing.arrangement import Arrangement
from deepmir_render.writing.arranger import Arranger

RATE = SAMPLE_RATE
FONT = "TimGM6mb"
PLAYERS = soundfonts.measured(FONT)
TRADITIONAL = STYLES["traditional"]


def synthesised(part, seconds=None):
    """The sound of a part, shape (2, samples)."""
    samples = part.notes[-1].end + RATE // 2 if seconds is None else round(seconds * RATE)
    return synthesis.render({"all": [part]}, soundfonts.find(FONT), samples, 0.0)["all"]


def played(name, pitches, seconds=1.0, gap=0.5):
    """A part of single notes, one every `seconds` + `gap`."""
    step, length = on_grid(seconds + gap), on_grid(seconds)
    notes = tuple(
        PlayedNote(i * step, i * step + length, pitch, 90) for i, pitch in enumerate(pitches)
    )
    return PlayedPart("melody", PLAYERS[name].instrument, 0.0, 0.0, notes)


def test_notes_start_on_their_sample():
    """A marimba's attack is within 2 ms of its annotation, throughout."""
    part = played("marimba", [60, 67, 72, 79, 64], seconds=0.4, gap=3.1337)
    sound = np.abs(synthesised(part)).max(axis=0)
    for note in part.notes:
        before = sound[max(0, note.start - 400) : max(0, note.start - 64)]
        after = sound[note.start : note.start + 2000]
        attack = int(np.argmax(after > 0.05 * after.max()))
        assert attack < 0.002 * RATE
        assert before.size == 0 or before.max() < 0.02 * after.max()


@pytest.mark.parametrize("seed", [1, 2])
def test_drums_of_a_performance_sound_where_beats_are(seed):
    """With exact timing of all players, each drum's attack is on the grid of the tempo curve."""
    rng = np.random.default_rng(seed)
    song = passages.once(catalogue.work("oneill-3").read(), 30.0, 60.0)
    whole = replace(song, sections=passages.unroll(song, [_whole(song)]).sections)
    drummer = Arranger(whole, "traditional", 100.0, recipes.PLAIN, PLAYERS, rng)
    kit = next(v for _ in range(50) for v in drummer.drums((), "")[0] if v.notes)
    performed = perform(Arrangement(song, "traditional", 100.0, (kit,)), rng)
    sound = np.abs(synthesised(performed.parts[0])).max(axis=0)
    energy = np.maximum.reduceat(sound, np.arange(0, sound.size, 44))
    struck = {round(note.start, 3) for note in kit.notes}
    beats = [
        time
        for (time, _), (at, _) in zip(performed.beats, song.beats, strict=True)
        if round(at, 3) in struck
    ]
    assert len(beats) > 20
    for time in beats[4:40:5]:
        frame = round(time * RATE / 44)
        window = energy[frame - 40 : frame + 60]
        rise = np.diff(window)
        assert abs(int(np.argmax(rise)) - 39) * 44 / RATE < 0.022


def _whole(song):
    return Section(0.0, song.end, "A")


def test_instruments_are_in_tune():
    """All melody instruments are within 15 cents of the annotated frequency at A4."""
    off = {}
    for name in sorted({*TRADITIONAL.leads, *(choir[0] for choir in TRADITIONAL.ensembles)}):
        sound = synthesised(played(name, [69]), 1.0).mean(axis=0)
        off[name] = cents_off(sound[4410 : RATE - 4410], 69)
    assert all(abs(cents) < 15 for cents in off.values()), off
    assert abs(np.median(list(off.values()))) <= 1.5


@pytest.mark.parametrize("name", ["piano", "strings", "violin", "trumpet", "flute"])
def test_instruments_are_as_loud_as_the_table_says(name):
    """The maximum RMS of 50 ms, the median over notes from A2 to A5."""
    instrument = PLAYERS[name].instrument
    pitches = range(instrument.low, instrument.high + 1, 3)
    sound = synthesised(played(name, pitches))
    power = np.convolve(np.square(sound).mean(axis=0), np.full(RATE // 20, 20 / RATE), "valid")
    notes = power[: power.size // len(pitches) * len(pitches)].reshape(len(pitches), -1)
    loudest = 10 * np.log10(np.median(notes.max(axis=1)))
    assert loudest == pytest.approx(synthesis.REFERENCE_LEVEL, abs=1.5)


def cents_off(sound, pitch):
    """The shift in cents at which a comb of the first six harmonics fits best."""
    padded = 1 << 18
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size), padded))
    offsets = np.arange(-60, 61)
    hertz = 440 * 2 ** ((pitch - 69 + offsets / 100) / 12)
    bins = np.rint(np.outer(np.arange(1, 7), hertz) * padded / RATE).astype(int)
    return offsets[np.argmax((spectrum[bins] / np.sqrt(np.arange(1, 7))[:, None]).sum(axis=0))]


def test_a_struck_pitch_is_released_before_it_is_struck_again():
    notes = [PlayedNote(s, s + 500, 60, 90) for s in (0, 300, 900)]
    assert [(n.start, n.end) for n in released(notes)] == [(0, 300), (300, 800), (900, 1400)]
