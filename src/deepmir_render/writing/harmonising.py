"""A plain accompaniment for a tune: one diatonic triad per bar, or per half bar in four."""

from dataclasses import replace

import numpy as np

from deepmir_render.song import Chord, Song

# Triads of the key: semitones above the tonic, quality, and preference.
TRIADS = {
    "major": (
        *((0, ":maj", 0.14), (7, ":maj", 0.09), (5, ":maj", 0.08)),
        *((9, ":min", 0.02), (2, ":min", 0)),
    ),
    "minor": (
        *((0, ":min", 0.14), (7, ":maj", 0.09), (5, ":min", 0.07)),
        *((10, ":maj", 0.04), (8, ":maj", 0.02), (3, ":maj", 0.02)),
    ),
}
THIRDS = {":maj": 4, ":min": 3}


def harmonise(song: Song) -> Song:
    """Give a song with one key and metre the triads that cover most of its melody's duration.

    The pickup has no chord, and the last unit has the tonic's.
    """
    metre, key = song.metre, song.keys[0]
    unit = metre.bar_length / 2 if metre.beats == 4 else metre.bar_length
    starts = np.arange(song.pickup, song.end - metre.beat_length / 2, unit).round(6).tolist()
    spans = list(zip(starts, [*starts[1:], song.end], strict=True))
    chords = [_best(song, start, end) for start, end in spans[:-1]]
    tonic = Chord(*spans[-1], key.tonic, ":maj" if key.mode == "major" else ":min")
    return replace(song, chords=(*chords, tonic))


def _best(song: Song, start: float, end: float) -> Chord:
    weights = _weights(song, start, end)
    total = sum(weights) or 1.0
    key = song.keys[0]

    def fit(triad: tuple[int, str, float]) -> float:
        root = (key.tonic + triad[0]) % 12
        steps = (0, THIRDS[triad[1]], 7)
        return sum(weights[(root + step) % 12] for step in steps) / total + triad[2]

    step, quality, _ = max(TRIADS[key.mode], key=fit)
    return Chord(start, end, (key.tonic + step) % 12, quality)


def _weights(song: Song, start: float, end: float) -> list[float]:
    """Duration of each pitch class in a span; a note at its start counts twice."""
    weights = [0.0] * 12
    for note in song.melody:
        overlap = min(note.end, end) - max(note.start, start)
        if overlap > 0:
            weights[note.pitch % 12] += overlap * (2 if abs(note.start - start) < 1e-3 else 1)
    return weights
