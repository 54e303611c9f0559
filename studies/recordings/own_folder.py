"""Pieces of music with their annotations, written in the format of `own-folder`."""

import csv
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from deepmir.analysis import activations
from deepmir.files import annotations, audio, decoding
from deepmir.files.annotations import Annotation, Jams, Observation

SOURCES = Path("../../data/sources/recordings")
RATE = 22_050  # Hz
PEAK = 0.9  # at most
SILENT = 1e-3  # of full scale
TABLE = "metadata.csv"
ABOUT = ("file", "title", "artist", "group", "licence")

Known = TypeVar("Known")


@dataclass(frozen=True)
class Piece:
    """A piece: mono samples at `rate` Hz, shape (S,), what is known of it, and whose it is."""

    name: str
    samples: np.ndarray
    rate: int
    said: tuple[Annotation, ...]
    title: str
    artist: str
    group: str
    licence: str


@dataclass(frozen=True)
class Heard:
    """Activations of a network, shape (frames, V) or (V,), and their frames a second."""

    values: npt.NDArray[np.float32]
    rate: float


def sounding(samples: np.ndarray, rate: int, times: np.ndarray) -> np.ndarray:
    """Those of some regular instants, s, after which something sounds before the next."""
    beat = float(np.diff(times[:2]).sum())
    return np.array(
        [
            time
            for time in times
            if abs(samples[round(time * rate) : round((time + beat) * rate)]).max(initial=0.0)
            > SILENT
        ]
    )


def instants(
    namespace: str, times: Iterable[float], values: Iterable[int | None] = ()
) -> Annotation:
    """Annotation of instants, s, and of what each is, if that is known."""
    known = list(values)
    return Annotation(
        namespace,
        tuple(
            Observation(round(float(time), 4), value=known[i] if known else None)
            for i, time in enumerate(times)
        ),
    )


def write(folder: Path, pieces: Sequence[Piece]) -> None:
    """Write the recording and the JAMS file of every piece, and the table of their groups."""
    if folder.exists():
        raise SystemExit(f"{folder} is there: remove it to make it again")
    folder.mkdir(parents=True)
    for piece in pieces:
        samples = soxr.resample(piece.samples, piece.rate, RATE)
        soundfile.write(folder / f"{piece.name}.flac", below_peak(samples), RATE)
        jams = Jams(len(samples) / RATE, piece.said, piece.title, piece.artist)
        annotations.write(folder / f"{piece.name}.jams", jams)
    write_table(
        folder,
        [
            (f"{piece.name}.flac", piece.title, piece.artist, piece.group, piece.licence)
            for piece in pieces
        ],
    )


def below_peak(samples: np.ndarray) -> np.ndarray:
    """The same, softer where they would exceed `PEAK`."""
    return samples * min(1.0, PEAK / max(float(abs(samples).max()), 1e-9))


def write_table(folder: Path, rows: Iterable[tuple[str, str, str, str, str]]) -> None:
    """Write whose the recordings of a folder are: a row each, of the columns of `ABOUT`."""
    with (folder / TABLE).open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(ABOUT)
        table.writerows(rows)


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a table by its columns."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def taught(
    source: Path,
    made: Path,
    teachers: Mapping[str, Path],
    known: Callable[[Jams], Known | None],
    said: Callable[[Mapping[str, Heard], Known], Annotation | None],
) -> str:
    """Write links to the pieces of a folder that networks annotate, and what they say of them.

    Args:
        source: the folder.
        made: where to write; what is there is removed.
        teachers: the network for each task.
        known: what people say of a piece that they are held to; None leaves the piece out.
        said: the annotation, from what is heard for each task, and what is known; or None.

    Returns:
        How many of the pieces of which something is known.
    """
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    networks = activations.models_of(teachers, teachers)
    rows, asked = [], 0
    for row in read_table(source / TABLE):
        path = source / row["file"]
        beside = path.with_suffix(".jams")
        about = annotations.read(beside) if beside.exists() else _unknown(path, row)
        if (held := known(about)) is None:
            continue
        asked += 1
        features = activations.features(audio.from_file(path), networks).features
        heard = {
            network.task.name: Heard(
                activations.decodable(network, features[network.representation.digest]),
                network.representation.frame_rate,
            )
            for network in networks
        }
        annotation = said(heard, held)
        if annotation is None:
            continue
        link = made / row["file"]
        link.symlink_to(path.resolve())
        jams = Jams(about.duration, (annotation,), about.title, about.artist)
        annotations.write(link.with_suffix(".jams"), jams)
        rows.append(tuple(row[key] for key in ABOUT))
    write_table(made, rows)
    return f"{len(rows)} of {asked} pieces"


def _unknown(path: Path, row: Mapping[str, str]) -> Jams:
    """A piece of which nothing is said but whose it is."""
    return Jams(decoding.seconds(path), (), row["title"], row["artist"])
