"""Write docs/reference from the code: the keys of params.yaml, tasks, networks, methods, commands.

`python scripts/reference.py` writes the pages; `tests/test_reference.py` compares them.
"""

import argparse
import importlib
import inspect
import pkgutil
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

import deepmir
from deepmir import networks, tasks
from deepmir.baselines import methods
from deepmir.cli.arguments import parser as command_parser
from deepmir.declarations.schema import Params
from deepmir.deformations import base as deformations
from deepmir.deformations import names as deformation_names
from deepmir.fields import Declaration
from deepmir.networks import notation
from deepmir.networks.letters import base as letters
from deepmir.networks.zoo import ZOO
from deepmir.tasks.names import NAMES

DOCS = Path(__file__).parents[1] / "docs"
NOTE = "<!-- Written by scripts/reference.py: do not edit. -->\n"
EXAMPLE = "c2(32,3x3) - p2(2x4) - r1(64) - r2(64) - d1"
Models = dict[type[Declaration], None]  # in the order in which they are met


def pages() -> dict[str, str]:
    """The text of every page, by its path below docs/reference."""
    found = {
        "params.md": params(),
        "tasks.md": task_page(),
        "networks.md": network_page(),
        "baselines.md": baseline_page(),
        "command-line.md": command_page(),
    }
    found |= {f"api/{name}.md": api(name) for name in rooms()}
    return {path: text if path[:3] == "api" else NOTE + text for path, text in found.items()}


# params.yaml ------------------------------------------------------------------------------------


def params() -> str:
    """Every key of params.yaml, found by walking the fields of `Params`."""
    parts = [
        "# params.yaml\n",
        "Every key, with its type, bounds; default. A key without a default is required.\n"
        "`deepmir check` reads the file and names what is wrong.\n",
    ]
    described: Models = {}
    for name, field in Params.model_fields.items():
        models = inside(field.annotation)
        parts.append(f"## {name}\n")
        parts += [f"{sentence(field.description)}\n"] if field.description else []
        if not models:
            parts.append(f"{sentence(kind(field.annotation, field.metadata))}\n")
        parts += union(models) if len(models) > 1 else [p for m in models for p in model(m)]
        deeper = [each for each in nested(models) if each not in described]
        parts += [part for each in deeper for part in model(each)]
        described |= dict.fromkeys(deeper)
    return "\n".join(parts)


def nested(models: Models) -> list[type[Declaration]]:
    """What the models of a section are themselves made of."""
    deeper: Models = {}
    for each in models:
        for field in each.model_fields.values():
            deeper |= inside(field.annotation)
    return [each for each in deeper if each not in models]


def inside(annotation: Any) -> Models:
    """The declarations in a type."""
    if isinstance(annotation, type) and issubclass(annotation, Declaration):
        return {annotation: None}
    found: Models = {}
    for part in get_args(annotation):
        found |= inside(part)
    return found


def union(models: Models) -> list[str]:
    """Declarations of which one is chosen: what several share is said once."""
    rows = {each: keys(each) for each in models}
    shared: dict[str, list[type[Declaration]]] = {}
    for each, lines in rows.items():
        for text in lines.values():
            shared.setdefault(text, []).append(each)
    common = {text: of for text, of in shared.items() if len(of) > 2}
    parts = ["### Shared keys\n"]
    for text, of in common.items():
        without = [each for each in models if each not in of]
        names = ", ".join(f"`{tag(e)}`" for e in (of if len(of) <= len(without) else without))
        names = names if len(of) <= len(without) else f"not {names}"
        parts.append(f"{text} ({names})" if without else text)
    parts.append("")
    for each, lines in rows.items():
        own = [text for text in lines.values() if text not in common]
        parts += [f"### `{tag(each)}`\n", f"{summary(each)}\n", *own, *([""] if own else [])]
    return parts


def model(each: type[Declaration]) -> list[str]:
    """One declaration: what it is, and its keys."""
    return [f"### {heading(each)}\n", f"{summary(each)}\n", *keys(each).values(), ""]


