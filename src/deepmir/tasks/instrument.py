"""Instrument recognition: active families at each instant (Table 1: low subjectivity)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Decoder, Effect, Floats, Grid, Metric, Task, shares
from deepmir.tasks.output import Output
from deepmir.tasks.shared import f_measure, options, tags

HOP = 0.1  # seconds between the scored instants
NAMES = {
    "keys": (
        *("piano", "bright piano", "electric grand", "honky-tonk piano", "electric piano"),
        *("fm electric piano", "harpsichord", "clavinet"),
    ),
    "organ": (
        *("organ", "percussive organ", "rock organ", "church organ", "reed organ"),
        *("accordion", "bandoneon"),
    ),
    "plucked": (
        *("nylon guitar", "steel guitar", "jazz guitar", "clean guitar", "muted guitar"),
        *("overdriven guitar", "distortion guitar", "guitar", "banjo", "harp"),
    ),
    "bass": (
        *("acoustic bass", "electric bass", "picked bass", "fretless bass", "slap bass"),
        *("slap bass 2", "synth bass", "synth bass 2"),
    ),
    "strings": (
        *("violin", "fiddle", "viola", "cello", "contrabass", "tremolo strings"),
        *("pizzicato strings", "slow strings"),
    ),
    "flutes": ("flute", "piccolo", "recorder", "pan flute", "ocarina", "whistle"),
    "reeds": (
        *("oboe", "english horn", "bassoon", "clarinet", "soprano saxophone", "alto saxophone"),
        *("tenor saxophone", "baritone saxophone", "saxophone", "bagpipe", "harmonica"),
    ),
    "brass": (*("trumpet", "muted trumpet", "trombone", "tuba", "french horn", "brass section"),),
    "mallets": (
        *("vibraphone", "marimba", "dulcimer", "celesta", "glockenspiel", "music box"),
        "xylophone",
    ),
    "singing": ("voice", "choir"),
    "drums": (),
}
LABELS = tuple(NAMES)
FAMILIES = {name: family for family, names in NAMES.items() for name in names}


def alike(name: str, other: str) -> bool:
    """Whether two names are of one instrument, or one of an instrument of the other's family."""
    return name == other or FAMILIES.get(name) == other or FAMILIES.get(other) == name


