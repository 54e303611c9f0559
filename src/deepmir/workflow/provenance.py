"""The origin of a result: the commit of the code."""

import subprocess


def commit() -> str:
    """The current commit, with `-dirty` if files differ from it; '' outside git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()
