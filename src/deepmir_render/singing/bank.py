"""Banks of voices: analysed spoken syllables, stored in a file.

The file contains 2 MB per speaker, of which a song reads one.
"""

import functools
import hashlib
import importlib.metadata
import json
import multiprocessing
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from deepmir import paths
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.files import hashes
from deepmir.files.writing import replacing
from deepmir_render.singing import recorded, speaking
from deepmir_render.singing.espeak import MISSING, espeak
from deepmir_render.singing.languages import SPEAKERS, Speaker
from deepmir_render.singing.speaking import SpokenVoice, speak
from deepmir_render.singing.syllables import SpokenSyllable

FOLDER = Path("data/cache")

Who = TypeVar("Who", Speaker, Path)


@functools.lru_cache(maxsize=4)
def find(bank: Path, speaker: str) -> SpokenVoice:
    """The voice of a speaker in a bank.

    Raises:
        DeepmirError: when the bank is damaged.
    """
    power, harmonic, rows = _read(bank, *(f"{speaker}/{p}" for p in ("power", "harmonic", "rows")))
    syllables = tuple(SpokenSyllable(*row) for row in rows.tolist())
    return SpokenVoice(women(bank)[speaker], power, harmonic, syllables)


@functools.lru_cache(maxsize=4)
def women(bank: Path) -> dict[str, bool]:
    """The names of a bank's speakers, and whether each is a woman or a child.

    Raises:
        DeepmirError: when the bank is damaged.
    """
    names, known = _read(bank, "names", "women")
    return dict(zip(names.tolist(), known.tolist(), strict=True))


def _read(bank: Path, *names: str) -> list[npt.NDArray[Any]]:
    try:
        with np.load(bank) as arrays:
            return [arrays[name] for name in names]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DeepmirError(f"{bank} is not a bank of voices ({error}): delete it") from None


def prepare(people: Path | None, folder: Path = FOLDER) -> Path:
    """Make a bank of voices unless it exists, which takes some minutes; returns its path.

    Args:
        people: folder with one folder of recordings per speaker; None for espeak-ng's voices.
        folder: for the bank.

    Raises:
        DeepmirError: when pyworld or espeak-ng is not installed, or no speech is found.
    """
    return _prepared(people and people.absolute(), folder.absolute())


@functools.cache
def _prepared(people: Path | None, folder: Path) -> Path:
    if people is None:
        return of_espeak(SPEAKERS, folder)
    found = recorded.speakers(people)
    heard = hashes.of([p for recordings in found.values() for p in recordings], paths.HASHES)
    made_of = [(str(path.relative_to(people)), sha256) for path, sha256 in heard.items()]
    path = folder / f"people-{_digest(('pyworld',), [recorded.VERSION, *made_of])}.npz"
    return _made(path, list(found), recorded.listen)


def of_espeak(speakers: Sequence[Speaker], folder: Path) -> Path:
    """Make a bank of some espeak-ng voices unless it exists; returns its path."""
    digest = _digest(("espeakng-loader", "pyworld"), [repr(speaker) for speaker in speakers])
    path = folder / f"voices-{digest}.npz"
    if not path.exists():
        espeak()  # to fail once, and not in every process
    return _made(path, speakers, speak)


def check(people: Path | None) -> None:
    """Check for the software for speech synthesis, or for recorded speech.

    Raises:
        MissingDataError: when it is not installed, with instructions.
    """
    _digest(("pyworld",) if people else ("espeakng-loader", "pyworld"), [])


def _made(path: Path, speakers: Sequence[Who], voice: Callable[[Who], SpokenVoice]) -> Path:
    """Make each speaker in a new process, as espeak-ng's speech depends on earlier speech."""
    if path.exists():
        return path
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, max_tasks_per_child=1) as pool:
        voices = dict(zip([s.name for s in speakers], pool.map(voice, speakers), strict=True))
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "names": np.array(list(voices)),
        "women": np.array([each.woman for each in voices.values()]),
    }
    for name, each in voices.items():
        rows = [(s.first, s.vowel, s.coda, s.end) for s in each.syllables]
        arrays[f"{name}/power"] = each.power
        arrays[f"{name}/harmonic"] = each.harmonic
        arrays[f"{name}/rows"] = np.array(rows, dtype=np.int32)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # as positional names go
    return path


def _digest(software: Iterable[str], made_of: Sequence[object]) -> str:
    """Hash of a bank's format, its sources and the versions of the software."""
    try:
        versions = [importlib.metadata.version(name) for name in software]
    except importlib.metadata.PackageNotFoundError:
        raise MissingDataError(MISSING) from None
    text = json.dumps([speaking.VERSION, versions, made_of])
    return hashlib.sha256(text.encode()).hexdigest()[:12]
