"""Melody extraction: pitch of the main voice (Table 1: low subjectivity, short scale)."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import Annotation, Jams, Pitches
from deepmir.tasks.base import (
    Array,
    Decoder,
    Effect,
    Floats,
    Grid,
    Metric,
    Task,
    shares,
)
from deepmir.tasks.output import Head, Output
from deepmir.tasks.shared.options import make
from deepmir.tasks.shared.pitched import shifted

BIN_CENTS = 20
BINS_PER_SEMITONE = 100 // BIN_CENTS
BINS = 300
LOWEST = 55.0  # Hz, A1: the centre of bin 0; the last bin is 20 cents below 1760 Hz, A6
BLUR = 25.0  # cents: standard deviation of the target around the pitch, as in CREPE (ICASSP 2018)
SHORTEST = 0.001  # seconds between the instants of a rest that is omitted
HOP = 0.01  # seconds between instants of a contour too short to have a step, as in MIREX

METRICS = {
    "overall_accuracy": "Overall Accuracy",
    "raw_pitch": "Raw Pitch Accuracy",
    "raw_chroma": "Raw Chroma Accuracy",
    "voicing_recall": "Voicing Recall",
    "voicing_false_alarm": "Voicing False Alarm",
}
"""Our names and mir_eval's."""
VOICED = ("raw_pitch", "raw_chroma", "voicing_recall")  # defined on instants with a melody


def bin_of(frequencies: Floats) -> Floats:
    """Frequencies in Hz as fractional bins; NaN if not positive."""
    positive = np.where(frequencies > 0, frequencies, np.nan)
    return np.asarray(np.log2(positive / LOWEST) * 1200 / BIN_CENTS)


def frequency_of(bins: Floats) -> Floats:
    """Fractional bins as frequencies in Hz."""
    return LOWEST * np.asarray(2 ** (bins * BIN_CENTS / 1200))


def annotation(
    times: Iterable[float], frequencies: Iterable[float], voiced: Iterable[bool]
) -> Annotation:
    """A melody: the frequency in Hz at each instant, with a guess where it is unvoiced."""
    return Annotation("pitch_contour", Pitches(times, frequencies, voiced))


@dataclass(frozen=True)
class Contour:
    """A melody sampled at some instants.

    Attributes:
        times: in seconds, shape (instants,), ascending.
        frequencies: in Hz, shape (instants,); 0 without even a guess.
        voiced: whether a melody is present, shape (instants,).
    """

    times: Floats
    frequencies: Floats
    voiced: npt.NDArray[np.bool_]

    @property
    def step(self) -> float:
        """The typical time between instants, in seconds."""
        return float(np.median(np.diff(self.times))) if self.times.size > 1 else HOP

    @classmethod
    def of(cls, jams: Jams) -> "Contour | None":
        """The first `pitch_contour` annotation; None without one."""
        found = jams.first("pitch_contour")
        if found is None:
            return None
        rows = Pitches.of(found.observations)
        frequencies, voiced = rows.frequencies, rows.voiced
        return cls(rows.times, frequencies, voiced & (frequencies > 0))

    def at(self, times: Floats) -> "Contour":
        """The melody at other times, from the nearest instant; unvoiced more than two steps away.

        Args:
            times: in seconds, shape (times,), ascending.
        """
        if not self.times.size:
            return Contour(times, np.zeros(times.size), np.zeros(times.size, dtype=bool))
        middles = (self.times[1:] + self.times[:-1]) / 2
        nearest = np.searchsorted(middles, times - 1e-6)
        near = np.abs(times - self.times[nearest]) <= self.step + 1e-6
        frequencies = np.where(near, self.frequencies[nearest], 0.0)
        return Contour(times, frequencies, self.voiced[nearest] & near)

    def with_rests(self, duration: float) -> "Contour":
        """The contour as mir_eval reads it: without duplicate instants, and with explicit rests.

        A gap of two steps or more is a rest: mir_eval would hold the last pitch, or interpolate
        to the next.
        """
        # mir_eval's resolution; a grid of nanoseconds would fill the memory.
        times, once = np.unique(np.round(self.times, 10), return_index=True)
        found = Contour(times, self.frequencies[once], self.voiced[once])
        step = max(found.step, SHORTEST)
        first = float(times[0]) % step if times.size else 0.0
        grid = Grid(first, step, max(round((duration - first) / step), 1)).times
        edges = np.concatenate([[-np.inf], times, [np.inf]])
        after = np.searchsorted(times, grid)
        apart = np.minimum(grid - edges[after], edges[after + 1] - grid)
        rests = grid[apart > 0.75 * step]
        order = np.argsort(np.concatenate([times, rests]))
        nothing = np.zeros(rests.size)
        return Contour(
            np.concatenate([times, rests])[order],
            np.concatenate([found.frequencies, nothing])[order],
            np.concatenate([found.voiced, nothing > 0])[order],
        )


