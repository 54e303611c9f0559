import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.chroma import TASK

RATE = 20.0


def notes(*parts, duration=4.0, chords=()):
    """A recording with (start, end, pitch) in each part, and chords (start, end, label)."""
    found = [
        Annotation("note_midi", tuple(Observation(s, e - s, p) for s, e, p in part))
        for part in parts
    ]
    if chords:
        found.append(Annotation("chord", tuple(Observation(s, e - s, v) for s, e, v in chords)))
    return Jams(duration, tuple(found))


def vectors(*rows, every=0.1):
    observations = tuple(Observation(k * every, 0.0, list(row)) for k, row in enumerate(rows))
    return Jams(4.0, (Annotation("vector", observations),))


def bits(*classes):
    return np.isin(np.arange(12), classes).astype(float)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rate", [4.0, 10.0, 21.5, 50.0])
def test_annotation_to_target_to_annotation_scores_one(seed, rate):
    rng = np.random.default_rng(seed)
    starts = np.sort(rng.uniform(0, 28, 150))
    part = [(s, s + 0.1 + rng.exponential(0.5), int(rng.integers(40, 80))) for s in starts]
    reference = notes(part[::2], part[1::2], duration=30.0)
    target = TASK.target(reference, Grid(0.0, 1 / rate, int(30 * rate)))
    found = Jams(30.0, tuple(TASK.decoder(rate)(target)))
    assert TASK.metrics(reference, found)["cosine"] >= 0.99
    assert len(found.annotations[0].observations) <= 10 * 30 + 1


def test_all_parts_sound_but_the_drums():
    jams = notes([(0.0, 1.0, 60)], [(0.5, 1.5, 67), (0.5, 1.0, 79)])
    drums = Annotation("note_midi", (Observation(0.0, 4.0, 36),), sandbox={"drums": True})
    jams = Jams(4.0, (*jams.annotations, drums))
    target = TASK.target(jams, Grid(0.25, 0.5, 4))
    np.testing.assert_array_equal(target, [bits(0), bits(0, 7), bits(7), bits()])


def test_a_note_sounds_from_its_start_to_before_its_end():
    target = TASK.target(notes([(0.1, 0.3, 62)]), Grid(0.0, 0.1, 5))
    assert target[:, 2].tolist() == [0, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("estimate", "cosine"),
    [
        ([bits(0, 4, 7)] * 40, 1.0),
        ([bits(0)] * 40, 3**-0.5),
        ([np.full(12, 0.2)] * 40, 0.5),
        ([bits(1)] * 40, 0.0),
        ([bits()] * 40, 0.0),
        ([], 0.0),
        ([bits(0, 4, 7)], 1.0),
        ([bits(0, 4, 7)] * 10 + [bits(1)] * 30, 0.5),  # from 2 s on nothing sounds
    ],
)
def test_golden_scores(estimate, cosine):
    reference = notes([(0.0, 2.0, 60), (0.0, 2.0, 64), (0.0, 2.0, 67)])
    assert TASK.metrics(reference, vectors(*estimate)) == pytest.approx({"cosine": cosine})


def test_chords_are_found_in_the_estimate_where_they_are_annotated():
    chords = [(0.0, 2.0, "C:maj"), (2.0, 4.0, "A:min")]
    triads = [[(2.0 * k, 2.0 * k + 2, p) for p in pitches] for k, pitches in enumerate(TRIADS)]
    reference = notes(*triads, chords=chords)
    right = vectors(*[bits(0, 4, 7)] * 20, *[bits(9, 0, 4)] * 20)
    assert TASK.metrics(reference, right)["chord_majmin"] == pytest.approx(1.0, abs=0.03)
    half = vectors(*[bits(0, 4, 7)] * 40)
    assert TASK.metrics(reference, half)["chord_majmin"] == pytest.approx(0.5)
    assert TASK.metrics(reference, vectors())["chord_majmin"] == 0


TRIADS = ((60, 64, 67), (57, 60, 64))


def test_a_recording_without_notes_has_no_target_and_no_score():
    empty = Jams(4.0, ())
    assert TASK.target(empty, Grid(0.0, 0.1, 10)) is None
    assert TASK.metrics(empty, vectors(bits(0))) == {}
    assert TASK.metrics(notes([]), vectors(bits(0))) == {}


def test_a_pitch_shift_moves_the_pitch_classes():
    target = TASK.target(notes([(0.0, 1.0, 71)]), Grid(0.0, 0.1, 5))
    np.testing.assert_array_equal(TASK.deform_target(target, "pitch_shift", 2)[0], bits(1))
    assert TASK.deform_target(target, "time_stretch", 1.1) is target


def test_vectors_are_rounded_and_thinned():
    activations = np.full((40, 12), 1 / 3, dtype=np.float32)
    found = TASK.decoder(RATE, max_rate=5.0)(activations)[0]
    assert found.namespace == "vector"
    assert found.times == pytest.approx(np.arange(10) * 0.2)
    assert found.values[0] == [0.333] * 12


@pytest.mark.parametrize("options", [{"rate": 1}, {"max_rate": 0}])
def test_a_wrong_decoder_option_is_one_line(options):
    with pytest.raises(DeepmirError, match="decoder.*rate"):
        TASK.decoder(RATE, **options)
