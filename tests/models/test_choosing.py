"""Decoder options are chosen on the validation part."""

import weakref
from dataclasses import dataclass

import numpy as np
import pytest

from deepmir import tasks
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.models import choosing
from deepmir.tasks.base import Metric, Task
from deepmir.tasks.combined import Combined
from deepmir.tasks.output import Output
from deepmir.tasks.shared.keys import LABELS


@dataclass(frozen=True)
class Loud(Task):
    """Whether a track is loud; the threshold is to be chosen."""

    name: str = "loud"
    namespaces: tuple[str, ...] = ("tag_open",)
    time_varying: bool = False
    primary: str = "accuracy"

    @property
    def measures(self):
        return {"accuracy": Metric(), "error": Metric("less", worst=1.0)}

    @property
    def output(self):
        return Output.of(("loud",), "sigmoid")

    def target(self, jams, grid):
        return None

    @property
    def deformations(self):
        return {}

    @property
    def choices(self):
        return {"threshold": (0.2, 0.4, 0.6, 0.8)}

    def decoder(self, frame_rate, threshold=0.5, offset=0.0):
        def decode(values):
            loud = bool(values[0] + offset > threshold)
            return [Annotation("tag_open", (Observation(0, 0, loud),))]

        return decode

    def metrics(self, reference, estimate):
        truth, guess = (jams.first("tag_open").values[0] for jams in (reference, estimate))
        if truth is None:
            return {}
        return {"accuracy": float(truth == guess), "error": float(truth != guess)}


def track(loud):
    return Jams(1.0, (Annotation("tag_open", (Observation(0, 0, loud),)),))


def chosen(task, activations, references, learned):
    choice = choosing.Choice(task, 1.0, learned)
    for values, reference in zip(activations, references, strict=True):
        choice.hear(values, reference)
    return choice.options()


def test_the_option_with_the_best_score_is_chosen_and_learned_ones_are_kept():
    activations = [np.array([x], np.float32) for x in (0.1, 0.5, 0.7, 0.9, 0.3)]
    references = [track(x) for x in (False, False, True, True, None)]
    assert chosen(Loud(), activations, references, {"offset": 0.0}) == {
        "offset": 0.0,
        "threshold": 0.6,
    }
    by_error = chosen(Loud(primary="error"), activations, references, {"offset": 0.0})
    assert by_error == {"offset": 0.0, "threshold": 0.6}
    shifted = chosen(Loud(), activations, references, {"offset": 0.2})
    assert shifted["threshold"] == pytest.approx(0.8)


def test_of_equal_options_the_first_is_taken():
    activations, references = [np.array([0.9], np.float32)], [track(True)]
    assert chosen(Loud(), activations, references, {})["threshold"] == 0.2


def test_options_are_chosen_for_every_task_that_shares_the_network():
    both = Combined(Loud(), ((Loud("also"), 0.1),))
    activations = [np.array([x, x - 0.3], np.float32) for x in (0.1, 0.5, 0.7, 0.9)]
    references = [track(x) for x in (False, False, True, True)]
    heard = zip(activations, references, strict=True)
    found = choosing.decoding(both, 1.0, heard, {"also": {"offset": 0.1}})
    assert found["decoder"] == {"threshold": 0.6, "also": {"offset": 0.1, "threshold": 0.4}}
    assert found["calibration"] == {}


def test_a_task_of_whole_tracks_gets_the_mean_of_the_frames(rng):
    both = tasks.sharing(tasks.get("beat"), {"key": 0.1})
    sure = np.zeros((30, 10, 26), np.float32)
    sure[:, :, 7] = rng.uniform(0, 0.5, (30, 10)) + np.linspace(0, 0.5, 30)[:, None]
    keys = [LABELS[5 if index > 15 else 6] for index in range(30)]
    references = [
        Jams(9.0, (Annotation("key_mode", (Observation(0.0, 9.0, key),)),)) for key in keys
    ]
    found = choosing.decoding(both, 50.0, zip(sure, references, strict=True), {})
    assert found["calibration"].keys() == {"key"}


def test_without_any_track_that_has_the_metric_nothing_is_chosen():
    activations, references = [np.array([0.9], np.float32)], [track(None)]
    assert chosen(Loud(), activations, references, {"offset": 0.0}) == {"offset": 0.0}


def test_confidences_of_the_validation_part_are_fitted_under_the_chosen_options(rng):
    task = tasks.get("key")
    sure = np.full((200, 24), 0.1 / 23, np.float32)
    sure[:, 5] = 0.9  # it is always sure, and right half of the time
    keys = [LABELS[5 if index % 2 else 6] for index in range(200)]
    references = [
        Jams(9.0, (Annotation("key_mode", (Observation(0.0, 9.0, key),)),)) for key in keys
    ]
    found = choosing.decoding(task, 5.0, zip(sure, references, strict=True), {})
    curve = found["calibration"]["key"]
    assert curve(np.array([0.9]))[0] == pytest.approx(0.5, abs=0.02)


def test_activations_are_not_kept():
    """For melodies and notes, those of the validation part need more memory than training."""
    given = []

    def heard():
        for value in (0.1, 0.9, 0.7, 0.3):
            assert sum(one() is not None for one in given) <= 1
            values = np.array([value], np.float32)
            given.append(weakref.ref(values))
            yield values, track(value > 0.5)
            del values

    assert choosing.decoding(Loud(), 1.0, heard(), {})["decoder"] == {"threshold": 0.4}


def test_what_states_no_confidence_has_no_curve():
    assert choosing.decoding(tasks.get("beat"), 50.0, [], {})["calibration"] == {}
