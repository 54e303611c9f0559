"""The code that a module needs: its direct and indirect imports, read from the sources.

Nothing is imported or run. Imports for type checking do not count. A dynamic import,
``import_module(f"deepmir.tasks.{name}")``, reaches every module of that package unless the chosen
ones are given; one named as a file, ``"model.py"``, is reached too. Data files (tables, page
templates) belong to the modules of their folder. A library that deepmir declares is needed where it
is imported, and where a call has its name as an argument: its files are used.
"""

import hashlib
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from deepmir.extras import DISTRIBUTIONS, declared, normal
from deepmir.workflow.syntax import Module, parsed

SOURCES = Path(__file__).parents[2]
PACKAGES = ("deepmir", "deepmir_render")

# The ends of a closure: declarations reach a stage as values, which are hashed instead.
DECLARATIONS = "deepmir.declarations"

Chosen = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Closure:
    """The dependencies of a module.

    Attributes:
        files: modules and data below `src`, sorted.
        libraries: other imported distributions, by installed name, sorted.
    """

    files: tuple[Path, ...]
    libraries: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Hash of the meaning of all files and of the versions of all libraries."""
        digest = hashlib.sha256()
        above = len(str(SOURCES))
        for path in self.files:
            digest.update(f"{str(path)[above:]}\0{_meaning(path)}\0".encode())
        for name in self.libraries:
            digest.update(f"{name}=={_version(name)}\0".encode())
        return digest.hexdigest()[:16]


def of(roots: Collection[str], chosen: Chosen) -> Closure:
    """The closure of some modules.

    Args:
        roots: dotted names of modules of deepmir.
        chosen: for a package with dynamic imports, the names of the modules in use.
    """
    files: set[Path] = set()
    libraries: set[str] = set()
    seen: set[str] = set()
    waiting = list(roots)
    assert all(map(_file, roots)), roots
    while waiting:
        name = waiting.pop()
        if name in seen or name == DECLARATIONS or name.startswith(f"{DECLARATIONS}."):
            continue
        seen.add(name)
        if name.partition(".")[0] not in PACKAGES:
            libraries.add(name.partition(".")[0])
        elif (path := _file(name)) is not None:
            module = _read(path)
            files |= {path, *_data_beside(path)}
            libraries |= {word for word in module.words if normal(word) in _declared()}
            waiting += [*module.imports, *_parents(name)]
            for package in module.packages:
                names = chosen[package] if package in chosen else _modules(package)
                waiting += [f"{package}.{one}" for one in names]
    return Closure(tuple(sorted(files)), _computing(libraries))


def _file(name: str) -> Path | None:
    """The file of a dotted name; None for a name within a module."""
    base = SOURCES / name.replace(".", "/")
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.exists()), None)


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _modules(package: str) -> list[str]:
    folder = SOURCES / package.replace(".", "/")
    inner = [path.parent.name for path in folder.glob("*/__init__.py")]
    return [*inner, *(path.stem for path in folder.glob("*.py") if path.stem != "__init__")]


@cache
def _data_beside(path: Path) -> tuple[Path, ...]:
    """Data files in the folder of a module, and in its subfolders without modules."""
    folders = [path.parent]
    if path.parent.parent != SOURCES:
        below = (p for p in path.parent.iterdir() if p.is_dir() and p.name != "__pycache__")
        folders += [p for p in below if not any(p.rglob("*.py"))]
    each = [folder.iterdir() if folder == path.parent else folder.rglob("*") for folder in folders]
    found = (p for files in each for p in files if p.is_file())
    return tuple(p for p in found if p.suffix not in (".py", ".pyc") and p.name != "py.typed")


def _meaning(path: Path) -> str:
    if path.suffix == ".py":
        return _read(path).meaning
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path) -> Module:
    return parsed(path, SOURCES, path.stat().st_mtime_ns)


def _computing(imported: Collection[str]) -> tuple[str, ...]:
    """Imported libraries, and those of their dependencies that deepmir declares.

    librosa computes with scipy and soxr, whose versions may affect results. Other dependencies
    (network clients, terminal colours) compute nothing.
    """
    direct = {name for name in imported if name not in sys.stdlib_module_names}
    found = {normal(DISTRIBUTIONS.get(name, name)) for name in direct}
    known = _declared()
    waiting = list(found)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _needs(name)
    return tuple(sorted(found | (seen & known)))


def _declared() -> set[str]:
    """The pipeline's requirements: the core and every extra except voices and tools."""
    return {name for name, extras in declared().items() if extras & {"", "all"}}


@cache
def _needs(distribution: str) -> tuple[str, ...]:
    """The requirements of a distribution without extras; empty if it is not installed."""
    try:
        lines = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return ()
    plain = (line for line in lines if "extra ==" not in line)
    return tuple(normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in plain)


@cache
def _version(distribution: str) -> str:
    """The installed version without its local part: `+cpu` and `+cu130` are one torch."""
    try:
        return metadata.version(distribution).partition("+")[0]
    except metadata.PackageNotFoundError:
        return "none"
