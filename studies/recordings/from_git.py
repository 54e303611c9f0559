"""Files of a git repository at a commit, whose hash is the checksum of every one of them."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

HOME = Path("../../data/sources/repositories")


def files(repository: str, commit: str, paths: Sequence[str], home: Path = HOME) -> Path:
    """Get some files of a repository, and nothing else of it.

    Args:
        repository: `owner/name` on GitHub, or the address of any other.
        commit: its whole hash.
        paths: of files or folders.
        home: the folder for repositories; what is there already is not fetched again.

    Returns:
        The folder that has them.

    Raises:
        SystemExit: when git fails; it says why.
    """
    address = repository if ":" in repository else f"https://github.com/{repository}"
    folder = home / f"{repository.rsplit('/', 1)[-1]}-{commit[:8]}"
    if not (folder / ".git").is_dir():
        _git("init", "--quiet", str(folder))
        _git("-C", str(folder), "remote", "add", "origin", address)
    of_it = ("-C", str(folder))
    _git(*of_it, "fetch", "--quiet", "--depth=1", "--filter=blob:none", "origin", commit)
    _git(*of_it, "checkout", "--quiet", commit, "--", *paths)
    return folder


def _git(*words: str) -> None:
    done = subprocess.run(["git", *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"git {' '.join(words)}: {done.stderr.strip()}")
