"""Number of threads of numpy and the networks. Imports neither: they read it once, on import."""

import os

from deepmir.errors import DeepmirError


def limit(threads: int) -> None:
    """Use this many threads, but no more than the processor has.

    Raises:
        DeepmirError: if there are fewer than one.
    """
    if threads < 1:
        raise DeepmirError(f"--threads is {threads}: it must be at least 1")
    threads = min(threads, os.cpu_count() or 1)
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
