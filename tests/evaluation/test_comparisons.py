"""Systems that fail on test tracks, scored and compared: from JAMS files, with manual results."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import tiny
from deepmir import cli, paths
from deepmir.datasets import duplicates, splits
from deepmir.datasets.index import Member, Track, write_index
from deepmir.declarations import entries, loading
from deepmir.errors import DeepmirError
from deepmir.evaluation import results, scoring
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.files.writing import hash_file
from deepmir.report import terminal
from deepmir.tasks import mood

SECONDS = 20.0
MEL = {"kind": "mel", "hop": 441, "window": 1024, "bins": 20}


def said(namespace, *values):
    """A recording annotated with these values, each for its whole duration."""
    observations = tuple(Observation(0.0, SECONDS, value) for value in values)
    sandbox = {"kind": "tags"} if namespace == "tag_open" else {}
    return Jams(SECONDS, (Annotation(namespace, observations, sandbox=sandbox),))


def moods(*points):
    return {f"t{i}": said("mood_thayer", [x, x]) for i, x in enumerate(points)}


def keys(*names):
    return {f"t{i}": said("key_mode", name) for i, name in enumerate(names)}


def write_data(references):
    tracks = []
    for name, jams in references.items():
        audio, path = Path(f"{name}.wav"), Path(f"{name}.jams")
        audio.write_text(name)
        annotations.write(path, jams)
        tracks.append(Track.of(name, Member(name, ""), audio, path, "CC0"))
    write_index(paths.index("set", 0), tracks)
    splits.write(paths.split("set"), dict.fromkeys(references, "test"))
    duplicates.write(paths.duplicates(["set"], 22050), [])


def write_predictions(name, data, estimates):
    """Write a system's predictions for the tracks; it fails on missing ones."""
    failed = [track.id for track in data.divided.test if track.id not in estimates]
    for track, jams in estimates.items():
        annotations.write(paths.prediction(name, track), jams)
    listing = {
        "data_hash": data.data_hash,
        "split_hash": data.split_hash,
        "model_hash": "",
        "tracks": [
            {"track": track, "sha256": hash_file(paths.prediction(name, track))}
            for track in estimates
        ],
        "failures": [{"track": track, "reason": "a bug"} for track in failed],
    }
    paths.predictions(name).parent.mkdir(parents=True, exist_ok=True)
    paths.predictions(name).write_text(json.dumps(listing))


@pytest.fixture
def compared(tmp_path, monkeypatch):
    """A function that scores `ours`, a network, and `theirs`, a baseline, and compares the two."""
    monkeypatch.chdir(tmp_path)

    def compare(task, references, **systems):
        network = "c2(4,3x3) - p1(2) - d1"
        ours = {"dataset": "set", "task": task, "representation": "mel", "network": network}
        method = {"key": "krumhansl", "tagging": "mfcc_logistic", "beat": "librosa_beats"}
        theirs = {"dataset": "set", "task": task, "method": method.get(task, "mfcc_ridge")}
        raw = {
            "datasets": {"set": {"source": "folder", "path": "set", "shards": 1}},
            "representations": {"mel": MEL},
            "experiments": {name: ours for name in systems if name.startswith("our")},
            "baselines": {"theirs": theirs},
            "evaluation": {"bootstrap": 500},
        }
        Path("params.yaml").write_text(json.dumps(raw))
        params = loading.parse(raw)
        write_data(references)
        for name, estimates in systems.items():
            write_predictions(name, tiny.corpus_of(params, "set"), estimates)
            scoring.evaluate(entries.resolve(params, name))
        found = results.read(entries.shown(params))
        return params, {r.name: r for r in found}, results.comparisons(found[0], found)

    return compare


TRUE = moods(-0.6, -0.2, 0.2, 0.6)  # of variance 0.2
NEUTRAL = moods(0, 0, 0, 0)


def without(track, estimates):
    return {name: jams for name, jams in estimates.items() if name != track}


