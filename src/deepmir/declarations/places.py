"""Where the data sets of params.yaml lie: refused where nothing can, told where nothing does."""

from collections.abc import Iterator
from pathlib import Path

from deepmir.declarations.schema import Dataset, Folder, Mirdata, Params, Rendered
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.naming import known


def check(declaration: Dataset) -> None:
    """Refuse a data set that cannot be, whether its recordings are there or not.

    Raises:
        DeepmirError: naming the key.
    """
    key = "path" if isinstance(declaration, Folder) else "home"
    place: Path | None = getattr(declaration, key, None)
    for part in (place, *place.parents) if place else ():
        try:
            if part.exists() and not part.is_dir():
                raise DeepmirError(f"{key}: {part} is not a folder")
        except OSError as error:
            raise DeepmirError(f"{key}: {part} cannot be read: {error.strerror}") from None
    if isinstance(declaration, Mirdata):
        _check_loader(declaration)
    if isinstance(declaration, Rendered):
        _check_soundfonts(declaration)


def _check_loader(declaration: Mirdata) -> None:
    from deepmir.datasets.published import home, table

    key = "name"
    try:
        table.get(declaration.name)
        key = "version"
        home.initialize(declaration)
    except DeepmirError as error:
        raise DeepmirError(f"{key}: {error}") from None


def _check_soundfonts(declaration: Rendered) -> None:
    from deepmir_render.sources import soundfonts

    for name in declaration.soundfonts:
        known(name, soundfonts.KNOWN, "soundfont", "soundfonts")
    if declaration.test_soundfont is not None:
        known(declaration.test_soundfont, soundfonts.KNOWN, "soundfont", "test_soundfont")


def absent(params: Params) -> Iterator[str]:
    """A line for each data set that is not there, with how to get it.

    Raises:
        DeepmirError: when one is there and something is wrong with it.
    """
    from deepmir.datasets import sources

    for name, declaration in params.datasets.items():
        try:
            sources.listing(declaration)
        except MissingDataError as error:
            yield f"datasets.{name} is not there yet: {error}"
