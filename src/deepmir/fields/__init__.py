"""Building blocks of declarations: strictly validated fields, and a model with known keys.

`yes` is not a number here, `3.0` is not an integer and neither is `"3"`; NaN and infinity are
refused.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar, get_args

from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    model_validator,
)
from pydantic_core import PydanticCustomError

from deepmir.naming import composed, nearest

T = TypeVar("T")
Items = TypeVar("Items", bound=tuple[Any, ...])


def filled(value: object) -> object:
    """An empty mapping for a missing value, which YAML reads as null."""
    return {} if value is None else value


def _said(text: str) -> str:
    """The text with composed characters: a label looks the same in a table and here."""
    if not text.strip() or min(text) < " ":
        raise ValueError("text must be a single line and not blank")
    return composed(text)


def _place(value: object) -> object:
    if not isinstance(value, str | Path) or not str(value) or len(str(value)) > 1000:
        raise ValueError("a path must be text of 1 to 1000 characters")
    _said(str(value))
    if any(len(part.encode()) > 255 for part in Path(value).parts):
        raise ValueError("a name in a path may have at most 255 bytes")
    return value


def _different(items: Items) -> Items:
    seen = set()
    for item in items:
        if item in seen:
            raise ValueError(f"{item!r} appears twice")
        seen.add(item)
    return items


Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict(), AllowInfNan(False)]
Flag = Annotated[bool, Strict()]

Count = Annotated[Whole, Field(ge=1)]
Positive = Annotated[Number, Field(gt=0)]
Share = Annotated[Number, Field(ge=0, le=1)]
Seconds = Annotated[Number, Field(gt=0, le=3600)]
"""A length of time; no recording, patch or memory of a filter is above an hour."""
Span = Annotated[Number, Field(ge=0, le=3600)]
"""Seconds that may be none."""
Seed = Annotated[Whole, Field(ge=0, lt=2**32)]
"""What both NumPy and torch can be seeded with."""
Limit = Annotated[Whole, Field(ge=1, le=10_000_000)]
"""A number of tracks or patches; no data set of music has more."""

Text = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_said)]
Place = Annotated[Path, BeforeValidator(_place)]
Different = Annotated[Items, AfterValidator(_different)]
"""A list in which nothing is there twice."""
Section = Annotated[Mapping[str, T], BeforeValidator(filled)]
"""By name; nothing written under it is an empty one."""


SPLIT = " (a comma in braces ends a value: put the network in quotes)"


class Declaration(BaseModel):
    """Base of every declaration: frozen, with only the declared keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    beside: ClassVar[tuple[str, ...]] = ()  # keys that are read before the model is created

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, given: object) -> object:
        """Refuse unknown keys first: they explain why others are missing."""
        if isinstance(given, Mapping):
            for key in given:
                if key not in cls.model_fields:
                    split = any(")" in str(other) for other in given)
                    hint = SPLIT if split else _hint(cls, str(key))
                    raise PydanticCustomError(
                        "unknown_key", "not known", {"key": key, "hint": hint}
                    )
        return given


def _hint(model: type[Declaration], key: str) -> str:
    """A suggestion for a key that a model does not have, in brackets."""
    for name, field in model.model_fields.items():
        parts = [field.annotation, *get_args(field.annotation)]
        if any(key in part.model_fields for part in parts if _is_declaration(part)):
            return f" (it belongs under {name!r})"
    others = [tag for tag, relative in _relatives(model) if key in relative.model_fields]
    if others:
        return f" (it belongs to {', '.join(others)})"
    return nearest(key, [*model.model_fields, *model.beside])


def _is_declaration(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, Declaration)


def _relatives(model: type[Declaration]) -> Iterator[tuple[str, type[Declaration]]]:
    """The other kinds of representations or sources of data sets, each with its tag."""
    tag = next((name for name in ("kind", "source") if _tag(model, name)), None)
    if tag is not None:
        for other in _below(Declaration):
            if _tag(other, tag):
                yield f"{tag} {_tag(other, tag)}", other


def _tag(model: type[Declaration], name: str) -> str:
    """The single tag that a model has as its kind or source; empty if it has none."""
    field = model.model_fields.get(name)
    words = get_args(field.annotation) if field else ()
    return words[0] if len(words) == 1 and isinstance(words[0], str) else ""


def _below(model: type[Declaration]) -> Iterator[type[Declaration]]:
    for child in model.__subclasses__():
        yield child
        yield from _below(child)
