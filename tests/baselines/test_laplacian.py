import numpy as np
import pytest

from deepmir import tasks
from deepmir.baselines import laplacian
from deepmir.files.annotations import Annotation, Jams, Observation

RATE = 22050


def features(form, beats, rng, size=12):
    """Features of beats, determined by their section, shape (size, beats)."""
    kinds = {kind: rng.normal(size=(size, beats)) for kind in sorted(set(form))}
    columns = np.hstack([kinds[kind] for kind in form])
    return columns + 0.05 * rng.normal(size=columns.shape)


def test_an_affinity_is_symmetric_and_tells_repetitions():
    rng = np.random.default_rng(0)
    harmony, timbre = features("ABA", 20, rng), features("ABA", 20, rng)
    graph = laplacian.affinity(harmony, timbre)
    assert graph.shape == (60, 60)
    np.testing.assert_allclose(graph, graph.T)
    assert graph.min() >= 0
    repeated = np.mean([graph[i, i + 40] for i in range(5, 15)])
    others = np.mean([graph[i, i + 20] for i in range(5, 15)])
    assert repeated > 10 * others


def test_parts_of_a_graph_that_hang_together_are_clusters():
    graph = np.kron(np.eye(3), np.ones((15, 15))) + 0.01
    found = laplacian.spectral_clusters(graph, 3)
    assert len(set(found.tolist())) == 3
    for block in found.reshape(3, 15):
        assert len(set(block.tolist())) == 1


def test_sections_of_a_repeating_piece(monkeypatch, tmp_path):
    rng = np.random.default_rng(1)
    form = "ABCABDABCE"
    timbres = {kind: rng.normal(size=(12, 1)).repeat(20, axis=1) for kind in "ABCDE"}
    timbre = np.hstack([timbres[kind] for kind in form]) + 0.05 * rng.normal(size=(12, 200))
    starts = 0.5 * np.arange(200)
    found = (starts, features(form, 20, rng), timbre)
    monkeypatch.setattr(laplacian, "beat_features", lambda samples, rate: found)
    task = tasks.get("structure")
    annotate = laplacian.annotator(tmp_path, task, RATE)
    estimate = Jams(100.0, tuple(annotate(np.zeros(100 * RATE, dtype=np.float32))))
    edges = np.arange(0, 101, 10.0)
    observations = tuple(
        Observation(a, 10.0, kind) for a, kind in zip(edges[:-1].tolist(), form, strict=True)
    )
    reference = Jams(100.0, (Annotation("segment_open", observations),))
    scores = task.metrics(reference, estimate)
    assert scores["f_3"] > 0.6
    assert scores["pairwise_f"] > 0.5
    (annotation,) = estimate.annotations
    intervals = annotation.intervals
    np.testing.assert_allclose(intervals[1:, 0], intervals[:-1, 1])
    assert (intervals[0, 0], intervals[-1, 1]) == (0, 100)


def test_audio_to_beats_with_features():
    rng = np.random.default_rng(2)
    t = np.arange(8 * RATE) / RATE
    clicks = np.exp(-30 * (t % 0.5)) * rng.standard_normal(len(t))
    starts, harmony, timbre = laplacian.beat_features(clicks.astype(np.float32), RATE)
    assert starts[0] == 0
    assert (np.diff(starts) > 0).all()
    assert 12 <= len(starts) <= 18
    assert harmony.shape == (252, len(starts))
    assert timbre.shape == (13, len(starts))


@pytest.mark.parametrize("seconds", [2.0, 5.0])
def test_a_short_or_silent_recording_is_one_section(seconds, tmp_path):
    annotate = laplacian.annotator(tmp_path, tasks.get("structure"), RATE)
    (found,) = annotate(np.zeros(round(seconds * RATE), dtype=np.float32))
    assert found.values == ["A"]
    np.testing.assert_allclose(found.intervals, [[0, seconds]])
