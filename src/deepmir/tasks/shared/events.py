"""The base of onset and offset detection: one sigmoid per frame, peak picking, and scores."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Decoder, Effect, Floats, Grid, Metric, Task, shares
from deepmir.tasks.output import Output
from deepmir.tasks.shared.instants import widened
from deepmir.tasks.shared.options import make

# Half widths in seconds of mir_eval's window: the default, and a strict one (Böck, Krebs and
# Schedl, ISMIR 2012).
WINDOWS = {"": 0.05, "_25": 0.025}
SCORES = ("f_measure", "precision", "recall")

# Two events a few frames apart are separated only by the frame between them, so the picker
# compares direct neighbours, and drops only what is clearly weaker than one nearby:
# benchmarks/results/sung_notes.md.
CLOSE = {"pre_max": 0.02, "post_max": 0.02, "combine": 0.0, "relative": 0.5}


@dataclass(frozen=True)
class Events(Task):
    """One sigmoid per frame; a subclass defines the events of an annotation."""

    name: str
    time_varying: bool = True
    min_frame_rate: float = 40.0

    def times(self, jams: Jams) -> Floats | None:
        """Times of the events in seconds, shape (events,), ascending; None if not annotated."""
        raise NotImplementedError

    def annotation(self, times: Iterable[float]) -> Annotation:
        """The annotation of events at some times in seconds."""
        raise NotImplementedError

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """The events, widened by one frame on each side, shape (frames, 1)."""
        times = self.times(jams)
        return None if times is None else widened(times, grid)[:, None]

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """One label: event or no event."""
        return Output.of((self.name,), "sigmoid")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """Peaks of the activation.

        Args:
            frame_rate: of the activations, frames per second.
            options: those of `decoders.peaks.PeakPicker`.
        """
        from deepmir.decoders.peaks import PeakPicker

        pick = make(PeakPicker, frame_rate, {**CLOSE, **options})
        return lambda activations: [self.annotation(pick(activations[:, 0]).tolist())]

    @property
    def choices(self) -> Mapping[str, tuple[Any, ...]]:
        """Minimum height of a peak, above 0 or the last 0.1 s, and whether to merge close ones."""
        thresholds = (0.5, 0.1, 0.2, 0.3, 0.4, 0.6)
        return {"threshold": thresholds, "combine": (0.0, 0.03), "pre_avg": (None, 0.1)}

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "f_measure"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """All are shares."""
        return shares(f"{name}{suffix}" for suffix in WINDOWS for name in SCORES)

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """F, precision and recall of mir_eval.onset within 50 ms, and within 25 ms.

        A recording without events has a score too: 1 if none is found, else 0.
        """
        truth, guess = self.times(reference), self.times(estimate)
        if truth is None:
            return {}
        scores: dict[str, float] = {}
        for suffix, window in WINDOWS.items():
            values = _f_measure(truth, truth[:0] if guess is None else guess, window)
            names = (f"{name}{suffix}" for name in SCORES)
            scores |= dict(zip(names, values, strict=True))
        return scores

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """Stretching moves the events, which is accounted for by the grid of the target.

        An event can only be found at its instant: one that is masked is lost.
        """
        return {"time_stretch": "change", "pitch_shift": "keep", "time_mask": "forbid"}


def _f_measure(truth: Floats, guess: Floats, window: float) -> tuple[float, float, float]:
    """F, precision and recall."""
    import mir_eval

    if not truth.size and not guess.size:
        return 1.0, 1.0, 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of mir_eval, if one is empty
        f, precision, recall = mir_eval.onset.f_measure(truth, guess, window)
    return float(f), float(precision), float(recall)


def instants(times: Iterable[float], value: str | None = None) -> tuple[Observation, ...]:
    """Observations without duration, from times in seconds."""
    return tuple(Observation(float(time), 0.0, value) for time in times)
