"""`deepmir serve`: a page for this computer only, on which recordings are dropped."""

import json
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from deepmir.analysis.jobs import PAGE, FullError, Job, Jobs
from deepmir.errors import DeepmirError

HOST = "127.0.0.1"
LIMIT = 100_000_000  # bytes of a recording
BLOCK = 1 << 16
PATIENCE = 30.0  # seconds without a byte after which a connection is closed
WHOLE = 300.0  # seconds that a recording may take to arrive

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def run(port: int, models: Path | None) -> None:
    """Serve until interrupted; then everything that was sent is deleted.

    Args:
        port: on 127.0.0.1; 0 for any free port.
        models: a folder of models; None for those of deepmir.

    Raises:
        DeepmirError: when the port is taken, or there are no models.
    """
    from deepmir.analysis import models as trained

    trained.find(models)
    idle = True
    with _terminable(), _folder() as folder:
        try:
            server = Server(port, Jobs(folder, models))
        except (OSError, OverflowError) as error:
            raise unusable(port, error) from None
        with server:
            print(f"http://{HOST}:{server.server_port} (Ctrl-C to stop)", flush=True)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                idle = server.jobs.close()
                print("\nstopped; nothing was kept", file=sys.stderr)
    if not idle:
        # Python would abort: a network runs in a thread. There is nothing left to do.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def unusable(port: int, error: Exception) -> DeepmirError:
    """The error for a port that cannot be used."""
    return DeepmirError(f"port {port} of {HOST} cannot be used ({error}): try another --port")


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that only this user can read, and that is gone in the end."""
    prefix = "deepmir-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def _terminable() -> Iterator[None]:
    """End cleanly by Ctrl-C and by SIGTERM, also where a shell in the background ignores them."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {n: signal.signal(n, interrupt) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Server(ThreadingHTTPServer):
    """A server for the user of this computer."""

    daemon_threads = True

    def __init__(self, port: int, jobs: Jobs) -> None:
        """Take a port."""
        super().__init__((HOST, port), Handler)
        self.jobs = jobs

    @property
    def hosts(self) -> tuple[str, str]:
        """The names by which a browser may address this server."""
        return f"{HOST}:{self.server_port}", f"localhost:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a browser that has disconnected."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """The responses: the page, the state of a recording, its result."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def do_GET(self) -> None:
        """Answer with a page, or with the state of a job."""
        if not self._is_ours():
            return
        path = urlsplit(self.path).path
        if path == "/":
            self._page(HTTPStatus.OK, _upload_page())
        elif match := re.fullmatch(r"/jobs/([\w-]+)", path):
            self._state(self.server.jobs.find(match[1]))
        elif match := re.fullmatch(r"/results/([\w-]+)", path):
            self._result(self.server.jobs.find(match[1]))
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "Page not found.")

    def do_POST(self) -> None:
        """Take a recording: the body is the file, `name` in the query is its name."""
        if not self._is_ours():
            return
        address = urlsplit(self.path)
        if address.path != "/jobs":
            self._refuse(HTTPStatus.NOT_FOUND, "Page not found.")
            return
        name = file_name(parse_qs(address.query).get("name", [""])[0])
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"\d{1,18}", length):
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "The request needs a Content-Length.")
        elif int(length) > LIMIT:
            megabytes = LIMIT / 1e6
            reason = f"{name} is too large: the limit is {megabytes:g} MB."
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason, int(length))
        else:
            self._take(name, int(length))

    def _take(self, name: str, length: int) -> None:
        jobs = self.server.jobs
        try:
            job = jobs.place(name)
        except FullError:
            reason = "Busy: too many recordings are waiting. Try again in a minute."
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, reason, length)
            return
        try:
            self._receive(job.recording, length)
        except OSError as error:
            jobs.drop(job)
            self._refuse(
                HTTPStatus.BAD_REQUEST,
                f"{name} did not arrive completely ({error}). Send it again.",
            )
            return
        jobs.submit(job)
        self._json(HTTPStatus.ACCEPTED, {"job": job.name})

    def _receive(self, path: Path, length: int) -> None:
        """Write the body to a file, never more of it than was announced."""
        end = time.monotonic() + WHOLE
        with path.open("wb") as file:
            while length:
                # What is there, however little: else a trickle could go on for ever.
                block = self.rfile.read1(min(BLOCK, length))
                if not block:
                    raise ConnectionError("the connection ended")
                if time.monotonic() > end:
                    raise TimeoutError(f"it took more than {WHOLE:g} s")
                file.write(block)
                length -= len(block)

    def _state(self, job: Job | None) -> None:
        if job is None:
            self._json(
                HTTPStatus.NOT_FOUND, {"error": "This recording is not known here. Send it again."}
            )
        elif job.state == "failed":
            self.server.jobs.drop(job)
            self._json(HTTPStatus.OK, {"error": job.says})
        else:
            before = self.server.jobs.before(job)
            waits = f"Waiting: {before} ahead of this one" if before else "Waiting"
            says = waits if job.state == "waiting" else f"{job.says}: {job.recording.name}"
            self._json(HTTPStatus.OK, {"done": job.state == "done", "says": says})

    def _result(self, job: Job | None) -> None:
        """The page of an analysis, once: it is deleted."""
        if job is None or job.state != "done":
            reason = "This result no longer exists: results are shown once and not kept."
            self._refuse(HTTPStatus.NOT_FOUND, reason)
            return
        path = job.folder / PAGE
        with path.open("rb") as file:
            size = path.stat().st_size
            self.server.jobs.drop(job)  # what is open can still be read
            self._head(HTTPStatus.OK, "text/html; charset=utf-8", size)
            shutil.copyfileobj(file, self.wfile, BLOCK)

    def _is_ours(self) -> bool:
        """Whether a browser meant this server, from its own page.

        Another site can make its own name point here (DNS rebinding), or send a form here: then the
        Host or the Origin is its own.
        """
        hosts = self.server.hosts
        origin = self.headers.get("Origin")
        if self.headers.get("Host") not in hosts:
            self._refuse(HTTPStatus.FORBIDDEN, f"This server only answers at http://{hosts[0]}.")
        elif origin is not None and origin not in [f"http://{host}" for host in hosts]:
            self._refuse(HTTPStatus.FORBIDDEN, "Refused: this request came from another site.")
        else:
            return True
        return False

    def _refuse(self, status: HTTPStatus, reason: str, unread: int = 0) -> None:
        """Say what is wrong, and end the connection."""
        self.close_connection = True
        if self.command == "POST":
            self._json(status, {"error": reason})
            self._discard(min(unread, 2 * LIMIT))
        else:
            from deepmir.analysis.page.html import render

            self._page(status, render("refusal.html", reason=reason))

    def _discard(self, unread: int) -> None:
        """Read on: else the browser reports a broken connection instead of the reason."""
        try:
            while unread > 0 and (block := self.rfile.read(min(BLOCK, unread))):
                unread -= len(block)
        except OSError:
            return

    def _page(self, status: HTTPStatus, text: str) -> None:
        data = text.encode()
        self._head(status, "text/html; charset=utf-8", len(data))
        self.wfile.write(data)

    def _json(self, status: HTTPStatus, value: dict[str, Any]) -> None:
        data = json.dumps(value).encode()
        self._head(status, "application/json", len(data))
        self.wfile.write(data)

    def _head(self, status: HTTPStatus, kind: str, length: int) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(length), **HEADERS}
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def version_string(self) -> str:
        """The name of the server, without versions."""
        return "deepmir"

    def log_message(self, format: str, *args: Any) -> None:
        """Write no line for each request."""


def file_name(sent: str) -> str:
    """A safe name for a file that was sent under any name: its last part, without folders."""
    last = re.split(r"[/\\]", sent)[-1]
    clean = "".join(letter if letter.isprintable() else " " for letter in last).strip(" .")
    stem, dot, suffix = clean.rpartition(".")
    stem, suffix = (stem, f".{suffix}") if dot and len(suffix) <= 5 else (clean, "")
    # A file system has 255 bytes for a name.
    short = stem.encode(errors="ignore")[:180].decode(errors="ignore")
    return f"{short or 'recording'}{suffix}"


def _upload_page() -> str:
    from deepmir.analysis.page.html import render

    return render(
        "upload.html",
        limit=LIMIT,
        megabytes=f"{LIMIT / 1e6:g}",
        ffmpeg=shutil.which("ffmpeg") is not None,
    )
