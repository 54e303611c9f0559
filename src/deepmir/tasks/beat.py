"""Beat and downbeat tracking (Table 1: low subjectivity, short decision time scale)."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Decoder, Effect, Floats, Grid, Metric, Task, shares
from deepmir.tasks.output import Output
from deepmir.tasks.shared.instants import widened
from deepmir.tasks.shared.options import make


def beat_times(jams: Jams) -> tuple[Floats, Floats]:
    """Times of beats and of downbeats in seconds, shapes (beats,) and (downbeats,)."""
    annotation = jams.first("beat")
    if annotation is None:
        return np.zeros(0), np.zeros(0)
    return annotation.times, annotation.times[[value == 1 for value in annotation.values]]


CONTINUITY = ("cmlc", "cmlt", "amlc", "amlt")
ASTRAY = ("off_beat", "half_tempo", "double_tempo")
# Minimum F of beats at another metrical level, and minimum gain over the annotated level; chance
# has .6 for twice the beats at 120 BPM.
FOLLOWED, CLEARLY = 0.75, 0.1
DOWNBEAT = {f"downbeat_{name}": name for name in ("cmlt", "amlt")} | {"downbeat_f": "f_measure"}


@dataclass(frozen=True)
class Beat(Task):
    """Two sigmoids per frame: any beat, and downbeat."""

    shortest: float = 1.5  # two beats at 80 BPM
    name: str = "beat"
    namespaces: tuple[str, ...] = ("beat",)
    time_varying: bool = True

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """Beats and downbeats, widened by one frame on each side, shape (frames, 2).

        Downbeats are NaN if no beat has a position in the bar.
        """
        annotation = jams.first("beat")
        if annotation is None:
            return None
        target = np.stack([widened(times, grid) for times in beat_times(jams)], axis=1)
        if annotation.observations and all(value is None for value in annotation.values):
            target[:, 1] = np.nan
        return target

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """Two independent labels: a downbeat is also a beat."""
        return Output.of(("beat", "downbeat"), "sigmoid")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """The bar-pointer model: tempo, metre and phase jointly, over all frames."""
        from deepmir.decoders.bar_pointer import BarPointer

        model = make(BarPointer, frame_rate, options)

        def decode(activations: Array) -> list[Annotation]:
            beats = model(activations)
            observations = tuple(
                Observation(float(time), 0.0, int(position))
                for time, position in zip(beats.times, beats.positions, strict=True)
            )
            return [Annotation("beat", observations)]

        return decode

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "f_measure"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """All are shares; those of metrical levels are means over tracks."""
        scores = shares(("f_measure", "cemgil", *CONTINUITY, "information_gain", *DOWNBEAT))
        return scores | dict.fromkeys(ASTRAY, Metric("less", worst=1.0))

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """F within 70 ms, Cemgil's accuracy, continuity (CML, AML), information gain, downbeats.

        The metrics are those of Davies, Degara and Plumbley, "Evaluation methods for musical audio
        beat tracking algorithms", 2009. Downbeats have F and continuity (`downbeat_f`,
        `downbeat_cmlt`, `downbeat_amlt`), unless the beats of either side have no position in the
        bar. One of `off_beat`, `half_tempo` and `double_tempo` is 1 if F is above .75, and higher
        by a tenth than at the annotated level, relative to the off-beats, every other beat, or
        twice as many beats; else 0. A single beat has neither continuity nor information gain. As
        usual, the first five seconds do not count (mir_eval's `trim_beats`), nor does a reference
        without beats after them.
        """
        truth, guess = _counted(reference), _counted(estimate)
        if not truth[0].size:
            return {}
        scores = _scores(truth[0], guess[0])
        scores |= _astray(truth[0], guess[0], scores["f_measure"])
        if truth[1].size and _has_positions(estimate):
            downbeats = _scores(truth[1], guess[1])
            scores |= {name: downbeats[of] for name, of in DOWNBEAT.items() if of in downbeats}
        return scores

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """Stretching moves the beats, which is accounted for by the grid of the target."""
        return {"time_stretch": "change", "pitch_shift": "keep"}


def _counted(jams: Jams) -> tuple[Floats, Floats]:
    """Beats and downbeats after the first five seconds, without duplicates."""
    import mir_eval

    beats, downbeats = (mir_eval.beat.trim_beats(np.unique(times)) for times in beat_times(jams))
    return beats, downbeats


def _scores(truth: Floats, guess: Floats) -> dict[str, float]:
    """All metrics for two sequences of times in seconds."""
    import mir_eval

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of mir_eval, about fewer than two beats
        cemgil, _ = mir_eval.beat.cemgil(truth, guess)
        continuity = mir_eval.beat.continuity(truth, guess)
        scores = {
            "f_measure": mir_eval.beat.f_measure(truth, guess),
            "cemgil": cemgil,
            **dict(zip(CONTINUITY, continuity, strict=True)),
            "information_gain": mir_eval.beat.information_gain(truth, guess),
        }
    if truth.size < 2:  # mir_eval returns 0 if there is no tempo
        scores = {name: scores[name] for name in ("f_measure", "cemgil")}
    return {name: float(value) for name, value in scores.items()}


def _astray(truth: Floats, guess: Floats, as_annotated: float) -> dict[str, float]:
    """The other metrical level that beats follow, as 1; `as_annotated` is F at the true one."""
    import mir_eval

    between = (truth[1:] + truth[:-1]) / 2
    levels = {
        "off_beat": (between,),
        "half_tempo": (truth[::2], truth[1::2]),
        "double_tempo": (np.sort(np.concatenate([truth, between])),),
    }
    scores = {
        name: max(mir_eval.beat.f_measure(times, guess) if times.size else 0.0 for times in level)
        for name, level in levels.items()
    }
    best = max(scores, key=lambda name: scores[name])
    found = scores[best] > max(FOLLOWED, as_annotated + CLEARLY)
    return {name: float(found and name == best) for name in ASTRAY}


def _has_positions(jams: Jams) -> bool:
    annotation = jams.first("beat")
    return annotation is not None and all(value is not None for value in annotation.values)


TASK = Beat()
