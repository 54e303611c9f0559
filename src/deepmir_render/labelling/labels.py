"""The annotations of a rendered track, exact because the sound is made from the same numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

import numpy as np

from deepmir.files.annotations import PAUSE, Annotation, Jams, Observation, joined
from deepmir_render.labelling.describing import facts_of, mood, tags
from deepmir_render.mixing.mix import Effects
from deepmir_render.playing.performance import Performance
from deepmir_render.playing.played import SAMPLE_RATE, PlayedNote, PlayedPart
from deepmir_render.singing.sung import Sung
from deepmir_render.styles import STYLES
from deepmir_render.writing.arrangement import MELODY

MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
ROOTS = MAJOR_TONICS
HOP = 0.01  # seconds between frames of the melody's pitch
SIMULTANEOUS = 0.03  # seconds within which notes are one onset
AUDIBLE = 25  # velocity of a note below which its onset is inaudible in the mix
SILENCE = 0.5  # seconds: a shorter gap does not interrupt an instrument


def label(
    performance: Performance,
    sung: Sequence[Sung],
    effects: Effects,
    level: float,
    sandbox: dict[str, object],
    voices: bool = True,
) -> Jams:
    """Every annotation of a track.

    Args:
        performance: to annotate.
        sung: the sung parts as sung, the lead first.
        effects: of the recording, for its tags.
        level: RMS of the recording, in dB relative to full scale.
        sandbox: further metadata of the track.
        voices: whether singing is annotated.
    """
    song = performance.arrangement.song
    parts = tuple(_named(p) for p in (*performance.parts, *(each.part for each in sung)))
    annotations = [
        _tempo(performance),
        *_keys(performance),
        annotation("beat", (at(time, place) for time, place in performance.beats)),
        _onsets(performance, sung),
        *(_notes(part) for part in parts),
        _melody(performance, sung),
        *_chords(performance),
        *_sections(performance),
        _instruments(parts),
        *_described(performance, parts, effects, level),
    ]
    if voices:
        annotations.append(_voice(sung))
    return Jams(
        duration=seconds(performance.samples),
        annotations=tuple(annotations),
        title=song.title,
        artist=song.artist,
        sandbox=sandbox,
    )


def seconds(samples: float) -> float:
    """The time of a sample."""
    return round(samples / SAMPLE_RATE, 6)


def at(time: float, value: object) -> Observation:
    """An observation at an instant."""
    return Observation(round(time, 6), 0.0, value)


def span(start: float, end: float, value: object) -> Observation:
    """An observation of an interval, with its start and end."""
    return Observation(round(start, 6), round(end - start, 6), value)


def annotation(
    namespace: str, observations: Iterable[Observation], **sandbox: object
) -> Annotation:
    """An annotation by this program."""
    return Annotation(namespace, tuple(observations), tool="deepmir", sandbox=sandbox)


def tonic_name(tonic: int, mode: str) -> str:
    """The usual spelling of a tonic: that with fewer accidentals in the key signature."""
    return (MAJOR_TONICS if mode == "major" else MINOR_TONICS)[tonic]


def _named(part: PlayedPart) -> PlayedPart:
    """The part under the common name of all drum kits in annotations."""
    if not part.instrument.drums:
        return part
    return replace(part, instrument=replace(part.instrument, name="drums"))


def _tempo(performance: Performance) -> Annotation:
    bpm = round(60 / median(b - a for (a, _), (b, _) in pairwise(performance.beats)), 3)
    return annotation("tempo", [replace(span(0.0, performance.duration, bpm), confidence=1.0)])


def _keys(performance: Performance) -> list[Annotation]:
    keys = performance.arrangement.song.keys
    values = [f"{tonic_name(key.tonic, key.mode)}:{key.mode}" for key in keys]
    return _gapless("key_mode", [key.start for key in keys], values, performance)


def _sections(performance: Performance) -> list[Annotation]:
    sections = performance.arrangement.song.sections
    labels = [section.label for section in sections]
    return _gapless("segment_open", [section.start for section in sections], labels, performance)


def _gapless(
    namespace: str, starts: Sequence[float], values: Sequence[str], performance: Performance
) -> list[Annotation]:
    """Contiguous spans; the first and the last include the silence at the ends.

    Args:
        namespace: of the annotation; there is none without spans.
        starts: in quarter notes.
        values: of the spans.
        performance: with the time of each position.
    """
    if not values:
        return []
    end = performance.duration  # no instrument plays at the end of a song that is only sung
    edges = [0.0, *(min(performance.curve.at(start), end) for start in starts[1:]), end]
    rows = zip(edges, edges[1:], values, strict=False)
    return [annotation(namespace, (span(*row) for row in rows if row[0] < row[1]))]


def _onsets(performance: Performance, sung: Sequence[Sung]) -> Annotation:
    """The onsets of all sounds; simultaneous ones count once, at the first note.

    Sounds with a slow attack and very soft notes have no audible onset.
    """
    voices = zip(performance.arrangement.voices, performance.parts, strict=True)
    struck = [part for voice, part in voices if not voice.slow] + [each.part for each in sung]
    starts = sorted({n.start for part in struck for n in part.notes if n.velocity >= AUDIBLE})
    onsets: list[int] = []
    for start in starts:
        if not onsets or start - onsets[-1] >= SIMULTANEOUS * SAMPLE_RATE:
            onsets.append(start)
    return annotation("onset", (at(seconds(start), None) for start in onsets))


def _notes(part: PlayedPart) -> Annotation:
    """The notes of a part, with its instrument in the sandbox."""
    instrument = part.instrument
    return annotation(
        "note_midi",
        (span(seconds(n.start), seconds(n.end), n.pitch) for n in part.notes),
        part=part.name,
        instrument=instrument.name,
        program=instrument.program,
        drums=instrument.drums,
    )


def _melody(performance: Performance, sung: Sequence[Sung]) -> Annotation:
    """The fundamental frequency of the melody every 10 ms, 0 in rests."""
    frames = int(performance.duration / HOP) + 1
    contour = np.zeros(frames)
    tuning = 2 ** (performance.detuning / 1200)
    for part in (p for p in performance.parts if p.name == MELODY):
        for note in part.notes:
            contour[frames_of(note)] = 440 * 2 ** ((note.pitch - 69) / 12) * tuning
    for each in sung[:1]:
        own = np.array(each.part.contour)[:frames]
        contour[: own.size] = np.where(own > 0, own, contour[: own.size])
    hertz = np.round(contour, 3).tolist()
    rows = (at(i * HOP, {"frequency": f, "index": 0, "voiced": f > 0}) for i, f in enumerate(hertz))
    return annotation("pitch_contour", rows, part=MELODY)


def frames_of(note: PlayedNote) -> slice:
    """The frames whose instants are within a note."""
    hop = round(HOP * SAMPLE_RATE)
    return slice(-(-note.start // hop), -(-note.end // hop))


def _chords(performance: Performance) -> list[Annotation]:
    """Chords without gaps from beginning to end, if any are known; `N` in between."""
    arrangement, curve = performance.arrangement, performance.curve
    if not arrangement.chords:
        return []
    observations, now = [], 0.0
    for chord in arrangement.chords:
        start, end = curve.at(chord.start), min(curve.at(chord.end), performance.duration)
        if start >= end:  # nobody plays any more
            break
        if start - now > 1e-3:
            observations.append(span(now, start, "N"))
        value = chord.quality if chord.root is None else ROOTS[chord.root] + chord.quality
        observations.append(span(start, end, value))
        now = end
    observations.append(span(now, performance.duration, "N"))
    return [annotation("chord", observations, source=arrangement.chords_from)]


def _instruments(parts: Iterable[PlayedPart]) -> Annotation:
    """The intervals in which each instrument sounds."""
    notes: dict[str, list[tuple[float, float]]] = {}
    for part in parts:
        notes.setdefault(part.instrument.name, []).extend((n.start, n.end) for n in part.notes)
    ordered = sorted(
        (*each, name) for name, of in notes.items() for each in joined(of, SILENCE * SAMPLE_RATE)
    )
    rows = (span(seconds(start), seconds(end), name) for start, end, name in ordered)
    return annotation("tag_open", rows, kind="instrument")


def _voice(sung: Sequence[Sung]) -> Annotation:
    """The intervals with singing."""
    spans = joined((each for one in sung for each in one.spans), PAUSE * SAMPLE_RATE)
    rows = (span(seconds(start), seconds(end), "voice") for start, end in spans)
    return annotation("tag_open", rows, kind="voice")


def _described(
    performance: Performance, parts: Sequence[PlayedPart], effects: Effects, level: float
) -> list[Annotation]:
    """Genre, tags and mood of the whole: derived by rules, not annotated by people."""
    arrangement, whole = performance.arrangement, (0.0, performance.duration)
    own = STYLES[arrangement.style].genre
    genre = arrangement.style if own else arrangement.song.genre
    facts = facts_of(performance, parts, genre, effects, level)
    found = [annotation("tag_open", [span(*whole, genre)], kind="genre")] if genre else []
    if facts is not None:
        named = annotation("tag_open", (span(*whole, tag) for tag in tags(facts)), kind="tags")
        found += [named, annotation("mood_thayer", [span(*whole, list(mood(facts)))])]
    return found
