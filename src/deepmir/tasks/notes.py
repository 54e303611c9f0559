"""Transcription: pitch, start and end of every note (short decision time scale)."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import Annotation, Jams, Observation
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
from deepmir.tasks.shared import symbols, tags
from deepmir.tasks.shared.instants import widened
from deepmir.tasks.shared.options import make
from deepmir.tasks.shared.pitched import Notes, merged, pitched_notes, shifted

LOWEST = 21  # MIDI number of A0, the lowest key of a piano
KEYS = 88
LABELS = tuple(range(LOWEST, LOWEST + KEYS))
SCORED_RATE = 50.0  # frames per second at which frames are compared
AT_ONCE = 2.5  # instants within which notes begin together
PITCHES = 128  # MIDI numbers at which frames are compared
SHORTEST = 1e-3  # seconds: mir_eval refuses notes without duration
OFFSETS = {"note_f": None, "note_f_offset": 0.2}  # share of a note by which its end may differ


@dataclass(frozen=True)
class Transcription(Task):
    """Onsets and frames: 88 sigmoids each (Hawthorne et al., ISMIR 2018), without velocities."""

    name: str = "notes"
    namespaces: tuple[str, ...] = ("note_midi",)
    time_varying: bool = True
    confident: bool = True
    min_frame_rate: float = 30.0
    piecewise: bool = True

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """Onsets, widened by one frame on each side, then active pitches, shape (frames, 176).

        A note is active at the instants between its start and end, and at its onset frame.
        """
        notes = keyboard_notes(jams)
        if notes is None:
            return None
        target = np.zeros((grid.frames, 2 * KEYS), dtype=np.float32)
        for pitch in _played(notes):
            onsets = widened(notes.starts[notes.pitches == pitch], grid)
            target[:, pitch - LOWEST] = onsets
            target[:, KEYS + pitch - LOWEST] = onsets == 1
        target[:, KEYS:] = np.maximum(target[:, KEYS:], roll(notes, grid))
        return target

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """Onset and activity of each piano key, as independent labels."""
        onsets = Head(tuple(f"onset {midi}" for midi in LABELS), "sigmoid")
        frames = Head(tuple(f"frame {midi}" for midi in LABELS), "sigmoid")
        return Output((onsets, frames))

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """Notes that are started by an onset and sustained by frames.

        Args:
            frame_rate: of the activations, frames per second.
            options: those of `decoders.onset_gated.OnsetGated`.
        """
        from deepmir.decoders.onset_gated import OnsetGated

        gate = make(OnsetGated, frame_rate, options)

        def decode(activations: Array) -> list[Annotation]:
            found = gate(activations[:, :KEYS], activations[:, KEYS:])
            columns = (found.starts, found.ends, found.pitches, found.confidences)
            observations = tuple(
                Observation(start, end - start, int(key) + LOWEST, min(confidence, 1.0))
                for start, end, key, confidence in zip(*(c.tolist() for c in columns), strict=True)
            )
            return [Annotation("note_midi", observations)]

        return decode

    @property
    def choices(self) -> Mapping[str, tuple[Any, ...]]:
        """The thresholds for onsets and for frames."""
        thresholds = (0.5, 0.3, 0.7, 0.8, 0.9)  # high ones for networks with class weights
        return {"onset_threshold": thresholds, "frame_threshold": thresholds}

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "note_f"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """All but the symbol error rate are shares."""
        notes = (f"{name}{rule}" for rule in ("", "_merged") for name in OFFSETS)
        own = shares((*notes, "frame_f", "multipitch_accuracy"))
        return own | {symbols.NAME: symbols.MEASURE}

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """F of notes by onset (50 ms) and by onset and offset (20 %); F and accuracy of frames.

        `note_f` and `note_f_offset` are those of mir_eval.transcription, for all pitched notes. A
        transcription without instruments cannot contain a pitch twice at a time: `note_f_merged`
        and `note_f_offset_merged` are for both sides' notes as played on one piano.
        `multipitch_accuracy` is that of mir_eval.multipitch at 50 frames per second, with pitches
        rounded to semitones: correct over correct, missed and spurious ones. For an empty
        reference, a score is 1 if the estimate is empty, else 0. The symbols of the symbol error
        rate are the merged notes' pitches by onset, from low to high within each 50 ms.
        """
        truth, guess = pitched_notes(reference), pitched_notes(estimate)
        if truth is None:
            return {}
        if guess is None:
            guess = Notes(np.zeros(0), np.zeros(0), np.zeros(0))
        grid = Grid(0.0, 1 / SCORED_RATE, max(round(reference.duration * SCORED_RATE), 1))
        pair = on_keyboard(truth), on_keyboard(guess)
        return {
            **{name: note_f(truth, guess, ratio) for name, ratio in OFFSETS.items()},
            **{f"{name}_merged": note_f(*pair, ratio) for name, ratio in OFFSETS.items()},
            **frame_scores(*(roll(notes, grid, 0, PITCHES) for notes in (truth, guess))),
            **symbols.error(*map(_in_turn, pair)),
        }

    def claims(self, reference: Jams, estimate: Jams) -> Floats:
        """One per note, correct if counted by `note_f`."""
        truth, said = pitched_notes(reference), estimate.first("note_midi")
        if truth is None or said is None or not said.observations:
            return np.zeros((0, 3))
        guess = Notes(said.times, said.intervals[:, 1], np.array(said.values, dtype=np.float64))
        right = np.zeros(len(said.observations))
        right[_found(truth, guess)] = 1.0
        sure = [tags.confidence(o) for o in said.observations]
        return np.stack([np.array(sure), right, np.ones_like(right)], axis=1)

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A pitch shift moves the keys; stretching is handled by the grid of the target.

        An onset can only be found at its instant: one that is masked is lost.
        """
        return {"pitch_shift": "change", "time_stretch": "change", "time_mask": "forbid"}

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """Shift both heads by `amount` semitones; keys that leave the keyboard are lost."""
        if deformation != "pitch_shift":
            return target
        heads = target.reshape(len(target), 2, KEYS)
        return shifted(heads, round(amount)).reshape(target.shape)


