"""Templates of the report, and their number formats."""

import base64
import math
from functools import cache
from typing import Any

import jinja2

from deepmir.drawing import document

MINUTE = 60


@cache
def _environment() -> jinja2.Environment:
    environment = document.environment("deepmir.report")
    environment.filters |= {"seconds": seconds, "score": score, "signed": signed, "grid": grid}
    environment.tests["infinite"] = math.isinf
    return environment


def data_uri(kind: str, data: bytes) -> str:
    """Bytes as an address that contains them, so that a page needs no other file."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def render(template: str, **values: Any) -> str:
    """A page as text."""
    return _environment().get_template(template).render(**values)


def seconds(value: float | None) -> str:
    """A duration in words; a dash if it is not known."""
    if value is None:
        return "–"
    if value < 10:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < MINUTE:
        return f"{whole} s"
    minutes, rest = divmod(whole, MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def score(value: float) -> str:
    """A score with three decimals."""
    return f"{value:.3f}"


def signed(value: float) -> str:
    """A difference of scores with its sign, a true minus among them."""
    return f"{value:+.3f}".replace("-", "−")


def grid(value: float) -> str:
    """A coordinate of a drawing, no longer than it has to be."""
    return f"{value:.5g}"
