"""The commands for users. Each imports only what it needs: importing torch takes seconds."""

import argparse
import os
import socket
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir import paths
from deepmir.errors import DeepmirError

if TYPE_CHECKING:
    from deepmir.declarations.schema import Params

EXCERPTS = 8  # of which a sequence is shown, if nothing else is said


def analyze(options: argparse.Namespace) -> None:
    """Analyse recordings with the trained networks: beats, key, chords, melody, ...

    Reads files, folders (all recordings in them) and patterns. A recording that cannot be used is
    reported, and the others are still analysed. Writes one file per recording, with its name.
    """
    from deepmir.analysis import threads

    threads.limit(options.threads)
    from deepmir.analysis import command

    tasks = None if options.tasks is None else [options.tasks]
    with _fetched(options.models) as models:
        wanted = command.Options(
            output=options.output,
            format=options.format,
            tasks=tasks,
            models=models,
            sonify=options.sonify,
            skip_existing=options.skip_existing,
            overwrite=options.overwrite,
        )
        command.run(options.files, wanted, options.threads)


def _fetched(models: Path | None) -> AbstractContextManager[Path | None]:
    """The folder of models that is named, fetched from MLflow if it is an address there."""
    if models is None or not str(models).startswith("models:"):
        return nullcontext(models)
    from deepmir.tracking.models import fetched

    return fetched(str(models))


def serve(options: argparse.Namespace) -> None:
    """Serve a page on 127.0.0.1 that analyses recordings dropped on it, until interrupted."""
    from deepmir.analysis import serve

    with _fetched(options.models) as models:
        serve.run(options.port, models)


def check(options: argparse.Namespace) -> None:
    """Check params.yaml (every key, name, network, deformation), or a folder of recordings."""
    from deepmir.declarations import loading, sweeps
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
    for group in sweeps.groups(found):
        print(f"sweep {group.name}: {', '.join(group.members)}")
    for name, search in found.searches.items():
        print(f"search {name}: {search.trials} trials over {', '.join(search.search)}")
    available = availability.of(found)
    for name, how_to_get in available.missing.items():
        print(f"params.yaml: datasets.{name} is not available yet: {how_to_get}")
    for line in availability.undivided(available):
        print(f"params.yaml: {line}")


def verify(options: argparse.Namespace) -> None:
    """Compare recordings, features, weights, predictions and scores with their checksums.

    Each damaged file is listed with the command that makes it again.
    """
    from deepmir.declarations import loading
    from deepmir.evaluation import verification

    found = verification.verify(loading.load())
    for problem in found.problems:
        print(f"deepmir: {problem}", file=sys.stderr)
    print(found)
    if found.problems:
        raise DeepmirError(f"verify: {len(found.problems)} damaged, listed above")


def network(options: argparse.Namespace) -> None:
    """Print a network layer by layer: shapes, parameters, cost, receptive field."""
    from deepmir import networks
    from deepmir.declarations import entries, loading
    from deepmir.declarations.neural import NeuralEntry
    from deepmir.files.writing import replacing
    from deepmir.networks import zoo

    if options.notation is None and options.experiment is None:
        if options.draw:
            raise DeepmirError("--draw needs a notation, a name in the zoo or --experiment")
        print(zoo.listing())
        return
    shape = networks.InputShape(channels=1, bins=80, frame_rate=50.0, bins_per_octave=None)
    output = networks.Output(width=1, time_varying=False)
    notation = options.notation
    if notation and zoo.is_name(notation):
        known = zoo.entry(notation)
        notation, shape, output = known.notation, known.input, known.output
    if options.experiment:
        entry = entries.resolve(loading.load(), options.experiment)
        if not isinstance(entry, NeuralEntry):
            raise DeepmirError(f"--experiment {entry.name} is a baseline, which has no network")
        notation, shape, output = notation or entry.row.network, entry.shape, entry.output
    described = networks.describe(notation, shape, output)
    print(networks.table(described))
    if options.draw:
        if options.draw.suffix != ".svg":
            raise DeepmirError(f"{options.draw}: networks are drawn as SVG: end the name in .svg")
        with replacing(options.draw) as temporary:
            temporary.write_text(networks.draw(described), encoding="utf-8")


def plot(options: argparse.Namespace) -> None:
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


