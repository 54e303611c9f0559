"""Beat tracking, downbeats included (Table 1: low subjectivity, short decision time scale)."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.annotations import Annotation, Jams, Observation
from deepmir.errors import DeepmirError
from deepmir.tasks.base import Array, Decoder, Effect, Grid, Output

# A beat also half-marks its two neighbour frames: annotations are no finer than a frame or two,
# and one positive frame in fifty makes a poor gradient (Schlueter and Boeck, ICASSP 2014).
WIDENED = ((-1, 0.5), (0, 1.0), (1, 0.5))


def beat_times(jams: Jams) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Times of beats and of downbeats in seconds, shapes (beats,) and (downbeats,)."""
    annotation = jams.first("beat")
    if annotation is None:
        return np.zeros(0), np.zeros(0)
    return annotation.times, annotation.times[[value == 1 for value in annotation.values]]


@dataclass(frozen=True)
class Beat:
    """Two sigmoids a frame: any beat, and downbeat."""

    name: str = "beat"
    time_varying: bool = True

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """Beats and downbeats, widened by a frame to each side, shape (frames, 2)."""
        if jams.first("beat") is None:
            return None
        target = np.zeros((grid.frames, 2), dtype=np.float32)
        for column, times in enumerate(beat_times(jams)):
            nearest = np.rint(grid.position(times)).astype(int)
            for offset, weight in WIDENED:
                frames = nearest + offset
                frames = frames[(frames >= 0) & (frames < grid.frames)]
                target[frames, column] = np.maximum(target[frames, column], weight)
        return target

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """Two independent labels: a downbeat is also a beat."""
        return Output(labels=("beat", "downbeat"), activation="sigmoid")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """The bar-pointer model: tempo, metre and phase jointly, over all frames."""
        from deepmir.decoders.bar_pointer import BarPointer

        try:
            model = BarPointer(frame_rate=frame_rate, **options)
        except (TypeError, ValueError) as error:
            raise DeepmirError(f"decoder: {str(error).splitlines()[0]}") from None

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

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """F within 70 ms, continuity (CMLt, AMLt), and F of the downbeats.

        The first five seconds do not count, as is usual (mir_eval's `trim_beats`). An estimate
        whose beats have no position in the bar gets no downbeat score.
        """
        import mir_eval

        truth, guess = beat_times(reference), beat_times(estimate)
        if not truth[0].size:
            return {}
        trimmed = [[mir_eval.beat.trim_beats(times) for times in pair] for pair in (truth, guess)]
        (beats, downbeats), (found, found_downbeats) = trimmed
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # mir_eval tells of empty estimates
            cmlc, cmlt, amlc, amlt = mir_eval.beat.continuity(beats, found)
            scores = {
                "f_measure": mir_eval.beat.f_measure(beats, found),
                "cmlc": cmlc,
                "cmlt": cmlt,
                "amlc": amlc,
                "amlt": amlt,
            }
            if _has_positions(estimate):
                scores["downbeat_f"] = mir_eval.beat.f_measure(downbeats, found_downbeats)
        return {name: float(value) for name, value in scores.items()}

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """Stretching moves the beats, which the grid of the target takes into account."""
        return {"time_stretch": "change", "pitch_shift": "keep"}

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """The target is made on the stretched grid and needs no more."""
        return target


def _has_positions(jams: Jams) -> bool:
    annotation = jams.first("beat")
    return annotation is not None and all(value is not None for value in annotation.values)


TASK = Beat()
