import warnings

import mir_eval
import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.notes import KEYS, LOWEST, TASK, frame_scores, keyboard_notes

RATE = 50.0


def part(*notes, drums=False):
    """Notes as (start, end, pitch)."""
    observations = tuple(Observation(float(a), float(b - a), p) for a, b, p in notes)
    return Annotation("note_midi", observations, sandbox={"drums": drums})


def played(*notes, duration=60.0):
    return Jams(duration, (part(*notes),))


def piece(rng, voices=4, seconds=40.0):
    """Some voices, two of which may play the same pitch simultaneously; staccato and legato."""
    parts = []
    for voice in range(voices):
        notes, now = [], 0.2
        while now < seconds - 2:
            beat = rng.choice([0.125, 0.25, 0.5, 1.0]) * rng.uniform(0.95, 1.05)
            pitch = int(rng.integers(40 + 8 * voice, 60 + 8 * voice))
            notes.append((now, now + beat * rng.uniform(0.5, 1.0), pitch))
            now += beat
        parts.append(part(*notes))
    return Jams(seconds, tuple(parts))


@pytest.mark.parametrize("seed", range(3))
def test_annotation_to_target_to_annotation_scores_one(seed):
    reference = piece(np.random.default_rng(seed))
    target = TASK.target(reference, Grid(0.0, 1 / RATE, round(40 * RATE)))
    scores = TASK.metrics(reference, Jams(40.0, tuple(TASK.decoder(RATE)(target))))
    assert scores["note_f"] >= 0.99, scores  # two voices on one pitch are seldom
    assert scores["note_f_merged"] >= 0.99, scores
    assert scores["note_f_offset_merged"] >= 0.99, scores
    assert scores["frame_f"] >= 0.97, scores


def test_the_target_has_onsets_and_frames():
    target = TASK.target(played((0.2, 0.3, 60)), Grid(0.0, 0.02, 20))
    assert target.shape == (20, 2 * KEYS) == (20, TASK.output.width)
    key = 60 - LOWEST
    np.testing.assert_array_equal(target[8:13, key], [0, 0.5, 1, 0.5, 0])
    np.testing.assert_array_equal(np.flatnonzero(target[:, KEYS + key]), [10, 11, 12, 13, 14])
    target[:, [key, KEYS + key]] = 0
    assert not target.any()


def test_the_frame_of_an_onset_sounds_however_short_the_note():
    target = TASK.target(played((0.211, 0.215, 60)), Grid(0.0, 0.02, 20))
    assert target[:, KEYS:].sum() == 1
    assert target[11, KEYS + 39] == 1


def test_parts_are_merged_as_a_keyboard_would_play_them():
    jams = Jams(
        9.0,
        (
            part((0, 1, 60), (2, 6, 60)),
            part((0.02, 1.5, 60.2), (3, 4, 60), (3, 4, 72)),
            part((0, 9, 40), drums=True),
        ),
    )
    notes = keyboard_notes(jams)
    found = sorted(zip(notes.starts, notes.ends, notes.pitches, strict=True))
    np.testing.assert_allclose(found, [(0, 1.5, 60), (2, 3, 60), (3, 4, 72), (3, 6, 60)])


@pytest.mark.parametrize(
    ("truth", "guess", "note_f", "with_offset", "frame_f"),
    [
        (((1, 2, 60),), ((1, 2, 60),), 1, 1, 1),
        (((1, 2, 60),), ((1.04, 2, 60),), 1, 1, 2 * 48 / (48 + 50)),
        (((1, 2, 60),), ((1.06, 2, 60),), 0, 0, 2 * 47 / (47 + 50)),
        (((1, 2, 60),), ((1, 2, 61),), 0, 0, 0),
        (((1, 2, 60),), ((1, 1.5, 60),), 1, 0, 2 * 25 / 75),
        (((1, 2, 60), (3, 4, 62)), ((1, 2, 60),), 2 / 3, 2 / 3, 2 / 3),
        (((1, 2, 60),), (), 0, 0, 0),
        ((), ((1, 2, 60),), 0, 0, 0),
        ((), (), 1, 1, 1),
        (((1, 1, 60),), ((1, 1, 60),), 1, 1, 1),
    ],
)
def test_golden_scores(truth, guess, note_f, with_offset, frame_f):
    scores = TASK.metrics(played(*truth), played(*guess))
    found = [scores[name] for name in ("note_f", "note_f_offset", "frame_f")]
    assert found == pytest.approx([note_f, with_offset, frame_f])


