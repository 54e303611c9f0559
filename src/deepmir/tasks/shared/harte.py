"""Chord annotations in Harte's syntax: reading, framing and comparison.

C. Harte, M. Sandler, S. Abdallah and E. Gomez, "Symbolic representation of musical chords", ISMIR
2005. Labels are read by mir_eval, so targets and scores agree.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

import numpy as np

from deepmir.files.annotations import Jams, Observation
from deepmir.tasks.base import Array, Floats, Grid, Metric, shares

ROOTS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
NO_CHORD, UNKNOWN = "N", "X"

# Seconds: shorter segments are rounding differences.
TOLERANCE = 1e-5

WITH_BASS = ("thirds", "majmin", "triads", "sevenths", "tetrads")  # have a comparison with bass too
COMPARISONS = ("root", *WITH_BASS, "mirex", *(f"{name}_inv" for name in WITH_BASS))
SEGMENTATION = ("underseg", "overseg", "seg")


def states(qualities: Sequence[str]) -> tuple[str, ...]:
    """Labels of the qualities on all roots, quality by quality, then no chord."""
    return (*(f"{root}:{quality}" for quality in qualities for root in ROOTS), NO_CHORD)


MAJOR_AND_MINOR = states(("maj", "min"))


@dataclass(frozen=True)
class Chord:
    """The meaning of a label.

    Attributes:
        root: pitch class, C = 0; None for no chord and for unknown chords.
        steps: chord notes in semitones above the root, including the bass; empty for no chord.
        bass: semitones of the bass above the root.
        known: False for `X` and for labels that mir_eval cannot read.
    """

    root: int | None
    steps: frozenset[int]
    bass: int = 0
    known: bool = True


@cache
def parse(label: str) -> Chord:
    """Read a label as `mir_eval.chord.encode` does."""
    import mir_eval

    try:
        root, bitmap, bass = mir_eval.chord.encode(label)
    except mir_eval.chord.InvalidChordException:
        return Chord(None, frozenset(), known=False)
    if root < 0:
        return Chord(None, frozenset(), known=label == NO_CHORD)
    return Chord(int(root), frozenset(np.flatnonzero(bitmap).tolist()), int(bass))


@dataclass(frozen=True)
class Timeline:
    """Labels without gaps.

    Attributes:
        edges: boundaries of the segments, in seconds, shape (segments + 1,), ascending.
        labels: one per segment, at least one; `X` if mir_eval cannot read the label.
    """

    edges: Floats
    labels: tuple[str, ...]

    @property
    def intervals(self) -> Floats:
        """Start and end of each segment in seconds, shape (segments, 2)."""
        return np.stack([self.edges[:-1], self.edges[1:]], axis=1)


def timeline(jams: Jams, gap: str = UNKNOWN) -> Timeline | None:
    """The chords of a recording; None if there are none.

    If two chords overlap, the later one counts from its start.

    Args:
        jams: with a `chord` annotation.
        gap: the label of gaps between chords.
    """
    found = jams.first("chord")
    spans = [] if found is None else sorted(found.observations, key=lambda o: o.time)
    edges: list[float] = []
    labels: list[str] = []
    for span, following in zip_longest(spans, spans[1:]):
        end = _end(span, following)
        if end - span.time < TOLERANCE:
            continue
        if not edges:
            edges.append(span.time)
        elif span.time - edges[-1] > TOLERANCE:
            edges.append(span.time)
            labels.append(gap)
        edges.append(end)
        label = str(span.value)
        labels.append(label if parse(label).known else UNKNOWN)
    return Timeline(np.array(edges), tuple(labels)) if labels else None


def _end(span: Observation, following: Observation | None) -> float:
    end = span.time + span.duration
    return end if following is None else min(end, following.time)


def spread(chords: Timeline, values: Sequence[Floats | None], grid: Grid) -> Array:
    """Values of the chords in each frame, weighted by the share of the frame that each takes.

    A chord change within a frame is thus represented in the target and can be recovered from a
    network's activations: half of the frames of a fast piece have one.

    Args:
        chords: segments.
        values: of each segment, shape (V,); None if unknown.
        grid: a frame lasts from half a step before its instant to half a step after it.

    Returns:
        Shape (frames, V); NaN if less than half of a frame is known.
    """
    width = next((len(value) for value in values if value is not None), 0)
    unknown = np.zeros(width + 1)
    rows = np.stack([unknown if v is None else np.append(v, 1.0) for v in values])
    lengths = np.diff(chords.edges)
    before = np.concatenate([np.zeros((1, width + 1)), np.cumsum(rows * lengths[:, None], axis=0)])
    times = grid.start + (np.arange(grid.frames + 1) - 0.5) * grid.step
    segment = np.searchsorted(chords.edges[1:-1], times, side="right")
    within = np.clip(times - chords.edges[segment], 0, lengths[segment])
    parts = np.diff(before[segment] + rows[segment] * within[:, None], axis=0)
    parts, known = parts[:, :-1], parts[:, -1:]
    share = np.where(known >= grid.step / 2 - 1e-9, known, np.nan)
    return np.asarray(parts / share, dtype=np.float32)


def sequences(
    annotated: Sequence[Jams], state_of: Callable[[str], int | None]
) -> list[list[tuple[int | None, float]]]:
    """The states of each recording with chords in order, each with its duration in seconds.

    Args:
        annotated: recordings.
        state_of: the state of a label; None if it has none.
    """
    found = [chords for jams in annotated if (chords := timeline(jams)) is not None]
    return [
        [
            (state_of(label), float(length))
            for label, length in zip(c.labels, np.diff(c.edges), strict=True)
        ]
        for c in found
    ]


def measures() -> dict[str, Metric]:
    """The metrics of :func:`metrics`: all are shares."""
    return shares((*COMPARISONS, *SEGMENTATION))


def metrics(reference: Jams, estimate: Jams) -> dict[str, float]:
    """The scores of chord recognition, all by `mir_eval.chord`.

    The share of the time in which the chords are equal with respect to the comparison (`root`,
    `thirds`, `majmin`, `triads`, `sevenths`, `tetrads`, `mirex`; with `_inv` also in the bass), out
    of the time in which the reference can be compared; and the quality of segmentation
    (`underseg`, `overseg`, `seg`). Gaps in an estimate count as no chord. See J. Pauwels and
    G. Peeters, "Evaluating automatically estimated chord sequences", ICASSP 2013.

    Returns:
        Empty without a reference; a comparison that applies to none of its chords is omitted.
    """
    import mir_eval

    truth, guess = timeline(reference), timeline(estimate, gap=NO_CHORD)
    if truth is None or set(truth.labels) == {UNKNOWN}:
        return {}
    guessed, guess_labels = _fitted(guess, truth.edges[0], truth.edges[-1])
    merged = mir_eval.util.merge_labeled_intervals(
        truth.intervals, list(truth.labels), guessed, guess_labels
    )
    scores = _compared(*merged)
    truth = timeline(reference, gap=NO_CHORD) or truth  # gaps as in the estimate, to be cut alike
    segments = [
        mir_eval.chord.merge_chord_intervals(intervals, labels)
        for intervals, labels in ((truth.intervals, list(truth.labels)), (guessed, guess_labels))
    ]
    scores["underseg"] = float(mir_eval.chord.underseg(*segments))
    scores["overseg"] = float(mir_eval.chord.overseg(*segments))
    scores["seg"] = min(scores["underseg"], scores["overseg"])
    return scores


def _fitted(guess: Timeline | None, start: float, end: float) -> tuple[Floats, list[str]]:
    """An estimate from `start` to `end`, filled with no chord."""
    if guess is None or guess.edges[-1] <= start or guess.edges[0] >= end:
        return np.array([[start, end]]), [NO_CHORD]
    edges = np.unique(np.clip([start, *guess.edges, end], start, end))
    middles = (edges[:-1] + edges[1:]) / 2
    labels = [NO_CHORD, *guess.labels, NO_CHORD]
    chosen = [labels[index] for index in np.searchsorted(guess.edges, middles, side="right")]
    return np.stack([edges[:-1], edges[1:]], axis=1), chosen


def _compared(
    intervals: Floats, reference: Sequence[str], estimate: Sequence[str]
) -> dict[str, float]:
    import mir_eval

    durations = mir_eval.util.intervals_to_durations(intervals)
    scores = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for name in COMPARISONS:
            compared = getattr(mir_eval.chord, name)(reference, estimate)
            if durations[compared >= 0].sum() > 0:
                scores[name] = float(mir_eval.chord.weighted_accuracy(compared, durations))
    return scores
