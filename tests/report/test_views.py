import mir_eval
import numpy as np
import pytest
from small_line import beats, key

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.report import views
from deepmir.report.views.base import Scene
from deepmir.report.views.key import described
from deepmir.tasks.shared.keys import LABELS

SEMITONES = 440.0 * 2 ** ((np.arange(48) - 33) / 12)  # from C2


def scene(reference, estimate, seconds=12.0, octaves=True):
    values = np.zeros((10, 48), dtype=np.float32)
    values[:, 7::12] = 1.0  # every G sounds
    both = [Jams(seconds, (annotation,)) for annotation in (reference, estimate)]
    return Scene(*both, seconds, values, SEMITONES, octaves)


WORTH = {"the same key": 1.0, "a fifth above": 0.5, "relative": 0.3, "parallel": 0.2}


@pytest.mark.parametrize("truth", range(24))
def test_relations_between_keys_are_those_that_are_scored(truth):
    for guess in range(24):
        words = described(truth, guess)
        score = next((worth for word, worth in WORTH.items() if word in words), 0.0)
        names = [LABELS[index].replace(":", " ") for index in (truth, guess)]
        assert score == mir_eval.key.weighted_score(*names), (names, words)


def test_keys_are_named_and_their_tonics_drawn_at_their_pitches():
    view = views.draw("key", scene(key("G:major"), key("D:major", 0.25)))
    words = dict(view.words)
    assert words["Reference"] == "G major"
    assert words["Predicted"] == "D major (confidence 0.25)"
    assert words["Relation"] == "a fifth above"
    lines = {
        kind: sorted(m.y1 for m in view.marks if m.kind == kind) for kind in ("right", "wrong")
    }
    assert lines["right"] == pytest.approx([1 - (bin + 0.5) / 48 for bin in (43, 31, 19, 7)])
    assert lines["wrong"] == pytest.approx([1 - (bin + 0.5) / 48 for bin in (38, 26, 14, 2)])
    assert all((m.x1, m.x2) == (0, 12.0) for m in view.marks)


def test_one_line_where_both_agree_on_the_tonic():
    view = views.draw("key", scene(key("A:minor"), key("A:major")))
    assert {mark.kind for mark in view.marks} == {"right"}
    assert len(view.marks) == 4


def test_the_profile_tells_what_sounds_and_what_belongs_to_each_scale():
    bars = {bar.label: bar for bar in views.draw("key", scene(key("C:major"), key("A:minor"))).bars}
    assert [name for name, bar in bars.items() if bar.height == 1] == ["G"]
    assert bars["G"].reference and not bars["G"].estimate  # A minor is harmonic: G sharp
    assert bars["A♭"].estimate and not bars["A♭"].reference
    assert views.draw("key", scene(key("C:major"), key("A:minor"), octaves=False)).bars == ()


def test_keys_are_spelt_as_they_are_printed():
    words = dict(views.draw("key", scene(key("Bb:minor"), key("F#:major"))).words)
    assert words["Reference"] == "B♭ minor"
    assert words["Predicted"] == "F♯ major"


def test_a_key_outside_the_24_is_no_key():
    words = dict(views.draw("key", scene(key("D:dorian"), key("D:minor"))).words)
    assert words["Reference"] == "none"
    assert "Relation" not in words


def test_beats_are_right_within_70_ms_and_downbeats_stronger():
    reference = beats([6.0, 7.0, 8.0, 9.0, 10.0])
    estimate = beats([6.06, 7.08, 8.0, 9.0, 9.5])
    view = views.draw("beat", scene(reference, estimate))
    above = [m.kind for m in view.marks if m.y1 < 0 and m.kind != "edge"]
    below = [m.kind for m in view.marks if m.y2 > 1 and m.kind != "edge"]
    assert above == ["right strong", "wrong", "right", "right", "wrong strong"]
    assert below == ["right strong", "wrong", "right", "right", "wrong strong"]
    assert dict(view.words)["Agreement"].startswith("3 of 5 beats found within 70 ms, 2 extra")
    assert [mark.x1 for mark in view.marks if mark.kind == "edge"] == [5.0]


def test_beats_outside_the_excerpt_are_counted_but_not_drawn():
    reference = beats(np.arange(0.0, 60.0, 0.5))
    view = views.draw("beat", scene(reference, reference, seconds=4.0))
    assert max(mark.x1 for mark in view.marks) <= 4.0
    assert dict(view.words)["Reference"] == "120 beats, 30 downbeats, 120 beats a minute"


@pytest.mark.parametrize(("factor", "words"), [(0.5, "twice the"), (2.0, "half the"), (1.2, None)])
def test_a_tempo_that_is_a_simple_multiple_is_said_to_be(factor, words):
    reference, estimate = (beats(np.arange(0.0, 12.0, step)) for step in (0.5, 0.5 * factor))
    predicted = dict(views.draw("beat", scene(reference, estimate)).words)["Predicted"]
    assert (f"({words} tempo)" in predicted) if words else "tempo)" not in predicted


def test_beats_halfway_between_those_of_the_reference_are_said_to_be():
    times = np.arange(0.0, 12.0, 0.5)
    for shift, off in ((0.25, True), (0.22, True), (0.0, False), (0.12, False)):
        view = views.draw("beat", scene(beats(times), beats(times + shift)))
        assert ("(on the off-beat)" in dict(view.words)["Predicted"]) == off


def test_clicks_are_of_the_prediction():
    estimate = beats([1.0, 1.5, 2.0, 2.5, 3.0])
    clicks = views.draw("beat", scene(beats([4.0]), estimate)).clicks
    assert clicks.strong.tolist() == [1.0, 3.0]
    assert clicks.weak.tolist() == [1.5, 2.0, 2.5]