@pytest.mark.parametrize("seed", range(2))
def test_notes_of_many_instruments_are_all_right_against_themselves(seed):
    rng = np.random.default_rng(seed)
    voices = [part for _ in range(3) for part in piece(rng, voices=6).annotations]
    beyond = part((1, 2, 12), (1, 1.5, 115), (3, 3, 60.4))
    reference = Jams(40.0, (*voices, beyond))
    scores = TASK.metrics(reference, reference)
    assert scores.pop("symbol_error") == 0.0
    assert set(scores.values()) == {1.0}


def test_what_is_doubled_is_one_note_to_the_merged_scores_of_both_sides():
    doubled = Jams(9.0, (part((1, 2, 60), (3, 4, 62)), part((1.01, 2, 60), (3, 4, 110))))
    single = played((1, 2, 60), (3, 4, 62), duration=9.0)
    for pair in ((doubled, single), (single, doubled)):
        scores = TASK.metrics(*pair)
        assert scores["note_f_merged"] == scores["note_f_offset_merged"] == 1
        assert scores["note_f"] == scores["note_f_offset"] == pytest.approx(4 / 6)


def test_what_is_not_annotated_is_neither_taught_nor_scored():
    for jams in (Jams(3.0, ()), Jams(3.0, (part((0, 1, 40), drums=True),))):
        assert TASK.target(jams, Grid(0.0, 0.02, 10)) is None
        assert TASK.metrics(jams, played((0, 1, 60))) == {}
    assert TASK.metrics(played((0, 1, 60)), Jams(3.0, ()))["note_f"] == 0


def test_frame_accuracy_is_that_of_mir_eval():
    rng = np.random.default_rng(0)
    truth, guess = rng.uniform(size=(2, 60, KEYS)) < 0.03
    times = np.arange(60) / RATE
    hertz = 440 * 2 ** ((np.arange(KEYS) + LOWEST - 69) / 12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = mir_eval.multipitch.evaluate(
            times, [hertz[row] for row in truth], times, [hertz[row] for row in guess]
        )
    ours = frame_scores(truth, guess)
    assert ours["multipitch_accuracy"] == pytest.approx(scores["Accuracy"])
    precision, recall = scores["Precision"], scores["Recall"]
    assert ours["frame_f"] == pytest.approx(2 * precision * recall / (precision + recall))


@pytest.mark.parametrize("shift", [-4, 5])
def test_a_pitch_shift_moves_both_heads_and_loses_what_leaves_the_keyboard(shift):
    assert TASK.effect("pitch_shift") == TASK.effect("time_stretch") == "change"
    notes = [(0.2, 0.6, 60), (0.3, 0.9, 21), (0.4, 0.9, 108), (0.5, 1.0, 100)]
    grid = Grid(0.0, 0.02, 60)
    moved = TASK.deform_target(TASK.target(played(*notes), grid), "pitch_shift", shift)
    shifted = [(a, b, p + shift) for a, b, p in notes]
    np.testing.assert_array_equal(moved, TASK.target(played(*shifted), grid))


def test_stretching_is_the_grid():
    target = TASK.target(played((1.0, 1.4, 60)), Grid(start=0.5, step=0.04, frames=30))
    assert np.flatnonzero(target[:, 60 - LOWEST] == 1).tolist() == [12]
    assert TASK.deform_target(target, "time_stretch", 1.1) is target


def test_an_unknown_decoder_option_is_refused():
    with pytest.raises(DeepmirError, match="decoder.*threshold"):
        TASK.decoder(RATE, threshold=1)
    for name, values in TASK.choices.items():
        for value in values:
            TASK.decoder(RATE, **{name: value})
