"""Expressive solo playing: annotations still match the sound."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import players, song

from deepmir_render.instruments import INSTRUMENTS
from deepmir_render.playing import expression, synthesis
from deepmir_render.playing.fluidsynth import on_grid
from deepmir_render.playing.performance import perform
from deepmir_render.playing.played import SAMPLE_RATE, PlayedNote, PlayedPart, released
from deepmir_render.recipes import RENDERED
from deepmir_render.song import Note, Part
from deepmir_render.sources import soundfonts
from deepmir_render.writing.arrangement import MELODY
from deepmir_render.writing.arranging import arrange

SEEDS = st.integers(0, 10**6)
STEADY = expression.Freedom(4, 0.0, 0.0, 0.0, 60.0, 60.0, 0.0, 0.0, 0.0, 0.0, 1.0)
RECIPE = replace(RENDERED, drums="none", singers=())


def alone(seed=0, made=None):
    rng = np.random.default_rng(seed)
    return arrange(made or song(), "solo", 100.0, RECIPE, (), players(), "train", rng)


def curve(free, seed=0):
    made = song(bars=64)
    found = expression.curve(made, 100.0, 0.5, free, np.random.default_rng(seed))
    return made, np.array([found.at(position) for position, _ in made.beats])


def played(free, made=None, seed=0):
    arrangement, rng = alone(seed, made), np.random.default_rng(seed)
    when = expression.curve(arrangement.song, 100.0, 0.5, free, rng)
    parts = expression.play(arrangement.voices, arrangement.song, when, free, rng)
    return arrangement, when, parts


@given(SEEDS)
@settings(max_examples=25)
def test_beats_go_on_and_the_tempo_of_the_whole_stays_near(seed):
    _, times = curve(expression.draw(np.random.default_rng(seed)), seed)
    assert (np.diff(times) > 0.2).all()
    assert 70 < 60 / np.median(np.diff(times)) < 140


def test_a_phrase_is_slow_at_both_ends():
    _, times = curve(replace(STEADY, depth=0.4))
    lengths = np.diff(times)[:240].reshape(-1, 16)
    assert (lengths[:, [0, 15]] > 1.2 * lengths[:, 7:9]).all()
    _, even = curve(STEADY)
    assert np.diff(even)[:240] == pytest.approx(0.6)


@given(SEEDS)
@settings(max_examples=25)
def test_notes_come_near_where_they_are_written(seed):
    made = alone(seed)
    performance = perform(made, np.random.default_rng(seed))
    for voice, part in zip(made.voices, performance.parts, strict=True):
        heard = np.array([n.start for n in part.notes]) / SAMPLE_RATE
        for note in voice.notes:
            # A chord of five that is rolled slowly, or the melody before it, and its looseness.
            assert np.abs(heard - performance.curve.at(note.start)).min() < 0.3


@given(SEEDS)
@settings(max_examples=25)
def test_a_key_that_is_struck_again_was_let_go_of(seed):
    performance = perform(alone(seed), np.random.default_rng(seed))
    for part in performance.parts:
        for pitch in {n.pitch for n in part.notes}:
            same = [n for n in part.notes if n.pitch == pitch]
            assert all(a.sounding <= b.start for a, b in pairwise(same))
            assert all(n.start < n.end for n in same)
        velocities = [n.velocity for n in part.notes]
        assert expression.SOFTEST <= min(velocities) <= max(velocities) <= expression.LOUDEST


def test_the_pedal_holds_notes_until_just_after_the_harmony_changes():
    short = tuple(Note(bar * 4.0, bar * 4 + 0.5, 48 + bar, 70) for bar in range(16))
    made = song(parts=(Part("piano", short),), second=())
    arrangement, when, parts = played(replace(STEADY, pedal=1.0), made)
    notes = parts[[v.name for v in arrangement.voices].index("piano")].notes
    for bar, note in enumerate(notes):
        assert note.end / SAMPLE_RATE == pytest.approx(when.at(bar * 4 + 0.5), abs=0.002)
        assert 0.01 < note.sounding / SAMPLE_RATE - when.at(bar * 4 + 4.0) < 0.13
    _, _, dry = played(STEADY, made)
    assert all(n.damped is None for part in dry for n in part.notes)


def test_a_rolled_chord_goes_from_low_to_high():
    chord = tuple(
        Note(bar * 4.0, bar * 4 + 3.0, 48 + step, 70) for bar in range(16) for step in (0, 4, 7)
    )
    made = song(parts=(Part("piano", chord),), second=(), melody=())
    arrangement, when, parts = played(replace(STEADY, rolled=1.0), made)
    notes = parts[[v.name for v in arrangement.voices].index("piano")].notes
    for bar in range(16):
        first, second, third = sorted(n.start for n in notes[3 * bar : 3 * bar + 3])
        assert [n.pitch for n in notes[3 * bar : 3 * bar + 3]] == [48, 52, 55]
        assert first / SAMPLE_RATE == pytest.approx(when.at(bar * 4.0), abs=0.002)
        assert 0.01 < (second - first) / SAMPLE_RATE < 0.07
        assert third - second == pytest.approx(second - first, abs=200)


def test_the_melody_comes_first_and_is_louder():
    together = tuple(replace(n, pitch=n.pitch - 20, velocity=90) for n in song().melody)
    made = song(parts=(Part("piano", together),), second=())
    arrangement, _, parts = played(replace(STEADY, lead=0.03), made)
    by_name = {v.name: p.notes for v, p in zip(arrangement.voices, parts, strict=True)}
    early = [b.start - a.start for a, b in zip(by_name[MELODY], by_name["piano"], strict=True)]
    assert np.array(early) / SAMPLE_RATE == pytest.approx(0.03, abs=0.003)
    louder = [
        a.velocity - b.velocity for a, b in zip(by_name[MELODY], by_name["piano"], strict=True)
    ]
    assert np.mean(louder) > 8


def test_soft_phrases_and_loud_ones():
    _, _, parts = played(replace(STEADY, soft=30.0, loud=90.0))
    velocities = [n.velocity for part in parts for n in part.notes]
    assert np.percentile(velocities, 90) - np.percentile(velocities, 10) > 20


def test_one_instrument_plays_everything_and_chords_under_a_tune():
    for seed in range(10):
        made = alone(seed, song(parts=(), second=()))
        assert len({v.instrument.name for v in made.voices}) == 1
        assert {v.name for v in made.voices} == {MELODY, "chords", "bass"}
    assert {v.name for v in alone().voices} == {MELODY, "second", "piano"}


def test_a_held_note_is_heard_after_its_key_is_released():
    def energy(damped):
        note = PlayedNote(0, on_grid(0.25), 60, 90, damped)
        part = PlayedPart(MELODY, INSTRUMENTS["piano"], 0.0, 0.0, (note,))
        sound = synthesis.render({"all": [part]}, soundfonts.find("TimGM6mb"), 2 * SAMPLE_RATE, 0.0)
        return float(np.square(sound["all"][:, SAMPLE_RATE : SAMPLE_RATE * 3 // 2]).mean())

    assert energy(on_grid(1.8)) > 100 * energy(None)


def test_a_pedal_is_cut_by_the_same_key():
    notes = [PlayedNote(0, 10, 60, 90, 100), PlayedNote(50, 60, 60, 90)]
    assert [(n.start, n.sounding) for n in released(notes)] == [(0, 50), (50, 60)]