@pytest.mark.parametrize(
    ("ours", "theirs", "r2"),
    [
        (TRUE, NEUTRAL, (1.0, 0.0)),
        # What fails at 0.6 counts as -1: 1.6^2 / 4 = 0.64 of error, 1 - 0.64 / 0.2 = -2.2.
        (NEUTRAL, without("t3", TRUE), (0.0, -2.2)),
        (without("t3", TRUE), NEUTRAL, (-2.2, 0.0)),
        # The other three are 0.36 + 0.04 + 0.04 more: 1 - 3 / 4 / 0.2 = -2.75.
        (without("t3", NEUTRAL), without("t3", TRUE), (-2.75, -2.2)),
    ],
)
def test_a_metric_of_the_whole_part_where_a_track_fails(compared, ours, theirs, r2):
    _, found, (difference,) = compared("mood", TRUE, ours=ours, theirs=theirs)
    assert [found[name].score["mean"] for name in ("ours", "theirs")] == pytest.approx(r2)
    assert difference.mean == pytest.approx(r2[0] - r2[1])
    assert difference.low <= difference.mean <= difference.high
    assert all(result.tracks == 4 for result in found.values())
    assert all("r2" not in scores for scores in found["ours"].raw["per_track"].values())


def test_a_failed_track_makes_a_verdict_and_hides_none(compared):
    """Here a difference was once `nan [nan, nan] even`."""
    many = [x / 20 for x in range(-19, 20)]
    truth, guess = moods(*many), moods(*([0.0] * len(many)))
    _, _, (difference,) = compared("mood", truth, ours=without("t5", truth), theirs=guess)
    # 37 are right; the one of -0.7 is at the corner 1, an error of 1.7.
    variance = sum(x * x for x in many) / len(many)
    assert difference.mean == pytest.approx(1 - 1.7**2 / len(many) / variance)
    assert difference.verdict == "better"


def test_tags_of_a_failed_track_are_ranked_the_wrong_way_round(compared):
    def of(*words):
        return said("tag_open", *words)

    truth = {"t0": of("bass"), "t1": of("brass"), "t2": of("bass"), "t3": of("brass")}
    _, found, (difference,) = compared("tagging", truth, ours=without("t0", truth), theirs=truth)
    # Of the pairs of a track with the tag and one without, t2 is right against both and t0
    # against none: one half, for both tags.
    assert found["ours"].score["mean"] == pytest.approx(0.5)
    assert found["ours"].raw["metrics"]["roc_auc/bass"]["mean"] == pytest.approx(0.5)
    assert difference.mean == pytest.approx(-0.5)


def test_a_metric_of_tracks_where_one_fails(compared):
    truth = keys("C:major", "A:minor", "D:major", "E:minor")
    guess = keys("C:major", "A:minor", "D:major", "C:major")
    _, found, (difference,) = compared("key", truth, ours=without("t3", truth), theirs=truth)
    assert found["ours"].score["mean"] == 0.75
    assert difference.mean == -0.25
    failed = found["ours"].raw["per_track"]["t3"]
    assert failed == {**dict.fromkeys(failed, 0.0), "other": 1.0}
    # On both sides, and where the other side is as wrong as a system that fails.
    sides = ({"ours": without("t3", truth), "theirs": without("t3", truth)}, {"theirs": guess})
    for systems in sides:
        _, _, (difference,) = compared("key", truth, **{"ours": without("t3", truth), **systems})
        assert (difference.mean, difference.verdict) == (0.0, "few")


def test_where_less_is_better_the_lower_of_two_wins(compared, monkeypatch):
    monkeypatch.setattr(mood, "TASK", replace(mood.TASK, primary="distance"))
    close, far = moods(-0.5, -0.1, 0.3, 0.7), moods(-0.4, 0.0, 0.4, 0.8)
    systems = {"our-far": far, "our-close": close, "theirs": without("t3", far)}
    params, found, (difference,) = compared("mood", TRUE, **systems)
    assert list(found) == ["our-close", "our-far", "theirs"]
    # 0.1 and 0.2 to each side; the corner is 1.6 to each side from 0.6.
    means = [found[name].score["mean"] / 2**0.5 for name in found]
    assert means == pytest.approx([0.1, 0.2, (3 * 0.2 + 1.6) / 4])
    assert difference.mean == pytest.approx((0.1 - 0.55) * 2**0.5)
    assert (difference.verdict, difference.better) == ("few", "less")
    assert replace(difference, tracks=6).verdict == "better"
    text = terminal.text(results.read(entries.shown(params)), 0.95)
    assert "too few tracks to compare with theirs" in text


