"""Every task describes each of its metrics, and the metrics match the description."""

import numpy as np
import pytest

from deepmir import tasks
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks import genre, instrument, tagging
from deepmir.tasks.base import Grid
from deepmir.tasks.mood import LABELS
from deepmir.tasks.names import NAMES

RATE = 100.0
SECONDS = 20.0
GRID = Grid(0.0, 1 / RATE, round(SECONDS * RATE))


def jams(namespace, rows, kind=""):
    """A reference from rows of (time, duration, value)."""
    observations = tuple(Observation(*row) for row in rows)
    return Jams(SECONDS, (Annotation(namespace, observations, sandbox={"kind": kind}),))


def of_words(words, kind):
    return jams("tag_open", [(0.0, SECONDS, word) for word in words], kind)


def sung(instant):
    """A melody that rests for the first fifth of every second."""
    voiced = instant % 50 > 9
    return {"frequency": 220.0 * voiced, "index": 0, "voiced": voiced}


CHORDS = jams("chord", [(0.0, 8.0, "C:maj"), (8.0, 5.0, "G:7/3"), (13.0, 7.0, "N")])
NOTES = jams("note_midi", [(0.5, 1.0, 60.0), (2.0, 4.0, 67.0), (2.0, 3.0, 64.0)])
POINTS = ((0.5, 0.3), (-0.4, 0.8), (-0.9, -0.2), (0.1, -0.7))
REFERENCES = {
    "tempo": [
        Jams(SECONDS, (Annotation("tempo", tuple(Observation(0, 0, x, 0.5) for x in (60, 120))),))
    ],
    "key": [jams("key_mode", [(0.0, SECONDS, "A:minor")])],
    "onset": [jams("onset", [(t, 0.0, None) for t in (0.5, 3.0, 7.0)]), jams("onset", [])],
    "offset": [NOTES],
    "beat": [jams("beat", [(t / 2, 0.0, 1 + t % 4) for t in range(38)])],
    "melody": [jams("pitch_contour", [(t / 50, 0.0, sung(t)) for t in range(999)])],
    "chord": [CHORDS],
    "chord_large": [CHORDS],
    "structure": [jams("segment_open", [(0.0, 7.0, "A"), (7.0, 6.0, "B"), (13.0, 7.0, "A")])],
    "tagging": [of_words(tagging.LABELS[first::2], "tags") for first in (0, 1)],
    "mood": [jams("mood_thayer", [(0.0, SECONDS, list(point))]) for point in POINTS],
    "mood_quadrant": [jams("mood_thayer", [(0.0, SECONDS, list(point))]) for point in POINTS],
    "genre": [of_words([label], "genre") for label in genre.LABELS],
    "instrument": [of_words([word], "instrument") for word in instrument.LABELS],
    "singing": [jams("tag_open", [(3.0, 9.0, "voice")], "voice"), jams("tag_open", [], "voice")],
    "notes": [NOTES, jams("note_midi", [])],
    "chroma": [Jams(SECONDS, NOTES.annotations + CHORDS.annotations)],
    "mode": [CHORDS],
    "pitch_class": [jams("pitch_class", [(0.0, SECONDS, {"tonic": "C", "pitch": 4})])],
}  # fmt: skip


def estimates(task, reference, rng):
    """Estimates of a good, a bad and a silent system for a reference."""
    target = task.target(reference, GRID)
    guess = rng.dirichlet(np.ones(task.output.width), target.shape[:-1])
    decode = task.decoder(RATE)
    for activations in (np.nan_to_num(target), guess, 1 - guess, np.zeros_like(target)):
        said = activations.astype(np.float32)
        if task.hidden:
            said = np.concatenate([said, rng.random((len(said), 8)).astype(np.float32)], axis=1)
        yield Jams(SECONDS, tuple(decode(said)))
    yield Jams(SECONDS, ())


@pytest.fixture(params=NAMES)
def task(request):
    return tasks.get(request.param)


def test_every_metric_is_what_its_task_says_and_none_is_beyond_the_worst(task, rng):
    references = REFERENCES[task.name]
    each = [list(estimates(task, reference, rng)) for reference in references]
    seen = set()
    for reference, guesses in zip(references, each, strict=True):
        for guess in guesses:
            seen |= within(task, "track", task.metrics(reference, guess))
    for system in zip(*each, strict=True):
        rows = [task.row(r, guess) for r, guess in zip(references, system, strict=True)]
        if rows[0] is not None:
            seen |= within(task, "part", task.corpus_metrics(np.array(rows)))
    assert seen == set(task.measures)
    assert task.primary in seen


def untidy(namespace, rows, kind=""):
    """A realistic annotation: with overlaps, gaps, duplicates and a late beginning."""
    later = [(time + 2.5, duration, value) for time, duration, value in rows[::-1]]
    return jams(namespace, [*rows, *rows[:1], *later], kind)


UNTIDY = {
    "tempo": [untidy("tempo", [(0.0, 4.0, 90.0), (4.0, 4.0, 120.0), (8.0, 4.0, 60.0)])],
    "key": [
        untidy("key_mode", [(1.0, 3.0, "Gb:major"), (4.0, 5.0, "D:dorian"), (9.0, 3, "F#:major")])
    ],
    "onset": [untidy("onset", [(1.0, 0.0, None), (1.01, 0.0, None), (7.0, 0.0, None)])],
    "offset": [untidy("note_midi", [(1.0, 2.0, 60), (1.0, 2.01, 64), (4.0, 3.0, 60.4)])],
    "beat": [untidy("beat", [(t, 0.0, 1 + t % 3) for t in range(4, 16)])],
    "melody": [untidy("pitch_contour", [(t / 40, 0.0, sung(t + 30)) for t in range(20)])],
    "chord": [
        untidy("chord", [(1.0, 2.0, "C:maj"), (5.0, 1.0, "N"), (6.5, 1.0, "X"), (8.0, 2.0, "N")])
    ],
    "structure": [untidy("segment_open", [(1.0, 4.0, "A"), (5.0, 3.0, "a"), (9.0, 4.0, "B")])],
    "singing": [untidy("tag_open", [(3.0, 9.0, "voice"), (4.0, 9.0, "voice")], "voice")],
    "notes": [
        untidy("note_midi", [(1.0, 2.0, 60), (1.0, 2.0, 60), (4.0, 3.0, 60.4), (5.0, 0.0, 5)])
    ],
}
UNTIDY["chord_large"] = UNTIDY["chord"]
OTHERS = {"fifth", "relative", "parallel"}  # what a right key is not