def inspect(options: argparse.Namespace) -> None:
    """Write a page that looks inside a trained network (the tutorial's Figures 7, 9, 10, 11)."""
    from deepmir.inspection import page

    if options.start < 0 or options.seconds <= 0:
        raise DeepmirError("--start cannot be negative, and --seconds must be above 0")
    if options.feature is not None and options.layer is None:
        raise DeepmirError("--feature is the number of a feature within a layer: add --layer")
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


def split(options: argparse.Namespace) -> None:
    """Divide the groups of a data set into train, validation and test, or into folds.

    If the authors of the data set define parts, these are kept. Groups that are already in the file
    stay where they are: only new ones are assigned.
    """
    from deepmir.datasets import folds, splits
    from deepmir.declarations import loading

    members = loading.load().dataset(options.dataset).members()
    if options.folds is None:
        print(splits.deal(options.dataset, members, options.seed))
    else:
        print(folds.deal(options.dataset, members, options.folds, options.seed))


def fetch(options: argparse.Namespace) -> None:
    """Fetch a published data set from its home, and print its licence and how to cite it."""
    from deepmir.declarations import loading

    print(loading.load().dataset(options.dataset).fetch())


def generate(options: argparse.Namespace) -> None:
    """Generate music with a generator, or transcribe excerpts with a sequence, with pictures."""
    from deepmir.analysis import threads
    from deepmir.declarations import generated, loading
    from deepmir.generators import generating

    threads.limit(options.threads)
    declared = loading.load()
    if options.name in declared.sequences:
        _write_symbols(declared, options)
        return
    entry = generated.resolve(declared, options.name)
    own = options.count is None and options.seed is None
    folder = options.out or (
        paths.generated(entry.name).parent if own else Path(f"{entry.name}-generated")
    )
    count = entry.generator.samples if options.count is None else options.count
    if count < 1:
        raise DeepmirError("--count must be 1 or more")
    seed = entry.generator.training.seed if options.seed is None else options.seed
    made = generating.generate(entry, folder, count, seed)
    print(f"{folder}: {len(made)} samples of {entry.name}, listed in {generating.LIST}")


def _write_symbols(declared: "Params", options: argparse.Namespace) -> None:
    from deepmir.declarations import entries
    from deepmir.declarations.neural import SequenceEntry
    from deepmir.evaluation import sequence

    entry = entries.resolve(declared, options.name)
    assert isinstance(entry, SequenceEntry)
    if options.seed is not None:
        raise DeepmirError(
            "--seed is for generators; a sequence draws nothing at random: leave it out"
        )
    count = EXCERPTS if options.count is None else options.count
    if count < 1:
        raise DeepmirError("--count must be 1 or more")
    folder = options.out or Path(f"{entry.name}-generated")
    for line in sequence.show(entry, folder, count, threads=options.threads):
        print(line)


def dashboard(options: argparse.Namespace) -> None:
    """Print the MLflow address of each task's runs, and serve MLflow until interrupted.

    If MLFLOW_TRACKING_URI names a server, only the addresses are printed.
    """
    from deepmir.tracking import experiments, store

    server = store.shared()
    if not server and not store.DATABASE.exists():
        raise DeepmirError(f"{store.DATABASE} is missing: run `{paths.snakemake()}` first")
    if not server:
        _refuse_taken(options.port)
    for task, place in experiments.addresses(server or f"http://127.0.0.1:{options.port}").items():
        print(f"{task:15} {place}", flush=True)
    if server:
        return
    os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--host", "127.0.0.1"]
    command += ["--port", str(options.port), "--backend-store-uri", store.address()]
    os.execv(sys.executable, command)


def _refuse_taken(port: int) -> None:
    """Refuse a port in use: MLflow would fail and still exit with status 0."""
    from deepmir.analysis.serve import HOST, unusable

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise unusable(port, error) from None


def adopt(options: argparse.Namespace) -> None:
    """Make Snakemake accept the files that DVC has restored (pull, checkout, exp apply)."""
    from deepmir.workflow import adoption

    print(adoption.adopt())


def ship(options: argparse.Namespace) -> None:
    """Pack the networks under `defaults` in params.yaml into one archive, for a release."""
    from deepmir.declarations import loading
    from deepmir.workflow import shipping

    print(shipping.ship(loading.load()))


def install(options: argparse.Namespace) -> None:
    """Replace the networks that come with deepmir by those in an archive (`deepmir ship`)."""
    from deepmir.workflow import shipping

    manifest = shipping.install(options.archive)
    print(f"networks of release {manifest.release}: {len(manifest.files) // 2}")
