"""Chroma: active pitch classes (Table 1: low subjectivity, short decision time scale).

F. Korzeniowski and G. Widmer, "Feature learning for chord recognition: the deep chroma extractor",
ISMIR 2016, learn it from chords; here it is learned from the notes themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.decoders.vector_frames import VectorFrames
from deepmir.files.annotations import Annotation, Jams
from deepmir.tasks.base import Array, Decoder, Effect, Floats, Grid, Metric, Task, shares
from deepmir.tasks.output import Output
from deepmir.tasks.shared import harte
from deepmir.tasks.shared.options import make
from deepmir.tasks.shared.pitched import pitched_notes

# Seconds: within this distance an instant still belongs to a note.
ROUNDING = 1e-6


def sounding(jams: Jams, times: Floats) -> npt.NDArray[np.bool_] | None:
    """The active pitch classes at some instants, without drums, shape (instants, 12).

    None if the recording has no annotated notes.
    """
    notes = pitched_notes(jams)
    if notes is None:
        return None
    classes = np.rint(notes.pitches).astype(int) % 12
    columns = []
    for pitch_class in range(12):
        chosen = classes == pitch_class
        begun, over = (
            np.searchsorted(np.sort(edges[chosen]), times + ROUNDING, side="right")
            for edges in (notes.starts, notes.ends)
        )
        columns.append(begun > over)
    return np.stack(columns, axis=1)


def estimated(jams: Jams) -> tuple[Floats, Floats]:
    """Instants in seconds, shape (instants,), and vectors, shape (instants, 12), of an estimate."""
    found = jams.first("vector")
    if found is None or not found.observations:
        return np.zeros(0), np.zeros((0, 12))
    return found.times, np.array(found.values, dtype=np.float64)


@dataclass(frozen=True)
class Chroma(Task):
    """Twelve sigmoids per frame."""

    name: str = "chroma"
    namespaces: tuple[str, ...] = ("chord", "note_midi", "vector")
    time_varying: bool = True
    min_frame_rate: float = 4.0

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """1 for each pitch class that is active at the frame's instant, shape (frames, 12)."""
        found = sounding(jams, grid.times)
        return None if found is None else found.astype(np.float32)

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """Independent labels: several pitch classes sound together."""
        return Output.of(harte.ROOTS, "sigmoid")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """The activations themselves, at up to ten frames per second."""
        write = make(VectorFrames, frame_rate, options)
        return lambda activations: [write(activations)]

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "cosine"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """Both are shares."""
        return shares(("cosine", "chord_majmin"))

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Similarity of the vectors to the active pitch classes, and quality of their chords.

        `cosine` is the mean, over the estimate's instants with active notes, of the cosine between
        its vector and the binary pitch classes; `chord_majmin`, if chords are annotated, is the
        major/minor recall of template matching on the estimate. An empty estimate is as wrong,
        while notes are active, as one of zeros.
        """
        times, vectors = estimated(estimate)
        notes, truth = pitched_notes(reference), sounding(reference, times)
        if notes is None or truth is None or not (notes.ends > notes.starts).any():
            return {}
        scores = {"cosine": _cosine(truth.astype(np.float64), vectors)}
        chords = harte.metrics(reference, Jams(reference.duration, _chords(times, vectors)))
        if "majmin" in chords:
            scores["chord_majmin"] = chords["majmin"]
        return scores

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A pitch shift rotates the pitch classes; stretching changes the grid of the target."""
        return {"pitch_shift": "change", "time_stretch": "change"}

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """Rotate the pitch classes by `amount` semitones; the grid is already stretched."""
        return np.roll(target, round(amount), axis=-1) if deformation == "pitch_shift" else target


def _cosine(truth: Floats, vectors: Floats) -> float:
    audible = truth.any(axis=1)
    if not audible.any():
        return 0.0
    truth, vectors = truth[audible], vectors[audible]
    norms = np.linalg.norm(truth, axis=1) * np.linalg.norm(vectors, axis=1)
    return float(np.mean((truth * vectors).sum(axis=1) / np.maximum(norms, 1e-9)))


def _chords(times: Floats, vectors: Floats) -> tuple[Annotation, ...]:
    """Chords by template matching for equidistant vectors; none for fewer than two."""
    from deepmir.decoders.chord_templates import decode

    if times.size < 2:
        return ()
    frame_rate = (times.size - 1) / float(times[-1] - times[0])
    return (decode(vectors, frame_rate, harte.MAJOR_AND_MINOR),)


TASK = Chroma()
