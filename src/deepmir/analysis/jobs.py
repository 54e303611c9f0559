"""Recordings waiting to be analysed: one at a time, and nothing is kept."""

import secrets
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from threading import Condition, Thread

from deepmir.errors import DeepmirError

WAITING = 4  # recordings that wait, above which others are turned away
SENDING = 16  # recordings that arrive at once; slow ones take no place of those that wait
KEPT = 600.0  # seconds after which a result that nobody has fetched is deleted

PAGE = "page.html"


class FullError(Exception):
    """Too many recordings are waiting to accept another."""


@dataclass
class Job:
    """One recording.

    Attributes:
        name: impossible to guess.
        folder: where its files are.
        recording: the file that was sent.
        state: `sending`, `waiting`, `running`, `done` or `failed`.
        says: message for the user: what is being done, or what is wrong.
        ended: when it was done or failed, by the monotonic clock.
    """

    name: str
    folder: Path
    recording: Path
    state: str = "sending"
    says: str = ""
    ended: float = 0.0


class Jobs:
    """Analyses in the background, in the order in which they came."""

    def __init__(self, folder: Path, models: Path | None) -> None:
        """Start to work.

        Args:
            folder: for temporary files; whoever made it deletes it.
            models: a folder of models; None for those of deepmir.
        """
        self._folder, self._models = folder, models
        self._jobs: dict[str, Job] = {}
        self._changed = Condition()
        self._closed = False
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def close(self, patience: float = 1.0) -> bool:
        """Start no other recording; returns whether none is being analysed any more.

        Args:
            patience: how long to wait for the current one, in seconds.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(patience)
        return not self._thread.is_alive()

    def place(self, file_name: str) -> Job:
        """A job whose recording is still to be written; :meth:`submit` or :meth:`drop` it.

        Raises:
            FullError: when too many are waiting.
        """
        with self._changed:
            self._forget()
            states = Counter(job.state for job in self._jobs.values())
            if states["waiting"] >= WAITING or states["sending"] >= SENDING:
                raise FullError
            name = secrets.token_urlsafe(16)
            folder = self._folder / name
            recording = folder / "sent" / file_name  # which may be called as the page is
            recording.parent.mkdir(parents=True)
            job = Job(name, folder, recording)
            self._jobs[name] = job
            return job

    def submit(self, job: Job) -> None:
        """Let a job wait for its turn: after those that arrived before it."""
        with self._changed:
            job.state = "waiting"
            self._jobs[job.name] = self._jobs.pop(job.name)
            self._changed.notify()

    def drop(self, job: Job) -> None:
        """Delete everything that belongs to a job."""
        with self._changed:
            self._jobs.pop(job.name, None)
        shutil.rmtree(job.folder, ignore_errors=True)

    def find(self, name: str) -> Job | None:
        """The job with a name, if it exists and has not been dropped."""
        with self._changed:
            self._forget()
            return self._jobs.get(name)

    def before(self, job: Job) -> int:
        """Number of recordings ahead of this one."""
        with self._changed:
            earlier = takewhile(lambda one: one is not job, self._jobs.values())
            return sum(one.state in ("waiting", "running") for one in earlier)

    def _forget(self) -> None:
        """Delete results that nobody has fetched."""
        for job in list(self._jobs.values()):
            if job.ended and time.monotonic() - job.ended > KEPT:
                del self._jobs[job.name]
                shutil.rmtree(job.folder, ignore_errors=True)

    def _turns(self) -> Iterator[Job]:
        while True:
            with self._changed:
                while (job := self._first_waiting()) is None and not self._closed:
                    self._changed.wait(KEPT / 10)
                    self._forget()
                if job is None or self._closed:
                    return
                job.state, job.says = "running", "Loading the networks"
            yield job

    def _first_waiting(self) -> Job | None:
        return next((job for job in self._jobs.values() if job.state == "waiting"), None)

    def _work(self) -> None:
        for job in self._turns():
            wrong = self._analyse(job)
            job.recording.unlink(missing_ok=True)
            job.ended = time.monotonic()
            job.says, job.state = wrong, "failed" if wrong else "done"

    def _analyse(self, job: Job) -> str:
        """Make the page; returns what is wrong, if anything."""
        from deepmir.analysis import engine, page

        try:
            job.says = "Listening"
            analysis = engine.analyze(job.recording, models=self._models)
            job.says = "Drawing"
            text = page.text(analysis, job.recording)
            # Not `page.write`: it would make the folder anew that the server deletes in the end.
            (job.folder / PAGE).write_text(text, encoding="utf-8")
        except DeepmirError as error:
            # Who sent the file knows it by its name, not by where it was put.
            return str(error).replace(f"{job.recording.parent}/", "")
        except Exception as error:
            return f"{job.recording.name}: deepmir failed ({type(error).__name__}: {error})"
        return ""
