import numpy as np
import pytest

from deepmir import tasks
from deepmir.baselines import popularity
from deepmir.baselines.shared import examples
from deepmir.baselines.shared.lesson import Lesson
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.models.card import read_card

SILENCE = np.zeros(10, dtype=np.float32)


def of(kind, *words):
    observations = tuple(Observation(0.0, 5.0, word) for word in words)
    return SILENCE, Jams(5.0, (Annotation("tag_open", observations, sandbox={"kind": kind}),))


def fitted(folder, task, examples):
    parts = {"train": examples, "validation": []}
    popularity.fit(Lesson(folder, "x", task, parts, 8000, {"commit": "c"}))
    return popularity.annotator(folder, task, 8000)


def test_every_tag_gets_its_share(tmp_path):
    task = tasks.get("tagging", ("a", "b", "c"))
    tagged = [of("tags", "a", "b"), of("tags", "a"), of("tags"), of("tags", "a")]
    annotate = fitted(tmp_path, task, [*tagged, (SILENCE, Jams(5.0, ()))])
    (found,) = annotate(SILENCE)
    assert found.values == ["a", "b", "c"]
    assert [o.confidence for o in found.observations] == [0.75, 0.25, 0.0]
    card = read_card(tmp_path)
    assert (card.labels, card.activation) == (("a", "b", "c"), "sigmoid")
    assert not (tmp_path / "history.csv").exists()  # nothing was chosen on validation data


def test_a_tag_that_begins_late_counts_as_the_recording_has_it(tmp_path):
    task = tasks.get("tagging", ("a", "b"))
    tags = (Observation(0.0, 30.0, "a"), Observation(6.0, 24.0, "b"))
    late = Jams(30.0, (Annotation("tag_open", tags, sandbox={"kind": "tags"}),))
    (found,) = fitted(tmp_path, task, [(SILENCE, late)])(SILENCE)
    assert [o.confidence for o in found.observations] == pytest.approx([1.0, 0.8])
    assert examples.whole(late).end == 30.0


def test_the_most_frequent_genre_comes_first(tmp_path):
    task = tasks.get("genre", ("a", "b", "c"))
    annotate = fitted(tmp_path, task, [of("genre", w) for w in "abbx"])
    (found,) = annotate(SILENCE)
    assert found.values == ["b", "a"]
    assert task.metrics(of("genre", "b")[1], Jams(5.0, (found,))) == {"accuracy": 1.0}


def test_a_part_without_annotations_is_refused(tmp_path):
    with pytest.raises(DeepmirError, match="genre"):
        fitted(tmp_path, tasks.get("genre"), [(SILENCE, Jams(5.0, ()))])
