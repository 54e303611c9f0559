"""An extension of griffe: `:class:`~a.b.C`` in a docstring becomes a link, which mkdocs checks."""

import re
from typing import Any

import griffe

ROLE = re.compile(r":(class|func|data|mod|meth|attr|exc):`~?([\w.]+)`")


class Roles(griffe.Extension):
    """Rewrites the roles of every docstring."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called once for each object that has been read."""
        if obj.docstring:
            obj.docstring.value = ROLE.sub(_linked, obj.docstring.value)


def _linked(match: re.Match[str]) -> str:
    role, path = match.groups()
    shown = f"`{path.rsplit('.', 1)[-1]}`"
    return f"[{shown}][{path}]" if role != "data" and path.startswith("deepmir") else shown
