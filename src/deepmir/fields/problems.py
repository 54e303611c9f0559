"""The problem of a declaration, in one line that names the key."""

import reprlib
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from deepmir.naming import nearest, shortened

Key = tuple[str | int, ...]

# Pydantic's terms in the language of YAML.
WORDS = {
    "model_type": "input should be a mapping of keys to values",
    "model_attributes_type": "input should be a mapping of keys to values",
    "mapping_type": "input should be a mapping of names to values",
    "dict_type": "input should be a mapping of names to values",
    "tuple_type": "input should be a list",
    "list_type": "input should be a list",
    "bool_type": "input should be yes or no",
    "string_type": "input should be text (in quotes, if it looks like a number, yes or no)",
    "int_type": "input should be a whole number",
    "float_type": "input should be a number",
}

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 60
_SHORT.maxdict = _SHORT.maxlist = _SHORT.maxtuple = 3


def first_problem(error: ValidationError, raw: object, prefix: Key = ()) -> str:
    """The first problem of a declaration.

    Args:
        error: of pydantic.
        raw: the declaration; parts of pydantic's locations that are not keys in it (the branch of
            a union, the kind of a representation) are left out.
        prefix: keys above `raw`.
    """
    problems = error.errors(include_url=False)
    # A misspelt key is the cause of other problems beside it: report it first.
    problems.sort(key=lambda problem: problem["type"] != "unknown_key")
    keys = [_key(problem, raw) for problem in problems]
    # For a union, the branch that got furthest is the intended one.
    same = [key for key in keys if key[: len(keys[0])] == keys[0]]
    deepest = max(same, key=len)
    found = [p for key, p in zip(keys, problems, strict=True) if key == deepest]
    return _worded(".".join(map(_part, (*prefix, *deepest))), found)


def _worded(key: str, found: Sequence[ErrorDetails]) -> str:
    first = found[0]
    context: dict[str, Any] = first.get("ctx", {})
    if first["type"] == "unknown_key":
        return (
            f"{key}{'.' if key else ''}{_part(context['key'])} is not a known key{context['hint']}"
        )
    if first["type"] == "missing":
        return f"{key} is missing"
    if first["type"] == "union_tag_not_found":
        return f"{key}.{_plain(context['discriminator'])} is missing"
    if first["type"] == "union_tag_invalid":
        tags = [_plain(tag) for tag in context["expected_tags"].split(", ")]
        tag = str(context["tag"])
        hint = nearest(tag, tags) or f" (available: {', '.join(tags)})"
        return f"{key}.{_plain(context['discriminator'])}: there is no {shortened(tag)!r}{hint}"
    if first["loc"] and first["loc"][-1] == "[key]":
        return f"{key}: the name {_SHORT.repr(first['input'])} must be text: put it in quotes"
    messages = list(dict.fromkeys(_message(problem) for problem in found))
    if len(messages) > 1:
        messages[1:] = [message.removeprefix("input should be ") for message in messages[1:]]
    # The messages of contradictions name the keys themselves.
    whole = first["type"] == "value_error" and isinstance(first["input"], dict)
    given = "" if whole else f", not {_SHORT.repr(first['input'])}"
    return f"{key or 'the file'}: {' or '.join(messages)}{given}"


def _message(problem: ErrorDetails) -> str:
    text = WORDS.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    text = text.replace("Tuple", "List").replace(" after validation", "")
    return text[0].lower() + text[1:]


def _key(problem: ErrorDetails, raw: object) -> Key:
    """The position of a problem in the declaration."""
    parts: list[str | int] = []
    for part in problem["loc"]:
        inside = (isinstance(raw, dict) and part in raw) or (
            isinstance(raw, list | tuple) and isinstance(part, int) and part < len(raw)
        )
        if inside:
            raw = raw[part]  # type: ignore[index]
            parts.append(part)
    if problem["type"] == "missing":
        parts.append(problem["loc"][-1])
    return tuple(parts)


def _part(part: object) -> str:
    """A key in a form that fits into a line."""
    text = str(part)
    return shortened(text if text.isprintable() else repr(text))


def _plain(quoted: str) -> str:
    return quoted.strip("'")
