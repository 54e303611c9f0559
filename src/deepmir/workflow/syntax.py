"""Analysis of the syntax of a source file: its meaning and its imports. Nothing is run.

Optimised for speed: every start of Snakemake reads some hundred files.
"""

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NOTHING = "Constant(value='')"  # in the text of a syntax tree


@dataclass(frozen=True)
class Module:
    """The analysis of a source file.

    Attributes:
        path: of the file.
        meaning: hash of its code without comments, layout and docstrings, which have no effect.
        imports: every dotted name that it may import.
        packages: those from which it imports modules dynamically.
        words: strings that may be the name of a library.
    """

    path: Path
    meaning: str
    imports: frozenset[str]
    packages: frozenset[str]
    words: frozenset[str]


@cache
def parsed(path: Path, sources: Path, changed: int) -> Module:
    """Analyse a source file; cached, since the jobs of a run need the same ones again.

    Args:
        path: of the file.
        sources: the folder of the packages, in which dotted names start.
        changed: time of the last change of the file, for the cache.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    _strip(tree)
    meaning = hashlib.sha256(_plain(tree).encode()).hexdigest()
    package = ".".join(path.relative_to(sources).parent.parts)
    imports: set[str] = set()
    packages: set[str] = set()
    words: set[str] = set()
    for node in _that_run(tree):
        if isinstance(node, ast.Constant):
            imports |= _named(node, path, sources)
        elif isinstance(node, ast.Call):
            packages |= _put_together(node, package)
            words |= _words(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports |= _imported(node)
    return Module(path, meaning, frozenset(imports), frozenset(packages), frozenset(words))


def _strip(node: ast.AST) -> None:
    """Remove strings that are statements, such as docstrings, from all bodies below a node.

    All of these are in statements; expressions, the majority of nodes, are not visited.
    """
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        lines = getattr(node, name, None)
        if isinstance(lines, list):
            if name == "body":
                lines[:] = [line for line in lines if not _is_text(line)]
            for line in lines:
                _strip(line)


def _plain(node: object) -> str:
    """A syntax tree as text that is the same in every Python: empty parts are left out."""
    if isinstance(node, ast.JoinedStr):  # Python 3.12 ends some of them with an empty text
        return "".join(text for text in map(_plain, node.values) if text != NOTHING)
    if isinstance(node, ast.AST):
        fields = [
            f"{name}={_plain(value)}"
            for name in node._fields
            if (value := getattr(node, name, None)) is not None and value != []
        ]
        return f"{type(node).__name__}({','.join(fields)})"
    return f"[{','.join(map(_plain, node))}]" if isinstance(node, list) else repr(node)


def _is_text(line: ast.AST) -> bool:
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def _that_run(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes of a module, except for type checking and imports on demand.

    A module's `__getattr__` serves those who ask it for a name, not those who import the module.
    """
    on_demand = [
        line
        for line in tree.body
        if isinstance(line, ast.FunctionDef) and line.name == "__getattr__"
    ]
    waiting: list[ast.AST] = [line for line in tree.body if line not in on_demand]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and _name_of(node.test) == "TYPE_CHECKING":
            continue
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [one for one in value if isinstance(one, ast.AST)]


def _name_of(node: ast.AST) -> str:
    """The name of an expression, or the last one of `a.b.c`; else empty."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    names = [alias.name for alias in node.names]
    if isinstance(node, ast.Import):
        return {*names}
    return {node.module, *(f"{node.module}.{name}" for name in names)} if node.module else set()


def _named(node: ast.Constant, path: Path, sources: Path) -> set[str]:
    """A module referred to as a file beside this one, as MLflow requires."""
    name = node.value
    if not (isinstance(name, str) and name.endswith(".py") and re.fullmatch(r"\w+\.py", name)):
        return set()
    if not path.with_name(name).is_file():
        return set()
    beside = path.with_name(name).relative_to(sources)
    return {".".join(beside.with_suffix("").parts)}


def _words(node: ast.Call) -> set[str]:
    """String arguments of a call: a library may be looked up by its name."""
    given = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    return {text for text in given if isinstance(text, str) and re.fullmatch(r"[\w-]{2,40}", text)}


def _put_together(node: ast.Call, package: str) -> set[str]:
    """The package in `import_module(f"package.{name}")`; `{__name__}` is that of the module."""
    if not _name_of(node.func).endswith("import_module"):
        return set()
    name = node.args[0]
    if not isinstance(name, ast.JoinedStr):
        return set()
    first = name.values[0]
    own = isinstance(first, ast.FormattedValue)
    start = package if own else str(ast.literal_eval(first)).rstrip(".")
    return {start} if start.startswith("deepmir") else set()
