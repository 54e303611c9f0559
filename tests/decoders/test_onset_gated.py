import numpy as np
import pytest

from deepmir.decoders.onset_gated import OnsetGated
from deepmir.errors import DeepmirError

ALL = {"overtone": 0.0, "sure": 0.0}  # nothing is left out


def by_definition(onsets, frames, gate):
    """Frame by frame and pitch by pitch: (start, end, pitch) in frames."""
    around = round(gate.around * gate.frame_rate)
    length, pitches = onsets.shape
    notes = []
    for pitch in range(pitches):
        begins = []
        for n in range(length):
            near = onsets[max(n - around, 0) : n + around + 1, pitch]
            top = onsets[n, pitch] == near.max() and onsets[n, pitch] >= gate.onset_threshold
            equal_before = (
                n - 1 in {m for m, _ in begins} and onsets[n, pitch] == onsets[n - 1, pitch]
            )
            if top:
                sounds = (frames[n : n + 2, pitch] >= gate.frame_threshold).any()
                begins.append((n, sounds and not equal_before))
        starts = [n for n, real in begins if real]
        for index, start in enumerate(starts):
            end = start + 1
            while end < length and frames[end, pitch] >= gate.frame_threshold:
                end += 1
            following = starts[index + 1] if index + 1 < len(starts) else np.inf
            notes.append((start, min(end - 0.5, following), pitch))
    return sorted(notes, key=lambda note: (note[0], note[2]))


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("levels", [None, 4])
def test_as_the_definition(seed, levels):
    rng = np.random.default_rng(seed)
    onsets, frames = rng.uniform(size=(2, 40, 5))
    if levels:  # plateaus
        onsets = np.rint(onsets * levels) / levels
    gate = OnsetGated(
        frame_rate=50,
        onset_threshold=float(rng.uniform(0.2, 0.8)),
        frame_threshold=float(rng.uniform(0.2, 0.8)),
        around=rng.choice([0.0, 0.02, 0.04]),
        **ALL,
    )
    found = gate(onsets, frames)
    expected = by_definition(onsets, frames, gate)
    assert expected
    got = np.stack([found.starts * 50, found.ends * 50, found.pitches], axis=1)
    np.testing.assert_allclose(got, expected, atol=1e-9)
    assert (found.ends > found.starts).all()


def test_a_repeated_note_is_two_and_a_frame_without_onset_is_none():
    onsets, frames = np.zeros((2, 50, 3))
    frames[10:30, 0] = frames[10:30, 1] = 1
    onsets[[10, 20], 0] = 0.9
    notes = OnsetGated(frame_rate=50, **ALL)(onsets, frames)
    np.testing.assert_allclose(notes.starts, [0.2, 0.4])
    np.testing.assert_allclose(notes.ends, [0.4, 0.59])
    assert notes.pitches.tolist() == [0, 0]
    np.testing.assert_allclose(notes.confidences, 0.9)


def test_an_onset_without_a_sounding_frame_begins_nothing():
    onsets, frames = np.zeros((2, 50, 3))
    onsets[10] = 1
    frames[11, 1] = 1
    assert OnsetGated(frame_rate=50, **ALL)(onsets, frames).pitches.tolist() == [1]


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_silence_has_no_notes(frames):
    assert OnsetGated(frame_rate=50)(*np.zeros((2, frames, 88))).starts.shape == (0,)


def test_a_note_may_begin_in_the_last_frame():
    notes = OnsetGated(frame_rate=50, **ALL)(*np.ones((2, 1, 1)))
    assert notes.starts.tolist() == [0]
    assert notes.ends.tolist() == [0.01]


def test_a_diverged_network_is_told_of():
    bad = np.zeros((4, 88))
    bad[2, 7] = np.nan
    with pytest.raises(DeepmirError, match="frame activations: frame 2 "):
        OnsetGated(frame_rate=50)(np.zeros((4, 88)), bad)


def heard(*notes, **options):
    """The decoded notes for notes (start, end, pitch, onset, level), times in frames."""
    onsets, frames = np.zeros((2, 200, 60))
    for start, end, pitch, onset, level in notes:
        onsets[start, pitch] = onset
        frames[start:end, pitch] = level
    found = OnsetGated(frame_rate=50, **options)(onsets, frames)
    return list(zip(np.rint(found.starts * 50).astype(int), found.pitches.tolist(), strict=True))


def test_an_overtone_of_a_stronger_note_is_none():
    tone = (10, 60, 5, 0.9, 1.0)
    for semitones in (12, 19, 24, 28):
        assert heard(tone, (10, 60, 5 + semitones, 0.9, 0.8)) == [(10, 5)]
        assert heard(tone, (30, 50, 5 + semitones, 0.9, 0.8)) == [(10, 5)]
    assert heard(tone, (8, 60, 17, 0.9, 0.8)) == [(10, 5)]  # an overtone may come first
    both = [(10, 5), (10, 17)]
    assert heard(tone, (10, 60, 17, 0.9, 0.97)) == both  # as strong: an octave is played
    assert heard(tone, (10, 60, 17, 0.9, 0.8), overtone=0.5) == both
    assert heard(tone, (60, 90, 17, 0.9, 0.8)) == [(10, 5), (60, 17)]  # it sounds no more
    assert heard(tone, (10, 60, 12, 0.9, 0.8)) == [(10, 5), (10, 12)]  # a fifth is no overtone


def test_a_vibrato_is_one_note_and_a_step_is_two():
    sung = (10, 90, 20, 0.9, 0.9)
    assert heard(sung, (30, 36, 21, 0.8, 0.9), (50, 56, 19, 0.8, 0.9)) == [(10, 20)]
    assert heard(sung, (30, 36, 21, 0.97, 0.9)) == [(10, 20), (30, 21)]
    assert heard((10, 40, 20, 0.9, 0.9), (40, 90, 21, 0.9, 0.9)) == [(10, 20), (40, 21)]
    assert heard(sung, (30, 36, 22, 0.9, 0.9)) == [(10, 20), (30, 22)]


def test_a_pitch_that_sounds_on_begins_anew_where_the_onset_is_sure():
    long = (10, 60, 20, 0.9, 0.9)
    assert heard(long, (30, 60, 20, 0.8, 0.9)) == [(10, 20)]
    assert heard(long, (30, 60, 20, 0.97, 0.9)) == [(10, 20), (30, 20)]
    assert heard((10, 30, 20, 0.9, 0.9), (40, 60, 20, 0.8, 0.9)) == [(10, 20), (40, 20)]
    onsets, frames = np.zeros((2, 50, 1))
    onsets[[10, 20]], frames[10:30] = [[0.9], [0.8]], 1.0
    notes = OnsetGated(frame_rate=50)(onsets, frames)
    np.testing.assert_allclose(notes.ends, [0.59])  # that of the last part


def test_what_is_very_short_and_not_sure_is_none():
    assert heard((10, 13, 20, 0.8, 0.9)) == []
    assert heard((10, 14, 20, 0.8, 0.9)) == [(10, 20)]
    assert heard((10, 13, 20, 0.8, 0.9), shortest=0.0) == [(10, 20)]
    assert heard((10, 13, 20, 0.97, 0.9)) == [(10, 20)]
