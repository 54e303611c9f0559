"""The optional extra of deepmir that installs a library, from the package metadata."""

import re
from functools import cache
from importlib import metadata

# Libraries whose import name differs from the name of the distribution.
DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn", "yaml": "pyyaml"}

EXTRAS = ("plot", "pipeline", "render", "slurm", "s3", "singing")
"""What a user may lack, the smallest first."""


def normal(name: str) -> str:
    """The normalised name of a distribution."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def declared() -> dict[str, frozenset[str]]:
    """Every library that deepmir declares, with the extras that install it: ``""`` for the core."""
    found: dict[str, frozenset[str]] = {}
    for line in metadata.requires("deepmir") or ():
        name = normal(re.split(r"[^\w.-]", line, maxsplit=1)[0])
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        found[name] = found.get(name, frozenset()) | {extra[1] if extra else ""}
    return found


def bringing(module: str) -> str | None:
    """The smallest extra with the library of a module; None if there is none."""
    top = module.partition(".")[0]
    brought_by = declared().get(normal(DISTRIBUTIONS.get(top, top)), frozenset())
    return next((extra for extra in EXTRAS if extra in brought_by), None)
