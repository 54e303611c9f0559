"""One's own recordings: a folder of audio files, each beside a JAMS file of the same name."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deepmir import annotations
from deepmir.datasets import Member, Track, each_track, hash_file, shard_of
from deepmir.errors import DeepmirError
from deepmir.params import Folder
from deepmir.store import Failure

AUDIO = frozenset({".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".au"})


def recordings(declaration: Folder) -> list[Path]:
    """The audio files of a folder and of those below it, sorted.

    Raises:
        DeepmirError: when the folder is missing, holds no audio, or names two tracks alike.
    """
    if not declaration.path.is_dir():
        raise DeepmirError(
            f"the data set's folder {declaration.path} is missing: correct `path` in params.yaml"
        )
    paths = sorted(p for p in declaration.path.rglob("*") if p.suffix.lower() in AUDIO)
    if not paths:
        raise DeepmirError(f"the data set's folder {declaration.path} holds no audio files")
    seen: dict[str, Path] = {}
    for path in paths:
        name = track_id(declaration, path)
        if name in seen:
            raise DeepmirError(f"{seen[name]} and {path} would both be the track {name}: keep one")
        seen[name] = path
    return paths


def track_id(declaration: Folder, path: Path) -> str:
    """The path below the folder without its suffix, `/` written as `--`."""
    return "--".join(path.relative_to(declaration.path).with_suffix("").parts)


def listing(declaration: Folder) -> list[tuple[str, int, int]]:
    """Name, size and time of every file: what changes when the folder does."""
    both = [(p, p.with_suffix(".jams")) for p in recordings(declaration)]
    return [
        (str(path), stat.st_size, stat.st_mtime_ns)
        for pair in both
        for path in pair
        if path.exists() and (stat := path.stat())
    ]


def collect(root: Path, declaration: Folder, shard: int, workers: int) -> Iterator[Track | Failure]:
    """Index the recordings of one shard where they are; nothing is copied."""
    paths = [
        path
        for path in recordings(declaration)
        if shard_of(track_id(declaration, path), declaration.shards) == shard
    ]
    name_of = _Name(declaration)
    return each_track(_Describe(declaration), paths, name_of, workers)


@dataclass(frozen=True)
class _Name:
    declaration: Folder

    def __call__(self, path: Path) -> str:
        return track_id(self.declaration, path)


@dataclass(frozen=True)
class _Describe:
    declaration: Folder

    def __call__(self, path: Path) -> Track:
        jams_path = path.with_suffix(".jams")
        if path.stat().st_size == 0:
            raise DeepmirError(f"{path}: the file is empty (0 bytes)")
        if not jams_path.exists():
            raise DeepmirError(f"{path} has no annotations: {jams_path.name} is missing beside it")
        jams = annotations.read(jams_path)
        name = track_id(self.declaration, path)
        return Track(
            id=name,
            group=str(jams.sandbox.get("group") or jams.artist or name),
            stratum=str(jams.sandbox.get("stratum") or ""),
            audio=str(path),
            annotations=str(jams_path),
            sha256=hash_file(path),
            annotations_sha256=hash_file(jams_path),
            licence=str(jams.sandbox.get("licence") or "unknown"),
        )


def members(declaration: Folder) -> list[Member]:
    """Every recording that has annotations."""
    describe = _Describe(declaration)
    found = [p for p in recordings(declaration) if p.with_suffix(".jams").exists()]
    tracks = [describe(path) for path in found]
    return [Member(track.group, track.stratum) for track in tracks]
