"""Which optional extra of deepmir brings a library: read from what the package declares."""

import re
from functools import cache
from importlib import metadata

# The names under which some libraries are imported are not those under which they are installed.
DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn", "yaml": "pyyaml"}

EXTRAS = ("plot", "pipeline", "render", "slurm", "s3", "singing")
"""What a user may lack, the smallest first."""


def normal(name: str) -> str:
    """The name of a distribution as every index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def declared() -> dict[str, frozenset[str]]:
    """Every library that deepmir declares, with the extras that bring it: of the core, ``""``."""
    found: dict[str, frozenset[str]] = {}
    for line in metadata.requires("deepmir") or ():
        name = normal(re.split(r"[^\w.-]", line, maxsplit=1)[0])
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        found[name] = found.get(name, frozenset()) | {extra[1] if extra else ""}
    return found


def bringing(module: str) -> str | None:
    """The smallest extra with the library that a module is of; None where it is in none."""
    top = module.partition(".")[0]
    brought_by = declared().get(normal(DISTRIBUTIONS.get(top, top)), frozenset())
    return next((extra for extra in EXTRAS if extra in brought_by), None)
