"""Where the data sets of params.yaml lie: refused where nothing can, told where nothing does."""

import os
from collections.abc import Iterator
from pathlib import Path

from deepmir.errors import DeepmirError
from deepmir.naming import known
from deepmir.params import Dataset, Folder, FretsOnFire, Mirdata, Params, Rendered


def check(declaration: Dataset) -> None:
    """Refuse a data set that cannot be, whether its recordings are there or not.

    Raises:
        DeepmirError: naming the key.
    """
    key = "path" if isinstance(declaration, Folder) else "home"
    place: Path | None = getattr(declaration, key, None)
    for part in (place, *place.parents) if place else ():
        if os.path.exists(part) and not os.path.isdir(part):
            raise DeepmirError(f"{key}: {part} is not a folder")
    if isinstance(declaration, Mirdata):
        from deepmir.datasets.published import home

        try:
            home.declared(declaration)
        except DeepmirError as error:
            raise DeepmirError(f"name or version: {error}") from None
    if isinstance(declaration, Rendered):
        _check_soundfonts(declaration)


def _check_soundfonts(declaration: Rendered) -> None:
    from deepmir.datasets.rendered import soundfonts

    for name in declaration.soundfonts:
        known(name, soundfonts.KNOWN, "soundfont", "soundfonts")
    if declaration.test_soundfont is not None:
        known(declaration.test_soundfont, soundfonts.KNOWN, "soundfont", "test_soundfont")


def absent(params: Params) -> Iterator[str]:
    """A line for each data set whose folder is not there, with how to get it."""
    from deepmir import datasets

    for name, declaration in params.datasets.items():
        if all(map(os.path.isdir, _places(declaration))):
            continue
        try:
            datasets.members(declaration)
        except DeepmirError as error:
            yield f"datasets.{name} is not there yet: {error}"


def _places(declaration: Dataset) -> list[Path]:
    if isinstance(declaration, FretsOnFire):
        return [declaration.home / package for package in declaration.packages]
    place = getattr(declaration, "home", None) or getattr(declaration, "path", None)
    return [] if place is None else [place]
