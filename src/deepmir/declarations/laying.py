"""Values of keys laid over a network, for sweeps and searches."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from deepmir.declarations.schema import Experiment
from deepmir.declarations.sequences import SequenceNetwork
from deepmir.errors import DeepmirError
from deepmir.fields import problems

N = TypeVar("N", bound=Experiment | SequenceNetwork)


def laid(base: N, values: Mapping[str, Any]) -> N:
    """A network with some of its keys overridden.

    Args:
        base: the network.
        values: by key, with a dot inside `training` or `deformations`.

    Raises:
        DeepmirError: when the key does not exist or cannot have the value.
    """
    raw = base.model_dump()
    for key, value in sorted(values.items(), key=lambda item: item[0].count(".")):
        *above, last = key.split(".")
        inside = raw
        for part in above:
            inside = inside.setdefault(part, {})
            if not isinstance(inside, dict):
                raise DeepmirError(f"{key} is not a known key: {part} has no keys below it")
        # As in an experiment: what is not said stays as it is.
        whole = key == "training" and isinstance(value, dict)
        inside[last] = {**inside[last], **value} if whole else value
    try:
        return cast(N, type(base).model_validate(raw))
    except ValidationError as error:
        raise DeepmirError(problems.first_problem(error, raw)) from None


def written(key: str, values: tuple[Any, ...]) -> Iterator[tuple[Any, str]]:
    """Each value of a list, with its YAML text.

    Args:
        key: where the list is declared.
        values: the list.

    Raises:
        DeepmirError: when a value is itself a list or a mapping, so that it needs a name.
    """
    for value in values:
        if isinstance(value, list | dict):
            raise DeepmirError(
                f"{key}: a value that is itself a list or a mapping needs a name: write the "
                "values as a mapping of names to values"
            )
        yield value, {"True": "yes", "False": "no", "None": "null"}.get(str(value), str(value))
