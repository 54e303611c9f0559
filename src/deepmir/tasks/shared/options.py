"""Options of decoders: unknown or invalid ones are refused in one line that names them."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from deepmir.errors import DeepmirError
from deepmir.fields import problems

Made = TypeVar("Made", bound=BaseModel)


def refuse(task: str, options: Mapping[str, Any]) -> None:
    """Refuse all options of a decoder without any.

    Raises:
        DeepmirError: naming the first one.
    """
    if options:
        raise DeepmirError(f"decoder: {min(options)} is not known: {task} has no decoder options")


def make(decoder: type[Made], frame_rate: float, options: Mapping[str, Any]) -> Made:
    """Create a decoder with options.

    Args:
        decoder: a pydantic model with a field `frame_rate`.
        frame_rate: of the activations, frames per second.
        options: its other fields.

    Raises:
        DeepmirError: naming the option that is unknown or out of range.
    """
    try:
        return decoder(**{**options, "frame_rate": frame_rate})
    except ValidationError as error:
        raise DeepmirError(f"decoder: {problems.first_problem(error, options)}") from None
