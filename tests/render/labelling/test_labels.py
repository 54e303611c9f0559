from dataclasses import replace

import jams
import numpy as np
import pytest
from made import players, song

from deepmir import tasks
from deepmir.files import annotations
from deepmir.files.annotations import PAUSE
from deepmir.tasks.base import Grid
from deepmir_render import rendering
from deepmir_render.labelling import labels
from deepmir_render.mixing.mix import Effects
from deepmir_render.playing import performance as performance_of
from deepmir_render.playing.performance import perform
from deepmir_render.playing.played import SAMPLE_RATE
from deepmir_render.recipes import RENDERED
from deepmir_render.writing.arranging import arrange

READ = (
    *("tempo", "key", "onset", "offset", "beat", "melody", "chord", "chord_large", "structure"),
    *("mood", "mood_quadrant", "instrument", "singing", "notes", "chroma"),
)


def labelled(seed=3, style="pop", made_of=None, **changes):
    """A track with a singer, its performance and the sung parts."""
    rng = np.random.default_rng(seed)
    recipe = replace(RENDERED, drums="patterns", **changes)
    made = arrange(made_of or song(), style, 110.0, recipe, (), players(), "train", rng)
    performance = perform(made, rng, detuned=0.5)
    sung = rendering.sing(performance, recipe, rng)
    found = labels.label(performance, sung, Effects(1.0, -9.0, None, 40.0), -18.0, {})
    return found, performance, sung


@pytest.fixture(scope="module")
def sung_track():
    return next(made for seed in range(20) if (made := labelled(seed))[2])


def test_annotations_are_valid_jams(sung_track, tmp_path):
    annotations.write(tmp_path / "a.jams", sung_track[0])
    assert jams.load(str(tmp_path / "a.jams"), strict=True).validate()


@pytest.mark.parametrize("name", READ)
def test_every_task_finds_its_target(sung_track, name):
    found = sung_track[0]
    target = tasks.get(name).target(found, Grid(0.0, 0.1, int(found.duration * 10)))
    assert target is not None
    assert np.nanmax(target) > np.nanmin(target)


def test_sections_in_which_nothing_sounds_any_more_are_left_out():
    whole = song()
    first = replace(whole, melody=tuple(n for n in whole.melody if n.end < 0.4 * whole.end))
    found, performance, sung = labelled(style="unaccompanied", made_of=first)
    assert performance.parts == ()
    assert len(sung) == 1
    sections = found.first("segment_open")
    assert sections.values == ["i", "A"]
    assert sections.intervals[-1, 1] == pytest.approx(performance.duration, abs=1e-5)


def test_genre_is_the_style(sung_track):
    task = tasks.get("genre", ("pop", "rock"))
    assert task.target(sung_track[0], Grid(0.0, 0.1, 10)).argmax() == 0


def test_beats_and_chords_meet_at_bar_lines(sung_track):
    found, performance, _ = sung_track
    beat = found.first("beat")
    downbeats = beat.times[np.array(beat.values) == 1]
    assert len(downbeats) == len(performance.arrangement.song.bars)
    starts = [o.time for o in found.first("chord").observations if o.value != "N"]
    assert np.abs(np.subtract.outer(starts, downbeats)).min(axis=1).max() < 1e-5
    assert [t for t, _ in performance.beats] == pytest.approx(beat.times.tolist(), abs=1e-5)


def test_the_melody_is_where_and_what_is_sung(sung_track):
    found, performance, sung = sung_track
    contour = np.array([v["frequency"] for v in found.first("pitch_contour").values])
    for note in sung[0].part.notes:
        middle = round((note.start + note.end) / 2 / SAMPLE_RATE * 100)
        # A singer glides and vibrates, and the whole recording may be detuned.
        wanted = 440 * 2 ** ((note.pitch - 69 + performance.detuning / 100) / 12)
        if note.end - note.start > 0.25 * SAMPLE_RATE:
            assert abs(12 * np.log2(contour[middle] / wanted)) < 1.2


def test_there_is_voice_exactly_where_somebody_sings(sung_track):
    found, _, sung = sung_track
    voice = found.first("tag_open", "voice")
    for first, last in sung[0].spans:
        middle = (first + last) / 2 / SAMPLE_RATE
        assert any(a <= middle <= b for a, b in voice.intervals)
    assert (voice.intervals[1:, 0] - voice.intervals[:-1, 1] > PAUSE).all()
    total = sum(last - first for one in sung for first, last in one.spans) / SAMPLE_RATE
    length = float(np.diff(voice.intervals).sum())
    assert 0.5 * total / len(sung) < length < 1.6 * total


def test_a_drum_kit_is_called_drums():
    found = next(
        each
        for seed in range(20)
        if (each := labelled(seed, "electronic"))[1].arrangement.voices[-1].instrument.drums
    )[0]
    names = set(found.first("tag_open", "instrument").values)
    assert "drums" in names
    assert not any(name.endswith(" drums") for name in names)


def test_sections_last_from_end_to_end(sung_track):
    found = sung_track[0]
    intervals = found.first("segment_open").intervals
    assert intervals[0, 0] == 0
    assert intervals[-1, 1] == pytest.approx(found.duration, abs=1e-5)
    assert intervals[1:, 0] == pytest.approx(intervals[:-1, 1], abs=1e-5)


def test_a_detuned_recording_has_a_detuned_melody():
    found, performance, _ = next(
        each for seed in range(60) if 15 < (each := labelled(seed, singers=()))[1].detuning < 45
    )
    contour = np.array([v["frequency"] for v in found.first("pitch_contour").values])
    midi = 69 + 12 * np.log2(contour[contour > 0] / 440)
    assert np.median((midi + 0.5) % 1 - 0.5) * 100 == pytest.approx(performance.detuning, abs=0.5)


def test_no_recording_is_nearer_to_another_semitone_than_to_its_labels(monkeypatch):
    monkeypatch.setattr(performance_of, "DETUNING", 60.0)
    found = [labelled(seed, singers=())[1].detuning for seed in range(24)]
    assert len({d for d in found if abs(d) > 30}) > 2
    assert max(map(abs, found)) <= 50


def test_the_task_knows_the_family_of_every_program():
    from deepmir.tasks.instrument import FAMILIES, LABELS
    from deepmir_render.instruments import INSTRUMENTS

    for name, program in INSTRUMENTS.items():
        if program.family and not program.drums:
            assert name in LABELS or FAMILIES[name] == program.family
