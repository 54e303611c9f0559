"""The command `deepmir`: what a person types, and what each rule of the Snakefile runs."""

import argparse
import contextlib
import errno
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import deepmir
from deepmir import extras, paths
from deepmir.errors import DeepmirError
from deepmir.version import VERSION

if TYPE_CHECKING:
    from deepmir.workflow.availability import Available


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; a :class:`DeepmirError` is one line on standard error and exit status 1."""
    # Annotations are hundreds of thousands of small objects that stay: looking for garbage in them
    # after every 700 new ones took 40 % of an evaluation.
    gc.set_threshold(100_000)
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], None] = options.run
    try:
        with _in(options.directory):
            run(options)
        sys.stdout.flush()  # what is still buffered may find the pipe broken, too
    except DeepmirError as error:
        print(f"deepmir: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
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
        if error.errno == errno.ENOSPC:
            print("deepmir: the disk is full; free some space and run again", file=sys.stderr)
            return 1
        raise
    except KeyboardInterrupt:
        print("deepmir: interrupted; run again to go on", file=sys.stderr)
        return 130
    return 0


def _in(folder: Path) -> contextlib.AbstractContextManager[None]:
    """Stand in a folder, as `snakemake --directory` does."""
    if not folder.is_dir():
        raise DeepmirError(f"--directory {folder}: there is no such folder")
    return contextlib.chdir(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deepmir", description=deepmir.__doc__)
    parser.add_argument("--version", action="version", version=f"deepmir {VERSION}")
    parser.add_argument(
        "--directory",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="run there, in a study's folder",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        text = (run.__doc__ or "").strip()
        sub = commands.add_parser(name, help=text.splitlines()[0], description=text)
        sub.set_defaults(run=run, command=name)
        return sub

    analyze = command("analyze", _analyze)
    analyze.add_argument("files", nargs="+", metavar="FILE", help="or a folder, or a pattern")
    analyze.add_argument("--tasks", metavar="A,B", help="such as beat,key; by default all")
    analyze.add_argument("--models", type=Path, metavar="DIR", help="instead of deepmir's own")
    analyze.add_argument(
        "--output", type=Path, default=Path(), metavar="DIR", help="by default the current folder"
    )
    analyze.add_argument(
        "--format",
        default="jams",
        choices=("jams", "json", "csv", "lab", "midi", "html"),
        help="by default jams; html is a page to look at and listen to",
    )
    analyze.add_argument(
        "--sonify", action="store_true", help="also write it with clicks, chords and melody"
    )
    analyze.add_argument(
        "--skip-existing", action="store_true", help="leave alone what has results there"
    )
    serve = command("serve", _serve)
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--models", type=Path, metavar="DIR", help="instead of deepmir's own")
    check = command("check", _check)
    check.add_argument(
        "folder", type=Path, nargs="?", help="of one's own recordings, to be checked instead"
    )
    command("fetch", _fetch).add_argument("dataset", help="of params.yaml")
    command("results", _results).add_argument(
        "--markdown", action="store_true", help="as a page to commit, with hashes and commands"
    )
    command("report", _report)
    command("track", _track)
    network = command("network", _network)
    network.add_argument(
        "notation",
        nargs="?",
        help="such as 'c2(32,3x3) - p2(2x4) - r2(64) - d1', or a name of the zoo; none: its list",
    )
    network.add_argument("--draw", type=Path, metavar="FILE.svg", help="draw it as in Figure 8")
    network.add_argument("--experiment", help="take input and task from this one of params.yaml")
    plot = command("plot", _plot)
    plot.add_argument("recording", type=Path)
    plot.add_argument(
        "--out", type=Path, help="PNG, SVG or PDF; by default the recording's .png here"
    )
    plot.add_argument("--start", type=float, default=0.0, help="seconds")
    plot.add_argument("--seconds", type=float, default=30.0, help="by default 30; 0 draws all")
    plot.add_argument(
        "--representation", nargs="+", metavar="NAME", help="of params.yaml, instead of Figure 4's"
    )
    inspect = command("inspect", _inspect)
    inspect.add_argument("model", type=Path, help="such as models/key-cnn")
    inspect.add_argument("recording", type=Path)
    inspect.add_argument("--out", type=Path, help="the page; by default MODEL-RECORDING.html here")
    inspect.add_argument("--start", type=float, default=0.0, help="seconds")
    inspect.add_argument("--seconds", type=float, default=10.0)
    inspect.add_argument("--layer", type=int, help="project this layer alone, from 1")
    inspect.add_argument("--feature", type=int, help="and of it this feature alone, from 0")
    split = command("split", _split)
    split.add_argument("dataset")
    split.add_argument("--seed", type=int, default=0)
    split.add_argument("--folds", type=int, metavar="K", help="deal out to K folds instead")
    dashboard = command("dashboard", _dashboard)
    dashboard.add_argument("--port", type=int, default=5000)
    command("adopt", _adopt)
    command("ship", _ship)
    install = command("install", _install)
    install.add_argument("archive", type=Path, help="such as dist/models-0.1.0.tar")

    render = command("render", _render)
    render.add_argument("dataset")
    render.add_argument("shard", type=int)
    downmix = command("downmix", _downmix)
    downmix.add_argument("dataset")
    downmix.add_argument("sample_rate", type=int)
    downmix.add_argument("shard", type=int)
    features = command("features", _features)
    features.add_argument("dataset")
    features.add_argument("representation")
    features.add_argument("shard", type=int)
    for name, run in (("train", _train), ("predict", _predict)):
        command(name, run).add_argument("name", help="an entry of params.yaml")
    for name, run in (("pool", _pool), ("evaluate", _evaluate)):
        command(name, run).add_argument("name", help="an entry of params.yaml")
    for name in ("analyze", "render", "downmix", "features", "train", "predict"):
        commands.choices[name].add_argument("--threads", type=int, default=1)
    return parser


def _available() -> "Available":
    from deepmir.declarations import loading
    from deepmir.workflow import availability

    return availability.of(loading.load())


def _analyze(options: argparse.Namespace) -> None:
    """Write what the trained networks know about recordings: beats, key, chords, melody, ...

    Files, folders (all recordings in them) and patterns are read; a recording that cannot be used
    is named and the others go on. One file a recording is written, with its name.
    """
    from deepmir.analysis import threads

    threads.limit(options.threads)
    from deepmir.analysis import command

    tasks = options.tasks.split(",") if options.tasks else None
    wanted = command.Options(
        output=options.output,
        format=options.format,
        tasks=tasks,
        models=options.models,
        sonify=options.sonify,
        skip_existing=options.skip_existing,
    )
    command.run(options.files, wanted)


def _serve(options: argparse.Namespace) -> None:
    """Serve a page on 127.0.0.1 that analyses what is dropped on it, until interrupted."""
    from deepmir.analysis import serve

    serve.run(options.port, options.models)


def _check(options: argparse.Namespace) -> None:
    """Check params.yaml (every key, name, network, deformation), or a folder of recordings."""
    from deepmir.declarations import loading
    from deepmir.declarations.schema import SECTIONS
    from deepmir.workflow import availability

    if options.folder is not None:
        from deepmir.datasets.folder import check

        check.run(options.folder)
        return

    found = loading.load()
    counts = {"data sets": found.datasets, "representations": found.representations}
    counts |= {section: getattr(found, section) for section in SECTIONS}
    print("params.yaml: " + ", ".join(f"{what} {len(rows)}" for what, rows in counts.items()))
    for name, how_to_get in availability.of(found).missing.items():
        print(f"params.yaml: datasets.{name} is not there yet: {how_to_get}")


def _results(options: argparse.Namespace) -> None:
    """Print the results table and where to look."""
    from deepmir.declarations import entries
    from deepmir.evaluation import results
    from deepmir.report import results_page, terminal

    available = _available()
    declared = available.with_results()
    found = results.read(entries.shown(declared))
    page = results_page.markdown if options.markdown else terminal.text
    print(page(found, declared.evaluation.confidence, available.notes))


def _network(options: argparse.Namespace) -> None:
    """Print a network layer by layer: shapes, parameters, cost, receptive field."""
    from deepmir import networks
    from deepmir.declarations import entries, loading
    from deepmir.files.writing import replacing
    from deepmir.networks import zoo

    if options.notation is None:
        print(zoo.listing())
        return
    shape = networks.InputShape(channels=1, bins=80, frame_rate=50.0, bins_per_octave=None)
    output = networks.Output(width=1, time_varying=False)
    notation = options.notation
    if zoo.is_name(notation):
        known = zoo.entry(notation)
        notation, shape, output = known.notation, known.input, known.output
    if options.experiment:
        entry = entries.resolve(loading.load(), options.experiment)
        if not isinstance(entry, entries.NetworkEntry):
            raise DeepmirError(f"--experiment {entry.name} is a baseline, which has no network")
        shape = networks.InputShape.of(entry.representation, entry.experiment.ensemble)
        output = networks.Output(entry.task.output.width, entry.task.time_varying)
    described = networks.describe(notation, shape, output)
    print(networks.table(described))
    if options.draw:
        if options.draw.suffix != ".svg":
            raise DeepmirError(f"{options.draw}: a network is drawn as SVG: give it that ending")
        with replacing(options.draw) as temporary:
            temporary.write_text(networks.draw(described), encoding="utf-8")


def _plot(options: argparse.Namespace) -> None:
    """Draw a recording: waveform, STFT, mel, CQT, chroma (the tutorial's Figure 4)."""
    from deepmir.drawing import panels

    out = options.out or Path(f"{options.recording.stem}.png")
    wanted = panels.FIGURE_4
    if options.representation:
        from deepmir.declarations import loading

        declared = loading.load()
        wanted = {name: declared.representation(name) for name in options.representation}
    if options.start < 0 or options.seconds < 0:
        raise DeepmirError("--start and --seconds cannot be negative")
    panels.plot(options.recording, out, wanted, options.start, options.seconds or None)
    print(out)


def _inspect(options: argparse.Namespace) -> None:
    """Write a page that looks inside a trained network (the tutorial's Figures 7, 9, 10, 11)."""
    from deepmir.inspection import page

    if options.start < 0 or options.seconds <= 0:
        raise DeepmirError("--start cannot be negative, and --seconds has to be above 0")
    if options.feature is not None and options.layer is None:
        raise DeepmirError("--feature is the number of a feature of one layer: say --layer too")
    default = Path(f"{options.model.name}-{options.recording.stem}.html")
    out = options.out or default
    page.write(
        options.model,
        options.recording,
        out,
        options.start,
        options.seconds,
        options.layer,
        options.feature,
    )
    print(out)


def _split(options: argparse.Namespace) -> None:
    """Deal the groups of a data set out to train, validation and test, or to folds.

    Where the authors of the data set give parts, these hold. Groups that the file already has stay
    where they are: only new ones are dealt out.
    """
    from deepmir.datasets import folds, splits
    from deepmir.declarations import loading

    members = loading.load().dataset(options.dataset).members()
    if options.folds is None:
        print(splits.deal(options.dataset, members, options.seed))
    else:
        print(folds.deal(options.dataset, members, options.folds, options.seed))


def _fetch(options: argparse.Namespace) -> None:
    """Fetch a published data set from its home, and say its licence and how to cite it."""
    from deepmir.declarations import loading

    print(loading.load().dataset(options.dataset).fetch())


def _dashboard(options: argparse.Namespace) -> None:
    """Serve the MLflow dashboard on 127.0.0.1 until interrupted."""
    from deepmir.tracking import runs

    if not runs.DATABASE.exists():
        raise DeepmirError(f"{runs.DATABASE} is missing: run `{paths.snakemake()}` first")
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    print(f"http://127.0.0.1:{options.port}", flush=True)
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--host", "127.0.0.1"]
    command += ["--port", str(options.port), "--backend-store-uri", runs.address()]
    os.execv(sys.executable, command)


def _adopt(options: argparse.Namespace) -> None:
    """Make snakemake accept what DVC has brought (pull, checkout, exp apply)."""
    from deepmir.workflow import adoption

    print(adoption.adopt())


def _ship(options: argparse.Namespace) -> None:
    """Write the networks under `defaults` in params.yaml to one archive, for a release."""
    from deepmir.declarations import loading
    from deepmir.workflow import shipping

    print(shipping.ship(loading.load()))


def _install(options: argparse.Namespace) -> None:
    """Put the networks of an archive (`deepmir ship`) in place of those that come with deepmir."""
    from deepmir.workflow import shipping

    manifest = shipping.install(options.archive)
    print(f"networks of release {manifest.release}: {len(manifest.files) // 2}")


def _render(options: argparse.Namespace) -> None:
    """Make one shard of a data set: render it, or index a folder."""
    from deepmir.datasets import base
    from deepmir.declarations import loading

    dataset = loading.load().dataset(options.dataset)
    index = base.make_shard(options.dataset, dataset, options.shard, options.threads)
    _tell_failures("render", [(f.track, f.reason) for f in index.failures])


def _downmix(options: argparse.Namespace) -> None:
    """Decode, downmix and resample one shard."""
    from deepmir.declarations import loading
    from deepmir.features import downmix

    declaration = loading.load().dataset(options.dataset)
    out = paths.audio(options.dataset, options.sample_rate, options.shard)
    source = paths.index(options.dataset, options.shard)
    downmix.compute(source, out, options.sample_rate, declaration.min_seconds, options.threads)
    _tell_left_out(out, downmix.digest(options.sample_rate))


def _features(options: argparse.Namespace) -> None:
    """Compute a representation of one shard."""
    from deepmir.declarations import loading
    from deepmir.features import compute as features

    representation = loading.load().representation(options.representation)
    source = paths.audio(options.dataset, representation.sample_rate, options.shard)
    out = paths.features(options.dataset, representation, options.shard)
    features.compute(source, out, representation, options.threads)
    _tell_left_out(out, representation.digest)


def _tell_left_out(path: Path, digest: str) -> None:
    from deepmir.files.store import Store

    _tell_failures(path.parent.parent.name, sorted(Store([path], digest).failures.items()))


def _tell_failures(stage: str, failures: Sequence[tuple[str, str]]) -> None:
    for track, reason in failures:
        print(f"deepmir: {stage}: left out {track}: {reason}", file=sys.stderr)


def _train(options: argparse.Namespace) -> None:
    """Train an experiment, or fit a baseline that learns."""
    from deepmir.declarations import entries, loading

    entry = entries.to_train(loading.load(), options.name)
    if isinstance(entry, entries.NetworkEntry):
        from deepmir.training import loop
        from deepmir.workflow import stages

        code = stages.code_hash("train", entry.row)
        loop.train(entry, threads=options.threads, progress=sys.stderr.isatty(), code=code)
    elif isinstance(entry, entries.BaselineEntry):
        from deepmir.training import fitting

        fitting.fit(entry)


def _predict(options: argparse.Namespace) -> None:
    """Write a JAMS file for every test track."""
    from deepmir.declarations import entries, loading
    from deepmir.evaluation import prediction

    prediction.predict(entries.resolve(loading.load(), options.name), threads=options.threads)


def _pool(options: argparse.Namespace) -> None:
    """Gather the predictions of all folds of a cross-validation."""
    from deepmir.declarations import entries, loading
    from deepmir.evaluation import pooling

    pooling.pool(entries.resolve(loading.load(), options.name))


def _evaluate(options: argparse.Namespace) -> None:
    """Score the predictions for the test tracks."""
    from deepmir.declarations import entries, loading
    from deepmir.evaluation import results, scoring

    entry = entries.resolve(loading.load(), options.name)
    note = results.Result(entry, scoring.evaluate(entry)).failure_note
    if note:
        print(f"deepmir: {note}", file=sys.stderr)


def _report(options: argparse.Namespace) -> None:
    """Write reports/index.html and reports/README.md."""
    from deepmir import report
    from deepmir.declarations import entries

    available = _available()
    confidence = available.params.evaluation.confidence
    report.write(entries.shown(available.params), confidence, available.notes)


def _track(options: argparse.Namespace) -> None:
    """Import the runs into the MLflow store."""
    from deepmir.declarations import entries
    from deepmir.tracking import runs

    shown = sorted(entries.shown(_available().params), key=lambda entry: entry.name)
    added = runs.track(shown)
    print(f"MLflow: {len(added)} new runs{': ' if added else ''}{', '.join(added)}")
