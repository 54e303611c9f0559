"""What `deepmir analyze` does: recordings in, files out, and what goes wrong told one by one."""

import errno
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from deepmir.analysis.recordings import Recording, expand, shown
from deepmir.errors import DeepmirError

if TYPE_CHECKING:
    from deepmir.analysis.models import Trained
    from deepmir.analysis.results import Analysis


@dataclass(frozen=True)
class Wish:
    """What is wanted of every recording.

    Attributes:
        output: folder of the results.
        format: one of `deepmir.analysis.formats.FORMATS`, or `html`.
        tasks: which tasks; None for all.
        models: folder of the models; None for those of deepmir.
        sonify: whether to make audible what was found, too.
        skip_existing: whether to leave alone what has results.
    """

    output: Path = field(default_factory=Path)
    format: str = "jams"
    tasks: Sequence[str] | None = None
    models: Path | None = None
    sonify: bool = False
    skip_existing: bool = False


def run(arguments: Iterable[str], wish: Wish) -> None:
    """Analyse recordings and tell of each on standard output.

    Args:
        arguments: files, folders, patterns.
        wish: what is wanted.

    Raises:
        DeepmirError: at once when a model cannot be used or the disk is full; in the end when a
            recording failed, after all others are done.
    """
    from deepmir.analysis import engine

    found = expand(arguments)
    trained = engine.asked(wish.tasks, wish.models)
    failed: list[str] = []
    for one in _with_progress(found):
        try:
            if isinstance(one, DeepmirError):
                raise one
            _one(one, wish, trained)
        except DeepmirError as error:
            if len(found) == 1:
                raise DeepmirError(shown(error)) from None
            failed.append(_named(one))
            _say(f"deepmir: {shown(error)}", sys.stderr)
    if failed:
        names = ", ".join(map(shown, failed))
        raise DeepmirError(f"{len(failed)} of {len(found)} recordings failed: {names}")


def _named(one: Recording | DeepmirError) -> str:
    """The name of what failed; an error that is no recording's begins with it."""
    return str(one.path) if isinstance(one, Recording) else str(one).partition(": ")[0]


def _one(recording: Recording, wish: Wish, trained: "Sequence[Trained]") -> None:
    """Analyse a recording and write what is wanted.

    Raises:
        DeepmirError: when it cannot be read or its results not be written, or, after all else is
            written, when it is too short for some tasks.
    """
    folder, name = wish.output / recording.name.parent, recording.name.name
    if wish.skip_existing and _has_results(folder, name, wish):
        _say(f"{shown(recording.path)}: has results, skipped")
        return
    _refuse_foreign(folder, name, wish.format)
    try:
        analysis = _analysis(recording.path, trained)
        written = _write(analysis, recording.path, folder, name, wish)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        what = error.filename or recording.path
        raise DeepmirError(f"{what}: {error.strerror or error}") from None
    _tell(analysis, recording.path, written)
    _refuse_left_out(analysis, recording.path)


def _analysis(path: Path, trained: "Sequence[Trained]") -> "Analysis":
    from deepmir.analysis import decoding, engine

    try:
        return engine.of_source(decoding.from_file(path), trained, path)
    except (DeepmirError, OSError):
        raise
    except MemoryError:
        raise DeepmirError(f"{path}: there is not enough memory for it") from None
    except Exception as error:
        # Whatever one recording does wrong, the others are not to wait for.
        raise DeepmirError(f"{path}: {type(error).__name__}: {error}") from error


def _write(analysis: "Analysis", path: Path, folder: Path, name: str, wish: Wish) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    if wish.format == "html":
        from deepmir.analysis import page

        written = [folder / f"{name}.html"]
        page.write(analysis, path, written[0])
    else:
        from deepmir.analysis import formats

        written = formats.write(analysis, folder, name, wish.format)
    if wish.sonify:
        from deepmir.analysis import sonify

        written.append(folder / f"{name}{SONIFIED}")
        sonify.write(analysis, path, written[-1])
    return written


SONIFIED = ".sonified.flac"


def _results(folder: Path, name: str, format: str) -> list[Path]:
    """What may be written in a format."""
    if format == "html":
        return [folder / f"{name}.html"]
    from deepmir.analysis import formats

    return formats.paths(folder, name, format)


def _has_results(folder: Path, name: str, wish: Wish) -> bool:
    sonified = not wish.sonify or (folder / f"{name}{SONIFIED}").exists()
    return sonified and any(p.exists() for p in _results(folder, name, wish.format))


def _refuse_foreign(folder: Path, name: str, format: str) -> None:
    """Overwrite no annotation that a person or another program made.

    Raises:
        DeepmirError: when the JAMS file that is there is not one of an analysis.
    """
    from deepmir.files import annotations

    if format != "jams":
        return
    for path in _results(folder, name, format):
        if path.exists() and "deepmir" not in annotations.read(path).sandbox:
            raise DeepmirError(
                f"{path} is there and was not written by this command: choose another --output"
            )


def _refuse_left_out(analysis: "Analysis", path: Path) -> None:
    from deepmir.analysis import engine

    if reasons := engine.left_out(analysis):
        told = "; ".join(f"{task}: {reason}" for task, reason in reasons.items())
        raise DeepmirError(f"{path}: all was written but {told}")


def _tell(analysis: "Analysis", path: Path, written: Sequence[Path]) -> None:
    from deepmir.analysis.summary import clock, summary

    _say(f"{shown(path)} ({clock(analysis.duration)})")
    for line in summary(analysis):
        _say(f"  {shown(line)}")
    for file in written:
        _say(f"  -> {shown(file)}")


def _with_progress(
    found: Sequence[Recording | DeepmirError],
) -> Iterator[Recording | DeepmirError]:
    """The recordings one by one, with a bar where somebody looks."""
    from tqdm import tqdm

    yield from tqdm(found, unit="recording", disable=not sys.stderr.isatty())


def _say(line: str, stream: TextIO | None = None) -> None:
    """Print a line above the progress bar."""
    from tqdm import tqdm

    tqdm.write(line, file=stream or sys.stdout)
