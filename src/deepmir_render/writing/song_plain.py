"""Arranging a score as a song: sections with players of their own, and often a singer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from deepmir_render.playing.instruments import (
    BASSES,
    CHOIRS,
    CHORD_PLAYERS,
    INSTRUMENTS,
    SINGERS,
    SINGING,
    SOLOISTS,
)
from deepmir_render.singing.singer import Singer, draw_singer
from deepmir_render.writing.arrangement_plain import (
    Arrangement,
    Voice,
    doubled,
    draw_key_and_tempo,
    drummed,
    name,
    pick,
    placed,
    transpose,
)
from deepmir_render.writing.form import INTRODUCTION, draw_form, unroll
from deepmir_render.writing.harmonisation import Triad, harmonise
from deepmir_render.writing.notation import ChordSpan, Note, Score, Section
from deepmir_render.writing.patterns import (
    CHORD_FIGURES,
    CRASH,
    DRUM_STYLES,
    bass_notes,
    chord_notes,
    fill,
)

Placed = TypeVar("Placed", Note, ChordSpan, Triad)

SUNG = 0.5  # probability that a track has a singer
PLAYERS = tuple(soloist for soloist in SOLOISTS if soloist not in SINGERS)
ENSEMBLES = tuple(choir for choir in CHOIRS if not set(choir) & set(SINGERS))
UNCHANGED = 0.35  # probability that a repeat of the section before it changes nothing


@dataclass(frozen=True)
class Layers:
    """Who plays in one section.

    Attributes:
        lead: who has the melody: `sung`, `played` or nobody.
        harmony: whether the chords of a tune or the lower voices of a chorale are there.
        bass: whether the bass is there.
        drums: whether the drums are there.
        doubled: whether the melody is doubled.
    """

    lead: str
    harmony: bool
    bass: bool
    drums: bool
    doubled: bool


def arrange_song(score: Score, rng: np.random.Generator) -> Arrangement:
    """Draw an arrangement of a score in a form of its sections."""
    transposition, bpm = draw_key_and_tempo(score, rng)
    chorale = len(score.parts) > 1
    harmony = chorale or bool(rng.random() < 0.85)
    passages = draw_form(score, bpm, harmony, rng)
    score = unroll(transpose(score, transposition), passages)
    singer = draw_singer(score.melody, rng) if rng.random() < SUNG else None
    layers = _draw_layers(score.sections, singer is not None, harmony, rng)
    triads = () if chorale or not harmony else _accompaniment(score, layers)
    voices = _lead(score, layers, singer, rng)
    voices += _lower_parts(score, layers, rng) if chorale else _chords(score, triads, layers, rng)
    if any(layer.drums for layer in layers):
        voices.append(_drums(score, layers, rng))
    analysed = _during(score.chords, score.sections, [layer.harmony for layer in layers])
    chords = tuple(triad.span() for triad in triads) or analysed
    source = "accompaniment" if triads else "analysis" if analysed else ""
    heard = [voice for voice in voices if voice.notes]
    return Arrangement(score, placed(heard, rng), bpm, transposition, chords, source, singer)


def _draw_layers(
    sections: Sequence[Section], singing: bool, harmony: bool, rng: np.random.Generator
) -> list[Layers]:
    """Who plays when: of players who are there at all, most in most sections."""
    there = rng.random(4) < (1.0 if harmony else 0.0, 0.75, 0.6, 0.3)
    layers: list[Layers] = []
    for index, section in enumerate(sections):
        again = index > 0 and sections[index - 1].label == section.label
        if again and rng.random() < UNCHANGED:
            layers.append(layers[-1])
            continue
        plays = [bool(p) for p in there & (rng.random(4) < (0.9, 0.8, 0.75, 0.6))]
        lead = _lead_of(section, singing, harmony, rng)
        layers.append(Layers(lead, harmony and (plays[0] or not lead), *plays[1:]))
    return _some_of_each(layers, sections, singing)


def _lead_of(section: Section, singing: bool, harmony: bool, rng: np.random.Generator) -> str:
    chance = rng.random(2)
    if section.label == INTRODUCTION:
        return ""
    if singing and chance[0] < 0.62:
        return "sung"
    return "" if harmony and chance[1] < 0.12 else "played"


def _some_of_each(layers: list[Layers], sections: Sequence[Section], singing: bool) -> list[Layers]:
    """With a singer, at least one section that is sung and one that is not; never no melody."""
    melodic = [i for i, section in enumerate(sections) if section.label != INTRODUCTION]
    leads = {layer.lead for layer in layers}
    if singing and "sung" not in leads:
        layers[melodic[0]] = replace(layers[melodic[0]], lead="sung")
    elif singing and leads == {"sung"} and len(melodic) > 1:
        layers[melodic[-2]] = replace(layers[melodic[-2]], lead="played")
    elif not leads & {"sung", "played"}:
        layers[melodic[0]] = replace(layers[melodic[0]], lead="played")
    return layers


def _lead(
    score: Score, layers: Sequence[Layers], singer: Singer | None, rng: np.random.Generator
) -> list[Voice]:
    """The melody: sung, played by an instrument for each letter, and doubled."""
    melody, part = score.melody, score.parts[0].name
    voices = []
    if singer is not None:
        notes = _during(melody, score.sections, [layer.lead == "sung" for layer in layers])
        sung = tuple(replace(n, pitch=n.pitch + 12 * singer.octaves) for n in notes)
        voices.append(Voice(part, SINGING, sung, level=float(rng.uniform(0, 4))))
    first = pick(PLAYERS, rng)
    players = {
        letter: pick(PLAYERS, rng) if i and rng.random() < 0.35 else first
        for i, letter in enumerate(_letters(score))
    }
    for instrument in dict.fromkeys(players.values()):
        played = [
            layer.lead == "played" and players[section.label] == instrument
            for section, layer in zip(score.sections, layers, strict=True)
        ]
        voices.append(Voice(part, instrument, _during(melody, score.sections, played)))
    whole = Voice(part, first, melody)
    other = doubled(whole, pick(PLAYERS, rng), int(rng.integers(-1, 2)))
    wanted = [layer.doubled and layer.lead != "" for layer in layers]
    notes = _during(other.notes, score.sections, wanted)
    return [*voices, replace(other, notes=notes)]


def _letters(score: Score) -> list[str]:
    return list(dict.fromkeys(s.label for s in score.sections if s.label != INTRODUCTION))


def _during(
    notes: Sequence[Placed], sections: Sequence[Section], wanted: Sequence[bool]
) -> tuple[Placed, ...]:
    """The notes or chords that start in the sections that are wanted."""
    spans = [
        (s.start - 1e-3, s.end - 1e-3) for s, want in zip(sections, wanted, strict=True) if want
    ]
    return tuple(n for n in notes if any(start <= n.start < end for start, end in spans))


def _accompaniment(score: Score, layers: Sequence[Layers]) -> tuple[Triad, ...]:
    """The triads of the sections in which chords or a bass are there."""
    wanted = [layer.harmony or layer.bass for layer in layers]
    return _during(harmonise(score), score.sections, wanted)


def _chords(
    score: Score, triads: Sequence[Triad], layers: Sequence[Layers], rng: np.random.Generator
) -> list[Voice]:
    """Chords, in a figure of each letter, and a bass, from triads that start in their sections."""
    sections = score.sections
    usual = name(tuple(CHORD_FIGURES), rng)
    figures = {
        letter: name(tuple(CHORD_FIGURES), rng) if i and rng.random() < 0.4 else usual
        for i, letter in enumerate([INTRODUCTION, *_letters(score)])
    }
    alternating = bool(rng.random() < 0.6)
    chords: list[Note] = []
    bass: list[Note] = []
    for section, layer in zip(sections, layers, strict=True):
        own = tuple(t for t in triads if section.start - 1e-3 <= t.start < section.end - 1e-3)
        if layer.harmony:
            chords += chord_notes(own, figures[section.label], score.metre)
        if layer.bass:
            bass += bass_notes(own, alternating, score.metre)
    return [
        Voice("chords", pick(CHORD_PLAYERS, rng), tuple(chords), level=-7.0),
        Voice("bass", pick(BASSES, rng), tuple(bass), level=-3.0),
    ]


def _lower_parts(score: Score, layers: Sequence[Layers], rng: np.random.Generator) -> list[Voice]:
    """Alto, tenor and bass of a chorale, and a bass an octave below."""
    ensemble = ENSEMBLES[int(rng.integers(len(ENSEMBLES)))]
    lower = [
        Voice(
            part.name,
            INSTRUMENTS[player],
            _during(part.notes, score.sections, [layer.harmony for layer in layers]),
            level=-3.0,
        )
        for part, player in zip(score.parts[1:], ensemble[1:], strict=True)
    ]
    below = doubled(lower[-1], pick(BASSES, rng), -1)
    notes = _during(below.notes, score.sections, [layer.bass for layer in layers])
    return [*lower, replace(below, notes=notes)]


def _drums(score: Score, layers: Sequence[Layers], rng: np.random.Generator) -> Voice:
    """Drums in a style of each letter, in some tracks with fills and crashes between sections."""
    usual = name(tuple(DRUM_STYLES), rng)
    letters = [INTRODUCTION, *_letters(score)]
    styles = {
        letter: name(tuple(DRUM_STYLES), rng) if i and rng.random() < 0.4 else usual
        for i, letter in enumerate(letters)
    }
    whole = {style: drummed(score, style) for style in dict.fromkeys(styles.values())}
    filled, crashing = rng.random(2) < 0.5
    hits: dict[tuple[float, int], tuple[Note, int]] = {}
    for index, section in enumerate(score.sections):
        if not layers[index].drums:
            continue
        own = whole[styles[section.label]]
        kept = [h for h in own if section.start - 1e-3 <= h[0].start < section.end - 1e-3]
        if filled and index + 1 < len(score.sections):
            kept = fill(kept, section.end, score.metre)
        if crashing and index and kept:
            kept.append((replace(kept[0][0], pitch=CRASH), 100))
        hits |= {(note.start, note.pitch): (note, velocity) for note, velocity in kept}
    ordered = sorted(hits.values(), key=lambda hit: (hit[0].start, hit[0].pitch))
    notes, velocities = tuple(n for n, _ in ordered), tuple(v for _, v in ordered)
    voice = Voice("drums", INSTRUMENTS["drums"], notes, float(rng.uniform(-8, 0)))
    return replace(voice, velocities=velocities)
