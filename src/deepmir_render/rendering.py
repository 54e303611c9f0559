"""Rendering of one track from its song to its two files."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.files import annotations
from deepmir.files.writing import replacing
from deepmir_render.labelling import labels
from deepmir_render.mixing import encoding, engineer, mixing
from deepmir_render.mixing.mix import Mix
from deepmir_render.playing import synthesis
from deepmir_render.playing.performance import Performance, perform
from deepmir_render.playing.played import PlayedPart
from deepmir_render.recipes import Recipe
from deepmir_render.singing import singers
from deepmir_render.singing.sung import Sung
from deepmir_render.song import Groove, Song, transposed
from deepmir_render.sources import catalogue, groove, pop909, soundfonts
from deepmir_render.styles import STYLES
from deepmir_render.tracks import Track
from deepmir_render.writing import passages
from deepmir_render.writing.arrangement import Arrangement
from deepmir_render.writing.arranging import TRANSPOSITIONS, arrange, draw_style, draw_tempo


def render(track: Track, recipe: Recipe, audio: Path, jams: Path) -> float:
    """Render a track; random choices only depend on the recipe and the track's identifier.

    Args:
        track: of :mod:`deepmir_render.tracks`.
        recipe: of the rendering.
        audio: path of the audio, in FLAC: 44.1 kHz, stereo, 16 bit.
        jams: path of the annotations.

    Returns:
        The duration of the audio in seconds.

    Raises:
        DeepmirError: when the song, the soundfont, or an instrument or voice is missing.
    """
    take = draw(track, recipe)
    for path in (audio, jams):
        path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(audio) as temporary:
        encoding.write(temporary, take.sound, take.mix.coding)
    level, voices = mixing.level_of(take.sound), not recipe.choirs
    sandbox = _sandbox(track, recipe, take)
    found = labels.label(take.performance, take.sung, take.mix.effects, level, sandbox, voices)
    annotations.write(jams, found)
    return take.performance.duration


@dataclass(frozen=True)
class Take:
    """A track before it is written.

    Attributes:
        performance: the played performance.
        sung: the sung parts, the lead first.
        mix: of the recording.
        sound: left and right at 44.1 kHz, shape (2, samples).
        soundfont: name of the soundfont.
    """

    performance: Performance
    sung: list[Sung]
    mix: Mix
    sound: npt.NDArray[np.float32]
    soundfont: str


def draw(track: Track, recipe: Recipe) -> Take:
    """Draw a track and make its sound; errors are those of :func:`render`."""
    arranging, performing, singing, drawing, finishing = random_streams(recipe.seed, track.id, 5)
    font = soundfonts.find(_font(track, recipe, drawing))
    arrangement = arranged(track, recipe, font.name, arranging)
    performance = perform(arrangement, performing, recipe.timing, recipe.detuned)
    sung = sing(performance, recipe, singing)
    mix = engineer.draw(drawing, recipe.mixing, arrangement.style)
    parts = buses(performance, together=recipe.mixing != "studio")
    played = synthesis.render(parts, font, performance.samples, performance.detuning)
    sound = mixing.apply(played, voice(sung), mix, finishing)
    return Take(performance, sung, mix, sound, font.name)


def random_streams(seed: int, track: str, count: int) -> list[np.random.Generator]:
    """Independent random number generators for one track, regardless of other tracks."""
    digest = int.from_bytes(hashlib.sha256(track.encode()).digest()[:8], "big")
    return [np.random.default_rng(s) for s in np.random.SeedSequence([seed, digest]).spawn(count)]


def _font(track: Track, recipe: Recipe, rng: np.random.Generator) -> str:
    drawn = recipe.soundfonts[int(rng.integers(len(recipe.soundfonts)))]
    return recipe.test_soundfont or drawn if track.part == "test" else drawn


def arranged(track: Track, recipe: Recipe, font: str, rng: np.random.Generator) -> Arrangement:
    """Draw the arrangement of a track for a soundfont, by its name."""
    low, high = TRANSPOSITIONS
    semitones = int(rng.integers(low, high + 1)) if recipe.transposition else 0
    style = draw_style(recipe.styles, rng)
    song, bpm = draw_tempo(_read(track, recipe.home), STYLES[style], rng)
    passage = transposed(_passage(song, track, recipe, bpm, rng), semitones)
    grooves = _grooves(recipe.home) if recipe.drums == "human" else ()
    players = soundfonts.measured(font)
    arrangement = arrange(passage, style, bpm, recipe, grooves, players, track.part, rng)
    return replace(arrangement, transposition=semitones)


def _read(track: Track, home: Path) -> Song:
    if track.collection == "pop909":
        return pop909.read(home, track.song)
    return catalogue.work(track.song).read()


def _passage(
    song: Song, track: Track, recipe: Recipe, bpm: float, rng: np.random.Generator
) -> Song:
    low, high = (seconds * bpm / 60 for seconds in recipe.seconds)
    if recipe.form == "window":
        return passages.window(song, np.inf if track.whole else high, rng)
    if recipe.form == "once":
        return passages.once(song, low, high)
    return passages.form(song, low, high, introduced=True, rng=rng)


@cache
def _grooves(home: Path) -> tuple[Groove, ...]:
    return tuple(groove.read(home))


def sing(performance: Performance, recipe: Recipe, rng: np.random.Generator) -> list[Sung]:
    """Sing the sung parts of a performance, all with one method of the recipe."""
    if not performance.sung:
        return []
    method = recipe.singers[int(rng.integers(len(recipe.singers)))]
    samples, detuning = performance.samples, performance.detuning
    lines = zip(performance.sung, performance.arrangement.singers, strict=True)
    return [
        singers.sing(method, part, singer, samples, detuning, rng, recipe.people)
        for part, singer in lines
    ]


def voice(sung: Sequence[Sung]) -> npt.NDArray[np.float32] | None:
    """The sum of all voices; None without any."""
    if not sung:
        return None
    total = sung[0].samples.astype(np.float32)
    for other in sung[1:]:
        total += other.samples.astype(np.float32)
    return total


def buses(performance: Performance, together: bool = False) -> Mapping[str, list[PlayedPart]]:
    """The parts by bus, or all in one if no bus has its own processing."""
    found: dict[str, list[PlayedPart]] = defaultdict(list)
    for each, part in zip(performance.arrangement.voices, performance.parts, strict=True):
        found["lead" if together else each.bus].append(part)
    return found


def _sandbox(track: Track, recipe: Recipe, take: Take) -> dict[str, object]:
    arrangement = take.performance.arrangement
    song = arrangement.song
    return {
        "collection": song.collection,
        "detuning": take.performance.detuning,
        "group": track.group,
        "human drums": arrangement.human,
        "licence": song.licence,
        "metre": str(song.metre),
        "mix": asdict(take.mix),
        "programs": [part.instrument.program for part in take.performance.parts],
        "seed": recipe.seed,
        "singers": [asdict(singer) for singer in arrangement.singers],
        "song": track.song,
        "soundfont": take.soundfont,
        "style": arrangement.style,
        "swing": take.performance.manner.swing,
        "transposition": arrangement.transposition,
    }
