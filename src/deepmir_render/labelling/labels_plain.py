"""The annotations of a performance, exact because the sound is made from the same numbers."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir_render.labelling.observations import annotation, at, seconds, span
from deepmir_render.playing.performance_plain import (
    SAMPLE_RATE,
    Performance,
    PlayedNote,
    PlayedPart,
    beats,
)
from deepmir_render.playing.tempo import TempoCurve
from deepmir_render.writing.notation import ChordSpan

MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
ROOTS = MAJOR_TONICS
HOP = 0.01  # seconds between frames of the melody's pitch
SIMULTANEOUS = 0.03  # seconds within which notes are one onset


def label(
    performance: Performance,
    title: str,
    artist: str,
    sandbox: dict[str, object],
    more: Sequence[Annotation] = (),
) -> Jams:
    """Every annotation of a performance.

    Args:
        performance: what sounds.
        title: of the work.
        artist: composer or collection.
        sandbox: what else should be known of the track.
        more: annotations beside those of notes, beats, key and chords.
    """
    annotations = [
        _tempo(performance),
        _key(performance),
        annotation("beat", (at(time, value) for time, value in _beats(performance))),
        onset_annotation(performance.parts),
        *(note_annotation(part) for part in performance.parts),
        _melody(performance),
        *_chords(performance),
        *more,
    ]
    return Jams(
        duration=seconds(performance.samples),
        annotations=tuple(annotations),
        title=title,
        artist=artist,
        sandbox=dict(sandbox),
    )


def tonic_name(tonic: int, mode: str) -> str:
    """The usual spelling of a tonic: with the fewer accidentals in the key's signature."""
    return (MAJOR_TONICS if mode == "major" else MINOR_TONICS)[tonic]


def _beats(performance: Performance) -> list[tuple[float, int]]:
    return beats(performance.arrangement.score, performance.curve)


def _tempo(performance: Performance) -> Annotation:
    times = [time for time, _ in _beats(performance)]
    intervals = [b - a for a, b in pairwise(times)]
    bpm = round(60 / median(intervals), 3)
    observation = Observation(0.0, seconds(performance.samples), bpm, confidence=1.0)
    return annotation("tempo", [observation])


def _key(performance: Performance) -> Annotation:
    score = performance.arrangement.score
    value = f"{tonic_name(score.tonic, score.mode)}:{score.mode}"
    return annotation("key_mode", [span(0.0, performance.duration, value)])


def onset_annotation(parts: Sequence[PlayedPart]) -> Annotation:
    """When anything starts to sound; what starts together is one onset, at its first note."""
    starts = sorted({note.start for part in parts for note in part.notes})
    onsets: list[int] = []
    for start in starts:
        if not onsets or start - onsets[-1] >= SIMULTANEOUS * SAMPLE_RATE:
            onsets.append(start)
    return annotation("onset", (at(seconds(start), None) for start in onsets))


def note_annotation(part: PlayedPart) -> Annotation:
    """The notes of a part, what plays them in the sandbox."""
    observations = (span(seconds(n.start), seconds(n.end), n.pitch) for n in part.notes)
    instrument = part.instrument
    return annotation(
        "note_midi",
        observations,
        part=part.name,
        instrument=instrument.name,
        program=instrument.program,
        drums=instrument.drums,
    )


def _melody(performance: Performance) -> Annotation:
    """The fundamental frequency of the melody every 10 ms, 0 where it rests."""
    frames = int(performance.duration / HOP) + 1
    frequencies = [0.0] * frames
    for part in performance.melodic:
        if part.contour is not None:
            frequencies = [sung or f for sung, f in zip(part.contour, frequencies, strict=False)]
            continue
        for note in part.notes:
            pitch = round(440 * 2 ** ((note.pitch - 69) / 12), 3)
            for frame in frames_of(note):
                frequencies[frame] = pitch
    return contour_annotation(frequencies, part=performance.parts[0].name)


def contour_annotation(frequencies: Iterable[float], **sandbox: object) -> Annotation:
    """A pitch in Hz every 10 ms, 0 where there is none."""
    return annotation(
        "pitch_contour",
        (
            at(i * HOP, {"frequency": hertz, "index": 0, "voiced": hertz > 0})
            for i, hertz in enumerate(frequencies)
        ),
        **sandbox,
    )


def frames_of(note: PlayedNote) -> range:
    """The frames whose instant is inside a note."""
    hop = round(HOP * SAMPLE_RATE)
    return range(-(-note.start // hop), -(-note.end // hop))


def chord_annotation(
    chords: Sequence[ChordSpan], curve: TempoCurve, duration: float, **sandbox: object
) -> Annotation:
    """Chords with no gap from the beginning to the end; `N` where there is none."""
    observations, now = [], 0.0
    for chord in chords:
        start, end = curve.at(chord.start), curve.at(chord.end)
        if start - now > 1e-3:
            observations.append(span(now, start, "N"))
        value = chord.quality if chord.root is None else ROOTS[chord.root] + chord.quality
        observations.append(span(start, end, value))
        now = end
    observations.append(span(now, duration, "N"))
    return annotation("chord", observations, **sandbox)


def _chords(performance: Performance) -> list[Annotation]:
    """Chords where they are known."""
    arrangement, curve = performance.arrangement, performance.curve
    if not arrangement.chords:
        return []
    source = arrangement.chords_from
    return [chord_annotation(arrangement.chords, curve, performance.duration, source=source)]
