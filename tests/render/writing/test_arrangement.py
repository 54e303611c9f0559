from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import players, song

from deepmir_render import styles
from deepmir_render.playing.performance import perform
from deepmir_render.playing.played import SAMPLE_RATE
from deepmir_render.recipes import RENDERED
from deepmir_render.song import Metre, Note, Section
from deepmir_render.writing.arrangement import MELODY
from deepmir_render.writing.arranger import Arranger
from deepmir_render.writing.arranging import arrange, draw_tempo

PLAYERS = players()
SEEDS = st.integers(0, 10**6)
PLAYED = sorted(name for name, style in styles.STYLES.items() if style.leads)
STYLES = st.sampled_from(PLAYED)
TOGETHER = st.sampled_from([name for name in PLAYED if not styles.STYLES[name].free])


def arranged(seed, style="pop", made=None, **changes):
    rng = np.random.default_rng(seed)
    recipe = replace(RENDERED, **({"drums": "patterns"} | changes))
    return arrange(made or song(), style, 110.0, recipe, (), PLAYERS, "train", rng)


@given(STYLES, SEEDS)
@settings(max_examples=60)
def test_every_voice_plays_inside_its_range_and_the_song(style, seed):
    made = arranged(seed, style)
    assert made.voices
    for voice in made.voices:
        program = PLAYERS[voice.instrument.name].instrument
        assert all(program.low <= n.pitch <= program.high for n in voice.notes)
        assert all(-0.1 <= n.start < made.song.end for n in voice.notes)
        assert [n.start for n in voice.notes] == sorted(n.start for n in voice.notes)


@given(STYLES, SEEDS)
@settings(max_examples=60)
def test_there_is_harmony_in_every_section(style, seed):
    made = arranged(seed, style)
    harmony = [n.start for v in made.voices if v.bus == "harmony" for n in v.notes]
    for section in made.song.sections:
        assert any(section.start - 0.1 <= start < section.end for start in harmony)


@given(STYLES, SEEDS)
@settings(max_examples=60)
def test_one_at_a_time_has_the_melody(style, seed):
    made = arranged(seed, style)
    notes = [n for v in (*made.voices, *made.sung[:1]) if v.name == MELODY for n in v.notes]
    starts = [round(n.start, 4) for n in notes]
    assert len(starts) == len(set(starts))


def test_a_written_song_is_played_by_a_piano_as_it_stands():
    made = arranged(0, arrangement="written", drums="none", singers=())
    assert {v.instrument.name for v in made.voices} == {"piano"}
    notes = sorted(n.pitch for v in made.voices for n in v.notes)
    source = song()
    wanted = (*source.melody, *source.second, *source.parts[0].notes)
    assert notes == sorted(n.pitch for n in wanted)


def test_nobody_sings_or_drums_where_it_is_not_declared():
    for seed in range(20):
        made = arranged(seed, "rock", singers=(), drums="none")
        assert not made.sung
        assert not any(v.instrument.drums for v in made.voices)


def test_who_sings_sings_the_melody():
    sung = [made for seed in range(20) if (made := arranged(seed)).sung]
    assert sung
    for made in sung:
        classes = {n.pitch % 12 for n in made.sung[0].notes}
        assert classes <= {n.pitch % 12 for n in made.song.melody}


@given(STYLES, SEEDS)
def test_a_tempo_is_near_the_songs_own(style, seed):
    played, bpm = draw_tempo(song(), styles.STYLES[style], np.random.default_rng(seed))
    assert played.bpm in (100, 200)
    assert 0.77 <= bpm / played.bpm <= 1.29


@given(SEEDS)
@settings(max_examples=25)
def test_a_machine_plays_every_beat_when_it_is_due(seed):
    made = arranged(seed, "electronic")
    rng = np.random.default_rng(seed)
    performance = perform(made, rng, timing=False)
    times = [time for time, _ in performance.beats]
    assert np.diff(times) == pytest.approx(60 / 110, abs=1e-6)
    assert performance.detuning == 0
    kicks = [
        n.start / SAMPLE_RATE
        for part in performance.parts
        if part.instrument.drums
        for n in part.notes
        if n.pitch == 36
    ]
    for kick in kicks:
        assert min(abs((kick - times[0]) % (60 / 110 / 4) - s) for s in (0, 60 / 440)) < 1e-3


@given(TOGETHER, SEEDS)
@settings(max_examples=40)
def test_players_keep_to_the_beat_within_a_hundredth_of_a_second_or_three(style, seed):
    made = arranged(seed, style)
    performance = perform(made, np.random.default_rng(seed))
    times = np.array([time for time, _ in performance.beats])
    assert (np.diff(times) > 0).all()
    voices = zip(made.voices, performance.parts, strict=True)
    for voice, part in voices:
        due = {round(n.start): n for n in voice.notes if abs(n.start - round(n.start)) < 1e-6}
        heard = np.array([n.start for n in part.notes]) / SAMPLE_RATE
        for beat in due:
            assert np.abs(heard - times[beat]).min() < 0.031


def test_compound_metres_count_dotted_quarters():
    made = arranged(0, made=song(8, Metre(6, 8)))
    performance = perform(made, np.random.default_rng(0), timing=False)
    positions = [value for _, value in performance.beats]
    assert positions == [1, 2] * 8


def test_a_singer_is_silent_in_one_section_with_a_band_and_in_none_without(monkeypatch):
    monkeypatch.setattr(Arranger, "chance", lambda arranger, probability: False)
    sections = (Section(0, 16, "A"), Section(16, 32, "B"), Section(32, 48, "A"))
    melody = tuple(Note(beat, beat + 0.9, 67, 90) for beat in range(48))
    whole = song(melody=melody, sections=sections)
    heard = {}
    for style in ("pop", "unaccompanied"):
        made = next(m for m in (arranged(s, style, whole) for s in range(20)) if m.sung)
        starts = [note.start for note in made.sung[0].notes]
        heard[style] = [any(s.start <= at < s.end for at in starts) for s in sections]
    assert heard == {"pop": [True, False, True], "unaccompanied": [True, True, True]}
