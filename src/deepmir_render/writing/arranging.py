"""Arrangement of a song: its players in each section, its key and its tempo.

A style defines who may play (styles.py); the intensity of a section decides who does (arranger.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from deepmir_render.recipes import Recipe
from deepmir_render.song import Chord, Groove, Section, Song
from deepmir_render.sources.soundfonts import Measured
from deepmir_render.styles import STYLES, Style
from deepmir_render.writing.arrangement import Arrangement, Voice
from deepmir_render.writing.arranger import Arranger
from deepmir_render.writing.harmonising import harmonise
from deepmir_render.writing.lines import during
from deepmir_render.writing.passages import INTRODUCTION, in_double_time
from deepmir_render.writing.singer import Singer

TRANSPOSITIONS = (-6, 5)  # semitones: each of the twelve tonics once
TEMPO_CHANGE = 0.25  # natural logarithm: maximum deviation from a song's own tempo
SLOWEST, FASTEST = 44.0, 210.0  # BPM
# BPM by the number of melody notes per beat: the faster the notes, the slower the beat.
DENSE, MODERATE, SPARSE, COMPOUND = (70.0, 118.0), (90.0, 168.0), (62.0, 116.0), (78.0, 132.0)
HARMONIC = ("harmony", "bass")  # buses with audible chords


def draw_style(names: Sequence[str], rng: np.random.Generator) -> str:
    """Draw a style by its weight."""
    weights = np.array([STYLES[name].weight for name in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]


def draw_tempo(song: Song, style: Style, rng: np.random.Generator) -> tuple[Song, float]:
    """The song's own tempo, moved somewhat towards the style's.

    If that is closer to twice the song's tempo, the song is played in double time.

    Returns:
        The song, possibly in double time, and quarter notes per minute.
    """
    chance = rng.random(2).tolist()
    own = song.bpm or _between(*_tempi(song), chance[0]) * song.metre.beat_length
    wanted = _between(*style.bpm, chance[1]) if style.bpm else own
    if song.bpm and wanted > np.sqrt(2) * song.bpm:
        song, own = in_double_time(song), 2 * own
    change = np.clip(np.log(wanted / own), -TEMPO_CHANGE, TEMPO_CHANGE)
    beat = song.metre.beat_length
    return song, round(float(np.clip(own * np.exp(change), SLOWEST * beat, FASTEST * beat)), 3)


def _between(low: float, high: float, share: float) -> float:
    return float(low * (high / low) ** share)


def _tempi(song: Song) -> tuple[float, float]:
    """The plausible tempi of a song in BPM.

    Metre alone does not determine them: a reel is written in 2/2 with eighths, in 2/4 with
    sixteenths or in 4/4, and its beat is faster if a bar has more of them.
    """
    density = len(song.melody) * song.metre.beat_length / song.end
    if song.metre.compound:
        return COMPOUND
    if density >= 2.7:
        return DENSE
    return MODERATE if density >= 1.5 else SPARSE


def arrange(
    song: Song,
    style: str,
    bpm: float,
    recipe: Recipe,
    grooves: Sequence[Groove],
    players: Mapping[str, Measured],
    part: str,
    rng: np.random.Generator,
) -> Arrangement:
    """Draw an arrangement.

    Args:
        song: the passage to play, transposed.
        style: a name in `STYLES`.
        bpm: quarter notes per minute.
        recipe: with the requirements.
        grooves: human drumming; may be empty.
        players: the instruments of the track's soundfont by name.
        part: of the track.
        rng: random number generator.
    """
    manner, sections = STYLES[style], song.sections
    known = bool(song.chords or song.parts or recipe.arrangement == "written")
    introduced = bool(sections) and sections[0].label == INTRODUCTION
    if not known and (introduced or rng.random() < manner.accompanied):
        song = harmonise(song)
    if not sections:
        song = replace(song, sections=(Section(0.0, song.end, "A"),))
    arranger = Arranger(song, style, bpm, recipe, players, rng)
    if recipe.arrangement == "written":
        voices = arranger.as_written()
    elif not manner.leads:
        voices = []
    else:
        voices = arranger.solo() if manner.free else arranger.layers()
    drummed, human = arranger.drums(grooves, part)
    sung: list[Voice] = []
    singers: list[Singer] = []
    if recipe.singers and song.melody and rng.random() < manner.sung:
        sung, singers, voices = arranger.singing(voices)
    heard = [voice for voice in (*voices, *drummed) if voice.notes]
    return Arrangement(
        song=replace(song, sections=sections),
        style=style,
        bpm=bpm,
        voices=tuple(_placed(heard, rng)),
        sung=tuple(sung),
        singers=tuple(singers),
        swing=round(float(rng.uniform(*manner.swing)), 3),
        human=human,
        chords=_sounding_chords(song, heard),
        chords_from="analysis" if known else "accompaniment",
    )


def _sounding_chords(song: Song, voices: Sequence[Voice]) -> tuple[Chord, ...]:
    """The chords of the sections in which somebody plays them."""
    harmonic = [v for v in voices if v.bus in HARMONIC and v.name != "second"]
    heard = [s for s in song.sections if any(during(voice.notes, [s]) for voice in harmonic)]
    spans = [(s.start - 1e-3, s.end - 1e-3) for s in heard]
    return tuple(c for c in song.chords if any(a <= c.start < b for a, b in spans))


def _placed(voices: Sequence[Voice], rng: np.random.Generator) -> list[Voice]:
    """Give every voice its own position and level."""
    width = float(rng.uniform(0.2, 0.9))
    places = [width * float(rng.uniform(-1, 1)) for _ in voices]
    return [
        replace(
            voice,
            pan=round(place * (0.3 if voice.bus != "harmony" else 1), 3),
            level=round(voice.level + float(rng.uniform(-3, 3)), 2),
        )
        for voice, place in zip(voices, places, strict=True)
    ]