@dataclass(frozen=True)
class Melody(Task):
    """A softmax over 300 pitches, 20 cents apart, and a sigmoid for the voicing."""

    name: str = "melody"
    namespaces: tuple[str, ...] = ("pitch_contour",)
    time_varying: bool = True
    min_frame_rate: float = 50.0
    piecewise: bool = True

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """Pitch, blurred by 25 cents, and voicing, shape (frames, 301).

        The pitch is NaN (unknown) where there is no melody between A1 and A6. The voicing is the
        voiced share of its frame, which shows where a note begins and ends between two frames.
        """
        contour = Contour.of(jams)
        if contour is None:
            return None
        there = contour.at(grid.times)
        target = np.full((grid.frames, BINS + 1), np.nan, dtype=np.float32)
        centres = bin_of(np.where(there.voiced, there.frequencies, 0.0))
        known = (centres >= -0.5) & (centres < BINS - 0.5)
        apart = (np.arange(BINS) - centres[known, None]) * BIN_CENTS / BLUR
        bells = np.exp(-0.5 * apart**2)
        target[known, :BINS] = bells / bells.sum(axis=1, keepdims=True)
        target[:, BINS] = _share_voiced(contour, grid)
        return target

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """One pitch out of 300, named by its frequency in Hz, and the voicing."""
        labels = tuple(
            f"{hertz:.1f} Hz" for hertz in frequency_of(np.arange(BINS, dtype=np.float64))
        )
        return Output((Head(labels, "softmax"), Head(("voicing",), "sigmoid")))

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """The best path through the pitches, and voicing by a threshold.

        Args:
            frame_rate: of the activations, frames per second.
            options: those of `decoders.melody_viterbi.MelodyViterbi`.
        """
        from deepmir.decoders.melody_viterbi import MelodyViterbi

        track = make(MelodyViterbi, frame_rate, options)

        def decode(activations: Array) -> list[Annotation]:
            times, bins, voiced = track(activations[:, :BINS], activations[:, BINS])
            return [annotation(times, frequency_of(bins), voiced)]

        return decode

    @property
    def choices(self) -> Mapping[str, tuple[Any, ...]]:
        """The voicing threshold, the cost of steps, and a median of 0.1 s.

        The median removes flicker, and with it the short rests between detached notes.
        """
        thresholds = (0.5, 0.3, 0.4, 0.6, 0.7)
        return {"threshold": thresholds, "weight": (0.1, 0.3), "width": (0.0, 0.1)}

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "overall_accuracy"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """All are shares, the false alarm of the time without a melody."""
        return shares(METRICS) | {"voicing_false_alarm": Metric("less", worst=1.0)}

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """The metrics of mir_eval.melody at the instants of the reference, within 50 cents.

        An estimate at other instants is interpolated. If the reference has no melody at all, pitch
        and voicing recall are undefined and omitted; if it has no rest, so is the false alarm.
        Gaps in the annotation between voiced instants are rests, see :meth:`Contour.with_rests`.
        """
        truth, guess = Contour.of(reference), Contour.of(estimate)
        if truth is None:
            return {}
        guess = guess or Contour(np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool))
        return _scores(truth.with_rests(reference.duration), guess.with_rests(reference.duration))

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A pitch shift moves the pitches; stretching is handled by the grid of the target."""
        return {"pitch_shift": "change", "time_stretch": "change"}

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """Shift the pitches by `amount` semitones; those that leave the range become NaN."""
        if deformation != "pitch_shift":
            return target
        pitch = shifted(target[:, :BINS], round(amount * BINS_PER_SEMITONE))
        unknown = np.isnan(target[:, :1]) | (pitch.sum(axis=1, keepdims=True) < 0.5)
        total = np.where(unknown, np.nan, pitch.sum(axis=1, keepdims=True))
        return np.concatenate([pitch / total, target[:, BINS:]], axis=1)


def _share_voiced(contour: Contour, grid: Grid) -> Floats:
    """The voiced share of each frame around its instant, sampled at four points."""
    parts = [
        contour.at(grid.times + offset * grid.step).voiced
        for offset in (-3 / 8, -1 / 8, 1 / 8, 3 / 8)
    ]
    return np.asarray(np.mean(parts, axis=0))


def _scores(truth: Contour, guess: Contour) -> dict[str, float]:
    """The metrics that are defined, for two contours with rests."""
    from mir_eval import melody

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of mir_eval, without a melody
        found = melody.evaluate(
            truth.times,
            np.where(truth.voiced, truth.frequencies, 0.0),
            guess.times,
            guess.frequencies,
            est_voicing=guess.voiced.astype(np.float64),
        )
    defined = {
        "overall_accuracy": True,
        **dict.fromkeys(VOICED, truth.voiced.any()),
        "voicing_false_alarm": not truth.voiced.all(),
    }
    return {name: float(found[of]) for name, of in METRICS.items() if defined[name]}


TASK = Melody()
