"""One rendered track from its song to its two files."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir.files import annotations
from deepmir.files.writing import replacing
from deepmir_render.labelling import labels
from deepmir_render.mixing import lossy, mixing
from deepmir_render.mixing.effects import level_of
from deepmir_render.playing import soundfonts, synthesis
from deepmir_render.playing.performance import Performance, perform
from deepmir_render.playing.performance_plain import PlayedPart
from deepmir_render.rendering_plain import random_streams
from deepmir_render.singing.singing import Sung
from deepmir_render.sources import groove, pop909, works
from deepmir_render.tracks import RenderedTrack
from deepmir_render.writing import passages, styles
from deepmir_render.writing.arrangement import (
    TRANSPOSITIONS,
    Arrangement,
    arrange,
    draw_style,
    draw_tempo,
)
from deepmir_render.writing.song import Groove, Song

if TYPE_CHECKING:
    from deepmir.datasets.rendered import Rendered


def render(track: RenderedTrack, declaration: "Rendered", root: Path) -> tuple[Path, Path]:
    """Render a track; what is drawn depends on the seed and on the track's identifier alone.

    Args:
        track: one of :func:`deepmir_render.tracks.tracks`.
        declaration: how it is to be rendered.
        root: folder of the data set.

    Returns:
        The paths of the audio, 44.1 kHz, stereo, and of the annotations.
    """
    streams = random_streams(declaration.seed, track.id, 5)
    arranging, performing, singing, drawing, mixing_ = streams
    font = soundfonts.find(_font(track, declaration, drawing))
    arrangement, transposition = _arranged(
        _read(track, declaration.home), track, declaration, font.name, arranging
    )
    performance = perform(arrangement, declaration.timing, performing)
    sung = _sung(performance, declaration, singing)
    mix = mixing.draw(drawing, declaration.mixing, arrangement.style)
    buses = synthesis.render(_buses(performance), font, performance.samples, performance.detuning)
    sound = mixing.apply(buses, _voice(sung), mix, mixing_)
    audio = root / "audio" / f"{track.id}.flac"
    jams = root / "annotations" / f"{track.id}.jams"
    for path in (audio, jams):
        path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(audio) as temporary:
        lossy.write(temporary, sound, mix.coding)
    sandbox = _sandbox(track, performance, font.name, declaration.seed, transposition) | {
        "mix": asdict(mix)
    }
    effects = mixing.effects_of(mix)
    annotations.write(jams, labels.label(performance, sung, effects, level_of(sound), sandbox))
    return audio, jams


def licence(track: RenderedTrack) -> str:
    """The licence of a track's song."""
    return pop909.LICENCE if track.collection == "pop909" else works.licence_of(track.song)


def _read(track: RenderedTrack, home: Path) -> Song:
    if track.collection == "pop909":
        return pop909.read(home, track.song)
    return works.read(track.song)


@cache
def _grooves(home: Path) -> tuple[Groove, ...]:
    return tuple(groove.read(home))


def _font(track: RenderedTrack, declaration: "Rendered", rng: np.random.Generator) -> str:
    names = declaration.soundfonts
    drawn = names[int(rng.integers(len(names)))]
    return declaration.test_soundfont or drawn if track.part == "test" else drawn


def _arranged(
    song: Song,
    track: RenderedTrack,
    declaration: "Rendered",
    font: str,
    rng: np.random.Generator,
) -> tuple[Arrangement, int]:
    """The arrangement, and by how many semitones it is higher than its source."""
    style = draw_style(rng)
    song, bpm = draw_tempo(song, styles.STYLES[style], rng)
    low, high = TRANSPOSITIONS
    semitones = int(rng.integers(low, high + 1)) if declaration.transposition else 0
    quarters = np.inf if track.whole else declaration.seconds * bpm / 60
    passage = passages.transposed(passages.choose(song, quarters, rng), semitones)
    grooves = _grooves(declaration.home) if declaration.drums == "human" else ()
    players = soundfonts.measured(font)
    arranged = arrange(passage, style, bpm, declaration, grooves, players, track.part, rng)
    return arranged, semitones


def _sung(
    performance: Performance, declaration: "Rendered", rng: np.random.Generator
) -> list[Sung]:
    if not performance.sung:
        return []
    from deepmir_render.singing import singers

    method = declaration.singers[int(rng.integers(len(declaration.singers)))]
    lines = zip(performance.sung, performance.arrangement.singers, strict=True)
    return [
        singers.sing(method, part, singer, performance.samples, performance.detuning, rng)
        for part, singer in lines
    ]


def _voice(sung: list[Sung]) -> npt.NDArray[np.float32] | None:
    """The sum of all who sing."""
    if not sung:
        return None
    total = sung[0].samples.astype(np.float32)
    for other in sung[1:]:
        total += other.samples.astype(np.float32)
    return total


def _buses(performance: Performance) -> Mapping[str, list[PlayedPart]]:
    buses: dict[str, list[PlayedPart]] = defaultdict(list)
    for voice, part in zip(performance.arrangement.voices, performance.parts, strict=True):
        buses[voice.bus].append(part)
    return buses


def _sandbox(
    track: RenderedTrack, performance: Performance, font: str, seed: int, transposition: int
) -> dict[str, object]:
    arrangement = performance.arrangement
    song = arrangement.song
    return {
        "collection": song.collection,
        "detuning": performance.detuning,
        "group": track.group,
        "human drums": arrangement.human,
        "licence": song.licence,
        "metre": str(song.bars[0].metre),
        "seed": seed,
        "singers": [asdict(singer) for singer in arrangement.singers],
        "song": song.id,
        "soundfont": font,
        "style": arrangement.style,
        "swing": performance.manner.swing,
        "transposition": transposition,
    }
