"""Templates of the pages of an analysis and of the server."""

import base64
from functools import cache
from typing import Any

import jinja2

from deepmir.analysis.summary import clock
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


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
