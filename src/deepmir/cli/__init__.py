"""The command `deepmir`: commands for users, and those that the rules of the Snakefile run."""

import argparse
import contextlib
import errno
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from deepmir.cli.arguments import parser
from deepmir.errors import DeepmirError
from deepmir.files.writing import NO_ROOM, is_full


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; a :class:`DeepmirError` is one line on stderr and exit status 1."""
    # Annotations are hundreds of thousands of small objects that stay: looking for garbage in them
    # after every 700 new ones took 40 % of an evaluation.
    gc.set_threshold(100_000)
    options = parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], None] = options.run
    try:
        with _in(options.directory):
            run(options)
        sys.stdout.flush()  # what is still buffered may find the pipe broken, too
    except DeepmirError as error:
        print(f"deepmir: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        from deepmir import extras  # reads what is installed: only where something is not

        if (extra := extras.bringing(error.name or "")) is None:
            raise
        print(
            f"deepmir: {options.command} needs {error.name}: pip install 'deepmir[{extra}]'",
            file=sys.stderr,
        )
        return 1
    except BrokenPipeError:
        # Python flushes once more as it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if is_full(error):  # EFBIG and a full quota are that, too
            where = f"{error.filename}: " if error.filename else ""
            print(f"deepmir: {where}{NO_ROOM}", file=sys.stderr)
            return 1
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            print(
                f"deepmir: {error.filename} cannot be read or written ({error.strerror}): fix that "
                "and run again",
                file=sys.stderr,
            )
            return 1
        raise
    except KeyboardInterrupt:
        print("deepmir: interrupted; run again to continue", file=sys.stderr)
        return 130
    return 0


def _in(folder: Path) -> contextlib.AbstractContextManager[None]:
    """Stand in a folder, as `snakemake --directory` does."""
    if not folder.is_dir():
        raise DeepmirError(f"--directory {folder}: no such folder")
    return contextlib.chdir(folder)
