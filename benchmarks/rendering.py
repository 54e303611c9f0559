"""How fast the tracks of `rendered` are made, and how close they sound to recordings.

Run by hand, with one thread: ``OMP_NUM_THREADS=1 python benchmarks/rendering.py`` times the stages
on songs of ``data/sources`` and the music21 corpus; ``--compare FOLDER`` compares the level, the
crest factor, the width and the spectrum of the mixes with those of the recordings in a folder.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from deepmir_render import recipes, rendering
from deepmir_render.mixing import encoding, engineer, mixing
from deepmir_render.playing import synthesis
from deepmir_render.playing.performance import perform
from deepmir_render.playing.played import SAMPLE_RATE
from deepmir_render.sources import groove, soundfonts
from deepmir_render.tracks import Track, mixture

Sound = NDArray[np.float32]
T = TypeVar("T")

HOURS = 10.0  # of the set whose tracks are drawn from
EDGES = (30, 60, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)  # Hz of the bands of the spectrum
FIGURES = ("level", "crest", "width", *(f"{low}-{high}" for low, high in pairwise(EDGES)))


class Clock:
    """CPU seconds of every stage."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = defaultdict(list)

    def __call__(self, stage: str, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function as a stage."""
        begin = time.process_time()
        made = function(*arguments)
        self.spent[stage].append(time.process_time() - begin)
        return made


def mixes(
    tracks: Sequence[Track], fonts: Sequence[str], home: Path, clock: Clock
) -> Iterator[Sound]:
    """Mixes of tracks, each with one of the soundfonts."""
    for index, track in enumerate(tracks):
        rng = np.random.default_rng(index)
        font = fonts[index % len(fonts)]
        drums: Literal["human", "patterns"] = (
            "human" if (home / groove.FOLDER).is_dir() else "patterns"
        )
        recipe = replace(recipes.RENDERED, home=home, soundfonts=(font,), drums=drums)
        arrangement = clock("arranging", rendering.arranged, track, recipe, font, rng)
        performance = clock("performing", perform, arrangement, rng)
        sung = clock("singing", rendering.sing, performance, recipe, rng)
        parts, samples = rendering.buses(performance), performance.samples
        found = soundfonts.find(font)
        buses = clock("synthesis", synthesis.render, parts, found, samples, performance.detuning)
        mix = engineer.draw(rng, "studio", arrangement.style)
        sound = clock("mixing", mixing.apply, buses, rendering.voice(sung), mix, rng)
        with tempfile.TemporaryDirectory() as folder:
            clock("writing", encoding.write, Path(folder) / "track.flac", sound, mix.coding)
        clock.spent["seconds"].append(sound.shape[1] / SAMPLE_RATE)
        yield sound


def figures(sound: Sound) -> list[float]:
    """The figures of a sound, in dB; the spectrum's bands relative to the whole."""
    power = float(np.mean(np.square(sound, dtype=np.float64))) + 1e-12
    level = 10 * np.log10(power)
    middle, side = (sound[0] + sound[1]) / 2, (sound[0] - sound[1]) / 2
    width = 10 * np.log10((np.mean(np.square(side)) + 1e-12) / (np.mean(np.square(middle)) + 1e-12))
    length = 16384
    frames = np.lib.stride_tricks.sliding_window_view(middle, length)[:: length * 2]
    spectrum = np.square(np.abs(np.fft.rfft(frames * np.hanning(length), axis=1))).sum(axis=0)
    frequencies = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    bands = [
        spectrum[(low <= frequencies) & (frequencies < high)].sum() for low, high in pairwise(EDGES)
    ]
    crest = 20 * np.log10(np.abs(sound).max()) - level
    return [level, crest, width, *(10 * np.log10(b / spectrum.sum() + 1e-12) for b in bands)]


def compare(made: Sequence[list[float]], folder: Path) -> None:
    """Print percentiles of the figures of mixes and of recordings."""
    import soundfile

    real = [
        figures(soundfile.read(path, dtype="float32", always_2d=True)[0].T)
        for path in sorted(folder.glob("*.mp3"))
    ]
    print("figure        mixes: 5 %   50 %   95 %   recordings: least  median  greatest")
    for index, name in enumerate(FIGURES):
        ours = np.percentile([row[index] for row in made], (5, 50, 95))
        theirs = np.percentile([row[index] for row in real], (0, 50, 100))
        print(f"{name:14}" + "".join(f"{v:8.1f}" for v in (*ours, *theirs)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=10)
    parser.add_argument("--home", type=Path, default=Path("data/sources"))
    parser.add_argument("--soundfonts", nargs="+", default=list(soundfonts.installed()))
    parser.add_argument("--collections", nargs="+", default=["pop909", "music21"])
    parser.add_argument("--compare", type=Path, help="folder of recordings (MP3)")
    options = parser.parse_args()
    tracks = mixture(options.collections, HOURS, sum(recipes.RENDERED.seconds) / 2, 0, options.home)
    fonts = options.soundfonts
    for _ in mixes(tracks[: len(fonts)], fonts, options.home, Clock()):
        pass  # what is compiled and loaded only once does not count
    clock = Clock()
    made = [figures(m) for m in mixes(tracks[: options.tracks], fonts, options.home, clock)]
    seconds = sum(clock.spent.pop("seconds"))
    print(f"{options.tracks} tracks, {seconds:.0f} s of audio; CPU time on one core")
    for stage, spent in clock.spent.items():
        cost = sum(spent) / seconds
        print(f"{stage:12} {1000 * cost:6.2f} ms a second: {1 / cost:6.0f} times real time")
    if options.compare:
        compare(made, options.compare)


if __name__ == "__main__":
    main()