def test_a_reference_is_right_against_itself(task):
    for reference in (*REFERENCES[task.name], *UNTIDY.get(task.name, [])):
        if task.name in ("chroma", "mode", "mood_quadrant"):
            continue  # which estimate something else than what is annotated
        scores = task.metrics(reference, reference)
        best = {name: float(task.measures[name].better == "more") for name in scores}
        wrong = {name: v for name, v in scores.items() if v != pytest.approx(best[name])}
        assert set(wrong) <= OTHERS, wrong


def within(task, of, scores):
    for name, value in scores.items():
        metric = task.measures[name]
        assert metric.of == of
        assert metric.sign * value >= metric.sign * metric.worst - 1e-9, name
    return set(scores)


def test_the_annotation_alone_decides_what_has_a_score(task, rng):
    for reference in (*REFERENCES[task.name], Jams(SECONDS, ())):
        guesses = [*estimates(task, REFERENCES[task.name][0], rng)]
        assert len({task.primary in task.metrics(reference, guess) for guess in guesses}) == 1
        assert len({task.row(reference, guess) is None for guess in guesses}) == 1
    assert task.metrics(reference, guesses[0]) == task.failed(reference) == {}
    assert task.row(reference, guesses[0]) is task.failed_row(reference) is None


def test_nobody_is_worse_than_who_fails(task, rng):
    references = REFERENCES[task.name]
    each = [list(estimates(task, reference, rng)) for reference in references]
    for reference, guesses in zip(references, each, strict=True):
        failed = task.failed(reference)
        assert np.isfinite(list(failed.values())).all()
        for guess in guesses:
            assert_no_better(task, failed, task.metrics(reference, guess))
    rows = [task.failed_row(reference) for reference in references]
    if rows[0] is not None:
        failed = task.corpus_metrics(np.array(rows))
        for system in zip(*each, strict=True):
            made = [task.row(r, guess) for r, guess in zip(references, system, strict=True)]
            assert_no_better(task, failed, task.corpus_metrics(np.array(made)))


def assert_no_better(task, failed, scores):
    assert set(scores) <= set(failed)
    for name, value in scores.items():
        sign = task.measures[name].sign
        assert sign * failed[name] <= sign * value + 1e-9, name


def test_what_a_failed_track_gets_is_worked_out_by_hand():
    found = {name: tasks.get(name).failed(REFERENCES[name][0]) for name in NAMES}
    wrong = dict.fromkeys(
        ("weighted", "weighted_both_fifths", "accuracy", "fifth", "relative", "parallel"), 0.0
    )
    assert found["key"] == {**wrong, "other": 1.0}
    assert found["melody"]["voicing_false_alarm"] == found["singing"]["false_alarm"] == 1.0
    assert found["beat"]["downbeat_f"] == 0.0
    assert found["structure"]["deviation_ref_to_est"] == SECONDS
    assert found["structure"]["f_3"] == 0.0
    # From (0.5, 0.3) to the corner (-1, -1).
    assert found["mood"]["distance"] == pytest.approx((1.5**2 + 1.3**2) ** 0.5)
    assert tasks.get("onset").failed(REFERENCES["onset"][1])["f_measure"] == 0.0


def test_the_row_of_a_failed_track_is_worked_out_by_hand():
    pop = tasks.get("tagging", ("a", "b", "c"))
    assert pop.failed_row(of_words(["b"], "tags")) == (0, 1, 0, 2, -1, 2)
    assert tasks.get("mood").failed_row(REFERENCES["mood"][1]) == (-0.4, 0.8, 1, -1)
    assert tasks.get("genre").failed_row(REFERENCES["genre"][2]) == (2, -1)
    two = tasks.get("instrument", ("keys", "brass"))
    always = SECONDS * 10
    assert two.failed_row(of_words(["keys"], "instrument")) == (0, 0, 0, always, always, 0)


def test_tasks_that_share_a_network_have_the_metrics_of_all():
    both = tasks.sharing(tasks.get("beat"), {"tempo": 0.1, "mood": 0.1})
    assert both.measures["f_measure"] == tasks.get("beat").measures["f_measure"]
    assert both.measures["tempo/acc1"] == tasks.get("tempo").measures["acc1"]
    assert both.measures["mood/distance"].better == "less"
    assert "mood/r2" not in both.measures  # which only a whole part has
    reference = Jams(
        SECONDS, REFERENCES["beat"][0].annotations + REFERENCES["tempo"][0].annotations
    )
    failed = both.failed(reference)
    assert failed["f_measure"] == failed["tempo/acc1"] == 0.0
    assert set(failed) <= set(both.measures)
    assert both.failed(REFERENCES["tempo"][0]) == {}


def test_every_label_has_its_own_metric():
    measures = tasks.get("genre", ("rock", "pop")).measures
    assert {name for name in measures if "/" in name} == {"f/rock", "f/pop"}
    assert {f"r2_{label}" for label in LABELS} < set(tasks.get("mood").measures)
