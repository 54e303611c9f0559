import shutil
import subprocess
import sys

import numpy as np
import pytest
import untrained

import deepmir
from deepmir import tasks
from deepmir.analysis import activations, answers, engine, models, windows
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction
from deepmir.files import annotations, decoding, ffmpeg
from deepmir.files.annotations import Annotation, Observation
from deepmir.models import model
from deepmir.models.card import BaselineCard, write_card

RATE = untrained.RATE


def test_import_deepmir_imports_nothing_heavy():
    code = (
        "import sys, deepmir; deepmir.__all__; "
        "print([m for m in ('torch', 'librosa', 'numpy', 'scipy', 'numba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_analysis_needs_no_librosa_and_one_task_no_other(folder, tmp_path):
    untrained.write(tmp_path / "a.wav", untrained.pulses(3.0))
    code = (
        "import sys, deepmir; "
        f"deepmir.analyze({str(tmp_path / 'a.wav')!r}, tasks=['onset'], models={str(folder)!r}); "
        "print([m for m in ('librosa', 'music21', 'mirdata', 'sklearn', 'numba', 'matplotlib',"
        "'deepmir.tasks.beat') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", deepmir.__all__)
def test_every_name_of_the_ladder_is_there(name):
    assert getattr(deepmir, name).__doc__


def test_another_name_is_not():
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        _ = deepmir.analyse


def test_the_rungs_of_the_ladder_say_the_same(folder, tmp_path):
    samples = untrained.levelled(untrained.pulses(6.0))
    path = untrained.write(tmp_path / "a.wav", samples, subtype="FLOAT")
    features = untrained.MEL(samples).astype(np.float16)
    lowest = deepmir.activations_from_representation(features, "onset", models=folder)
    middle = deepmir.activations_from_samples(samples, RATE, tasks=["onset"], models=folder)
    highest = deepmir.activations_from_file(path, tasks=["onset"], models=folder)
    assert lowest.frame_rate == 50.0
    assert lowest.values.shape == (len(features), 1)
    np.testing.assert_array_equal(lowest.values, middle["onset"].values)
    np.testing.assert_array_equal(lowest.values, highest["onset"].values)
    assert list(middle) == ["onset"]


def test_an_analysis_is_what_the_decoder_makes_of_the_activations(folder, tmp_path):
    samples = untrained.pulses(8.0)
    path = untrained.write(tmp_path / "a.wav", samples, subtype="FLOAT")
    analysis = deepmir.analyze(path, models=folder)
    for one in models.load(models.find(folder)):
        values = one.representation(untrained.levelled(samples)).astype(np.float16)
        said = prediction.activations(model.load(one.folder)[0], one.card, values)
        (expected,) = one.decode(said)
        (found,) = (a for a in analysis.jams.annotations if a.sandbox["task"] == one.card.task)
        assert found.namespace == expected.namespace
        inside = expected.times <= 8.0
        assert len(found.observations) == inside.sum()
        np.testing.assert_allclose(found.times, expected.times[inside], atol=1e-5)


def test_everything_says_where_it_comes_from(folder):
    analysis = deepmir.analyze(untrained.pulses(8.0), RATE, models=folder)
    assert {a.sandbox["task"] for a in analysis.jams.annotations} == set(untrained.NETWORKS)
    for annotation in analysis.jams.annotations:
        about = annotation.sandbox
        assert about["model"] == f"{about['task']}-tiny"
        assert (about["data_hash"], about["commit"]) == ("da7a", "c0de")
        assert about["version"] == deepmir.__version__
        assert annotation.tool == f"deepmir {deepmir.__version__} {about['model']}"
    assert analysis.sources["beat"].model == "beat-tiny"
    assert engine.left_out(analysis) == {}
    assert analysis.path is None


def test_nothing_is_outside_of_the_recording_and_sections_fill_it(folder):
    analysis = deepmir.analyze(untrained.pulses(7.77), RATE, models=folder)
    assert analysis.duration == pytest.approx(7.77, abs=1e-4)
    for annotation in analysis.jams.annotations:
        assert (annotation.intervals <= analysis.duration + 1e-6).all()
    assert analysis.sections[0].start == 0
    assert analysis.sections[-1].end == pytest.approx(analysis.duration, abs=1e-6)


def test_only_the_tasks_asked_for_are_answered(folder):
    analysis = deepmir.analyze(untrained.pulses(5.0), RATE, tasks=["key"], models=folder)
    assert analysis.key is not None
    assert analysis.beats is analysis.melody is analysis.sections is None
    assert [a.namespace for a in analysis.jams.annotations] == ["key_mode"]
    assert analysis.jams.annotations[0].observations[0].duration == pytest.approx(5.0)


def test_the_same_recording_is_analysed_the_same(folder, tmp_path):
    samples = untrained.pulses(8.0)
    for name in ("a", "b"):
        analysis = deepmir.analyze(samples, RATE, models=folder)
        annotations.write(tmp_path / name, analysis.jams)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_auxiliary_task_is_answered_where_no_other_network_is_for_it(tmp_path):
    folder = untrained.save(tmp_path / "beat", "beat", auxiliary={"tempo": 0.1})
    samples = untrained.pulses(5.0)
    said = deepmir.activations_from_samples(samples, RATE, models=tmp_path)
    assert said["beat"].labels == ("beat", "downbeat")
    assert said["beat"].values.shape[1] == 2
    assert said["tempo"].values.shape == (256,)
    assert said["tempo"].frame_rate is None
    analysis = deepmir.analyze(samples, RATE, models=tmp_path)
    assert [a.namespace for a in analysis.jams.annotations] == ["tempo", "beat"]
    assert {analysis.sources[task].model for task in ("tempo", "beat")} == {"beat-tiny"}
    (trained,) = models.load({"beat": folder})
    features = trained.representation(untrained.levelled(samples)).astype(np.float16)
    together = trained.trained_for.decoder(trained.representation.frame_rate)
    _, tempo = together(prediction.activations(model.load(folder)[0], trained.card, features))
    alone = deepmir.analyze(samples, RATE, models={"tempo": folder}).jams.annotations[0]
    assert alone.values == [pytest.approx(value, abs=2e-3) for value in tempo.values]

    untrained.save(tmp_path / "tempo", "tempo")
    found = models.find(tmp_path)
    assert found == {"tempo": tmp_path / "tempo", "beat": folder}
    with pytest.raises(DeepmirError, match="for the task beat, not for onset"):
        models.load({"onset": folder})
    with pytest.raises(DeepmirError, match=r"no model for the task key \(available: tempo, beat\)"):
        models.find(folder, ["key"])


@pytest.mark.parametrize(
    ("seconds", "missing"), [(1.2, {"tempo", "beat", "structure"}), (0.7, {"key"})]
)
def test_what_is_too_short_for_a_task_is_left_out_with_the_reason(folder, seconds, missing):
    analysis = deepmir.analyze(untrained.pulses(seconds), RATE, models=folder)
    reasons = engine.left_out(analysis)
    too_short = {t for t in untrained.NETWORKS if tasks.get(t).shortest > seconds}
    assert set(reasons) == too_short and missing & set(untrained.NETWORKS) <= too_short
    assert all(f"it lasts {seconds:.2f} s and needs" in why for why in reasons.values())
    assert set(analysis.sources) == set(untrained.NETWORKS) - too_short


@pytest.mark.parametrize("seconds", [0.002, 0.01, 0.05])
def test_too_short_for_all_that_is_asked_is_an_error(folder, seconds):
    with pytest.raises(DeepmirError, match="key: too short: it lasts 0.* s and needs 1 s"):
        deepmir.analyze(untrained.pulses(seconds), RATE, models=folder)


@pytest.mark.parametrize("task", [t for t in untrained.NETWORKS if tasks.get(t).piecewise])
def test_decoding_in_pieces_changes_nothing(folder, task, monkeypatch):
    samples = untrained.pulses(30.0)
    whole = deepmir.analyze(samples, RATE, tasks=[task], models=folder)
    monkeypatch.setattr(answers, "DECODED", 7.0)
    monkeypatch.setattr(answers, "OVERLAP", 2.0)
    pieces = deepmir.analyze(samples, RATE, tasks=[task], models=folder)
    for a, b in zip(whole.jams.annotations, pieces.jams.annotations, strict=True):
        np.testing.assert_allclose(a.times, b.times, atol=1e-6)
        same = [x == y for x, y in zip(a.values, b.values, strict=True)]
        assert np.mean(same) > 0.99


@pytest.mark.parametrize("counts", [[5], [3, 4], [10, 1, 1], [7, 20, 2], [6, 6]])
def test_pieces_are_decoded_with_their_overlap_and_kept_once(counts, monkeypatch):
    monkeypatch.setattr(answers, "DECODED", 2.5)
    monkeypatch.setattr(answers, "OVERLAP", 1.0)

    class Said:
        class task:
            piecewise, shortest = True, 0.0

        class representation:
            frame_rate = 2.0

        @staticmethod
        def decode(values):
            rows = [Observation(k / 2, 0.0, float(v)) for k, v in enumerate(values[:, 0])]
            return [Annotation("any", tuple(rows))]

    heard = answers.Answer(Said, sum(counts) / 2)
    numbers = iter(np.arange(sum(counts), dtype=np.float32))
    for n in counts:
        heard.take(np.array([[next(numbers)] for _ in range(n)], np.float32))
    (found,) = heard.found()
    assert found.values == list(range(sum(counts)))
    assert found.times.tolist() == [value / 2 for value in found.values]


def test_a_network_of_several_tasks_is_run_once(tmp_path, monkeypatch):
    untrained.save(tmp_path / "melody", "melody", auxiliary={"onset": 1.0, "tempo": 0.1})
    samples, runs, run = untrained.pulses(5.0), [], windows.run

    def counted(*given):
        runs.append(given)
        return run(*given)

    monkeypatch.setattr(windows, "run", counted)
    said = deepmir.activations_from_samples(samples, RATE, models=tmp_path)
    together = deepmir.analyze(samples, RATE, models=tmp_path)
    assert len(runs) == 2
    assert list(said) == list(together.sources) == ["tempo", "onset", "melody"]
    for task, values in said.items():
        (alone,) = deepmir.analyze(samples, RATE, [task], tmp_path).jams.annotations
        assert alone in together.jams.annotations
        only = deepmir.activations_from_samples(samples, RATE, [task], tmp_path)[task]
        np.testing.assert_array_equal(only.values, values.values)


def test_of_tasks_that_share_a_network_one_can_be_too_short(tmp_path):
    untrained.save(tmp_path / "melody", "melody", auxiliary={"tempo": 0.1})
    analysis = deepmir.analyze(untrained.pulses(0.7), RATE, models=tmp_path)
    assert list(analysis.sources) == ["melody"]
    assert "too short" in engine.left_out(analysis)["tempo"]


@pytest.mark.parametrize(
    ("samples", "rate", "message"),
    [
        (np.zeros(RATE, np.float32), RATE, "the samples: silent"),
        (np.zeros(0, np.float32), RATE, "the samples: it contains no samples"),
        (np.full(RATE, np.nan, np.float32), RATE, "not finite"),
        (np.ones((2, RATE), np.float32), RATE, r"shape \(2, 22050\)"),
        (np.ones((2, 2, 2), np.float32), RATE, r"shape \(2, 2, 2\)"),
        (np.ones(RATE, np.int16), RATE, "must be floats"),
        (np.ones(RATE, np.float32), 0, "sample rate is 0"),
        (np.ones(RATE, np.float32), None, "need a sample_rate"),
    ],
)
def test_samples_that_cannot_be_used(folder, samples, rate, message):
    with pytest.raises(DeepmirError, match=message):
        deepmir.analyze(samples, rate, models=folder)


def test_a_file_knows_its_own_rate(folder):
    with pytest.raises(DeepmirError, match="a file has its own"):
        deepmir.analyze("a.wav", RATE, models=folder)


def test_stereo_samples_are_downmixed(folder):
    mono = untrained.pulses(4.0)
    both = np.stack([2 * mono, np.zeros_like(mono)], axis=1)
    said = [
        activations.activations_from_samples(x, RATE, ["onset"], folder)["onset"].values
        for x in (mono, both)
    ]
    np.testing.assert_allclose(*said, atol=1e-6)


# Models ------------------------------------------------------------------------------------------


def test_models_are_found_by_their_cards_whatever_their_folders_are_called(tmp_path):
    untrained.save(tmp_path / "my-best", "key")
    untrained.save(tmp_path / "another", "onset")
    (tmp_path / "notes.txt").write_text("not a model")
    assert models.find(tmp_path) == {"key": tmp_path / "my-best", "onset": tmp_path / "another"}
    assert models.find(tmp_path / "another") == {"onset": tmp_path / "another"}


def test_a_baseline_among_the_models_is_none(tmp_path):
    untrained.save(tmp_path / "key", "key")
    card = BaselineCard(name="onset-superflux", task="onset", method="d1")
    write_card(tmp_path / "onset-superflux", card)
    assert set(models.find(tmp_path)) == {"key"}


def test_two_models_of_one_task_are_refused_by_name_where_it_is_wanted(tmp_path):
    for name, task in (("one", "key"), ("two", "key"), ("three", "onset")):
        untrained.save(tmp_path / name, task)
    with pytest.raises(DeepmirError, match="one and .*two are both models for the task key"):
        models.find(tmp_path)
    assert models.find(tmp_path, ["onset"]) == {"onset": tmp_path / "three"}


def test_a_task_that_is_misspelt_or_has_no_model(folder):
    with pytest.raises(DeepmirError, match="no task 'beats' .*'beat'"):
        models.find(folder, ["beats"])
    with pytest.raises(DeepmirError, match="no model for the task tempo .*key"):
        models.find(folder, ["tempo"])


def test_no_models_at_all(tmp_path):
    with pytest.raises(DeepmirError, match="no such folder"):
        models.find(tmp_path / "nowhere")
    with pytest.raises(DeepmirError, match="no model found"):
        models.find(tmp_path)


def test_a_model_is_loaded_once_and_again_when_it_changes(tmp_path):
    untrained.save(tmp_path / "key", "key")
    (first,) = models.load(models.find(tmp_path))
    (again,) = models.load(models.find(tmp_path))
    assert again.network is first.network
    untrained.save(tmp_path / "key", "key", seed=1)
    (other,) = models.load(models.find(tmp_path))
    assert other.network is not first.network


def test_the_model_of_another_task_is_refused(folder):
    with pytest.raises(DeepmirError, match="for the task onset, not for beat"):
        models.load({"beat": folder / "onset"})


# Decoding ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [8000, 48000])
def test_ffmpeg_gives_what_libsndfile_gives(tmp_path, channels, rate):
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    rng = np.random.default_rng(0)
    samples = rng.uniform(-0.5, 0.5, (3 * rate + 17, channels)).astype(np.float32)
    path = untrained.write(tmp_path / "a.wav", samples, rate, subtype="FLOAT")
    plain, piped = decoding.decode(path), ffmpeg.decode(path, 0.0)
    assert plain.sample_rate == piped.sample_rate == rate
    one, two = (np.concatenate([b.copy() for b in s.blocks]) for s in (plain, piped))
    np.testing.assert_allclose(one, two, atol=1e-6)
