"""The command `deepmir analyze`: recordings in, files out, one error for each failure."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from deepmir.analysis import outputs
from deepmir.analysis.recordings import Recording, expand, printable
from deepmir.errors import DeepmirError
from deepmir.files.writing import is_full

if TYPE_CHECKING:
    from deepmir.analysis.models import Trained
    from deepmir.analysis.results import Analysis


@dataclass(frozen=True)
class Options:
    """How every recording is analysed, and what is written.

    Attributes:
        output: folder of the results.
        format: one of `deepmir.analysis.formats.FORMATS`, or `html`.
        tasks: None for all.
        models: their folder; None for those that come with deepmir.
        sonify: whether to write the recording with the results mixed in as sounds, too.
        skip_existing: whether to skip a recording that has results.
        overwrite: whether to replace any files with the names of results.
    """

    output: Path = field(default_factory=Path)
    format: str = "jams"
    tasks: Sequence[str] | None = None
    models: Path | None = None
    sonify: bool = False
    skip_existing: bool = False
    overwrite: bool = False


@dataclass
class Outcome:
    """The outcome of a recording.

    Attributes:
        lines: messages, each with True for standard error or False for standard output.
        error: what is wrong, if anything.
        written: whether there are results.
    """

    lines: list[tuple[str, bool]] = field(default_factory=list)
    error: str = ""
    written: bool = False


def run(arguments: Iterable[str], options: Options, threads: int = 1) -> None:
    """Analyse recordings, and print a summary of each on standard output when it is done.

    Args:
        arguments: files, folders, patterns.
        options: the same for all of them.
        threads: number of recordings at a time, each in its own process; for a single recording,
            the number of threads of its networks.

    Raises:
        DeepmirError: immediately when a model cannot be used or the disk is full; at the end when a
            recording failed, after all others are done.
    """
    found = expand(arguments)
    workers = min(threads, len(found), os.cpu_count() or 1)
    failed: list[str] = []
    in_part: list[str] = []
    with _outcomes(found, options, workers) as outcomes:
        for one, outcome in _with_progress(outcomes, len(found)):
            for line, wrong in outcome.lines:
                _print(line, sys.stderr if wrong else sys.stdout)
            if outcome.error:
                if len(found) == 1:
                    raise DeepmirError(printable(outcome.error))
                (in_part if outcome.written else failed).append(_name_of(one))
                _print(f"deepmir: {printable(outcome.error)}", sys.stderr)
    wrong = {"failed": failed, "lack some tasks": in_part}
    if said := [
        f"{len(names)} of {len(found)} recordings {what}: {', '.join(map(printable, names))}"
        for what, names in wrong.items()
        if names
    ]:
        raise DeepmirError("; ".join(said))


@contextmanager
def _outcomes(
    found: Sequence[Recording | DeepmirError], options: Options, workers: int
) -> Iterator[Iterable[tuple[Recording | DeepmirError, Outcome]]]:
    """What becomes of each, in order of finishing."""
    if workers < 2:
        from deepmir.analysis import engine

        trained = engine.load_networks(options.tasks, options.models)
        yield ((one, _outcome(one, options, trained)) for one in found)
        return
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    from deepmir.analysis import threads

    threads.limit(1)  # of each process; this one does nothing but print
    # Not forked: of a process with threads that would copy locks that nobody opens.
    pool = ProcessPoolExecutor(workers, get_context("spawn"))
    try:
        jobs = {pool.submit(_in_a_process, one, options): one for one in found}
        yield ((jobs[job], job.result()) for job in as_completed(jobs))
    except BrokenProcessPool:
        raise DeepmirError(
            "a process was killed, perhaps for lack of memory: run again with fewer "
            "--threads and with --skip-existing"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _in_a_process(one: Recording | DeepmirError, options: Options) -> Outcome:
    tasks = None if options.tasks is None else tuple(options.tasks)
    return _outcome(one, options, _kept(tasks, options.models))


@cache
def _kept(tasks: tuple[str, ...] | None, models: Path | None) -> "Sequence[Trained]":
    """The networks, loaded once in each process."""
    from deepmir.analysis import engine

    return engine.load_networks(tasks, models)


def _name_of(one: Recording | DeepmirError) -> str:
    """The name of what failed; an error that is no recording's begins with it."""
    return str(one.path) if isinstance(one, Recording) else str(one).partition(": ")[0]


