"""Data that the page draws, as plain values for its script: times in s, pitches in MIDI."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.analysis.page import coding, spectrum, words
from deepmir.analysis.page.recording import PageRecording
from deepmir.analysis.results import Analysis, Span

UNVOICED = 0  # in a melody of hundredths of semitones; no note is as low as MIDI number 0


def of(analysis: Analysis, recording: PageRecording) -> dict[str, Any]:
    """Everything that is drawn; a lane is None if there was no network for it."""
    near, far = spectrum.pictures(recording.levels)
    return {
        "duration": round(analysis.duration, 3),
        "models": {task: source.model for task, source in analysis.sources.items()},
        "audio": {
            "segments": len(recording.segments),
            "seconds": coding.SEGMENT,
            "margin": coding.MARGIN,
        },
        "wave": {
            "rate": recording.points,
            "lows": _base64(recording.lows),
            "highs": _base64(recording.highs),
        },
        "spectrum": {
            "near": _picture(near),
            "far": _picture(far),
            "lowest": spectrum.LOWEST,
            "bins": recording.levels.shape[1],
            "perSemitone": spectrum.BINS_PER_SEMITONE,
        },
        "sections": _spans(analysis.sections, lambda span: [span.label]),
        "beats": _beats(analysis),
        "keys": _keys(analysis),
        "chords": _spans(analysis.chords, _chord),
        "melody": _melody(analysis),
        "notes": _notes(analysis),
        "singing": _spans(analysis.singing, lambda span: []),
        "instruments": _instruments(analysis),
        "onsets": None if analysis.onsets is None else _rounded(analysis.onsets),
        "others": {
            task: {"name": words.task(task), "rows": _spans(spans, lambda span: [span.label])}
            for task, spans in analysis.others.items()
            if not analysis.of_the_whole(spans)
        },
    }


def _picture(picture: spectrum.Picture) -> dict[str, Any]:
    return {"tiles": picture.tiles, "columns": picture.columns, "rate": picture.rate}


def _spans(
    spans: Sequence[Span] | None, more: Callable[[Span], list[Any]]
) -> list[list[Any]] | None:
    """Start, end and more of each, in the order of their starts."""
    if spans is None:
        return None
    rows = sorted(spans, key=lambda span: (span.start, span.end))
    return [[round(s.start, 3), round(s.end, 3), *more(s)] for s in rows]


def _chord(span: Span) -> list[Any]:
    """Its name, its root's pitch class (None for no chord) and whether it is minor."""
    root, _, quality = span.label.partition("/")[0].partition(":")
    minor = quality.startswith(("min", "dim", "hdim"))
    return [words.chord(span.label), words.pitch_class(root), minor]


def _beats(analysis: Analysis) -> dict[str, Any] | None:
    if analysis.beats is None:
        return None
    times, places = analysis.beats.times, analysis.beats.positions
    return {"times": _rounded(times), "places": [int(place) for place in places]}


def _keys(analysis: Analysis) -> list[list[Any]] | None:
    """Start, end, name and tonic: one row for the whole, or one for each change."""
    found = [a for a in analysis.jams.find("key_mode") if a.sandbox.get("task") == "key"]
    if not found:
        return None
    rows = []
    for o in found[0].observations:
        tonic, _, mode = str(o.value).partition(":")
        end = o.time + o.duration if o.duration else analysis.duration
        name = words.key(tonic, mode)
        rows.append([round(o.time, 3), round(end, 3), name, words.pitch_class(tonic)])
    return rows


def _melody(analysis: Analysis) -> dict[str, Any] | None:
    """Pitch at evenly spaced instants in hundredths of semitones, :data:`UNVOICED` for none."""
    melody = analysis.melody
    if melody is None or len(melody.times) < 2:
        return None if melody is None else {"start": 0, "step": 1, "pitches": []}
    voiced = melody.voiced & (melody.frequencies > 0)
    hertz = np.where(voiced, melody.frequencies, 440.0)
    pitches = np.rint(6900 + 1200 * np.log2(hertz / 440)).astype(int)
    span = float(melody.times[-1] - melody.times[0])
    return {
        "start": float(melody.times[0]),
        "step": span / (len(melody.times) - 1),
        "pitches": np.where(voiced, pitches, UNVOICED).tolist(),
    }


def _notes(analysis: Analysis) -> list[list[Any]] | None:
    if analysis.notes is None:
        return None
    rows = sorted(analysis.notes, key=lambda note: (note.start, note.pitch))
    return [[round(n.start, 3), round(n.end, 3), n.pitch] for n in rows]


def _instruments(analysis: Analysis) -> list[dict[str, Any]] | None:
    """A row for each instrument that sounds, the one that sounds longest first."""
    if analysis.instruments is None:
        return None
    names = dict.fromkeys(span.label for span in analysis.instruments)
    rows = {name: [s for s in analysis.instruments if s.label == name] for name in names}
    lengths = {name: sum(s.end - s.start for s in spans) for name, spans in rows.items()}
    order = sorted(rows, key=lambda name: -lengths[name])
    return [{"name": name, "spans": _spans(rows[name], lambda span: [])} for name in order]


def _rounded(times: npt.NDArray[np.float64]) -> list[float]:
    return [round(float(time), 3) for time in times]


def _base64(values: npt.NDArray[np.int8]) -> str:
    return base64.b64encode(values.tobytes()).decode()
