"""Arranging a song: who plays what in which section, in which key and how fast.

The arrangement is in quarter notes; performance.py gives it seconds. A style says who may play
(styles.py); how intense a section is decides who does (players.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from deepmir_render.playing.soundfonts import Measured
from deepmir_render.singing.singer import Singer
from deepmir_render.writing import drumming
from deepmir_render.writing.notation import Section
from deepmir_render.writing.passages import in_double_time
from deepmir_render.writing.players import Players
from deepmir_render.writing.song import Groove, Song, SongNote
from deepmir_render.writing.styles import STYLES, Style
from deepmir_render.writing.voice import Voice

if TYPE_CHECKING:
    from deepmir.datasets.rendered import Rendered

TRANSPOSITIONS = (-6, 5)  # semitones: each of the twelve tonics once
TEMPO_CHANGE = 0.25  # natural logarithm: how far a song may be from its own tempo
SLOWEST, FASTEST = 44.0, 210.0  # beats a minute


@dataclass(frozen=True)
class Arrangement:
    """What is played.

    Attributes:
        song: the passage, transposed.
        style: a name in `STYLES`.
        bpm: quarter notes a minute.
        voices: without those that are sung.
        sung: what is sung: the lead, then those who sing with it; may be empty.
        singers: of the voices that are sung.
        swing: place of the second eighth in a beat; 0.5 is even.
        human: whether a person drums.
    """

    song: Song
    style: str
    bpm: float
    voices: tuple[Voice, ...]
    sung: tuple[Voice, ...]
    singers: tuple[Singer, ...]
    swing: float
    human: bool


def draw_style(rng: np.random.Generator) -> str:
    """Draw a style by its weight."""
    names = list(STYLES)
    weights = np.array([STYLES[name].weight for name in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]


def draw_tempo(song: Song, style: Style, rng: np.random.Generator) -> tuple[Song, float]:
    """The song's own tempo, somewhat changed towards the style's.

    Where that is nearer to twice the song's tempo, the song is played in double time.

    Returns:
        The song, in double time or not, and quarter notes a minute.
    """
    low, high = style.bpm
    wanted = low * (high / low) ** float(rng.random())
    if song.bpm and wanted > np.sqrt(2) * song.bpm:
        song = in_double_time(song)
    own = song.bpm or wanted
    change = np.clip(np.log(wanted / own), -TEMPO_CHANGE, TEMPO_CHANGE)
    beat = song.bars[0].metre.beat_length
    bpm = float(own * np.exp(change))
    return song, round(float(np.clip(bpm, SLOWEST * beat, FASTEST * beat)), 3)


def arrange(
    song: Song,
    style: str,
    bpm: float,
    declaration: "Rendered",
    grooves: Sequence[Groove],
    players: Mapping[str, Measured],
    part: str,
    rng: np.random.Generator,
) -> Arrangement:
    """Draw an arrangement.

    Args:
        song: the passage that is played, transposed.
        style: a name in `STYLES`.
        bpm: quarter notes a minute.
        declaration: what of it all is wanted.
        grooves: human drumming; may be empty.
        players: the instruments of the track's soundfont by their names, one of `SPARE` among them.
        part: of the track.
        rng: what is drawn from.
    """
    manner = STYLES[style]
    if not song.sections:
        song = replace(song, sections=(Section(0.0, song.end, "A"),))
    low, high = manner.swing
    arranger = Players(song, manner, players, rng)
    written = declaration.arrangement == "written"
    voices = arranger.as_written() if written else arranger.layers()
    drummed, human = _drums(song, style, bpm, declaration, grooves, part, arranger, rng)
    sung: list[Voice] = []
    singers: list[Singer] = []
    if declaration.singers and song.melody and rng.random() < manner.sung:
        sung, singers, voices = arranger.singing(voices)
    heard = [v for v in (*voices, *drummed) if v.notes]
    return Arrangement(
        song=song,
        style=style,
        bpm=bpm,
        voices=tuple(_placed(heard, rng)),
        sung=tuple(sung),
        singers=tuple(singers),
        swing=round(float(rng.uniform(low, high)), 3),
        human=human,
    )


def _drums(
    song: Song,
    style: str,
    bpm: float,
    declaration: "Rendered",
    grooves: Sequence[Groove],
    part: str,
    arranger: Players,
    rng: np.random.Generator,
) -> tuple[list[Voice], bool]:
    manner, metre = STYLES[style], song.bars[0].metre
    if declaration.drums == "none" or rng.random() >= manner.drums:
        return [], False
    found = None
    if declaration.drums == "human" and not (style == "electronic" and rng.random() < 0.7):
        found = drumming.find(grooves, manner, bpm, metre, part, rng)
    found = found or drumming.pattern(style, metre, bpm, rng)
    plays = arranger.playing(float(rng.uniform(0.1, 0.5)))
    threshold = float(rng.uniform(0.2, 0.6))
    filling, crashing = rng.random(2) < (0.7, 0.7)
    hits = []
    for index, section in enumerate(song.sections):
        bars = [b for b in song.bars if section.start - 1e-6 <= b.start < section.end - 1e-6]
        bars = [b for b in bars if b.metre == metre]
        if plays[index] and bars:
            hits += drumming.play(
                found,
                bars,
                section.end,
                index % 2,
                light=arranger.energies[index] < threshold,
                fill=bool(filling and rng.random() < 0.8),
                crash=bool(crashing and index and plays[index - 1]),
                rng=rng,
            )
    ordered = sorted(hits, key=lambda hit: (hit.position, hit.drum))
    notes = tuple(SongNote(h.position, h.position + 0.1, h.drum, h.velocity) for h in ordered)
    there = [name for name in manner.kits if name in arranger.players] or ["drums"]
    player = arranger.players[there[int(rng.integers(len(there)))]].instrument
    level = float(rng.uniform(-5, 3))
    return [Voice("drums", player, "drums", notes, level, loose=not found.human)], found.human


def _placed(voices: Sequence[Voice], rng: np.random.Generator) -> list[Voice]:
    """Give every voice its place and a level of its own."""
    width = float(rng.uniform(0.2, 0.9))
    return [
        replace(
            voice,
            pan=round(
                width * float(rng.uniform(-1, 1)) * (0.3 if voice.bus != "harmony" else 1), 3
            ),
            level=round(voice.level + float(rng.uniform(-3, 3)), 2),
        )
        for voice in voices
    ]
