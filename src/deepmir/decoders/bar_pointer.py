"""Joint decoding of beats, downbeats, metre and tempo: the bar-pointer hidden Markov model."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, model_validator

from deepmir.decoders import steady
from deepmir.decoders.base import FrameDecoder, refuse_non_finite
from deepmir.decoders.peaks import refine_peaks
from deepmir.fields import Number, Share, Whole

if TYPE_CHECKING:
    from deepmir.decoders.hmm import BeatPath, BeatSpace

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Probabilities are kept this far from 0 and 1: a saturated sigmoid must not forbid a path.
FLOOR = 1e-5


@dataclass(frozen=True)
class Beats:
    """A beat annotation.

    Attributes:
        times: seconds, shape (beats,), strictly ascending.
        positions: position of each beat in its bar, shape (beats,); 1 is the downbeat.
        metre: beats per bar; None without beats.
        tempo: median tempo in BPM; NaN with fewer than two beats.
    """

    times: Floats
    positions: Integers
    metre: int | None
    tempo: float

    @property
    def downbeats(self) -> Floats:
        """Times of the downbeats in seconds, shape (bars,)."""
        times: Floats = self.times[self.positions == 1]
        return times


NO_BEATS = Beats(np.empty(0), np.empty(0, dtype=np.int64), None, np.nan)


class BarPointer(FrameDecoder):
    """Decode beat and downbeat activations by exact Viterbi search in a bar-pointer model.

    State space and tempo transitions: Krebs, Böck and Widmer, "An efficient state-space model for
    joint tempo and meter tracking", ISMIR 2015. Observations: Böck, Krebs and Widmer, "Joint beat
    and downbeat tracking with recurrent neural networks", ISMIR 2016. The metre is constant in a
    file and is the most probable of ``metres`` (with equal priors); the tempo may change at every
    beat.

    The path slips to the off-beat if nothing marks the beat. If one steady pulse explains
    ``in_phase`` of the activations, and nearly all beats are on it or halfway between, the beats
    are those of the pulse, each moved by at most an eighth of a beat if people play (see `steady`).

    Only the span from the first to the last frame whose beat activation reaches ``threshold``
    is decoded, so leading and trailing silence has no beats; pauses in between are bridged.

    The model counts a beat in whole time steps. At 50 frames per second a beat at 190 BPM has 15.8
    frames, and alternating between 15 and 16 costs more than leaving out every other beat. So
    activations are interpolated to at least 100 steps per second, the rate for which the default
    lambdas were published.

    Networks are overconfident, especially on music unlike their training data (C. Guo et al., "On
    calibration of modern neural networks", ICML 2017): the logits are divided by a temperature.
    The value of 1.5 was found on recordings, see docs/history.md.
    """

    metres: tuple[Annotated[Whole, Field(ge=2, le=64)], ...] = Field(
        (2, 3, 4), min_length=1, max_length=32, description="beats per bar to choose from"
    )
    min_bpm: Number = Field(55.0, ge=10, le=1000, description="slowest tempo, BPM")
    max_bpm: Number = Field(215.0, ge=10, le=1000, description="fastest tempo, BPM")
    num_tempi: Whole | None = Field(
        60,
        ge=1,
        le=10_000,
        description="number of tempi, spaced evenly on a logarithmic scale; null takes "
        "every interval",
    )
    transition_lambda: Number = Field(
        100.0, ge=0, le=1e6, description="steadiness of the tempo; 0 lets it change freely"
    )
    observation_lambda: Whole = Field(
        16,
        ge=4,
        le=10_000,
        description="the first 1/observation_lambda of a beat is observed as beat",
    )
    oversampling: Whole | None = Field(
        None,
        ge=1,
        le=100,
        description="points per frame; null takes the fewest with 100 points per second",
    )
    temperature: Number = Field(
        1.5,
        ge=0.01,
        le=100,
        description="divides the logits: above 1, activations are less confident",
    )
    in_phase: Share = Field(
        0.6,
        description="share of the activations that a steady pulse must explain; 1 takes none",
    )
    threshold: Number = Field(
        0.2, gt=0, le=1, description="decode from the first to the last frame that reaches this"
    )

    @model_validator(mode="after")
    def _check_tempi(self) -> Self:
        if self.min_bpm > self.max_bpm:
            raise ValueError(f"min_bpm {self.min_bpm:g} is above max_bpm {self.max_bpm:g}")
        # shorter beats would overlap once their times are refined
        if self.intervals[0] < 4 * self.points_per_frame:
            raise ValueError(
                f"max_bpm {self.max_bpm:g} has fewer than 4 frames per beat at "
                f"{self.frame_rate:g} frames per second; lower it or raise the frame rate"
            )
        return self

    @property
    def points_per_frame(self) -> int:
        """Time steps of the model per frame of the activations."""
        return self.oversampling or math.ceil(100 / self.frame_rate)

    @property
    def intervals(self) -> Integers:
        """The tempi of the model in time steps per beat, shape (tempi,), ascending."""
        rate = self.frame_rate * self.points_per_frame
        shortest, longest = round(60 * rate / self.max_bpm), round(60 * rate / self.min_bpm)
        every = np.arange(shortest, longest + 1)
        if self.num_tempi is None or self.num_tempi >= every.size:
            return every
        # rounding merges the shortest intervals, so more steps are needed than tempi
        points = self.num_tempi
        while True:
            spaced = np.unique(np.rint(np.geomspace(shortest, longest, points)).astype(np.int64))
            if spaced.size >= self.num_tempi:
                return spaced
            points += 1

    def __call__(self, activations: ArrayLike) -> Beats:
        """Decode one file.

        Args:
            activations: shape (frames, 2), probabilities in [0, 1]. Column 0 is P(beat), for any
                beat including downbeats; column 1 is P(downbeat). They are made exclusive here;
                where P(downbeat) is greater, it also counts as P(beat).

        Returns:
            The beats, at times from 0 to ``(frames - 1) / frame_rate``, each at the maximum of
            the beat activation around the decoded beat, with sub-frame refinement (if all of these
            are below the threshold, at the decoded beat itself). No beats if no activation reaches
            the threshold.

        Raises:
            DeepmirError: an activation is NaN or infinite.
            ValueError: the activations have another shape, or are not probabilities.
        """
        from deepmir.decoders.hmm import BeatSpace, viterbi

        beat, downbeat = _validated(activations)
        active = np.flatnonzero(beat >= self.threshold)
        if not active.size:
            return NO_BEATS
        beat, downbeat = (v[active[0] : active[-1] + 1] for v in (beat, downbeat))
        frames = np.arange((beat.size - 1) * self.points_per_frame + 1) / self.points_per_frame
        of_beat, of_downbeat = (
            _tempered(np.interp(frames, np.arange(beat.size), values), self.temperature)
            for values in (beat, downbeat)
        )
        densities = _log_densities(of_beat, of_downbeat, self.observation_lambda)
        space = BeatSpace.build(self.intervals, self.transition_lambda, self.observation_lambda)
        path = viterbi(densities, self.metres, space)
        at, positions = self._observed_beats(beat, path, space)
        metre = path.metre
        heard = np.where(beat >= self.threshold, beat, 0.0)
        if (halves := steady.pulse(heard, at, self.in_phase)) is not None:
            gains = densities[:, 1:] - densities[:, :1]
            observed = int(space.observed[int(np.median(path.intervals))])
            points = halves * self.points_per_frame
            which, places, metre = steady.bars(points, gains, observed, self.metres)
            at = steady.played(halves[which], at).clip(0, beat.size - 1)
            positions = places + 1
        if not positions.size:
            return NO_BEATS
        times = (active[0] + at) / self.frame_rate
        tempo = float(60 / np.median(np.diff(times))) if times.size > 1 else np.nan
        return Beats(times, positions, metre, tempo)

    def _observed_beats(
        self, beat: Floats, path: "BeatPath", space: "BeatSpace"
    ) -> tuple[Floats, Integers]:
        """Fractional frame and position of each beat of the path that falls inside the frames.

        The maximum is sought in the frames that the path observes as beat and one more time step on
        each side: a fast beat is observed in one or two steps, and the true maximum is often beside
        them. A beat without an activation (a pause) is placed in the middle of these frames.
        """
        observed = space.observed[path.intervals]
        inside = path.starts + observed > 0
        starts, observed = path.starts[inside], observed[inside]
        first = np.maximum((starts - 1) // self.points_per_frame, 0)
        end = -(-(starts + observed) // self.points_per_frame) + 1
        windows = zip(first, end, strict=True)
        peaks = np.array([s + int(np.argmax(beat[s:e])) for s, e in windows], dtype=np.int64)
        middle = ((starts + (observed - 1) / 2) / self.points_per_frame).clip(0, beat.size - 1)
        active = beat[peaks] >= self.threshold
        return np.where(active, refine_peaks(beat, peaks), middle), path.beats[inside] + 1


def _validated(activations: ArrayLike) -> tuple[Floats, Floats]:
    """Columns P(any beat) and P(downbeat), float64, with P(downbeat) <= P(any beat)."""
    values = np.asarray(activations, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != 2:
        raise ValueError(f"activations must have shape (frames, 2), not {values.shape}")
    refuse_non_finite(values, "beat activations")
    if values.size and (values.min() < -1e-3 or values.max() > 1 + 1e-3):
        raise ValueError("activations must be probabilities in [0, 1]: apply the sigmoid first")
    values = values.clip(0.0, 1.0)
    return values.max(axis=1), values[:, 1]


def _tempered(activations: Floats, temperature: float) -> Floats:
    """Probabilities whose logits are divided by a temperature."""
    clipped = activations.clip(FLOOR, 1 - FLOOR)
    tempered: Floats = 1 / (1 + (1 / clipped - 1) ** (1 / temperature))
    return tempered


def _log_densities(beat: Floats, downbeat: Floats, observation_lambda: int) -> Floats:
    """Log densities of (no beat, other beat, downbeat), shape (frames, 3); Böck et al. 2016."""
    none = np.maximum(1 - beat, FLOOR) / (observation_lambda - 1)
    other = np.maximum(beat - downbeat, FLOOR)
    densities: Floats = np.log(np.stack([none, other, np.maximum(downbeat, FLOOR)], axis=1))
    return densities
