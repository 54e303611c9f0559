"""An archive of networks: a plain tar with a manifest, and one folder per task.

`deepmir ship` writes it, `deepmir install` and declarations read it.
"""

import hashlib
import tarfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO

from pydantic import Field, ValidationError

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.fields import Declaration, Text, problems
from deepmir.files.writing import hash_file, replacing
from deepmir.models.card import CARD, WEIGHTS
from deepmir.models.graph import GRAPH
from deepmir.naming import known

MANIFEST = "manifest.json"
LARGEST = 2**30  # bytes of one file; networks for a laptop have a few millions


class Manifest(Declaration):
    """The content of a release of networks."""

    release: Text = Field(description="version of deepmir that it came with first")
    files: dict[str, str] = Field(description="SHA-256 of each file, by its path")


def contents(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The path and bytes of every file, verified by its checksum; the manifest comes last.

    Raises:
        DeepmirError: when it is not such an archive, is damaged, or contains other files.
    """
    try:
        with tarfile.open(archive, "r:") as tar:
            data = _read(tar, MANIFEST)
            for name, digest in Manifest.model_validate_json(data).files.items():
                yield name, _checked(name, _read(tar, name), digest)
            yield MANIFEST, data
    except FileNotFoundError:
        raise DeepmirError(f"{archive} is missing") from None
    except ValidationError as error:
        raise DeepmirError(
            f"{archive}: {MANIFEST}: {problems.first_problem(error, None)}"
        ) from None
    except (tarfile.TarError, OSError, KeyError, DeepmirError) as error:
        raise DeepmirError(f"{archive} is not an archive of networks: {error}") from None


def folder_of(place: Path) -> Path:
    """The folder of a model; for one in an archive, `models.tar/beat`, that of its unpacked files.

    Raises:
        DeepmirError: when the archive is missing or damaged, or has no such network.
    """
    archive = next((up for up in (place, *place.parents) if up.suffix == ".tar"), None)
    if archive is None or archive.is_dir():
        return place
    try:
        status = archive.stat()
    except OSError as error:
        raise DeepmirError(f"{archive} cannot be read: {error.strerror}") from None
    folder = _unpacked(archive, status.st_mtime_ns, status.st_size)
    tasks = sorted(card.parent.name for card in folder.glob(f"*/{CARD}"))
    if place == archive:
        raise DeepmirError(f"{archive}: name a network in it, one of {', '.join(tasks)}")
    return folder / known(str(place.relative_to(archive)), tasks, f"network in {archive} called")


@lru_cache(maxsize=32)
def _unpacked(archive: Path, changed: int, size: int) -> Path:
    """The folder of an archive's files, which is the same for identical bytes."""
    folder = paths.UNPACKED / hash_file(archive)[:16]
    if not (folder / MANIFEST).exists():
        for name, data in contents(archive):
            with replacing(folder / name) as temporary:
                temporary.write_bytes(data)
    return folder


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.getmember(name)
    file: IO[bytes] | None = tar.extractfile(member) if member.isreg() else None
    if file is None or member.size > LARGEST:
        raise DeepmirError(f"{name} is not a file, or too large")
    return file.read()


def _checked(name: str, data: bytes, digest: str) -> bytes:
    """The bytes of a file that belongs in an archive and matches its checksum."""
    task, _, file = name.partition("/")
    if file not in (CARD, WEIGHTS, GRAPH) or not task.isidentifier():
        raise DeepmirError(f"{name!r} does not belong in it")
    if hashlib.sha256(data).hexdigest() != digest:
        raise DeepmirError(f"{name} is damaged: its checksum differs from the manifest")
    return data
