"""Estimated chord statistics, and decoded chords, compared with manual calculations."""

import numpy as np
import pytest
from pydantic import ValidationError

from deepmir.decoders.chord_sequence import FLOOR, PRIOR, ChordSequence, annotate, learn, transposed

C, G, A_MINOR, NONE = 0, 7, 12 + 9, 24


def activations(*chords):
    """Confident activations: (state, frames) after (state, frames)."""
    return np.concatenate([np.tile(np.eye(25)[state], (frames, 1)) for state, frames in chords])


def path_of(values, **options):
    return ChordSequence(frame_rate=10, **options)(np.log(np.maximum(values, FLOOR)))


def test_transitions_are_counted_from_the_root_whatever_it_is():
    one = learn([[(C, 1.0), (G, 1.0)]], 2)["transitions"]
    other = learn([[(2, 1.0), (9, 1.0)]], 2)["transitions"]
    assert one == other
    # 24 possible successors with the prior each, and the one that was seen
    assert one[0][7] == pytest.approx((1 + PRIOR) / (1 + 24 * PRIOR), abs=1e-5)
    assert one[0][0] == 0


def test_no_chord_is_followed_by_every_transposition_alike():
    row = learn([[(NONE, 1.0), (G, 1.0)]], 2)["transitions"][2]
    assert len({*row[:12]}) == 1
    assert row[0] > row[12] > row[24] == 0


def test_an_unknown_chord_separates_what_is_around_it():
    assert (
        learn([[(C, 1.0), (None, 1.0), (G, 1.0)]], 2)["transitions"]
        == (learn([[(C, 1.0)]], 2)["transitions"])
    )


def test_durations_are_means_of_whole_chords():
    # C lasts 4 s in one piece, and once more as long as chords do on average: (4 + 2) / 2 = 3
    learned = learn([[(C, 1.0), (C, 3.0), (A_MINOR, 2.0)]], 2)["durations"]
    assert learned == pytest.approx([(4 + 3) / 2, (2 + 3) / 2, 3.0])


def test_nothing_to_learn_from_gives_options_all_the_same():
    ChordSequence(frame_rate=10, **learn([], 2)).log_transition()


def test_the_matrix_has_the_durations_and_the_transpositions():
    learned = learn([[(C, 2.0), (G, 2.0), (A_MINOR, 4.0)]], 2)
    matrix = np.exp(ChordSequence(frame_rate=10, **learned).log_transition())
    assert matrix.sum(axis=1) == pytest.approx(np.ones(25))
    assert matrix[C, C] == pytest.approx(np.exp(-1 / (10 * learned["durations"][0])))
    assert matrix[C, G] == pytest.approx(matrix[2, 9])
    assert matrix[C, G] == matrix[C].max(where=np.arange(25) != C, initial=0)


def test_a_weak_excursion_is_smoothed_and_the_weight_decides():
    values = activations((C, 10), (G, 1), (C, 10)) * 0.2 + 0.03
    assert set(path_of(values)) == {C}
    assert path_of(values, transition_weight=0.0)[10] == G


def test_a_change_within_a_frame_is_read_from_its_shares():
    values = activations((C, 10), (G, 10))
    values[10, [C, G]] = 0.3, 0.7
    path = path_of(values)
    found = annotate(path, values, 10.0, lambda state, _: str(state)).observations
    assert [o.value for o in found] == ["0", "7"]
    assert found[0].duration == pytest.approx(0.98)  # frame 10 begins at 0.95 s, 0.03 s remain
    assert found[1].time + found[1].duration == pytest.approx(2.0)
    assert found[1].confidence == pytest.approx(0.97)


def test_no_frames_have_no_chords():
    assert annotate(np.zeros(0, int), np.zeros((0, 25)), 10.0, lambda s, _: "N").observations == ()


def test_states_are_moved_by_semitones_and_no_chord_stays():
    row = np.arange(25.0)
    assert transposed(row, 1)[[0, 1, 12, 24]].tolist() == [11, 0, 23, 24]


@pytest.mark.parametrize(
    "options",
    [{"durations": (1.0, 1.0)}, {"durations": (1.0, 0.0, 1.0)}, {"transitions": ((1.0,),)}],
)
def test_options_of_another_vocabulary_are_refused(options):
    with pytest.raises(ValidationError, match=r"durations|transitions"):
        ChordSequence(frame_rate=10, **options)
