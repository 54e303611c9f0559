"""Templates of the pages of an analysis and of the server."""

import base64
from functools import cache
from typing import Any

import jinja2

from deepmir.drawing import document
from deepmir.drawing.document import OFFLINE

# The server's own page may ask the server.
SERVED = f"{OFFLINE}; connect-src 'self'"


@cache
def _environment() -> jinja2.Environment:
    environment = document.environment("deepmir.analysis.page")
    environment.filters |= {"base64": _base64, "clock": clock}
    environment.globals["SERVED"] = SERVED
    return environment


def render(template: str, **values: Any) -> str:
    """A page as text."""
    return _environment().get_template(template).render(**values)


def clock(seconds: float) -> str:
    """A time as a player shows it, such as `3:07`; with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
