"""The tempo of a recording, from its own network and from the beats."""

from dataclasses import replace

import numpy as np
import pytest
import untrained

import deepmir
from deepmir.analysis import engine
from deepmir.analysis.agreed_tempo import agreed
from deepmir.errors import DeepmirError
from deepmir.files import audio
from deepmir.files.annotations import Annotation, Observation


def tempi(*pairs):
    rows = tuple(Observation(0.0, 30.0, bpm, weight) for bpm, weight in pairs)
    return Annotation("tempo", rows, sandbox={"task": "tempo", "model": "t"})


def beats(bpm, count=40):
    times = 0.3 + np.arange(count) * 60 / bpm
    rows = tuple(Observation(float(time), 0.0, 1) for time in times)
    return Annotation("beat", rows, sandbox={"task": "beat", "model": "b"})


@pytest.mark.parametrize(
    ("stated", "bpm", "said"),
    [
        ([(120, 1.0)], 121, [(121, 1.0)]),
        ([(120, 0.8), (60, 0.2)], 121, [(121, 0.9), (60, 0.1)]),
        ([(120, 0.8), (60, 0.2)], 60.5, [(60.5, 0.6), (120, 0.4)]),
        ([(120, 0.8), (60, 0.2)], 180, [(180, 1 / 1.8), (120, 0.8 / 1.8)]),
        ([], 90, [(90, 1.0)]),
    ],
)
def test_each_witness_counts_half_and_the_beats_come_first(stated, bpm, said):
    other = Annotation("onset", (Observation(1.0),), sandbox={"task": "onset"})
    found = agreed([tempi(*stated), other, beats(bpm)], 30.0)
    assert [a.namespace for a in found] == ["tempo", "onset", "beat"]
    assert [o.value for o in found[0].observations] == [pytest.approx(v, abs=1e-3) for v, _ in said]
    weights = [o.confidence for o in found[0].observations]
    assert weights == [pytest.approx(w, abs=1e-6) for _, w in said]
    assert {(o.time, o.duration) for o in found[0].observations} == {(0.0, 30.0)}
    assert found[0].sandbox == {"task": "tempo", "model": "t", "beats": "b"}
    assert found[1:] == [other, beats(bpm)]


def test_without_beats_the_tempo_is_that_of_its_network_and_less_certain():
    given = tempi((120, 0.8), (60, 0.2))
    assert agreed([given], 30.0) == [given]
    found = agreed([given, beats(90, count=3)], 30.0)[0].observations
    assert [(o.value, o.confidence) for o in found] == [(120, 0.4), (60, 0.1)]


def test_a_tempo_is_the_same_whatever_else_is_asked_for(folder, tmp_path):
    models = {"beat": folder / "beat", "tempo": untrained.save(tmp_path / "tempo", "tempo")}
    samples = untrained.pulses(10.0)
    whole, alone, bare = (
        deepmir.analyze(samples, untrained.RATE, tasks, models)
        for tasks, models in (
            (None, models),
            (["tempo"], models),
            (["tempo"], {"tempo": tmp_path / "tempo"}),
        )
    )
    assert whole.tempo == alone.tempo
    assert whole.tempo.bpm == pytest.approx(60 / np.median(np.diff(whole.beats.times)), abs=1e-3)
    assert [a.namespace for a in alone.jams.annotations] == ["tempo"]
    assert list(alone.sources) == ["tempo"]
    assert alone.beats is None
    assert "beats" not in bare.jams.annotations[0].sandbox
    assert bare.tempo is not None


def test_a_broken_network_for_the_beats_is_named(folder, tmp_path):
    models = {"beat": tmp_path / "broken", "tempo": untrained.save(tmp_path / "tempo", "tempo")}
    with pytest.raises(DeepmirError, match="broken"):
        deepmir.analyze(untrained.pulses(6.0), untrained.RATE, ["tempo"], models)


def test_beats_that_cannot_be_told_are_no_failure_of_the_tempo(folder, tmp_path):
    def refuse(activations):
        raise DeepmirError("too short for beats")

    models = {"beat": folder / "beat", "tempo": untrained.save(tmp_path / "tempo", "tempo")}
    tempo, beat = engine.load_networks(["tempo"], models)
    source = audio.from_samples(untrained.pulses(6.0), untrained.RATE)
    found = engine.analyze_source(source, [tempo, replace(beat, decode=refuse)])
    assert found.tempo is not None
    assert engine.left_out(found) == {}