def keys(each: type[Declaration]) -> dict[str, str]:
    """The lines of its keys, by name; that which chooses it is the heading."""
    chosen = tag_field(each)
    return {name: line(name, each) for name in each.model_fields if name != chosen}


def heading(each: type[Declaration]) -> str:
    """Its kind as it is written, or the name of its class in words."""
    return f"`{tag(each)}`" if tag(each) else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", each.__name__)


def tag(each: type[Declaration]) -> str:
    """The `kind` or `source` that chooses a declaration."""
    field = tag_field(each)
    return str(get_args(each.model_fields[field].annotation)[0]) if field else ""


def tag_field(each: type[Declaration]) -> str:
    """Which of its keys chooses it: `kind` or `source` with one word; empty if none does."""
    for name in ("kind", "source"):
        if name in each.model_fields:
            annotation = each.model_fields[name].annotation
            if get_origin(annotation) is Literal and len(get_args(annotation)) == 1:
                return name
    return ""


def line(name: str, each: type[Declaration]) -> str:
    """One key."""
    field = each.model_fields[name]
    optional = not field.is_required() and field.get_default(call_default_factory=True) is None
    default = "" if field.is_required() else f"; {value(field)}"
    default = "; optional" if optional else default
    description = f": {field.description}" if field.description else ""
    return f"- `{name}` ({kind(field.annotation, field.metadata)}{default}){description}"


def value(field: FieldInfo) -> str:
    """A default as YAML has it."""
    return yaml(field.get_default(call_default_factory=True))


def yaml(given: Any) -> str:
    """A value as it is written in params.yaml."""
    if isinstance(given, bool) or given is None:
        return {True: "yes", False: "no", None: "none"}[given]
    if isinstance(given, Declaration):
        names = sorted(given.model_fields_set)
        said = [f"{name}: {yaml(getattr(given, name))}" for name in names]
        chosen = tag_field(type(given))
        return f"{{{', '.join([f'{chosen}: {tag(type(given))}'] * bool(chosen) + said)}}}"
    if isinstance(given, tuple | list):
        return f"[{', '.join(map(yaml, given))}]"
    if isinstance(given, Mapping):
        return "{}" if not given else str(dict(given))
    return f"{given:g}" if isinstance(given, float) else str(given)


WORDS = {bool: "yes or no", int: "integer", float: "number", str: "text", Path: "path"}


