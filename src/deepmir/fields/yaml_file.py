"""`params.yaml` as values: YAML with size limits and without duplicate keys.

Only JSON's types are supported; `1e-3` is a number, as in YAML 1.2, and a date is text.
"""

import re
from pathlib import Path
from typing import Any, NoReturn

import yaml

from deepmir.errors import DeepmirError

LARGEST = 2**20  # bytes: two thousand experiments
DEEPEST = 50  # nested values; the deepest meaningful one is the ninth
MOST = 100_000  # values, with those repeated by an alias counted again

TYPES = ("map", "seq", "str", "int", "float", "bool", "null", "merge", "value")
EXPONENT = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$")


class _Loader(yaml.SafeLoader):
    """YAML without what PyYAML silently accepts: duplicate keys, unbounded aliases."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.name = name
        self.depth = 0
        # For every finished node: number of values in it, and their depth.
        self.extents: dict[yaml.Node, tuple[int, int]] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node:
        line = self.peek_event().start_mark.line  # type: ignore[no-untyped-call]
        alias = self.check_event(yaml.AliasEvent)
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse(line, f"values are nested more than {DEEPEST} deep")
        node = super().compose_node(parent, index)
        assert node is not None  # there was an event, so PyYAML has made a node of it
        self.depth -= 1
        if not alias:
            self.extents[node] = self.extent(node)
        if node not in self.extents:
            self.refuse(line, "an alias refers to a value that contains it")
        size, height = self.extents[node]
        if size > MOST or self.depth + height > DEEPEST:
            self.refuse(line, "aliases expand to too many values: write them out")
        return node

    def extent(self, node: yaml.Node) -> tuple[int, int]:
        """Size and depth of a node whose children are finished."""
        children: list[yaml.Node] = []
        if isinstance(node, yaml.SequenceNode):
            children = node.value
        if isinstance(node, yaml.MappingNode):
            children = [child for pair in node.value for child in pair]
        inside = [self.extents[child] for child in children]
        return 1 + sum(size for size, _ in inside), 1 + max((h for _, h in inside), default=0)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            line = key_node.start_mark.line
            if not isinstance(key_node, yaml.ScalarNode):
                self.refuse(line, "a key must be a name, not a list or a mapping")
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue  # `<<: *other`: what is written here takes precedence
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                self.refuse(line, f"the key {key!r} appears twice")
            seen.add(key)
        return super().construct_mapping(node, deep)

    def refuse(self, line: int, reason: str) -> NoReturn:
        raise DeepmirError(f"{self.name}, line {line + 1}: {reason}")


_Loader.yaml_constructors = {
    tag: construct
    for tag, construct in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.removeprefix("tag:yaml.org,2002:") in TYPES
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", EXPONENT, list("-+0123456789"))


def read(path: Path) -> object:
    """The values of a YAML file.

    Raises:
        DeepmirError: when it is missing, too large or not YAML, naming the line.
    """
    text = _text(path)
    try:
        return _Loader(text, str(path)).get_single_data()
    except yaml.YAMLError as error:
        raise DeepmirError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    except (ValueError, LookupError) as error:  # PyYAML's, for `!!int many`
        raise DeepmirError(f"{path} is not YAML: {error}") from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise DeepmirError(f"{path} is larger than {LARGEST} bytes: declare less in one file")
        return raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise DeepmirError(
            f"{path} is missing: run from the folder that contains it, or restore it from git"
        ) from None
    except OSError as error:
        raise DeepmirError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DeepmirError(f"{path}, line {line}: not UTF-8: save the file as UTF-8") from None
