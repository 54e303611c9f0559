"""What `deepmir analyze` does: recordings in, files out, one error for each that fails."""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from deepmir.analysis.recordings import Recording, expand, printable
from deepmir.errors import DeepmirError
from deepmir.files.writing import is_full

if TYPE_CHECKING:
    from deepmir.analysis.models import Trained
    from deepmir.analysis.results import Analysis


@dataclass(frozen=True)
class Options:
    """How every recording is analysed, and what is written of it.

    Attributes:
        output: folder of the results.
        format: one of `deepmir.analysis.formats.FORMATS`, or `html`.
        tasks: None for all.
        models: their folder; None for those that come with deepmir.
        sonify: whether to write the recording with the results mixed in as sounds, too.
        skip_existing: whether to skip a recording that has results.
    """

    output: Path = field(default_factory=Path)
    format: str = "jams"
    tasks: Sequence[str] | None = None
    models: Path | None = None
    sonify: bool = False
    skip_existing: bool = False


def run(arguments: Iterable[str], options: Options) -> None:
    """Analyse recordings, and print a summary of each on standard output.

    Args:
        arguments: files, folders, patterns.
        options: the same for all of them.

    Raises:
        DeepmirError: at once when a model cannot be used or the disk is full; in the end when a
            recording failed, after all others are done.
    """
    from deepmir.analysis import engine

    found = expand(arguments)
    trained = engine.load_networks(options.tasks, options.models)
    failed: list[str] = []
    for one in _with_progress(found):
        try:
            if isinstance(one, DeepmirError):
                raise one
            _analyse(one, options, trained)
        except DeepmirError as error:
            if len(found) == 1:
                raise DeepmirError(printable(error)) from None
            failed.append(_name_of(one))
            _print(f"deepmir: {printable(error)}", sys.stderr)
    if failed:
        names = ", ".join(map(printable, failed))
        raise DeepmirError(f"{len(failed)} of {len(found)} recordings failed: {names}")


def _name_of(one: Recording | DeepmirError) -> str:
    """The name of what failed; an error that is no recording's begins with it."""
    return str(one.path) if isinstance(one, Recording) else str(one).partition(": ")[0]


def _analyse(recording: Recording, options: Options, trained: "Sequence[Trained]") -> None:
    """Analyse a recording and write its results.

    Raises:
        DeepmirError: when it cannot be read or its results cannot be written; when it is too
            short for some tasks, after the results of the others are written.
    """
    folder, name = options.output / recording.name.parent, recording.name.name
    if options.skip_existing and _has_results(folder, name, options):
        _print(f"{printable(recording.path)}: has results, skipped")
        return
    _refuse_to_overwrite(folder, name, options.format)
    try:
        _make_room(folder)
        analysis = _analysis_of(recording.path, trained)
        written = _write(analysis, recording.path, folder, name, options)
    except OSError as error:
        if is_full(error):
            raise
        what = error.filename or recording.path
        raise DeepmirError(f"{what}: {error.strerror or error}") from None
    for remark in analysis.jams.sandbox["deepmir"]["remarks"]:
        _print(f"deepmir: {printable(recording.path)}: {printable(remark)}", sys.stderr)
    _print_summary(analysis, recording.path, written)
    _refuse_left_out(analysis, recording.path)


def _analysis_of(path: Path, trained: "Sequence[Trained]") -> "Analysis":
    from deepmir.analysis import engine
    from deepmir.files import audio

    try:
        return engine.analyze_source(audio.from_file(path), trained, path)
    except (DeepmirError, OSError, ModuleNotFoundError):
        raise  # the last of what an extra brings
    except MemoryError:
        raise DeepmirError(f"{path}: there is not enough memory for it") from None
    except Exception as error:
        # One broken recording must not stop the others.
        raise DeepmirError(f"{path}: {type(error).__name__}: {error}") from error


def _write(
    analysis: "Analysis", path: Path, folder: Path, name: str, options: Options
) -> list[Path]:
    if options.format == "html":
        from deepmir.analysis import page

        written = [folder / f"{name}.html"]
        page.write(analysis, path, written[0])
    else:
        from deepmir.analysis import formats

        written = formats.write(analysis, folder, name, options.format)
    if options.sonify:
        from deepmir.analysis import sonify

        written.append(folder / f"{name}{SONIFIED}")
        sonify.write(analysis, path, written[-1])
    return written


ROOM = 1 << 18  # bytes: the JAMS of a song of four minutes
SONIFIED = ".sonified.flac"


def _results(folder: Path, name: str, format: str) -> list[Path]:
    """The files that a format may write."""
    if format == "html":
        return [folder / f"{name}.html"]
    from deepmir.analysis import formats

    return formats.paths(folder, name, format)


def _has_results(folder: Path, name: str, options: Options) -> bool:
    sonified = not options.sonify or (folder / f"{name}{SONIFIED}").exists()
    return sonified and any(p.exists() for p in _results(folder, name, options.format))


def _make_room(folder: Path) -> None:
    """Make the folder of the results, and look for room in it before the work is done.

    Raises:
        OSError: when there is none.
        DeepmirError: when nothing may be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM))
    except OSError as error:
        if is_full(error):
            raise
        raise DeepmirError(
            f"{folder} cannot be written ({error.strerror}): choose another --output, and run again"
        ) from None


def _refuse_to_overwrite(folder: Path, name: str, format: str) -> None:
    """Keep annotations that a person or another program made.

    Raises:
        DeepmirError: when the JAMS file that is there is not one of an analysis.
    """
    from deepmir.files import annotations

    if format != "jams":
        return
    for path in _results(folder, name, format):
        if path.exists() and "deepmir" not in annotations.read(path).sandbox:
            raise DeepmirError(
                f"{path} exists and was not written by this command: choose another --output"
            )


def _refuse_left_out(analysis: "Analysis", path: Path) -> None:
    from deepmir.analysis import engine

    if reasons := engine.left_out(analysis):
        listed = "; ".join(f"{task}: {reason}" for task, reason in reasons.items())
        raise DeepmirError(f"{path}: all was written but {listed}")


def _print_summary(analysis: "Analysis", path: Path, written: Sequence[Path]) -> None:
    from deepmir.analysis.summary import clock, summary

    _print(f"{printable(path)} ({clock(analysis.duration)})")
    for line in summary(analysis):
        _print(f"  {printable(line)}")
    for file in written:
        _print(f"  -> {printable(file)}")


def _with_progress(
    found: Sequence[Recording | DeepmirError],
) -> Iterator[Recording | DeepmirError]:
    """The recordings one by one, with a progress bar in a terminal."""
    from tqdm import tqdm

    yield from tqdm(found, unit="recording", disable=not sys.stderr.isatty())


def _print(line: str, stream: TextIO | None = None) -> None:
    """Print a line above the progress bar."""
    from tqdm import tqdm

    tqdm.write(line, file=stream or sys.stdout)
