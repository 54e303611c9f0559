"""The view of beats: the reference's lines in the upper half, the prediction's in the lower."""

import numpy as np
import numpy.typing as npt

from deepmir.report.views.base import Clicks, Mark, Scene, Times, View
from deepmir.tasks.beat import beat_times

WINDOW = 0.07  # seconds: how far a beat may be off and still count (mir_eval's F-measure)
UNSCORED = 5.0  # seconds at the start that do not count (mir_eval's trim_beats)
LANE = 0.14
CLICKS = "with a click at each predicted beat, higher at downbeats"

# The tempi that trackers mistake for one another, as the ratio of what is predicted to what is so.
RATIOS = {2.0: "twice the", 0.5: "half the", 3.0: "three times the", 1 / 3: "a third of the"}
RATIOS |= {1.5: "one and a half times the", 2 / 3: "two thirds of the"}


def view(scene: Scene) -> View:
    """Lines for beats, heavier ones for downbeats, dashed where the other side has none."""
    beats, downbeats = beat_times(scene.reference)
    found, found_downbeats = beat_times(scene.estimate)
    hit, right = _matched(beats, found)
    words = (
        ("Reference", _described(beats, downbeats)),
        ("Predicted", _described(found, found_downbeats) + _mistaken(beats, found)),
        ("Agreement", _agreement(beats, hit, found, right)),
    )
    marks = [
        *_lines(scene, beats, downbeats, hit, -LANE, 0.5),
        *_lines(scene, found, found_downbeats, right, 0.5, 1 + LANE),
    ]
    if scene.seconds > UNSCORED:
        marks.append(Mark("edge", UNSCORED, -LANE, UNSCORED, 1 + LANE))
    legend = (
        ("right strong", "downbeat"),
        ("right", "other beat"),
        ("wrong", "no counterpart: missed (above) or extra (below)"),
        ("edge", f"the first {UNSCORED:g} s are not scored"),
    )
    weak = found[~np.isin(found, found_downbeats)]
    return View(
        words, tuple(marks), legend, margin=LANE, clicks=Clicks(weak, found_downbeats, CLICKS)
    )


def _matched(beats: Times, found: Times) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which reference beats are found and which found ones are right, one to one."""
    import mir_eval

    hit, right = np.zeros(len(beats), bool), np.zeros(len(found), bool)
    for truth, guess in mir_eval.util.match_events(beats, found, WINDOW):
        hit[truth] = right[guess] = True
    return hit, right


def _lines(
    scene: Scene,
    times: Times,
    downbeats: Times,
    agreed: npt.NDArray[np.bool_],
    top: float,
    bottom: float,
) -> list[Mark]:
    strong = np.isin(times, downbeats)
    return [
        Mark(
            ("right" if good else "wrong") + (" strong" if heavy else ""),
            float(time),
            top,
            float(time),
            bottom,
        )
        for time, heavy, good in zip(times, strong, agreed, strict=True)
        if time <= scene.seconds
    ]


def _described(beats: Times, downbeats: Times) -> str:
    if not beats.size:
        return "no beats"
    bars = f"{len(downbeats)} downbeats" if downbeats.size else "no downbeats"
    tempo = f", {_tempo(beats):.0f} beats a minute" if _tempo(beats) else ""
    return f"{len(beats)} beats, {bars}{tempo}"


def _tempo(beats: Times) -> float:
    """Beats a minute; 0 where there are too few beats, or most of them at one time."""
    apart = float(np.median(np.diff(beats))) if len(beats) > 1 else 0.0
    return 60 / apart if apart else 0.0


def _mistaken(beats: Times, found: Times) -> str:
    """The usual mistakes in words: a multiple of the tempo, or the off-beat."""
    if not _tempo(beats) or not _tempo(found):
        return ""
    ratio = _tempo(found) / _tempo(beats)
    near = [words for value, words in RATIOS.items() if abs(ratio / value - 1) < 0.05]
    if near:
        return f" ({near[0]} tempo)"
    off_beats = (beats[1:] + beats[:-1]) / 2
    hit, right = _matched(off_beats, found)
    return " (on the off-beat)" if hit.mean() > 0.8 and right.mean() > 0.8 else ""


def _agreement(
    beats: Times, hit: npt.NDArray[np.bool_], found: Times, right: npt.NDArray[np.bool_]
) -> str:
    scored, guessed = hit[beats >= UNSCORED], right[found >= UNSCORED]
    return (
        f"{scored.sum()} of {len(scored)} beats found within {WINDOW * 1000:.0f} ms, "
        f"{(~guessed).sum()} extra (after the first {UNSCORED:g} s)"
    )
