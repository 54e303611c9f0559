"""The annotations of a rendered track, exact because the sound is made from the same numbers."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean, median

import numpy as np

from deepmir.datasets.recordings.words import PAUSE
from deepmir.files.annotations import Annotation, Jams
from deepmir_render.labelling.descriptions import instruments, voice
from deepmir_render.labelling.facts import Facts
from deepmir_render.labelling.labels_plain import (
    HOP,
    chord_annotation,
    contour_annotation,
    frames_of,
    note_annotation,
    onset_annotation,
    tonic_name,
)
from deepmir_render.labelling.mood import mood
from deepmir_render.labelling.observations import annotation, at, seconds, span
from deepmir_render.labelling.tags import tags
from deepmir_render.mixing.effects import Effects
from deepmir_render.playing.performance import Performance, beats
from deepmir_render.playing.performance_plain import SAMPLE_RATE, PlayedPart
from deepmir_render.playing.programs import PROGRAMS
from deepmir_render.singing.singing import Sung
from deepmir_render.writing.voice import MELODY

TAGGED = {
    "keys": "piano",
    "organ": "organ",
    "bass": "electric bass",
    "strings": "strings",
    "flutes": "flute",
    "reeds": "clarinet",
    "brass": "trumpet",
}
AUDIBLE = 25  # velocity of a note below which its onset could not be heard in the mix


def label(
    performance: Performance,
    sung: Sequence[Sung],
    effects: Effects,
    level: float,
    sandbox: dict[str, object],
) -> Jams:
    """Every annotation of a track.

    Args:
        performance: what is played.
        sung: what its singers made of the sung parts, the lead first.
        effects: of the recording, for its tags.
        level: RMS of the recording, in dB relative to full scale.
        sandbox: what else should be known of the track.
    """
    song = performance.arrangement.song
    parts = tuple(_named(p) for p in (*performance.parts, *(each.part for each in sung)))
    annotations = [
        _tempo(performance),
        *_keys(performance),
        annotation("beat", (at(t, v) for t, v in beats(song, performance.curve))),
        onset_annotation(_struck(performance, sung)),
        *(note_annotation(part) for part in parts),
        _melody(performance, sung),
        *_chords(performance),
        *_sections(performance),
        instruments(parts),
        voice([each for one in sung for each in one.spans], PAUSE),
        *_described(performance, parts, effects, level),
    ]
    return Jams(
        duration=seconds(performance.samples),
        annotations=tuple(annotations),
        title=song.title,
        artist=song.artist,
        sandbox=sandbox,
    )


def _named(part: PlayedPart) -> PlayedPart:
    """The part under the name that annotations have for every drum kit."""
    if not part.instrument.drums:
        return part
    return replace(part, instrument=replace(part.instrument, name="drums"))


def _tempo(performance: Performance) -> Annotation:
    times = [time for time, _ in beats(performance.arrangement.song, performance.curve)]
    bpm = round(60 / median(b - a for a, b in pairwise(times)), 3)
    return annotation("tempo", [replace(span(0.0, performance.duration, bpm), confidence=1.0)])


def _keys(performance: Performance) -> list[Annotation]:
    keys = performance.arrangement.song.keys
    values = [f"{tonic_name(key.tonic, key.mode)}:{key.mode}" for key in keys]
    return _gapless("key_mode", [key.start for key in keys], values, performance)


def _gapless(
    namespace: str, starts: Sequence[float], values: Sequence[str], performance: Performance
) -> list[Annotation]:
    """Spans that each last to the next, the silence at the edges in the first and the last.

    Args:
        namespace: of the annotation; there is none without spans.
        starts: in quarter notes.
        values: of the spans.
        performance: which says when each position is.
    """
    if not values:
        return []
    edges = [0.0, *map(performance.curve.at, starts[1:]), performance.duration]
    rows = zip(edges, edges[1:], values, strict=False)
    return [annotation(namespace, (span(*row) for row in rows))]


def _struck(performance: Performance, sung: Sequence[Sung]) -> list[PlayedPart]:
    """The parts whose onsets can be heard: neither swelling sounds nor the faintest notes."""
    slow = [v.slow for v in performance.arrangement.voices]
    kept = [p for p, s in zip(performance.parts, slow, strict=True) if not s]
    return [
        replace(p, notes=tuple(n for n in p.notes if n.velocity >= AUDIBLE))
        for p in (*kept, *(each.part for each in sung))
    ]


def _melody(performance: Performance, sung: Sequence[Sung]) -> Annotation:
    """The fundamental frequency of the melody every 10 ms, 0 where it rests."""
    frames = int(performance.duration / HOP) + 1
    contour = np.zeros(frames)
    tuning = 2 ** (performance.detuning / 1200)
    for part in (p for p in performance.parts if p.name == MELODY):
        for note in part.notes:
            span_of = frames_of(note)
            contour[span_of.start : span_of.stop] = 440 * 2 ** ((note.pitch - 69) / 12) * tuning
    for each in sung[:1]:
        of = np.array(each.part.contour)[:frames]
        contour[: of.size] = np.where(of > 0, of, contour[: of.size])
    return contour_annotation(np.round(contour, 3).tolist())


def _chords(performance: Performance) -> list[Annotation]:
    chords = performance.arrangement.song.chords
    if not chords:
        return []
    return [chord_annotation(chords, performance.curve, performance.duration)]


def _sections(performance: Performance) -> list[Annotation]:
    sections = performance.arrangement.song.sections
    labels = [section.label for section in sections]
    return _gapless("segment_open", [section.start for section in sections], labels, performance)


def _described(
    performance: Performance, parts: Sequence[PlayedPart], effects: Effects, level: float
) -> list[Annotation]:
    """Genre, tags and mood of the whole: rules, not people: docs/explanation/renderer.md."""
    everywhere = (0.0, performance.duration)
    genre = performance.arrangement.style
    facts = _facts(performance, parts, effects, level)
    found = [annotation("tag_open", [span(*everywhere, genre)], kind="genre")]
    if facts is not None:
        named = annotation("tag_open", (span(*everywhere, t) for t in tags(facts)), kind="tags")
        found += [named, annotation("mood_thayer", [span(*everywhere, list(mood(facts)))])]
    return found


def _tagged(part: PlayedPart) -> str:
    """The instrument, or the one of its family by which the rules of tags know the family."""
    name = part.instrument.name
    family = PROGRAMS[name].family if name in PROGRAMS else ""
    return TAGGED.get(family, name) if "guitar" not in name else "steel guitar"


def _facts(
    performance: Performance, parts: Sequence[PlayedPart], effects: Effects, level: float
) -> Facts | None:
    """What tags and mood are made from; None for a track without a melody or a key."""
    song = performance.arrangement.song
    melody = sorted(
        (n for part in parts if part.name == MELODY for n in part.notes), key=lambda n: n.start
    )
    steps = [(b.start - a.start, a.end - a.start) for a, b in pairwise(melody)]
    # A rest of a second or more is no way of playing a note.
    played = [(step, held) for step, held in steps if 0 < step < held + SAMPLE_RATE]
    if not played or not song.keys:
        return None
    lengths = [note.end - note.start for note in melody]
    pitches = sum(note.pitch * length for note, length in zip(melody, lengths, strict=True))
    longest = max(song.keys, key=lambda key: key.end - key.start)
    metre = song.bars[0].metre
    return Facts(
        mode=longest.mode,
        metre=metre,
        genre="",
        bpm=performance.arrangement.bpm / metre.beat_length,
        density=SAMPLE_RATE * len(played) / max(1, sum(step for step, _ in played)),
        register=pitches / sum(lengths),
        held=fmean(min(1.0, held / step) for step, held in played),
        level=level,
        instruments=frozenset(_tagged(part) for part in parts if part.notes),
        effects=effects,
    )
