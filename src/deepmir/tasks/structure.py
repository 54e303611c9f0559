"""Structure: section boundaries and similarity (Table 1: medium subjectivity).

K. Ullrich, J. Schlüter and T. Grill, "Boundary detection in music structure analysis using
convolutional neural networks", ISMIR 2014, for the boundaries.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Decoder, Effect, Floats, Grid, Metric, Task, shares
from deepmir.tasks.output import Output
from deepmir.tasks.shared import options

# Annotators agree on a boundary within about a second: frames near it are partly boundaries.
WIDTH = 0.75  # standard deviation in seconds of the Gaussian around a boundary
REACH = 1.5  # seconds on each side after which it is truncated
BEGINNING = 0.5  # seconds
HOP = 0.1  # seconds between the instants whose letters are compared, as in mir_eval
DEVIATIONS = ("deviation_ref_to_est", "deviation_est_to_ref")
WINDOWS = {"f_3": 3.0, "f_05": 0.5}  # seconds

Sections = tuple[Floats, list[str]]


def sections(jams: Jams, end: float) -> Sections:
    """Sections from 0 to `end` seconds: intervals, shape (sections, 2), and letters.

    The first of several annotators counts. As in mir_eval, unannotated time at the beginning and
    end becomes a section; so a recording without sections has one.
    """
    import mir_eval

    found = jams.first("segment_open")
    # mir_eval allows no sections without length or after the end.
    kept = [o for o in found.observations if o.duration > 0 and o.time < end] if found else []
    intervals, names = mir_eval.util.adjust_intervals(
        Annotation("segment_open", tuple(kept)).intervals,
        [str(o.value) for o in kept],
        t_min=0.0,
        t_max=end,
    )
    return intervals, names


@dataclass(frozen=True)
class Structure(Task):
    """One sigmoid per frame for boundaries; the letters come from the network's features."""

    shortest: float = 2.0  # a bar at 120 BPM
    name: str = "structure"
    namespaces: tuple[str, ...] = ("segment_open",)
    time_varying: bool = True
    min_frame_rate: float = 2.0
    hidden: bool = True

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """1 at each boundary, with a Gaussian slope of 1.5 s on each side, shape (frames, 1).

        The beginning of the recording, the half second after it, and the end of the last section
        are not boundaries.
        """
        found = jams.first("segment_open")
        if found is None or not found.observations:
            return None
        edges = np.unique(found.intervals)[:-1]
        edges = edges[edges > BEGINNING]
        if not edges.size:
            return np.zeros((grid.frames, 1), dtype=np.float32)
        after = np.searchsorted(edges, grid.times)
        nearest = np.minimum(
            np.abs(grid.times - edges[np.maximum(after - 1, 0)]),
            np.abs(grid.times - edges[np.minimum(after, edges.size - 1)]),
        )
        bump = np.where(nearest <= REACH, np.exp(-0.5 * (nearest / WIDTH) ** 2), 0.0)
        return bump[:, None].astype(np.float32)

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """One label, present or absent."""
        return Output.of(("boundary",), "sigmoid")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **given: Any) -> Decoder:
        """Peaks are boundaries, and sections with similar features share a letter.

        Args:
            frame_rate: of activations and features, frames per second.
            given: those of `decoders.sections.SectionFinder`.
        """
        from deepmir.decoders.sections import SectionFinder

        find = options.make(SectionFinder, frame_rate, given)

        def decode(activations: Array) -> list[Annotation]:
            found = find(activations)
            pairs = zip(found.intervals.tolist(), found.letters, strict=True)
            observations = tuple(Observation(a, b - a, letter) for (a, b), letter in pairs)
            return [Annotation("segment_open", observations)]

        return decode

    def learned(self, annotated: Sequence[Jams]) -> dict[str, Any]:
        """Mean number of different letters per section, over recordings.

        The primary metric depends on boundaries only, so validation could not choose this.
        """
        found = [jams.first("segment_open") for jams in annotated]
        shares = [len(set(a.values)) / len(a.values) for a in found if a and len(a.values) > 1]
        return {"labels_per_section": float(np.mean(shares))} if shares else {}

    @property
    def choices(self) -> Mapping[str, tuple[Any, ...]]:
        """How far a boundary has to stand out, and from how large a neighbourhood."""
        return {
            "threshold": (0.2, 0.02, 0.05, 0.1, 0.15, 0.25, 0.3, 0.4),
            "window": (3.0, 2.0, 6.0),
        }

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "f_3"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """Shares, except for the median deviations, which are in seconds."""
        boundaries = (*WINDOWS, *(f"{name}_trimmed" for name in WINDOWS))
        entropies = ("entropy_f", "entropy_over", "entropy_under")
        seconds = dict.fromkeys(DEVIATIONS, Metric("less", worst=math.inf))
        return shares((*boundaries, "pairwise_f", *entropies)) | seconds

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Boundaries (`f_3`, `f_05`, deviations) and letters (`pairwise_f`, `entropy_*`).

        All are those of mir_eval.segment with its defaults: beginning and end of the recording
        count as boundaries. `f_3_trimmed` and `f_05_trimmed` exclude them, and are undefined for a
        recording of one section. The median deviations, in seconds, are from true boundaries to
        the nearest estimated ones and vice versa. The entropies show whether sections are divided
        too much (`over`) or too little (`under`), 1 being right; they are undefined for a single
        letter. H. Lukashevich, "Towards quantitative measures of evaluating song segmentation",
        ISMIR 2008; M. Levy and M. Sandler, IEEE TASLP 16(2), 2008, for the pairs.
        """
        found = reference.first("segment_open")
        if found is None or not found.observations:
            return {}
        end = float(found.intervals.max())
        if end <= 0:
            return {}
        truth, guess = sections(reference, end), sections(estimate, end)
        return _boundary_scores(truth[0], guess[0]) | _letter_scores(truth, guess)

    def failed(self, reference: Jams) -> dict[str, float]:
        """The worst scores; boundaries are no farther apart than the recording is long."""
        scores = super().failed(reference)
        return {name: min(value, reference.duration) for name, value in scores.items()}

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """Stretching moves the boundaries, which is accounted for by the grid of the target."""
        return {"time_stretch": "change", "pitch_shift": "keep"}


def _boundary_scores(truth: Floats, guess: Floats) -> dict[str, float]:
    """Hit rates within 3 s and 0.5 s, with and without both ends, and deviations."""
    from mir_eval import segment

    scores = {
        name: segment.detection(truth, guess, window=window)[2] for name, window in WINDOWS.items()
    }
    if len(truth) > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of mir_eval, about empty estimates
            for name, window in WINDOWS.items():
                trimmed = segment.detection(truth, guess, window=window, trim=True)
                scores[f"{name}_trimmed"] = trimmed[2]
    scores |= dict(zip(DEVIATIONS, segment.deviation(truth, guess), strict=True))
    return {name: float(value) for name, value in scores.items()}


def _letter_scores(truth: Sections, guess: Sections) -> dict[str, float]:
    import mir_eval

    if truth[0].max() < 2 * HOP:
        return {}
    letters = _sampled(truth)
    scores = {"pairwise_f": _pairwise(letters, _sampled(guess))}
    if letters.any():
        over, under, f = mir_eval.segment.nce(*truth, *guess)
        scores |= {"entropy_f": float(f), "entropy_over": float(over)}
        scores["entropy_under"] = float(under)
    return scores


def _sampled(found: Sections) -> npt.NDArray[np.int64]:
    """The index of the letter at each instant, shape (instants,)."""
    import mir_eval

    letters = mir_eval.util.intervals_to_samples(*found, sample_size=HOP)[1]
    return np.array(mir_eval.util.index_labels(letters)[0], dtype=np.int64)


def _pairwise(truth: npt.NDArray[np.int64], guess: npt.NDArray[np.int64]) -> float:
    """F of the pairs of instants with the same letter, computed from counts.

    mir_eval.segment.pairwise gives the same from all pairs, with a gigabyte per hour.
    """
    both = _pairs(truth * (guess.max() + 1) + guess)
    return 2 * both / max(_pairs(truth) + _pairs(guess), 1)


def _pairs(letters: npt.NDArray[np.int64]) -> int:
    counts = np.bincount(letters)
    return int((counts * (counts - 1) // 2).sum())


TASK = Structure()
