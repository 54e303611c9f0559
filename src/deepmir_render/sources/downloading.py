"""Downloads over HTTP, with progress; retried and resumed after a failure."""

import http.client
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from deepmir.errors import DeepmirError
from deepmir.files.writing import hash_file

CHUNK = 1 << 18  # bytes
WAITS = (1.0, 4.0)  # seconds before the second and the third attempt
TIMEOUT = 30.0  # seconds without a byte


class _BrokenError(Exception):
    """A failed attempt that may succeed when repeated."""


def download(url: str, path: Path, sha256: str = "") -> None:
    """Download a file; `path` only exists once it is complete.

    An incomplete download is kept beside it as `.part`, and the next attempt resumes it.

    Args:
        url: HTTP or HTTPS.
        path: of the file; an existing one is kept.
        sha256: in hexadecimal; empty if unknown.

    Raises:
        DeepmirError: when it cannot be downloaded, or has another checksum.
    """
    if not url.startswith(("https://", "http://")):
        raise DeepmirError(f"{url} is not an HTTP address")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        _attempts(url, part)
        part.replace(path)
    if sha256 and (found := hash_file(path)) != sha256:
        path.unlink()
        raise DeepmirError(f"{url} has the SHA-256 {found}, not {sha256}: the download was deleted")


def _attempts(url: str, part: Path) -> None:
    for wait in WAITS:
        try:
            _attempt(url, part)
        except _BrokenError:
            time.sleep(wait)
        else:
            return
    try:
        _attempt(url, part)
    except _BrokenError as error:
        raise DeepmirError(
            f"{url} cannot be downloaded ({error}); the part that arrived is kept, run again"
        ) from None


def _attempt(url: str, part: Path) -> None:
    there = part.stat().st_size if part.exists() else 0
    # A server without range support sends the whole file, with another status.
    headers = {"User-Agent": "deepmir"} | ({"Range": f"bytes={there}-"} if there else {})
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            _receive(answer, part, there if answer.status == http.HTTPStatus.PARTIAL_CONTENT else 0)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink()
        elif error.code < http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise DeepmirError(
                f"{url} cannot be downloaded: the server says {error.code} {error.reason}"
            ) from None
        raise _BrokenError(f"{error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenError(str(error) or type(error).__name__) from None


def _receive(answer: http.client.HTTPResponse, part: Path, start: int) -> None:
    length = answer.headers.get("Content-Length")
    total = start + int(length) if length else None
    come = start
    with part.open("ab" if start else "wb") as file:
        while block := answer.read(CHUNK):
            file.write(block)
            come += len(block)
            _show(part.stem, come, total)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if total is not None and come < total:
        raise _BrokenError(f"the connection broke after {come} of {total} bytes")


def _show(name: str, come: int, total: int | None) -> None:
    if sys.stderr.isatty():
        share = f" of {total / 1e6:.1f}" if total else ""
        print(f"\r{name}: {come / 1e6:.1f}{share} MB", end="", file=sys.stderr, flush=True)
