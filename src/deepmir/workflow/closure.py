"""What code a module needs: everything that it imports, directly or not, read from the sources.

Nothing is imported or run. Imports for type checking alone do not count. An import whose name is
put together when it runs, ``import_module(f"deepmir.tasks.{name}")``, reaches every module of that
package unless the chosen ones are given; one that is named as a file, ``"model.py"``, is reached
too. Data files (tables, page templates) belong to the modules of their folder. A library that
deepmir declares is needed where it is imported, and where something is called with its name: its
files are used.
"""

import ast
import hashlib
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from deepmir.extras import DISTRIBUTIONS, declared, normal

SOURCES = Path(__file__).parents[2]
PACKAGES = ("deepmir", "deepmir_render")

# Where a closure ends: what is declared reaches a stage as values, and these are hashed instead.
DECLARATIONS = "deepmir.declarations"

NOTHING = "Constant(value='')"  # as text of a syntax tree

Chosen = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Module:
    """What the syntax of a source file tells.

    Attributes:
        path: of the file.
        meaning: hash of its code without comments, layout and docstrings, which compute nothing.
        imports: every dotted name that it may import.
        packages: those of which it imports a module whose name is put together when it runs.
        words: texts that may be the name of a library.
    """

    path: Path
    meaning: str
    imports: frozenset[str]
    packages: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True)
class Closure:
    """What a module needs.

    Attributes:
        files: below `src`, modules and data, sorted.
        libraries: what is imported from elsewhere, as installed names, sorted.
    """

    files: tuple[Path, ...]
    libraries: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Hash of the meaning of all files and the versions of all libraries."""
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
        chosen: for a package whose modules are imported by names put together at run time, the
            names that are meant.
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
    """The file of a dotted name; None for what a module holds rather than is."""
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
    """Data files in the folder of a module, and in folders below it that hold no module."""
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
    return _hash(path.read_bytes())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read(path: Path) -> Module:
    return _parsed(path, path.stat().st_mtime_ns)


@cache
def _parsed(path: Path, changed: int) -> Module:
    """A module; cached, since the jobs of a run need the same ones again."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # A string on its own is a docstring.
            node.body = [line for line in body if not _is_text(line)]  # type: ignore[attr-defined]
    meaning = _hash(_plain(tree).encode())
    package = ".".join(path.relative_to(SOURCES).parent.parts)
    imports: set[str] = set()
    packages: set[str] = set()
    words: set[str] = set()
    for node in _that_run(tree):
        imports |= _imported(node) | _named(node, path)
        packages |= _put_together(node, package)
        words |= _words(node)
    return Module(path, meaning, frozenset(imports), frozenset(packages), frozenset(words))


def _plain(node: object) -> str:
    """A syntax tree as text that is the same in every Python: what is empty is left out."""
    if isinstance(node, ast.JoinedStr):  # Python 3.12 ends some of them with an empty text
        return "".join(text for text in map(_plain, node.values) if text != NOTHING)
    if isinstance(node, ast.AST):
        fields = (f"{k}={_plain(v)}" for k, v in ast.iter_fields(node) if v not in (None, []))
        return f"{type(node).__name__}({','.join(fields)})"
    return f"[{','.join(map(_plain, node))}]" if isinstance(node, list) else repr(node)


def _is_text(line: ast.AST) -> bool:
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def _that_run(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below one, but for type checking and for what a module imports on demand.

    A module's `__getattr__` serves those who ask it for a name, not those who import the module.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        on_demand = isinstance(child, ast.FunctionDef) and child.name == "__getattr__"
        if on_demand and isinstance(node, ast.Module):
            continue
        yield child
        yield from _that_run(child)


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module:
        return {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return set()


def _named(node: ast.AST, path: Path) -> set[str]:
    """A module that is named as a file beside this one, as MLflow wants it."""
    name = str(node.value) if isinstance(node, ast.Constant) else ""
    if not re.fullmatch(r"\w+\.py", name) or not path.with_name(name).is_file():
        return set()
    beside = path.with_name(name).relative_to(SOURCES)
    return {".".join(beside.with_suffix("").parts)}


def _words(node: ast.AST) -> set[str]:
    """Texts that something is called with: a library may be looked up by its name."""
    if not isinstance(node, ast.Call):
        return set()
    given = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    return {text for text in given if isinstance(text, str) and re.fullmatch(r"[\w-]{2,40}", text)}


def _put_together(node: ast.AST, package: str) -> set[str]:
    """The package in `import_module(f"package.{name}")`; `{__name__}` is that of the module."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module")):
        return set()
    name = node.args[0]
    if not isinstance(name, ast.JoinedStr):
        return set()
    first = name.values[0]
    own = isinstance(first, ast.FormattedValue)
    start = package if own else str(ast.literal_eval(first)).rstrip(".")
    return {start} if start.startswith("deepmir") else set()


def _computing(imported: Collection[str]) -> tuple[str, ...]:
    """Libraries that are imported, and of those that they need the ones that deepmir declares.

    librosa computes by scipy and soxr: another version of these may give other numbers. What they
    need beyond that (clients of the network, colours of a terminal) computes nothing.
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
    """What the line runs with: the core and every extra but the voices and the tools."""
    return {name for name, extras in declared().items() if extras & {"", "all"}}


@cache
def _needs(distribution: str) -> tuple[str, ...]:
    """What a distribution requires, optional extras aside; nothing where it is not installed."""
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
