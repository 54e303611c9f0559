"""Time and sound of the rendered set: how fast tracks are made, and how like recordings they are.

Run by hand, with one thread: ``OMP_NUM_THREADS=1 python benchmarks/rendering.py`` times the stages
on songs of POP909 in ``data/sources``; ``--compare FOLDER`` puts the level, the crest factor, the
width and the spectrum of the mixes beside those of the recordings in a folder.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from deepmir.datasets.rendered import Rendered
from deepmir_render import rendering
from deepmir_render.mixing import lossy, mixing
from deepmir_render.playing import soundfonts, synthesis
from deepmir_render.playing.performance import Performance, perform
from deepmir_render.playing.performance_plain import SAMPLE_RATE
from deepmir_render.singing.singing import sing
from deepmir_render.sources import pop909
from deepmir_render.writing import passages, styles
from deepmir_render.writing.arrangement import arrange, draw_style, draw_tempo

Sound = NDArray[np.float32]
T = TypeVar("T")

SECONDS = 75.0
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


def performed(number: str, font: str, home: Path, rng: np.random.Generator) -> Performance:
    """A passage of a song of POP909 in a style and a tempo that are drawn."""
    declaration = Rendered(source="rendered", home=home, soundfonts=(font,))
    song, style = pop909.read(home, number), draw_style(rng)
    song, bpm = draw_tempo(song, styles.STYLES[style], rng)
    passage = passages.choose(song, SECONDS * bpm / 60, rng)
    players = soundfonts.measured(font)
    grooves = rendering._grooves(home)
    arranged = arrange(passage, style, bpm, declaration, grooves, players, "train", rng)
    return perform(arranged, True, rng)


def mixes(count: int, fonts: Sequence[str], home: Path, clock: Clock) -> Iterator[Sound]:
    """Mixes of songs; the singer is that of the scores, whose time does not count."""
    numbers = pop909.songs(home)
    for index in range(count):
        rng = np.random.default_rng(index)
        font = fonts[index % len(fonts)]
        number = numbers[int(rng.integers(len(numbers)))]
        performance = clock("arranging", performed, number, font, home, rng)
        arrangement = performance.arrangement
        sung = [
            sing(part, singer, performance.samples, rng)
            for part, singer in zip(performance.sung, arrangement.singers, strict=True)
        ]
        voice = rendering._voice(sung)
        parts, samples = rendering._buses(performance), performance.samples
        found = soundfonts.find(font)
        buses = clock("synthesis", synthesis.render, parts, found, samples, performance.detuning)
        mix = mixing.draw(rng, "studio", arrangement.style)
        sound = clock("mixing", mixing.apply, buses, voice, mix, rng)
        with tempfile.TemporaryDirectory() as folder:
            clock("writing", lossy.write, Path(folder) / "track.flac", sound, mix.coding)
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
    parser.add_argument("--compare", type=Path, help="folder of recordings (MP3)")
    options = parser.parse_args()
    for _ in mixes(len(options.soundfonts), options.soundfonts, options.home, Clock()):
        pass  # what is compiled and loaded only once does not count
    clock = Clock()
    made = [figures(m) for m in mixes(options.tracks, options.soundfonts, options.home, clock)]
    seconds = sum(clock.spent.pop("seconds"))
    print(f"{options.tracks} tracks, {seconds:.0f} s of audio; CPU time on one core")
    for stage, spent in clock.spent.items():
        cost = sum(spent) / seconds
        print(f"{stage:12} {1000 * cost:6.2f} ms a second: {1 / cost:6.0f} times real time")
    if options.compare:
        compare(made, options.compare)


if __name__ == "__main__":
    main()