def kind(annotation: Any, metadata: Iterable[Any] = ()) -> str:
    """A type in words, with its bounds."""
    metadata = list(metadata)
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        metadata = [*more, *metadata]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return choices(f"`{yaml(each)}`" for each in arguments)
    if origin in (Union, types.UnionType):
        models = inside(annotation)
        if len(models) > 1:
            return choices(f"`{tag(each)}`" for each in models)
        return choices(kind(a, metadata) for a in arguments if a is not type(None))
    if origin is tuple:
        return f"list of {kind(arguments[0])}{lengths(metadata)}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"mapping of names to {kind(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Declaration):
        return heading(annotation)
    if annotation is Any:
        return "any value"
    return WORDS[annotation] + bounds(metadata)


def flat(metadata: Iterable[Any]) -> Iterator[Any]:
    """Constraints, those inside of fields too."""
    for each in metadata:
        yield from each.metadata if isinstance(each, FieldInfo) else (each,)


def choices(words: Iterable[str]) -> str:
    """Some words, of which one is chosen."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def bounds(metadata: Iterable[Any]) -> str:
    """The tightest bounds of a number."""
    low, high, above, below = None, None, False, False
    for each in flat(metadata):
        for name in ("ge", "gt"):
            number = getattr(each, name, None)
            if number is not None and (low is None or number >= low):
                low, above = number, name == "gt"
        for name in ("le", "lt"):
            number = getattr(each, name, None)
            if number is not None and (high is None or number <= high):
                high, below = number, name == "lt"
    if low is not None and high is not None and not above and not below:
        return f" {number_text(low)}–{number_text(high)}"
    start = "" if low is None else f" {'above' if above else 'from'} {number_text(low)}"
    end = "" if high is None else f" {'below' if below else 'to'} {number_text(high)}"
    return start + end


def number_text(number: float) -> str:
    """A bound, in digits that can be read."""
    if number >= 1e8:
        power = number.bit_length() - 1 if isinstance(number, int) else 0
        return f"2^{power}" if power and number == 2**power else f"{number:g}"
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"


def lengths(metadata: Iterable[Any]) -> str:
    """How many items a list has to have at least."""
    low = [e.min_length for e in flat(metadata) if isinstance(e, annotated_types.MinLen)]
    return f", at least {max(low)}" if low else ""


# Tasks ------------------------------------------------------------------------------------------


def task_page() -> str:
    """Every task: output, namespaces, metrics, deformations."""
    deformed = [deformations.get(name) for name in deformation_names.NAMES]
    parts = [
        "# Tasks and deformations\n",
        "*Short*: one prediction per frame. *Long*: one per excerpt. The first metric ranks\n"
        "systems. †: of the whole test part. ↓: less is better. [Baselines](baselines.md).\n",
        *(task_entry(name) for name in NAMES),
        "## Deformations\n",
        "What the number of each means, and its largest value. What is not said above keeps the\n"
        "labels of a task.\n",
        *(f"- `{d.name}`: {d.unit}, at most {d.largest:g}" for d in deformed),
        "",
    ]
    return "\n".join(parts)


def task_entry(name: str) -> str:
    """One task."""
    task = tasks.get(name)
    heads = "; ".join(f"{labels(head.labels)}, {head.activation}" for head in task.output.heads)
    rate = f", at least {task.min_frame_rate:g} frames a second" if task.min_frame_rate else ""
    what = summary(importlib.import_module(f"deepmir.tasks.{name}"))
    what = re.sub(r" \((Table 1[^)]*|[^()]*time scale)\)", "", what)
    ranked = sorted(task.measures, key=lambda metric: metric != task.primary)
    metrics = ", ".join(metric_text(metric, task.measures[metric]) for metric in ranked)
    return (
        f"### `{name}`\n\n{what}\n\n"
        f"- scale: {'short' if task.time_varying else 'long'}{rate}\n"
        f"- output: {heads}\n"
        f"- JAMS: {', '.join(f'`{each}`' for each in task.namespaces)}\n"
        f"- metrics: {metrics}\n"
        f"- deformations: {effects(task)}\n"
    )


def labels(words: tuple[str, ...]) -> str:
    """The nodes of a head: all of a few, else how many."""
    return ", ".join(words) if len(words) <= 5 else f"{len(words)} nodes"


def metric_text(name: str, metric: Any) -> str:
    """A metric with its marks."""
    return f"{name}{'↓' if metric.better == 'less' else ''}{'†' if metric.of == 'part' else ''}"


def effects(task: Any) -> str:
    """What deformations change the labels of a task, and which it forbids."""
    found = []
    for effect in ("change", "forbid"):
        names = [f"`{n}`" for n in deformation_names.NAMES if task.effect(n) == effect]
        found += [f"{effect}s {', '.join(names)}"] if names else []
    return "; ".join(found) or "keeps all labels"


# Networks, baselines ----------------------------------------------------------------------------


def network_page() -> str:
    """The letters with their options, the table that describes a network, and the zoo."""
    shape = networks.InputShape(channels=1, bins=84, frame_rate=31.25, bins_per_octave=12)
    shown = networks.describe(EXAMPLE, shape, networks.Output(24, time_varying=False))
    parts = [
        "# Networks\n",
        "[How the notation works](../explanation/networks.md), and what each option means.\n",
        "## Letters\n\nDefaults are in brackets.\n",
        *(letter(name, layer) for name, layer in letters.LETTERS.items()),
        "\n## Groups\n",
        *(f"- {summary(group)}" for group in notation.Group.__subclasses__()),
        f"\n## What `deepmir network` prints\n\n```text\n{networks.table(shown)}\n```\n",
        "## The zoo\n",
        "Networks of the tutorial and of the papers it cites, and three newer ones. The\n"
        "parameters are those for the input and task of the source.\n",
        "| name | network | source | task | parameters | remark |",
        "|---|---|---|---|---|---|",
    ]
    for entry in ZOO:
        described = networks.describe(entry.notation, entry.input, entry.output)
        written = entry.notation.replace("|", "\\|")
        parts.append(
            f"| `{entry.name}` | `{written}` | {entry.source} | {entry.task} "
            f"| {described.parameters:,} | {entry.remark} |"
        )
    return "\n".join(parts) + "\n"


def letter(name: str, layer: type) -> str:
    """One letter: what it is, and what may stand in its brackets."""
    options = []
    for option, how in letters.OPTIONS[name].items():
        default = getattr(layer, option, None)
        words = [word for word, _ in how.words]
        plain = not default or isinstance(default, bool)
        shown = "" if plain else letters.written(default)
        text = " or ".join(f"`{word}`" for word in words) or f"`{option}`"
        if len(words) > 3 or (words and how.number):
            text = option if len(words) > 3 else f"`{option}` or {text}"
        options.append(f"{text} [{shown}]" if shown else text)
    return f"- {summary(layer)} Takes {', '.join(options)}."


def baseline_page() -> str:
    """Every method, its tasks, and whether it learns."""
    parts = [
        "# Baselines\n",
        "A row under `baselines` names one of these methods. Those marked * learn from the\n"
        "training part.\n",
    ]
    for name, served in methods.TASKS.items():
        what = summary(importlib.import_module(f"deepmir.baselines.{name}"))
        mark = "*" if methods.learns(name) else ""
        parts.append(f"- `{name}`{mark} ({', '.join(served)}): {what}")
    return "\n".join(parts) + "\n"


# Commands, API ----------------------------------------------------------------------------------


def command_page() -> str:
    """Every command of `deepmir` with its arguments."""
    parser = command_parser()
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    parts = ["# Command line\n", "`deepmir [--directory DIR] COMMAND`; `deepmir --version`.\n"]
    for name, sub in commands.choices.items():
        given = [action for action in sub._actions if action.dest != "help"]
        named = "".join(f" {takes(action)}" for action in given if not action.option_strings)
        what = inspect.cleandoc(sub.description or "")
        parts.append(f"## `deepmir {name}{named}`\n\n{what}\n")
        arguments = [argument(a) for a in given if a.option_strings or a.help]
        parts += [*arguments, ""] if arguments else []
    return "\n".join(parts)


def argument(action: argparse.Action) -> str:
    """One argument."""
    name = action.option_strings[-1] if action.option_strings else takes(action)
    shown = f"{name} {takes(action)}" if action.option_strings and action.nargs != 0 else name
    choices = f" ({', '.join(map(str, action.choices))})" if action.choices else ""
    text = f": {action.help}" if action.help else ""
    default = not any(action.default is each for each in (None, False))
    default = default and action.default != Path() and "by default" not in text
    return f"- `{shown}`{choices}{text}{f' (default {action.default})' if default else ''}"


def takes(action: argparse.Action) -> str:
    """What stands for the value of an argument."""
    return str(action.metavar or action.dest.upper())


def rooms() -> list[str]:
    """The packages of the code, and `deepmir` itself."""
    below = [m.name for m in pkgutil.iter_modules(deepmir.__path__) if m.name != "__main__"]
    return ["deepmir", *sorted(f"deepmir.{name}" for name in below), "deepmir_render"]


def api(name: str) -> str:
    """The page of one package, which mkdocstrings fills."""
    options = "" if name == "deepmir" else "    options:\n      show_submodules: true\n"
    return f"# {name}\n\n::: {name}\n{options}"


def summary(of: Any) -> str:
    """The first paragraph of a docstring, on one line."""
    text = (inspect.getdoc(of) or "").split("\n\n")[0]
    return " ".join(text.split()).replace("``", "`")


def sentence(text: str) -> str:
    """Text with a capital at its beginning and a full stop."""
    return text if not text else text[0].upper() + text[1:].removesuffix(".") + "."


def main() -> None:
    """Write every page."""
    for old in (DOCS / "reference/api").glob("*.md"):
        old.unlink()
    for path, text in pages().items():
        target = DOCS / "reference" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
