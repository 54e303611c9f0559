"""The process beside a training that sends its journal to MLflow as it grows.

It is separate so that a slow or unavailable server does not delay a training; and it ends on its
own, however the training ends. It also records the load of the machine.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from deepmir.tracking.journal import LOCK, SYSTEM, Journal

PATIENCE = 5.0  # seconds: shorter trainings are sent by `deepmir track`
INTERVAL = 10.0  # seconds between samples of the machine


def start(journal: Journal, patience: float) -> "subprocess.Popen[bytes]":
    """Start the process for this training; nobody has to wait for it."""
    command = [sys.executable, "-m", __name__, str(journal.folder), str(os.getpid()), str(patience)]
    with (journal.folder / "follower.log").open("ab") as log:
        # Its own session: if the training is ended by its group, this one can still inform MLflow.
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def follow(journal: Journal, training: int, patience: float) -> None:
    """Send a journal until its training, given by process id, has ended."""
    from filelock import FileLock

    os.nice(10)
    with FileLock(journal.folder / LOCK):
        if _ends_within(patience, journal, training):
            return
        from deepmir.tracking import machine, sending

        sample, sender = machine.sampler(), sending.Sender(journal)
        over, told = False, ""
        while not over:
            over = _ends_within(min(INTERVAL, patience), journal, training)
            if not over:
                journal.add(SYSTEM, sample())
            try:
                sender.send(alive=not over)
            except Exception as error:  # of the network, of a database: the journal remains
                if told != (told := f"{type(error).__name__}: {error}"):
                    print(f"not sent: {told}", flush=True)


def _ends_within(seconds: float, journal: Journal, training: int) -> bool:
    """Wait, but no longer than the training lives."""
    until = time.monotonic() + seconds
    while os.getppid() == training and journal.ended is None:
        if time.monotonic() >= until:
            return False
        time.sleep(min(0.5, seconds))
    return True


if __name__ == "__main__":
    follow(Journal(Path(sys.argv[1])), int(sys.argv[2]), float(sys.argv[3]))
