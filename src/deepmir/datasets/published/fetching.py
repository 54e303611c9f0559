"""Download of a published set through mirdata, with a report."""

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path

from deepmir.datasets.published import recordings
from deepmir.datasets.published.file import how_to_fetch
from deepmir.datasets.published.home import Home, Strictness, declared, present, quiet
from deepmir.datasets.published.reading import read
from deepmir.errors import DeepmirError

NAMED = 5  # of the missing or invalid files


def fetch(name: str, folder: Path, version: str, audio: Strictness | None = None) -> str:
    """Download the published files, then compare every file with its checksum.

    Returns:
        Licence, citation, the number of complete tracks, files that differ from the published
        ones, the user's own recordings of another length, and how to get what mirdata cannot
        download.

    Raises:
        DeepmirError: when a download fails, or differs from the published file.
    """
    home = declared(name, folder, version, audio)
    folder.mkdir(parents=True, exist_ok=True)
    if not home.sample:
        _download(home)
    home = present(name, folder, version, audio)
    faults = {track: _faults(home, track) for track in home.names}
    complete = sum(not each for each in faults.values())
    wrong = [fault for each in faults.values() for fault in each]
    as_published = " and as published" if home.exact else ""
    lines = [
        f"{name} {home.dataset.version} in {folder}: "
        f"{complete} of {len(faults)} tracks are complete{as_published}"
    ]
    if wrong:
        lines += [f"not as published ({len(wrong)} files):", *_first(wrong)]
        lines += [_instructions(home)] * bool(_instructions(home))
    lines += _copies(home, [track for track, each in faults.items() if not each])
    return "\n".join([*lines, *_terms(home)])


def _first(lines: Sequence[str]) -> list[str]:
    more = [f"  and {len(lines) - NAMED} more"] if len(lines) > NAMED else []
    return [*(f"  {line}" for line in lines[:NAMED]), *more]


def _copies(home: Home, tracks: Sequence[str]) -> list[str]:
    """The remarks on recordings that are not the published ones."""
    others = [] if home.exact else [name for name in tracks if not recordings.check(home, name)]
    if not others:
        return []
    odd = [line for name in others for line in _odd(home, name)]
    return [
        f"recordings other than the published ones, used as they are: {len(others)}",
        *([f"of another length: {len(odd)}", *_first(odd)] if odd else []),
    ]


def _odd(home: Home, name: str) -> list[str]:
    path = home.recordings(name)[0].path
    try:
        found = read(home, name, path)
        return [f"{path}: {remark}" for remark in recordings.remarks(home, name, found)]
    except DeepmirError as error:
        return [str(error)]


def _download(home: Home) -> None:
    # Some versions of a set define their own downloads.
    partial = [] if home.dataset._index_data.partial_download else list(home.loader.remotes)
    try:
        with quiet():
            home.dataset.download(partial_download=partial or None)
            remote = home.dataset._index_data.remote
            if remote and not home.index_path.is_file():  # idmt_smt_audio_effects forgets it
                from mirdata.download_utils import download_from_remote

                download_from_remote(remote, str(home.folder), False, False)
    except OSError as error:  # includes those of urllib, and mirdata's of a wrong checksum
        raise DeepmirError(
            f"{home.name}: the download failed: {error}; delete any file named here, "
            f"check the connection, and {how_to_fetch()} again: complete files are kept"
        ) from None


def _faults(home: Home, name: str) -> Sequence[str]:
    """The problems with the files of a track."""
    recorded, annotated = home.recordings(name), home.annotations(name)
    missing = [file for file in (*recorded, *annotated) if not file.path.is_file()]
    compared = [*recorded, *annotated] if home.exact else annotated
    wrong = [file for file in compared if file not in missing and not file.as_published()]
    return [
        *(f"missing: {file.path}" for file in missing),
        *(f"wrong checksum: {file.path}" for file in wrong),
    ]


def _instructions(home: Home) -> str:
    """The instructions of mirdata for a set, or a part of it, that it cannot download."""
    text = home.dataset._download_info or ""
    lines = (line.rstrip() for line in text.format(home.folder).splitlines())
    return "\n".join(line for line in lines if line)


def _terms(home: Home) -> Sequence[str]:
    """Licence and citation as printed by mirdata."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), quiet():
        home.dataset.license()
        home.dataset.cite()
    return [line for line in printed.getvalue().splitlines() if line.strip()]