@dataclass(frozen=True)
class Instrument(Task):
    """A sigmoid per family over time, or over another vocabulary given by the data."""

    name: str = "instrument"
    namespaces: tuple[str, ...] = ("tag_open",)
    time_varying: bool = True
    confident: bool = True
    min_frame_rate: float = 5.0
    labels: tuple[str, ...] = LABELS

    def sounding(self, jams: Jams) -> list[Floats] | None:
        """The intervals in seconds in which each label is active, shape (intervals, 2).

        An instrument that is itself a label counts as such, another one as its family, and one
        without either is omitted.

        Returns:
            None for a recording without annotated instruments that have a label.
        """
        found = jams.first("tag_open", "instrument")
        if found is None:
            return None
        spans: list[list[tuple[float, float]]] = [[] for _ in self.labels]
        for o in found.observations:
            family = o.value if o.value in self.labels else FAMILIES.get(str(o.value))
            if family in self.labels:
                spans[self.labels.index(family)].append((o.time, o.time + o.duration))
        if not any(spans):
            return None
        return [np.array(each, dtype=np.float64).reshape(-1, 2) for each in spans]

    def _at(self, jams: Jams, grid: Grid) -> Array | None:
        """Activity at the instants of a grid, shape (frames, V)."""
        sounding = self.sounding(jams)
        if sounding is None:
            return None
        columns = [grid.inside(intervals) for intervals in sounding]
        return np.stack(columns, axis=1).astype(np.float32)

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """1 for the labels active at each instant, else 0, shape (frames, V)."""
        return self._at(jams, grid)

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """Independent labels: instruments play together."""
        return Output.of(self.labels, "sigmoid")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **given: Any) -> Decoder:
        """A running median, then a threshold, separately for each label.

        Args:
            frame_rate: of the activations, frames per second.
            given: those of `decoders.activity.Activity`.
        """
        from deepmir.decoders.activity import Activity

        find = options.make(Activity, frame_rate, given)

        def decode(activations: Array) -> list[Annotation]:
            observations = [
                Observation(start, end - start, label, confidence)
                for label, intervals in zip(self.labels, find(activations), strict=True)
                for start, end, confidence in intervals.tolist()
            ]
            return [tags.annotation("instrument", sorted(observations, key=lambda o: o.time))]

        return decode

    @property
    def choices(self) -> Mapping[str, tuple[Any, ...]]:
        """The threshold, and the length of the median window."""
        return {"threshold": (0.5, 0.2, 0.3, 0.4, 0.6), "width": (0.5, 1.0, 2.0, 4.0)}

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "frame_f"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """Shares: over the labels of each recording, and for each label over the whole part."""
        each = shares(("frame_f", "frame_precision", "frame_recall"))
        return each | f_measure.measures(self.labels)

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Micro-averaged F, precision and recall over all labels, every 100 ms.

        F and precision are 0 for an empty estimate.
        """
        row = self.row(reference, estimate)
        if row is None:
            return {}
        hits, false_alarms, misses = np.array(row).reshape(3, -1).sum(axis=1).tolist()
        if not hits + misses:  # only instruments that sound between two instants
            return {}
        return {
            "frame_f": 2 * hits / (2 * hits + false_alarms + misses),
            "frame_precision": hits / (hits + false_alarms) if hits else 0.0,
            "frame_recall": hits / (hits + misses),
        }

    def row(self, reference: Jams, estimate: Jams) -> tuple[float, ...] | None:
        """Numbers of hits, then false alarms, then misses of each label, in instants."""
        grid = _scored(reference)
        truth, guess = self._at(reference, grid), self._at(estimate, grid)
        if truth is None:
            return None
        return _counts(truth, np.zeros_like(truth) if guess is None else guess)

    def failed_row(self, reference: Jams) -> tuple[float, ...] | None:
        """All active instants are missed, and all others are false alarms."""
        truth = self._at(reference, _scored(reference))
        return None if truth is None else _counts(truth, 1 - truth)

    def corpus_metrics(self, rows: Floats) -> dict[str, float]:
        """F of every label over all instants, and the macro average, which includes rare ones.

        Args:
            rows: of :meth:`row`, shape (tracks, 3 V).
        """
        counts = rows.sum(axis=0).reshape(3, -1)
        return f_measure.macro(f_measure.f_measures(*counts), self.labels)

    def claims(self, reference: Jams, estimate: Jams) -> Floats:
        """One per interval: the share of its duration with the label active, in seconds."""
        grid = _scored(reference)
        truth, said = self._at(reference, grid), estimate.first("tag_open", "instrument")
        if truth is None or said is None:
            return np.zeros((0, 3))
        before = np.concatenate([np.zeros((1, len(self.labels))), truth.cumsum(axis=0)])
        rows = []
        for o in said.observations:
            edges = np.array([o.time, o.time + o.duration])
            first, last = np.ceil(grid.position(edges) - 1e-6).clip(0, grid.frames).astype(int)
            if o.value in self.labels and last > first:
                column = self.labels.index(o.value)
                share = (before[last, column] - before[first, column]) / (last - first)
                rows.append((tags.confidence(o), share, (last - first) * HOP))
        return np.array(rows).reshape(-1, 3)

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """Stretching moves the intervals, which is accounted for by the grid of the target."""
        return {"time_stretch": "change", "pitch_shift": "keep"}


def _scored(jams: Jams) -> Grid:
    """The instants that are scored."""
    return Grid(HOP / 2, HOP, max(round(jams.duration / HOP), 1))


def _counts(truth: Array, guess: Array) -> tuple[float, ...]:
    """Hits, then false alarms, then misses of each label, from shapes (frames, V)."""
    counts = (truth * guess, (1 - truth) * guess, truth * (1 - guess))
    return tuple(np.concatenate([count.sum(axis=0) for count in counts]).tolist())


TASK = Instrument()
