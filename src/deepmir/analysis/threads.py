"""How many threads numpy and the networks use. Imports none: they ask once, as they load."""

import os

from deepmir.errors import DeepmirError


def limit(threads: int) -> None:
    """Use so many threads of the processor, and never more than there are.

    Raises:
        DeepmirError: for fewer than one.
    """
    if threads < 1:
        raise DeepmirError(f"--threads is {threads}: it must be at least 1")
    threads = min(threads, os.cpu_count() or 1)
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