def test_a_track_whose_annotation_is_of_no_use_has_no_score_for_anyone(compared):
    truth = keys("C:major", "A:minor", "C:dorian")
    _, found, (difference,) = compared(
        "key", truth, ours=without("t2", truth), theirs=keys("C:major", "C:major", "C:major")
    )
    assert [set(r.raw["per_track"]) for r in found.values()] == [{"t0", "t1"}] * 2
    assert [r.tracks for r in found.values()] == [2, 2]
    assert difference.mean == (1 - 0.3) / 2  # C major is the relative key of A minor


def test_by_what_a_system_never_says_it_is_not_scored_where_it_fails_either(compared):
    def beats(bar):
        times = [t / 2 for t in range(38)]
        observed = (Observation(t, 0.0, 1 + i % 4 if bar else None) for i, t in enumerate(times))
        return Jams(SECONDS, (Annotation("beat", tuple(observed)),))

    truth = {"t0": beats(bar=True), "t1": beats(bar=True)}
    _, found, _ = compared("beat", truth, ours={"t0": beats(bar=True)}, theirs={"t0": beats(False)})
    assert found["ours"].raw["metrics"]["downbeat_f"]["mean"] == 0.5
    assert "downbeat_f" not in found["theirs"].raw["metrics"]
    assert found["theirs"].score["mean"] == 0.5


def change(name, edit):
    raw = json.loads(paths.scores(name).read_text())
    edit(raw)
    paths.scores(name).write_text(json.dumps(raw))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda raw: raw.update(data_hash="0"), "ours and theirs: .*data_hash: make both again"),
        (lambda raw: raw.update(split_hash="0"), "ours and theirs: .*split_hash: make both again"),
        (
            lambda raw: raw["per_track"].pop("t1"),
            "same tracks .1 differ, the first is t1.*snakemak",
        ),
    ],
)
def test_stale_scores_are_not_compared(compared, edit, message):
    truth = keys("C:major", "A:minor")
    params, _, _ = compared("key", truth, ours=truth, theirs=truth)
    change("theirs", edit)
    with pytest.raises(DeepmirError, match=message):
        terminal.text(results.read(entries.shown(params)), 0.95)


def test_what_answers_another_question_is_not_compared(compared):
    truth = keys("C:major", "A:minor")
    params, _, _ = compared("key", truth, ours=truth, theirs=truth)
    change("theirs", lambda raw: raw.update(folds=3, split_hash="0"))
    found = results.read(entries.shown(params))
    assert results.comparisons(found[0], found) == []


def test_a_prediction_that_has_gone_is_not_taken_for_a_failure(compared):
    truth = keys("C:major", "A:minor")
    params, _, _ = compared("key", truth, ours=truth, theirs=truth)
    paths.prediction("ours", "t1").unlink()
    with pytest.raises(DeepmirError, match=r"ours/.*t1\.jams is missing: predict again"):
        scoring.evaluate(entries.resolve(params, "ours"))


def test_a_system_that_fails_on_all_has_no_score(compared):
    truth = keys("C:major", "A:minor")
    with pytest.raises(DeepmirError, match="ours: no test track could be scored for the task key"):
        compared("key", truth, ours={}, theirs=truth)
    with pytest.raises(DeepmirError, match="ours: no test track could be scored for the task mood"):
        compared("mood", TRUE, ours={}, theirs=TRUE)


def test_a_part_that_the_primary_metric_cannot_be_told_of_is_refused(compared):
    same = moods(0.3, 0.3)
    with pytest.raises(DeepmirError, match="ours: the test part of set cannot be scored by r2"):
        compared("mood", same, ours=same, theirs=same)


def test_evaluate_tells_of_the_tracks_that_failed(compared, capsys):
    truth = keys("C:major", "A:minor", "D:major")
    compared("key", truth, ours=without("t1", truth), theirs=truth)
    assert cli.main(["evaluate", "ours"]) == 0
    error = "deepmir: ours: no prediction for 1 test track, given the worst score: t1 (a bug)\n"
    assert capsys.readouterr().err == error
    assert cli.main(["evaluate", "theirs"]) == 0
    assert capsys.readouterr().err == ""
    assert cli.main(["results"]) == 0
    assert "ours: no prediction for 1 test track" in capsys.readouterr().out
