"""Chord annotations in Harte's syntax: read, spread over frames, compared.

C. Harte, M. Sandler, S. Abdallah and E. Gomez, "Symbolic representation of musical chords", ISMIR
2005. Labels are read by mir_eval, so that targets and scores agree.
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

# Seconds: what is shorter, two roundings of one instant have made.
TOLERANCE = 1e-5

WITH_BASS = ("thirds", "majmin", "triads", "sevenths", "tetrads")  # have a comparison of it too
COMPARISONS = ("root", *WITH_BASS, "mirex", *(f"{name}_inv" for name in WITH_BASS))
SEGMENTATION = ("underseg", "overseg", "seg")


def states(qualities: Sequence[str]) -> tuple[str, ...]:
    """Labels of the qualities on all roots, quality by quality, then of no chord."""
    return (*(f"{root}:{quality}" for quality in qualities for root in ROOTS), NO_CHORD)


MAJOR_AND_MINOR = states(("maj", "min"))


@dataclass(frozen=True)
class Chord:
    """What a label means.

    Attributes:
        root: pitch class, C = 0; None for no chord and for an unknown one.
        steps: semitones above the root that sound, the bass among them; empty for no chord.
        bass: semitones of the bass above the root.
        known: False for `X` and for what mir_eval cannot read.
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
    """Labels without a gap.

    Attributes:
        edges: of the segments, in seconds, shape (segments + 1,), ascending.
        labels: of the segments; at least one; `X` where mir_eval cannot read the label.
    """

    edges: Floats
    labels: tuple[str, ...]

    @property
    def intervals(self) -> Floats:
        """Start and end of each segment in seconds, shape (segments, 2)."""
        return np.stack([self.edges[:-1], self.edges[1:]], axis=1)


def timeline(jams: Jams, gap: str = UNKNOWN) -> Timeline | None:
    """The chords of a recording; None where there are none.

    Of two chords that overlap, the later one holds from its start.

    Args:
        jams: with a `chord` annotation.
        gap: the label of what is between chords.
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
    """What each frame has of some values of the chords, by the time that each chord takes of it.

    A change of chord within a frame shows in its target, and from a network's activations it can
    be read again: half of the frames of a quick piece have one.

    Args:
        chords: segments.
        values: of each segment, shape (V,); None where they are not known.
        grid: a frame lasts from half a step before its instant to half a step after it.

    Returns:
        Shape (frames, V); NaN where less than half of a frame is known.
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
    """The states of each recording with chords, one after another, each with its seconds.

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
    """What the scores of :func:`metrics` are: all are shares."""
    return shares((*COMPARISONS, *SEGMENTATION))


def metrics(reference: Jams, estimate: Jams) -> dict[str, float]:
    """The scores of chord recognition, all by `mir_eval.chord`.

    The share of the time at which the chords are equal as far as the comparison looks (`root`,
    `thirds`, `majmin`, `triads`, `sevenths`, `tetrads`, `mirex`; with `_inv` also in the bass), out
    of the time at which the reference can be compared so; and how well the segments fit
    (`underseg`, `overseg`, `seg`). Where an estimate says nothing there is no chord. See
    J. Pauwels and G. Peeters, "Evaluating automatically estimated chord sequences", ICASSP 2013.

    Returns:
        Nothing without a reference; a comparison that fits none of its chords is left out.
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
    truth = timeline(reference, gap=NO_CHORD) or truth  # as the estimate's, to be cut like it
    segments = [
        mir_eval.chord.merge_chord_intervals(intervals, labels)
        for intervals, labels in ((truth.intervals, list(truth.labels)), (guessed, guess_labels))
    ]
    scores["underseg"] = float(mir_eval.chord.underseg(*segments))
    scores["overseg"] = float(mir_eval.chord.overseg(*segments))
    scores["seg"] = min(scores["underseg"], scores["overseg"])
    return scores


def _fitted(guess: Timeline | None, start: float, end: float) -> tuple[Floats, list[str]]:
    """An estimate from `start` to `end`, no chord where it has none."""
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