def _outcome(
    one: Recording | DeepmirError, options: Options, trained: "Sequence[Trained]"
) -> Outcome:
    """Analyse a recording and write its results.

    Raises:
        OSError: when the disk is full.
    """
    outcome = Outcome()
    try:
        if isinstance(one, DeepmirError):
            raise one
        _analyse(one, options, trained, outcome)
    except DeepmirError as error:
        outcome.error = str(error)
    return outcome


def _analyse(
    recording: Recording, options: Options, trained: "Sequence[Trained]", outcome: Outcome
) -> None:
    """Analyse a recording, write its results, and say so.

    Raises:
        DeepmirError: when it cannot be read or its results cannot be written; when it is too
            short for some tasks, after the results of the others are written.
    """
    from deepmir.analysis import engine

    folder, name = options.output / recording.name.parent, recording.name.name
    kinds = options.format, options.sonify
    if options.skip_existing and outputs.exist(folder, name, *kinds, engine.asked(trained)):
        outcome.lines.append((f"{printable(recording.path)}: already has results, skipped", False))
        return
    if not options.overwrite:
        outputs.refuse_to_overwrite(folder, name, options.format)
    try:
        outputs.make_room(folder)
        analysis = _analysis_of(recording.path, trained)
        written = outputs.write(analysis, recording.path, folder, name, *kinds)
        outcome.written = True
    except OSError as error:
        if is_full(error):
            raise
        what = error.filename or recording.path
        raise DeepmirError(f"{what}: {error.strerror or error}") from None
    for remark in analysis.jams.sandbox["deepmir"]["remarks"]:
        outcome.lines.append((f"deepmir: {printable(recording.path)}: {printable(remark)}", True))
    outcome.lines += [(line, False) for line in _summary(analysis, recording.path, written)]
    _refuse_left_out(analysis, recording.path)


def _analysis_of(path: Path, trained: "Sequence[Trained]") -> "Analysis":
    from deepmir.analysis import engine
    from deepmir.files import audio

    try:
        return engine.analyze_source(audio.from_file(path), trained, path)
    except (DeepmirError, OSError, ModuleNotFoundError):
        raise  # the last of what an extra brings
    except MemoryError:
        raise DeepmirError(f"{path}: not enough memory for this recording") from None
    except Exception as error:
        # One broken recording must not stop the others.
        raise DeepmirError(f"{path}: {type(error).__name__}: {error}") from error


def _refuse_left_out(analysis: "Analysis", path: Path) -> None:
    from deepmir.analysis import engine

    if reasons := engine.left_out(analysis):
        raise DeepmirError(f"{path}: everything was written except {engine.listed(reasons)}")


def _summary(analysis: "Analysis", path: Path, written: Sequence[Path]) -> Iterator[str]:
    from deepmir.analysis.summary import clock, summary

    yield f"{printable(path)} ({clock(analysis.duration)})"
    for line in summary(analysis):
        yield f"  {printable(line)}"
    for file in written:
        yield f"  -> {printable(file)}"


def _with_progress(outcomes: Iterable[Any], total: int) -> Iterator[Any]:
    """Each outcome, with a progress bar in a terminal."""
    from tqdm import tqdm

    yield from tqdm(outcomes, total=total, unit="recording", disable=not sys.stderr.isatty())


def _print(line: str, stream: TextIO) -> None:
    """Print a line above the progress bar."""
    from tqdm import tqdm

    tqdm.write(line, file=stream)
