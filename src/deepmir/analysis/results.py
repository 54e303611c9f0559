"""The results of an analysis, with units.

An analysis is a JAMS file in memory, which is written by default; the properties of
:class:`Analysis` are the same results as plain, typed values. The property of a task that was not
run is None. Tasks without a property of their own are in :attr:`Analysis.others`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import Annotation, Jams, Pitches
from deepmir.tasks.shared.moods import quadrant

Floats = npt.NDArray[np.float64]

# The tasks that have a property of their own.
KNOWN = frozenset(
    (
        *("tempo", "key", "beat", "onset", "melody", "chord", "chord_large", "structure", "notes"),
        *("singing", "instrument", "genre", "tagging", "mood", "mood_quadrant", "vocal_melody"),
    )
)

# Confidence of a tag that is worth naming: of fifty words of listeners few are ever above one half.
NAMED_TAG = 0.2


@dataclass(frozen=True)
class Tempo:
    """A tempo in beats per minute, and its strength relative to other candidates, in [0, 1]."""

    bpm: float
    confidence: float


@dataclass(frozen=True)
class Key:
    """A key: tonic such as `Eb`, `major` or `minor`, and its probability if known."""

    tonic: str
    mode: str
    confidence: float | None


@dataclass(frozen=True)
class Beats:
    """Beats.

    Attributes:
        times: in seconds, ascending, shape (beats,).
        positions: place in the bar of each, 1 for the downbeat, shape (beats,).
    """

    times: Floats
    positions: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Melody:
    """The pitch of the main voice.

    Attributes:
        times: in seconds, evenly spaced, shape (instants,).
        frequencies: in Hz, a guess where it is unvoiced, shape (instants,).
        voiced: whether there is a melody, shape (instants,).
    """

    times: Floats
    frequencies: Floats
    voiced: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Span:
    """A label from `start` to `end` in seconds, with a confidence in [0, 1] if known."""

    start: float
    end: float
    label: str
    confidence: float | None = None


@dataclass(frozen=True)
class Note:
    """A note: start and end in seconds, pitch as a MIDI number."""

    start: float
    end: float
    pitch: int


@dataclass(frozen=True)
class Mood:
    """Valence and arousal, each in [-1, 1]."""

    valence: float
    arousal: float

    @property
    def quadrant(self) -> str:
        """Happy, angry, sad or calm, by the two signs."""
        return quadrant(self.valence, self.arousal)


@dataclass(frozen=True)
class Source:
    """The model of a task, by its card."""

    task: str
    model: str
    version: str
    data_hash: str
    commit: str


@dataclass(frozen=True)
class Analysis:
    """What was found in one recording.

    Attributes:
        path: of the recording; None for samples in memory.
        jams: all results, as written by default.
        sources: the model of each task.
    """

    path: Path | None
    jams: Jams
    sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """Length of the recording in seconds."""
        return self.jams.duration

    @property
    def tempo(self) -> Tempo | None:
        """The strongest tempo."""
        found = self._of("tempo", "tempo")
        if found is None or not found.observations:
            return None
        best = max(found.observations, key=lambda o: o.confidence or 0.0)
        return Tempo(float(best.value), float(best.confidence or 0.0))

    @property
    def key(self) -> Key | None:
        """The key of the whole recording."""
        found = self._of("key", "key_mode")
        if found is None or not found.observations:
            return None
        first = found.observations[0]
        tonic, _, mode = str(first.value).partition(":")
        return Key(tonic, mode, first.confidence)

    @property
    def beats(self) -> Beats | None:
        """Beats with their places in the bar."""
        found = self._of("beat", "beat")
        if found is None:
            return None
        return Beats(found.times, np.array(found.values, dtype=np.int64))

    @property
    def onsets(self) -> Floats | None:
        """The times of the onsets, in seconds, shape (onsets,)."""
        found = self._of("onset", "onset")
        return None if found is None else found.times

    @property
    def melody(self) -> Melody | None:
        """The main voice's pitch; the singer's, if only the vocal melody was asked for."""
        found = self._of("melody", "pitch_contour")
        return self.vocal_melody if found is None else _melody(found)

    @property
    def vocal_melody(self) -> Melody | None:
        """The main voice's pitch where someone sings."""
        found = self._of("vocal_melody", "pitch_contour")
        return None if found is None else _melody(found)

    @property
    def chords(self) -> tuple[Span, ...] | None:
        """Chords in Harte's syntax, without gaps; `N` for none.

        Those of the task chord_large, with sevenths and basses, if it was run.
        """
        large = self._of("chord_large", "chord")
        return _spans(self._of("chord", "chord") if large is None else large)

    @property
    def sections(self) -> tuple[Span, ...] | None:
        """Sections without gaps; equal letters are alike."""
        return _spans(self._of("structure", "segment_open"))

    @property
    def notes(self) -> tuple[Note, ...] | None:
        """Notes of all instruments."""
        found = self._of("notes", "note_midi")
        if found is None:
            return None
        rows = found.observations
        return tuple(Note(o.time, o.time + o.duration, round(float(o.value))) for o in rows)

    @property
    def singing(self) -> tuple[Span, ...] | None:
        """The intervals in which someone sings."""
        return _spans(self._of("singing", "tag_open"))

    @property
    def instruments(self) -> tuple[Span, ...] | None:
        """The intervals in which each instrument sounds."""
        return _spans(self._of("instrument", "tag_open"))

    @property
    def genre(self) -> tuple[Span, ...] | None:
        """Genres of the recording, the most likely first."""
        return _ranked(self._of("genre", "tag_open"))

    @property
    def tags(self) -> tuple[Span, ...] | None:
        """Tags of the recording, the most likely first."""
        return _ranked(self._of("tagging", "tag_open"))

    @property
    def mood_words(self) -> tuple[Span, ...] | None:
        """Quadrants of valence and arousal, the most likely first."""
        return _ranked(self._of("mood_quadrant", "tag_open"))

    @property
    def mood(self) -> Mood | None:
        """The mood of the recording."""
        found = self._of("mood", "mood_thayer")
        if found is None or not found.observations:
            return None
        valence, arousal = found.observations[0].value
        return Mood(float(valence), float(arousal))

    @property
    def others(self) -> dict[str, tuple[Span, ...]]:
        """The results of all other tasks; an instant is a span that ends where it starts."""
        found: dict[str, tuple[Span, ...]] = {}
        for annotation in self.jams.annotations:
            task = annotation.sandbox.get("task", "")
            if task and task not in KNOWN:
                found[task] = found.get(task, ()) + (_spans(annotation) or ())
        return found

    def of_the_whole(self, spans: Sequence[Span]) -> bool:
        """Whether all given spans are about the whole recording."""
        return bool(spans) and all(s.start <= 0 and s.end >= self.duration for s in spans)

    def _of(self, task: str, namespace: str) -> Annotation | None:
        """The annotation of a task, which is named in its sandbox."""
        return next((a for a in self.jams.find(namespace) if a.sandbox.get("task") == task), None)


def _melody(found: Annotation) -> Melody:
    rows = Pitches.of(found.observations)
    return Melody(rows.times, rows.frequencies, rows.voiced)


def _spans(found: Annotation | None) -> tuple[Span, ...] | None:
    if found is None:
        return None
    return tuple(
        Span(o.time, o.time + o.duration, _text(o.value), o.confidence) for o in found.observations
    )


def _text(value: Any) -> str:
    """A value as a label: a word as it is, nothing as an empty one."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value)


def _ranked(found: Annotation | None) -> tuple[Span, ...] | None:
    spans = _spans(found)
    if spans is None:
        return None
    return tuple(sorted(spans, key=lambda span: -(span.confidence or 0.0)))