def test_no_beats_and_no_positions_are_said():
    none, unplaced = Annotation("beat", ()), beats([6.0, 7.0], positions=False)
    words = dict(views.draw("beat", scene(unplaced, none)).words)
    assert words["Reference"].startswith("2 beats, no downbeats")
    assert words["Predicted"] == "no beats"
    assert words["Agreement"].startswith("0 of 2")


def test_a_task_without_a_view_is_listed():
    chords = Annotation("chord", tuple(Observation(float(t), 1.0, f"C:{t}") for t in range(20)))
    view = views.draw("chords", scene(chords, chords))
    assert dict(view.words)["Reference, chord"].startswith("C:0 at 0.00 s; C:1 at 1.00 s")
    assert dict(view.words)["Predicted, chord"].endswith("and 12 more")
    assert len([mark for mark in view.marks if mark.kind == "right"]) == 13  # 0 to 12 s


def lasting(namespace, *spans, **sandbox):
    observations = tuple(Observation(a, b - a, value) for a, b, value in spans)
    return Annotation(namespace, observations, sandbox=sandbox)


def test_chords_are_boxes_that_are_right_where_both_sides_agree_for_most_of_them():
    reference = lasting("chord", (0, 4, "C:maj"), (4, 12, "G:maj"))
    estimate = lasting("chord", (0, 5, "C:maj"), (5, 12, "A:min"))
    view = views.draw("chord", scene(reference, estimate, seconds=10.0))
    found = [(b.text, b.start, b.end, b.top < 0, b.right) for b in view.boxes]
    assert found == [
        ("C:maj", 0, 4, True, True),
        ("G:maj", 4, 10, True, False),
        ("C:maj", 0, 5, False, True),
        ("A:min", 5, 10, False, False),
    ]


@pytest.mark.parametrize(
    ("task", "namespace", "kind", "reference", "estimate"),
    [
        ("chord", "chord", {}, ["C", "A:min7"], ["C:maj", "A:min"]),
        ("chord", "chord", {}, ["C#:maj", "G:dim"], ["Db:maj", "G:dim"]),
        ("chord_large", "chord", {}, ["C", "A:min7/b3"], ["C:maj", "A:min7"]),
        (
            *("instrument", "tag_open", {"kind": "instrument"}),
            *(["acoustic bass", "ocarina"], ["bass", "flutes"]),
        ),
    ],
)
def test_names_that_are_scored_as_one_agree(task, namespace, kind, reference, estimate):
    sides = [
        lasting(namespace, *((4 * i, 4 * i + 4, name) for i, name in enumerate(names)), **kind)
        for names in (reference, estimate)
    ]
    assert [box.right for box in views.draw(task, scene(*sides)).boxes] == [True] * 4


def test_two_instruments_of_one_family_are_two():
    sides = [lasting("tag_open", (0, 8, name), kind="instrument") for name in ("flute", "ocarina")]
    assert [box.right for box in views.draw("instrument", scene(*sides)).boxes] == [False] * 2


def test_a_quadrant_is_read_from_valence_and_arousal():
    reference = Annotation("mood_thayer", (Observation(0.0, 9.0, [0.5, -0.5]),))
    estimate = lasting("tag_open", (0, 9, "content"), kind="mood")
    words = dict(views.draw("mood_quadrant", scene(reference, estimate)).words)
    assert words["Reference"] == "calm"
    assert words["Predicted"].startswith("content")


def test_instruments_that_sound_together_are_in_rows_that_do_not_touch():
    both = lasting("tag_open", (0, 8, "flute"), (2, 9, "drums"), kind="instrument")
    boxes = views.draw("instrument", scene(both, lasting("tag_open", kind="instrument"))).boxes
    (first, second) = boxes
    assert first.top + first.height == pytest.approx(second.top)


def contour(*hertz):
    points = ({"frequency": f, "index": 0, "voiced": f > 0} for f in hertz)
    return Annotation(
        "pitch_contour", tuple(Observation(0.05 * i, 0.0, v) for i, v in enumerate(points))
    )


def test_a_melody_is_a_line_that_is_red_where_it_is_off():
    reference, estimate = contour(220, 220, 220, 0), contour(221, 330, 0, 220)
    marks = views.draw("melody", scene(reference, estimate)).marks
    found = {kind: [round(m.x1, 2) for m in marks if m.kind == kind] for kind in ("right", "wrong")}
    assert found == {"right": [0.0], "wrong": [0.05, 0.15]}


def test_notes_are_dashes_at_their_frequencies_and_drums_are_none():
    note = lasting("note_midi", (1, 2, 60))
    drums = lasting("note_midi", (1, 2, 60), drums=True)
    jams = Jams(12.0, (note, drums))
    shown = views.draw("notes", Scene(jams, jams, 12.0, np.zeros((10, 48)), SEMITONES, True))
    assert [m.kind for m in shown.marks] == ["other strong", "right"]
    middle_c = scene(note, note).height(261.6256)
    assert [m.y1 for m in shown.marks] == pytest.approx([middle_c] * 2, abs=1e-5)


def test_what_is_said_of_the_whole_is_told_with_its_confidence():
    tags = Annotation(
        "tag_open",
        (Observation(0, 9, "slow", 0.2), Observation(0, 9, "fast", 0.9)),
        sandbox={"kind": "tags"},
    )
    mood = Annotation("mood_thayer", (Observation(0, 9, [0.5, -0.25]),))
    assert dict(views.draw("tagging", scene(tags, tags)).words)["Predicted"] == (
        "fast (0.90), slow (0.20)"
    )
    assert dict(views.draw("mood", scene(mood, mood)).words)["Reference"] == "+0.50 and -0.25"
