"""From recordings to HDF5: deepmir's stages beside librosa in a loop, in a pool, and Essentia.

Run by hand with one thread, on your own recordings (at least 30 s each, stereo):

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/features.py MUSIC/*.mp3

With the Snakefile's allocator settings (`KEEP_MEMORY`) before it, both sides are measured as the
stages run.

100 excerpts of 30 s are cut from them and written as WAV, FLAC, MP3 and OGG. Ours are the `downmix`
and `features` stages themselves: decode, downmix, resample, store audio; read it, transform, store
features. Theirs is what a user writes: `librosa.load`, the transform, h5py. Each round processes
some of the files by each method in turn, so that other load on the machine affects all alike. The
output of one method is removed before the next, as Snakemake does before a job.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import Process
from pathlib import Path
from typing import TypeVar

import h5py
import librosa
import numpy as np
import numpy.typing as npt
import soundfile
import soxr
from machine import processor
from scipy.fft import rfft

from deepmir.datasets.fingerprint import fingerprint
from deepmir.datasets.index import Track, write_index
from deepmir.features import compute as features
from deepmir.features import downmix
from deepmir.files import audio
from deepmir.files.store import Entry, Header, write
from deepmir.files.writing import hash_file
from deepmir.representations import Chroma, Cqt, Log, Mel, Representation

RATE, SECONDS, FORMATS = 22050, 30, ("wav", "flac", "mp3", "ogg")
HALVES = ("first", "second")
C1 = 32.70319566257483
Features = npt.NDArray[np.floating]
Way = Callable[[Sequence[Path], Path], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    """A set of features in both libraries."""

    name: str
    ours: tuple[Representation, ...]
    theirs: tuple[Callable[[Features], Features], ...]


def log_mel(samples: Features) -> Features:
    mel = librosa.feature.melspectrogram(
        y=samples, sr=RATE, n_fft=2048, hop_length=512, n_mels=128, htk=True
    )
    return np.log(mel + 1e-6)


def cqt(samples: Features, bins: int, octave: int) -> Features:
    return np.abs(librosa.cqt(samples, sr=RATE, fmin=C1, n_bins=bins, bins_per_octave=octave))


def chroma(samples: Features) -> Features:
    return librosa.feature.chroma_cqt(y=samples, sr=RATE, fmin=C1, bins_per_octave=36)


MEL = Mel(conditioning=(Log(),))
CASES = (
    Case("log-mel 128", (MEL,), (log_mel,)),
    Case("CQT 84", (Cqt(),), (partial(cqt, bins=84, octave=12),)),
    Case(
        "CQT 252",
        (Cqt(bins=252, bins_per_octave=36),),
        (partial(cqt, bins=252, octave=36),),
    ),
    Case("chroma of CQT", (Chroma(),), (chroma,)),
    Case("log-mel + CQT 84", (MEL, Cqt()), (log_mel, partial(cqt, bins=84, octave=12))),
)


def excerpts(recordings: Sequence[Path], count: int) -> Iterator[tuple[Features, int]]:
    """Excerpts of 30 s from all over some recordings, stereo, as 16-bit integers."""
    rng = np.random.default_rng(0)
    for index in range(count):
        path = recordings[index % len(recordings)]
        with soundfile.SoundFile(path) as file:
            wanted = SECONDS * file.samplerate
            file.seek(int(rng.integers(0, max(1, file.frames - wanted))))
            samples = file.read(wanted, dtype="int16", always_2d=True)
            yield np.repeat(samples, 2 // samples.shape[1], axis=1), file.samplerate


def index_of(files: Sequence[Path], folder: Path) -> Path:
    """The index that the first stage of the pipeline makes of recordings."""
    path = folder / "index.json"
    tracks = [Track(f.stem, f.stem, "", str(f), "", hash_file(f), "", "") for f in files]
    write_index(path, tracks)
    return path


def ours(files: Sequence[Path], folder: Path, kinds: Sequence[Representation]) -> None:
    """Both stages; their index is made outside of the time."""
    index, samples = folder / "index.json", folder / "audio.h5"
    downmix.compute(index, samples, RATE, 1.0, workers=1)
    for number, kind in enumerate(kinds):
        features.compute(samples, folder / f"{number}.h5", kind, workers=1)


def ours_twice(files: Sequence[Path], folder: Path, kinds: Sequence[Representation]) -> None:
    """Two shards at once, each in a process of its own, as Snakemake runs them."""
    jobs = [Process(target=ours, args=(files, folder / half, kinds)) for half in HALVES]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()


def transformed(path: Path, functions: Sequence[Callable[[Features], Features]]) -> list[Features]:
    samples, _ = librosa.load(path, sr=RATE)
    return [function(samples).astype(np.float32) for function in functions]


def loop(
    files: Sequence[Path], folder: Path, functions: Sequence[Callable[[Features], Features]]
) -> None:
    """The librosa loop, one file after the other."""
    with h5py.File(folder / "librosa.h5", "w") as file:
        for path in files:
            for number, values in enumerate(transformed(path, functions)):
                file[f"{number}/{path.stem}"] = values


def pool(
    files: Sequence[Path], folder: Path, functions: Sequence[Callable[[Features], Features]]
) -> None:
    """The librosa loop in two processes."""
    with ProcessPoolExecutor(2) as workers, h5py.File(folder / "librosa.h5", "w") as file:
        found = workers.map(partial(transformed, functions=functions), files)
        for path, arrays in zip(files, found, strict=True):
            for number, values in enumerate(arrays):
                file[f"{number}/{path.stem}"] = values


def essentia_loop() -> Way | None:
    """Log-mel of essentia, one file after the other, where it is installed."""
    try:
        import essentia
        from essentia import standard
    except ImportError:
        return None
    essentia.log.infoActive = False
    window, spectrum = standard.Windowing(type="hann", size=2048), standard.Spectrum(size=2048)
    bands = standard.MelBands(
        numberBands=128,
        sampleRate=RATE,
        inputSize=1025,
        highFrequencyBound=RATE / 2,
        warpingFormula="htkMel",
    )

    def run(files: Sequence[Path], folder: Path) -> None:
        with h5py.File(folder / "essentia.h5", "w") as file:
            for path in files:
                samples = standard.MonoLoader(filename=str(path), sampleRate=RATE)()
                frames = standard.FrameGenerator(samples, frameSize=2048, hopSize=512)
                mel = np.array([bands(spectrum(window(frame))) for frame in frames])
                file[path.stem] = np.log(mel + 1e-6)

    return run


def seconds(run: Callable[[], None]) -> tuple[float, float]:
    """CPU of this process and its children, and wall-clock time."""

    def cpu() -> float:
        both = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in both)

    used, begin = cpu(), time.perf_counter()
    run()
    return cpu() - used, time.perf_counter() - begin


def compared(files: Sequence[Path], case: Case, rounds: int, work: Path) -> str:
    """A line of the table: milliseconds a file, and ratios with the middle half of the rounds."""
    ways: dict[str, Way] = {
        "ours": partial(ours, kinds=case.ours),
        "loop": partial(loop, functions=case.theirs),
        "two shards": partial(ours_twice, kinds=case.ours),
        "pool": partial(pool, functions=case.theirs),
    }
    if case.ours == (MEL,) and (essentia := essentia_loop()):
        ways["essentia"] = essentia
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for part in np.array_split(np.array(files), rounds):
        index_of(part, work)
        for half, some in zip(HALVES, np.array_split(part, 2), strict=True):
            index_of(some, work / half)
        for name, way in ways.items():
            for old in work.rglob("*.h5"):
                old.unlink()
            cpu, wall = seconds(partial(way, part, work))
            found[name].append((1000 * cpu / len(part), 1000 * wall / len(part)))
    times = {name: np.array(rows) for name, rows in found.items()}
    cells = [case.name, files[0].suffix[1:]]
    cells += [f"{np.median(times[name][:, 0]):.1f}" for name in ("ours", "loop")]
    cells.append(ratio(times["loop"][:, 0] / times["ours"][:, 0]))
    cells.append(ratio(times["pool"][:, 1] / times["two shards"][:, 1]))
    cells.append(ratio(times["ours"][:, 1] / times["two shards"][:, 1]))
    known = "essentia" in times
    cells.append(ratio(times["essentia"][:, 0] / times["ours"][:, 0]) if known else "")
    return f"| {' | '.join(cells)} |"


def ratio(values: npt.NDArray[np.float64]) -> str:
    low, middle, high = np.percentile(values, [25, 50, 75])
    return f"{middle:.1f} ({low:.1f}-{high:.1f})"


def every(function: Callable[[T], object], items: Sequence[T]) -> float:
    """Milliseconds of CPU for one of them."""
    return float(np.median([1000 * seconds(partial(function, item))[0] for item in items]))


def read(path: Path) -> npt.NDArray[np.generic]:
    """By libsndfile and nothing else, as what is in the file."""
    kind = "int16" if soundfile.info(path).subtype == "PCM_16" else "float32"
    return soundfile.read(path, dtype=kind)[0]


def shares(files: Sequence[Path], work: Path) -> str:
    """Where the time of log-mel goes, ms a file; decoding and the FFT are the floor."""
    rate = soundfile.info(files[0]).samplerate
    loaded = [audio.load(path, RATE) for path in files[:20]]
    values = [MEL(samples).astype(np.float16) for samples in loaded]

    def stored(arrays: Sequence[npt.NDArray[np.generic]]) -> None:
        entries = (Entry(str(i), array, "") for i, array in enumerate(arrays))
        write(work / "stored.h5", Header("features", ""), entries)

    decoded = every(read, files)
    mono = every(lambda path: audio.load(path, rate), files)
    resampled = every(lambda path: audio.load(path, RATE), files)
    transform = every(MEL, loaded)
    samples = [(x * 32767).astype(np.int16) for x in loaded]
    written = 1000 * sum(seconds(partial(stored, a))[0] for a in (samples, values)) / len(values)
    words = every(lambda x: fingerprint(x, RATE), loaded)
    frames = np.zeros((128, MEL.window), np.float32)
    count = MEL.frames(RATE * SECONDS) // len(frames)
    fft = every(lambda _: [rfft(frames) for _ in range(count)], loaded)
    parts = [decoded, max(mono - decoded, 0.0), max(resampled - mono, 0.0), words]
    parts += [fft, max(transform - fft, 0.0), written]
    cells = [f"{part:.1f} ({part / sum(parts):.0%})" for part in parts]
    return f"| {files[0].suffix[1:]} | {' | '.join(cells)} |"


def floor(files: Sequence[Path], case: Case, work: Path) -> str:
    """What cannot be left out, each step alone, and its share of ours."""
    rate, raw = soundfile.info(files[0]).samplerate, work / "raw"
    stereo = [read(path) for path in files]
    half = np.full(2, 0.5 / 32768, np.float32)
    mono = [np.dot(x.astype(np.float32), half) for x in stereo]
    loaded = [soxr.resample(x, rate, RATE, quality="HQ") for x in mono]
    (kind,) = case.ours
    stored = [((x * 32767).astype(np.int16), kind(x).astype(np.float16)) for x in loaded]
    parts = [
        every(read, files),
        every(lambda x: np.dot(x.astype(np.float32), half), stereo),
        every(lambda x: soxr.resample(x, rate, RATE, quality="HQ"), mono),
        every(kind, loaded),
        every(lambda both: raw.write_bytes(both[0].tobytes() + both[1].tobytes()), stored),
    ]
    index_of(files, work)
    all_of_it = [1000 * seconds(partial(ours, files, work, case.ours))[0] for _ in range(3)]
    whole = min(all_of_it) / len(files)
    cells = [*parts, sum(parts), whole]
    columns = " | ".join(f"{cell:.1f}" for cell in cells)
    return f"| {case.name} | {columns} | {sum(parts) / whole:.0%} |"


def main() -> None:
    """Print four tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", type=Path, nargs="+")
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        files: dict[str, list[Path]] = {suffix: [] for suffix in FORMATS}
        for number, (samples, rate) in enumerate(excerpts(arguments.recordings, arguments.files)):
            for suffix in FORMATS:
                files[suffix].append(work / f"{number:03d}.{suffix}")
                soundfile.write(files[suffix][-1], samples, rate)
        print(f"{processor()}; librosa {librosa.__version__}; {arguments.files} files of 30 s\n")
        for run in (ours, loop):  # compile and load what is needed once
            index_of(files["wav"][:1], work)
            for case in CASES:
                run(files["wav"][:1], work, case.ours if run is ours else case.theirs)
        print("| features | files | deepmir, CPU ms | librosa loop, CPU ms | ratio | ", end="")
        print("two shards against a pool of 2, wall | two shards against one, wall | essentia |")
        print("|---|---|---|---|---|---|---|---|")
        for suffix in FORMATS:
            print(compared(files[suffix], CASES[0], arguments.rounds, work), flush=True)
        for case in CASES[1:]:
            print(compared(files["wav"], case, arguments.rounds, work), flush=True)
        for suffix in FORMATS[1:]:
            line = compared(files[suffix], CASES[-1], arguments.rounds, work)
            print(line, flush=True)
        print("\n| log-mel | decode | downmix and loudness | resample | fingerprint ", end="")
        print("| one FFT | rest of the transform | write |")
        print("|---|---|---|---|---|---|---|---|")
        for suffix in FORMATS:
            print(shares(files[suffix], work), flush=True)
        print(
            "\n| wav | read | mix | resample | transform | bytes written | sum | deepmir | share |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        for case in CASES[:3]:
            print(floor(files["wav"][:20], case, work), flush=True)


if __name__ == "__main__":
    main()
