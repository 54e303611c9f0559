"""Download a published set through mirdata, and say what came of it."""

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path

from deepmir.datasets.published.home import Home, declared, how_to_fetch, present, quiet
from deepmir.errors import DeepmirError

NAMED = 5  # of the files that are missing or wrong


def fetch(name: str, folder: Path, version: str) -> str:
    """Download what the authors publish, then compare every file with its checksum.

    Returns:
        Licence, citation, how many tracks are complete, which files are not as published, and how
        to get by what mirdata cannot download.

    Raises:
        DeepmirError: when a download fails, or is not as published.
    """
    home = declared(name, folder, version)
    folder.mkdir(parents=True, exist_ok=True)
    _download(home)
    home = present(name, folder, version)
    faults = {track: _faults(home, track) for track in home.names}
    complete = sum(not each for each in faults.values())
    wrong = [fault for each in faults.values() for fault in each]
    lines = [
        f"{name} {home.dataset.version} in {folder}: "
        f"{complete} of {len(faults)} tracks are complete and as published"
    ]
    if wrong:
        more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        lines += [f"not as published ({len(wrong)} files):"]
        lines += [f"  {fault}" for fault in wrong[:NAMED]] + [more] * bool(more)
        lines += [_instructions(home)] * bool(_instructions(home))
    return "\n".join([*lines, *_terms(home)])


def _download(home: Home) -> None:
    # Some versions of a set say for themselves what of it is theirs.
    partial = [] if home.dataset._index_data.partial_download else list(home.loader.remotes)
    try:
        with quiet():
            home.dataset.download(partial_download=partial or None)
    except OSError as error:  # urllib's errors are such, and mirdata's of a wrong checksum
        raise DeepmirError(
            f"{home.name}: the download failed: {error}; delete a file that is named "
            f"here, look at the connection, and {how_to_fetch()} again: what is complete is kept"
        ) from None


def _faults(home: Home, name: str) -> Sequence[str]:
    """What is wrong with the files of a track."""
    found = []
    for file in home.files(name):
        try:
            file.check()
        except DeepmirError:
            what = "wrong checksum" if file.path.is_file() else "missing"
            found.append(f"{what}: {file.path}")
    return found


def _instructions(home: Home) -> str:
    """What mirdata says of a set, or of a part of it, that it cannot download."""
    text = home.dataset._download_info or ""
    lines = (line.rstrip() for line in text.format(home.folder).splitlines())
    return "\n".join(line for line in lines if line)


def _terms(home: Home) -> Sequence[str]:
    """Licence and citation as mirdata prints them."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), quiet():
        home.dataset.license()
        home.dataset.cite()
    return [line for line in printed.getvalue().splitlines() if line.strip()]