def keyboard_notes(jams: Jams) -> Notes | None:
    """The pitched notes on a piano's keyboard, merged; None if there are no notes."""
    notes = pitched_notes(jams)
    return None if notes is None else on_keyboard(notes)


def on_keyboard(notes: Notes) -> Notes:
    """Notes as played on a piano, see :func:`merged`; those beyond its keys are omitted."""
    notes = merged(notes)
    there = (notes.pitches >= LOWEST) & (notes.pitches < LOWEST + KEYS)
    return Notes(notes.starts[there], notes.ends[there], notes.pitches[there])


def _in_turn(notes: Notes) -> list[float]:
    """Pitches by onset; those of simultaneous notes from low to high."""
    order = np.lexsort((notes.pitches, np.rint(notes.starts * SCORED_RATE / AT_ONCE)))
    pitches: list[float] = notes.pitches[order].tolist()
    return pitches


def roll(
    notes: Notes, grid: Grid, lowest: int = LOWEST, pitches: int = KEYS
) -> npt.NDArray[np.bool_]:
    """The active pitches at each instant, from the lowest on, shape (frames, pitches)."""
    sounding = np.zeros((grid.frames, pitches), dtype=bool)
    intervals = np.stack([notes.starts, notes.ends], axis=1)
    for pitch in _played(notes):
        if lowest <= pitch < lowest + pitches:
            sounding[:, pitch - lowest] = grid.inside(intervals[np.rint(notes.pitches) == pitch])
    return sounding


def _played(notes: Notes) -> list[int]:
    """The MIDI numbers of the pitches that occur, ascending."""
    return [int(pitch) for pitch in np.unique(np.rint(notes.pitches))]


def note_f(truth: Notes, guess: Notes, offset_ratio: float | None) -> float:
    """F of mir_eval.transcription: onsets within 50 ms, pitches within 50 cents.

    Args:
        truth: the reference.
        guess: the estimate.
        offset_ratio: the share of a note by which its end may differ (at least 50 ms); None if
            ends do not count.
    """
    from mir_eval.transcription import precision_recall_f1_overlap

    if not truth.starts.size and not guess.starts.size:
        return 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of mir_eval, without notes
        scores = precision_recall_f1_overlap(
            *_for_mir_eval(truth), *_for_mir_eval(guess), offset_ratio=offset_ratio
        )
    return float(scores[2])


def _for_mir_eval(notes: Notes) -> tuple[Floats, Floats]:
    """Intervals in seconds, shape (notes, 2), and pitches in Hz."""
    ends = np.maximum(notes.ends, notes.starts + SHORTEST)
    return np.stack([notes.starts, ends], axis=1), 440 * 2 ** ((notes.pitches - 69) / 12)


def _found(truth: Notes, guess: Notes) -> list[int]:
    """Indices of the estimated notes that mir_eval finds in the reference, ignoring ends."""
    from mir_eval.transcription import match_notes

    if not truth.starts.size:
        return []
    pairs = match_notes(*_for_mir_eval(truth), *_for_mir_eval(guess), offset_ratio=None)
    return [int(pair[1]) for pair in pairs]


def frame_scores(truth: npt.NDArray[np.bool_], guess: npt.NDArray[np.bool_]) -> dict[str, float]:
    """F and accuracy of piano rolls, shapes (frames, pitches).

    mir_eval.multipitch gives the same accuracy, but matches frame by frame, which takes seconds
    per minute; on a grid of semitones no matching is needed.
    """
    right, wrong = int((truth & guess).sum()), int((truth ^ guess).sum())
    if right + wrong == 0:
        return {"frame_f": 1.0, "multipitch_accuracy": 1.0}
    return {
        "frame_f": 2 * right / (2 * right + wrong),
        "multipitch_accuracy": right / (right + wrong),
    }


TASK = Transcription()
