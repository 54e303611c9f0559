"""The bank of voices: syllables that espeak-ng spoke once, analysed, kept in a file.

The file holds 2 MB for each speaker, of which a song reads one.
"""

import functools
import hashlib
import importlib.metadata
import json
import multiprocessing
import os
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError, MissingDataError
from deepmir.files.writing import replacing
from deepmir_render.singing import speaking
from deepmir_render.singing.espeak import MISSING, espeak
from deepmir_render.singing.languages import SPEAKERS, Speaker
from deepmir_render.singing.speaking import SpokenVoice, speak
from deepmir_render.singing.syllables import SpokenSyllable

FOLDER = Path("data/cache")


def find(speaker: Speaker, folder: Path = FOLDER) -> SpokenVoice:
    """The voice of a speaker, from the bank in `folder`, which is made if it is not there.

    Raises:
        DeepmirError: when it is not there and what makes it is not installed, or it is broken.
    """
    return _find(speaker, folder.absolute())


@functools.lru_cache(maxsize=4)
def _find(speaker: Speaker, folder: Path) -> SpokenVoice:
    path = prepare(folder)
    try:
        with np.load(path) as bank:
            power, harmonic, rows = (
                bank[f"{speaker.name}/{part}"] for part in ("power", "harmonic", "syllables")
            )
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DeepmirError(f"{path} is not a bank of voices ({error}): delete it") from None
    return SpokenVoice(
        speaker, power, harmonic, tuple(SpokenSyllable(*row) for row in rows.tolist())
    )


def prepare(folder: Path = FOLDER, speakers: Sequence[Speaker] = SPEAKERS) -> Path:
    """Make the bank of voices if it is not there, which takes about a minute; returns its path.

    Raises:
        DeepmirError: when espeak-ng or pyworld is not installed.
    """
    path = folder / f"voices-{_digest(speakers)}.npz"
    if not path.exists():
        arrays: dict[str, npt.NDArray[np.generic]] = {}
        for speaker, voice in zip(speakers, _spoken(speakers), strict=True):
            rows = [(s.first, s.vowel, s.coda, s.end) for s in voice.syllables]
            arrays[f"{speaker.name}/power"] = voice.power
            arrays[f"{speaker.name}/harmonic"] = voice.harmonic
            arrays[f"{speaker.name}/syllables"] = np.array(rows, dtype=np.int32)
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]  # as positional names go
    return path


def check() -> None:
    """Look for the software that speaks.

    Raises:
        MissingDataError: when espeak-ng or pyworld is not installed, saying how to get them.
    """
    _digest(SPEAKERS)


def _spoken(speakers: Sequence[Speaker]) -> Iterator[SpokenVoice]:
    """Every speaker in a fresh process, for espeak-ng's speech depends on its speech before."""
    espeak()  # to fail once, and not in every process
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, max_tasks_per_child=1) as pool:
        yield from pool.map(speak, speakers)


def _digest(speakers: Sequence[Speaker]) -> str:
    """What a bank is made of: its format, sounds, and versions of what speaks and analyses."""
    try:
        versions = [importlib.metadata.version(n) for n in ("espeakng-loader", "pyworld")]
    except importlib.metadata.PackageNotFoundError:
        raise MissingDataError(MISSING) from None
    text = json.dumps([speaking.VERSION, versions, [repr(speaker) for speaker in speakers]])
    return hashlib.sha256(text.encode()).hexdigest()[:12]
