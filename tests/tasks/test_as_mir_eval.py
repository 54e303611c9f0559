"""Scores equal those of mir_eval for the same annotations, through the files of the evaluation.

The annotations beside this test are our own, in the form of mir_eval's regression data. With
`MIR_EVAL_DATA=<checkout of mir_eval>/tests/data` its own are scored too.
"""

import json
import os
import warnings
from pathlib import Path

import mir_eval
import numpy as np
import pytest

from deepmir import tasks
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation

OURS = Path(__file__).with_name("mir_eval_data")
THEIRS = os.environ.get("MIR_EVAL_DATA", "")

DETECTION = {"F-measure": "f_measure", "Precision": "precision", "Recall": "recall"}
CHORDS = ("root", "thirds", "majmin", "triads", "sevenths", "tetrads", "mirex")
CHORDS += ("thirds_inv", "majmin_inv", "triads_inv", "sevenths_inv", "tetrads_inv")
CHORDS += ("underseg", "overseg", "seg")

# By module of mir_eval: our task, and our name of each of its metrics that we have.
METRICS = {
    "beat": (
        "beat",
        {
            "F-measure": "f_measure",
            "Cemgil": "cemgil",
            "Correct Metric Level Continuous": "cmlc",
            "Correct Metric Level Total": "cmlt",
            "Any Metric Level Continuous": "amlc",
            "Any Metric Level Total": "amlt",
            "Information gain": "information_gain",
        },
    ),
    "onset": ("onset", DETECTION),
    "tempo": (
        "tempo",
        {"P-score": "p_score", "One-correct": "one_correct", "Both-correct": "both_correct"},
    ),
    "key": ("key", {"Weighted Score": "weighted"}),
    "chord": ("chord_large", dict(zip(CHORDS, CHORDS, strict=True))),
    "melody": (
        "melody",
        {
            "Overall Accuracy": "overall_accuracy",
            "Raw Pitch Accuracy": "raw_pitch",
            "Raw Chroma Accuracy": "raw_chroma",
            "Voicing Recall": "voicing_recall",
            "Voicing False Alarm": "voicing_false_alarm",
        },
    ),
    "segment": (
        "structure",
        {
            "F-measure@3.0": "f_3",
            "F-measure@0.5": "f_05",
            "Ref-to-est deviation": "deviation_ref_to_est",
            "Est-to-ref deviation": "deviation_est_to_ref",
            "Pairwise F-measure": "pairwise_f",
            "NCE F-measure": "entropy_f",
            "NCE Over": "entropy_over",
            "NCE Under": "entropy_under",
        },
    ),
    "transcription": (
        "notes",
        {"F-measure_no_offset": "note_f", "F-measure": "note_f_offset"},
    ),
}


def observed(module, path):
    """The annotation in a file of mir_eval's."""
    load = mir_eval.io
    if module in ("beat", "onset"):
        return module, [Observation(t) for t in load.load_events(path)]
    if module == "tempo":
        bpm, weight = load.load_tempo(path)[:2]
        pairs = zip(bpm, (weight, 1 - weight), strict=True)
        return "tempo", [Observation(0.0, 0.0, float(t), float(w)) for t, w in pairs]
    if module == "key":
        key = load.load_key(path)
        return "key_mode", [Observation(0.0, 0.0, ":".join(key.split()).replace("X", "N"))]
    if module == "melody":
        series = zip(*load.load_time_series(path), strict=True)
        values = ((t, {"frequency": abs(f), "index": 0, "voiced": bool(f > 0)}) for t, f in series)
        return "pitch_contour", [Observation(t, 0.0, value) for t, value in values]
    if module == "transcription":
        intervals, hertz = load.load_valued_intervals(path)
        values = (69 + 12 * np.log2(hertz / 440)).tolist()
    else:
        intervals, values = load.load_labeled_intervals(path)
    namespace = {"transcription": "note_midi", "segment": "segment_open"}.get(module, module)
    rows = zip(intervals, values, strict=True)
    return namespace, [Observation(a, b - a, value) for (a, b), value in rows]


def scored(module, folder, number, tmp_path):
    """Our scores of a pair of files, converted to JAMS files as in the evaluation."""
    sides = []
    for kind in ("ref", "est"):
        (path,) = folder.glob(f"{kind}{number}.*")
        namespace, found = observed(module, str(path))
        end = max((o.time + o.duration for o in found), default=0.0)
        written = tmp_path / f"{kind}.jams"
        annotations.write(written, Jams(end, (Annotation(namespace, tuple(found)),)))
        sides.append(annotations.read(written))
    return tasks.get(METRICS[module][0]).metrics(*sides)


def compare(root, module, tmp_path):
    compared = []
    for output in sorted((root / module).glob("output*.json")):
        number = output.stem.removeprefix("output")
        if not all([*(root / module).glob(f"{kind}{number}.*")] for kind in ("ref", "est")):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of mir_eval, about comments and empty files
            ours = scored(module, root / module, number, tmp_path)
        theirs = json.loads(output.read_text())
        for name, own in METRICS[module][1].items():
            # What is not defined, mir_eval calls 0 and we leave out.
            value = ours.get(own, 0.0)
            assert value == pytest.approx(float(theirs[name]), abs=1e-9), (output, name)
        compared.append(number)
    return compared


@pytest.mark.parametrize("module", METRICS)
def test_the_scores_of_our_annotations_are_those_of_mir_eval(module, tmp_path):
    assert len(compare(OURS, module, tmp_path)) >= 3


@pytest.mark.skipif(not THEIRS, reason="MIR_EVAL_DATA names no checkout of mir_eval's tests/data")
@pytest.mark.parametrize("module", METRICS)
def test_the_scores_of_the_regression_data_of_mir_eval_are_those_that_it_recorded(module, tmp_path):
    if not compare(Path(THEIRS), module, tmp_path):
        pytest.skip(f"MIR_EVAL_DATA has no complete pair of {module}")
