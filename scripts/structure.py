"""The rooms of the house, and which imports which: `python scripts/structure.py [FOLDER]`.

A room is a folder or a loose module at the top of a package. Imports inside functions and for type
checking count as well. Only the standard library is needed, so that any commit can be measured.
"""

import ast
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

PACKAGES = ("deepmir", "deepmir_render")

# From the ground floor up: a room imports what stands before it.
FLOORS = (
    *("errors", "naming", "version", "extras", "paths", "fields", "files"),
    *("representations", "networks", "decoders", "tasks", "deformations", "drawing"),
    *("deepmir_render", "datasets", "features", "sequences", "models", "analysis"),
    *("deepmir", "baselines"),
    *("declarations", "workflow", "training", "evaluation", "generators", "report", "tracking"),
    *("inspection", "cli"),
)

Graph = Mapping[str, frozenset[str]]


def modules(source: Path) -> dict[str, Path]:
    """Every module below `source`, by dotted name."""
    found = {}
    for path in sorted(p for name in PACKAGES for p in (source / name).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def graph(source: Path) -> Graph:
    """What every module imports of the others."""
    every = modules(source)
    return {name: frozenset(_imports(path, every) - {name}) for name, path in every.items()}


def _imports(path: Path, every: Iterable[str]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in every else node.module)
    return found & {*every}


def room_of(module: str) -> str:
    """The room that a module is in; the renderer is one room of deepmir."""
    parts = module.split(".")
    return parts[0] if parts[0] == "deepmir_render" or len(parts) == 1 else parts[1]


def rooms(imports: Graph) -> Graph:
    """What every room imports of the others."""
    found: dict[str, set[str]] = {room_of(module): set() for module in imports}
    for module, names in imports.items():
        found[room_of(module)] |= {room_of(name) for name in names}
    return {room: frozenset(names - {room}) for room, names in found.items()}


def circles(imports: Graph) -> list[list[str]]:
    """Sets of nodes each of which reaches all others of its set (Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(imports[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in imports:
        if node not in index:
            visit(node)
    return found


def upward(imports: Graph) -> list[tuple[str, str]]:
    """The imports of a module that go from a lower to a higher floor."""
    floor = {room: number for number, room in enumerate(FLOORS)}
    return [
        (module, name)
        for module, names in sorted(imports.items())
        for name in sorted(names)
        if floor.get(room_of(name), -1) > floor.get(room_of(module), len(floor))
    ]


def main() -> None:
    """Print the size of the house and what is crooked in it."""
    source = Path(sys.argv[1] if len(sys.argv) > 1 else ".") / "src"
    imports, files = graph(source), modules(source)
    between = rooms(imports)
    lines = {name: path.read_text("utf-8").count("\n") for name, path in files.items()}
    for package in PACKAGES:
        own = [name for name in files if name.split(".")[0] == package]
        print(f"{package}: {len(own)} files, {sum(lines[name] for name in own)} lines")
    loose = [room for room in between if f"deepmir.{room}" in files and _is_file(room, files)]
    print(f"rooms: {len(between)}, {len(loose)} of them loose modules")
    print(f"arrows between rooms: {sum(map(len, between.values()))}")
    print(f"circles of modules: {len(circles(imports))}, of rooms: {len(circles(between))}")
    for circle in circles(imports):
        print(f"  {' '.join(circle)}")
    print(f"imports of a higher floor: {len(upward(imports))}")
    for module, name in upward(imports):
        print(f"  {module} -> {name}")


def _is_file(room: str, files: Mapping[str, Path]) -> bool:
    return files[f"deepmir.{room}"].name != "__init__.py"


if __name__ == "__main__":
    main()
