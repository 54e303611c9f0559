"""The process beside a training that sends its journal to MLflow as it grows.

It is one of its own, so that a server that is slow or down costs a training nothing; and it ends by
itself, however the training ends. It also notes how busy the machine is.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from deepmir.tracking.journal import LOCK, SYSTEM, Journal

PATIENCE = 5.0  # seconds: of a training that ends before, `deepmir track` sends all
INTERVAL = 10.0  # seconds between two samples of the machine


def start(journal: Journal, patience: float) -> "subprocess.Popen[bytes]":
    """Start the process for a training, which is this one; nobody has to wait for it."""
    command = [sys.executable, "-m", __name__, str(journal.folder), str(os.getpid()), str(patience)]
    with (journal.folder / "follower.log").open("ab") as log:
        # A session of its own: what ends the training by its group lets this one tell MLflow so.
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def follow(journal: Journal, training: int, patience: float) -> None:
    """Send a journal until its training, a process by its number, has ended."""
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
            except Exception as error:  # of the network, of a database: what is not sent is kept
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
