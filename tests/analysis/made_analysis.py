"""An analysis in the decoders' form: numpy numbers, a last frame beyond the end."""

from pathlib import Path

import numpy as np

from deepmir.analysis.results import Analysis, Source
from deepmir.files.annotations import Annotation, Jams, Observation

NAMESPACES = {
    "tempo": "tempo",
    "key": "key_mode",
    "beat": "beat",
    "onset": "onset",
    "melody": "pitch_contour",
    "chord": "chord",
    "structure": "segment_open",
    "notes": "note_midi",
    "mood": "mood_thayer",
    "chord_large": "chord",
    "pitch_class": "pitch_class",
}
KINDS = {"singing": "voice", "instrument": "instrument", "genre": "genre", "tagging": "tags"}
KINDS |= {"mood_quadrant": "mood", "offset": "offset"}


def source(task):
    return Source(task, f"{task}-cnn", "0.1.0", "da7a", "c0de")


def stated(task, observations):
    about = source(task)
    sandbox = {
        "task": task,
        "model": about.model,
        "version": about.version,
        "data_hash": about.data_hash,
        "commit": about.commit,
    }
    if task in KINDS:
        sandbox["kind"] = KINDS[task]
    return Annotation(NAMESPACES.get(task, "tag_open"), tuple(observations), "deepmir", sandbox)


def analysis_of(duration, path=Path("song.mp3"), **tasks):
    """An analysis from the observations of each task."""
    found = tuple(stated(task, rows) for task, rows in tasks.items())
    return Analysis(path, Jams(duration, found, "A song"), {task: source(task) for task in tasks})


def melody(times, frequencies, voiced):
    return [
        Observation(time, 0.0, {"frequency": hertz, "index": 0, "voiced": sung})
        for time, hertz, sung in zip(times, frequencies, voiced, strict=True)
    ]


BEATS = [(0.3 + 0.5 * i + 0.004 * (i % 3), 1 + (i + 2) % 4) for i in range(19)]
CHORDS = [(0.0, 2.3, "C:maj"), (2.3, 4.35, "A:min/b3"), (4.35, 9.0, "N"), (9.0, 10.1, "F#:7")]
NOTES = [(0.25, 0.75, 60), (0.75, 1.5, 60), (0.3, 2.0, 64), (4.0, 9.99, 21), (5.0, 5.2, 108)]
SECTIONS = [(0.0, 4.35, "A"), (4.35, 10.02, "B")]
SUNG = [(1.0, 2.5), (6.0, 10.02)]
STEP = 0.01
CONTOUR_TIMES = np.arange(1001) * STEP
CONTOUR_HERTZ = np.where(CONTOUR_TIMES < 5, 440.0, 440.0 * 2 ** (3 / 12))
CONTOUR_VOICED = (CONTOUR_TIMES >= 4) & (CONTOUR_TIMES < 6)


def spans(rows, confidence=None):
    return [Observation(start, end - start, label, confidence) for start, end, label in rows]


def everything(duration=10.0):
    """Every task, for ten seconds."""
    return analysis_of(
        duration,
        tempo=[Observation(0.0, 0.0, 118.5, 0.75), Observation(0.0, 0.0, 59.25, 0.25)],
        key=[Observation(0.0, 0.0, "Eb:minor", np.float64(0.9))],
        beat=[Observation(time, 0.0, position) for time, position in BEATS],
        onset=[Observation(time) for time in (0.25, 0.75, 4.0, 10.004)],
        melody=melody(CONTOUR_TIMES, CONTOUR_HERTZ, CONTOUR_VOICED),
        chord=spans(CHORDS, np.float64(1.0000001)),
        structure=spans(SECTIONS),
        notes=spans(NOTES, 0.5),
        singing=[Observation(start, end - start, "voice") for start, end in SUNG],
        instrument=spans([(0.0, 3.0, "pi\"ano, grand"), (2.0, 10.02, "Flöte")], 0.5),
        genre=[Observation(0.0, 0.0, "reel", 0.2), Observation(0.0, 0.0, "jig", 0.7)],
        tagging=[Observation(0.0, 0.0, "fast", 0.3), Observation(0.0, 0.0, "major", 0.6)],
        mood=[Observation(0.0, 0.0, [0.25, -0.5])],
        mood_quadrant=[Observation(0.0, 0.0, "calm", 0.6), Observation(0.0, 0.0, "sad", 0.4)],
    )  # fmt: skip
