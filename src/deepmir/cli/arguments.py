"""The arguments of all commands."""

import argparse
from collections.abc import Callable
from pathlib import Path

import deepmir
from deepmir.cli import line, people
from deepmir.version import VERSION


def parser() -> argparse.ArgumentParser:
    """The parser of `deepmir`; the help of a command is the docstring of the function it runs."""
    root = argparse.ArgumentParser(prog="deepmir", description=deepmir.__doc__)
    root.add_argument("--version", action="version", version=f"deepmir {VERSION}")
    root.add_argument(
        "--directory",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="run in this folder, such as a study's",
    )
    commands = root.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        text = (run.__doc__ or "").strip()
        sub = commands.add_parser(name, help=text.splitlines()[0], description=text)
        sub.set_defaults(run=run, command=name)
        return sub

    analyze = command("analyze", people.analyze)
    analyze.add_argument(
        "files", nargs="+", metavar="FILE", help="a recording, a folder or a pattern"
    )
    analyze.add_argument(
        "--tasks", metavar="A,B", help="such as beat,key; default: all but the withheld ones"
    )
    theirs = "models instead of deepmir's; or from MLflow, such as models:/beat@best"
    analyze.add_argument("--models", type=Path, metavar="DIR", help=theirs)
    analyze.add_argument(
        "--output", type=Path, default=Path(), metavar="DIR", help="default: the current folder"
    )
    analyze.add_argument(
        "--format",
        default="jams",
        choices=("jams", "json", "csv", "lab", "midi", "html"),
        help="default: jams; html is a page to view and listen to",
    )
    analyze.add_argument(
        "--sonify", action="store_true", help="also write the audio with clicks, chords and melody"
    )
    existing = analyze.add_mutually_exclusive_group()
    existing.add_argument(
        "--skip-existing", action="store_true", help="skip recordings that already have results"
    )
    existing.add_argument(
        "--overwrite",
        action="store_true",
        help="replace files even if they may hold someone's work",
    )
    serve = command("serve", people.serve)
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--models", type=Path, metavar="DIR", help=theirs)
    check = command("check", people.check)
    check.add_argument(
        "folder", type=Path, nargs="?", help="check this folder of recordings instead"
    )
    command("verify", people.verify)
    command("fetch", people.fetch).add_argument("dataset", help="a data set in params.yaml")
    command("results", line.results).add_argument(
        "--markdown", action="store_true", help="print a page to commit, with hashes and commands"
    )
    command("sweep", line.sweep).add_argument(
        "name", help="a name under sweeps, or an experiment with seeds"
    )
    command("search", line.search).add_argument("name", help="a name under searches")
    command("report", line.report)
    command("track", line.track)
    network = command("network", people.network)
    network.add_argument(
        "notation",
        nargs="?",
        help="such as 'c2(32,3x3) - p2(2x4) - r2(64) - d1', or a name in the zoo; default: the "
        "experiment's network, or a list of the zoo",
    )
    network.add_argument(
        "--draw", type=Path, metavar="FILE.svg", help="draw the network as in Figure 8"
    )
    network.add_argument(
        "--experiment",
        help="take input, task and (unless given) network from this experiment in params.yaml",
    )
    plot = command("plot", people.plot)
    plot.add_argument("recording", type=Path)
    plot.add_argument("--out", type=Path, help="PNG, SVG or PDF; default: RECORDING.png")
    plot.add_argument("--start", type=float, default=0.0, help="seconds")
    plot.add_argument(
        "--seconds", type=float, default=30.0, help="default: 30; 0 draws the whole recording"
    )
    plot.add_argument(
        "--representation",
        nargs="+",
        metavar="NAME",
        help="representations in params.yaml, instead of Figure 4's",
    )
    inspect = command("inspect", people.inspect)
    inspect.add_argument("model", type=Path, help="such as models/key-cnn")
    inspect.add_argument("recording", type=Path)
    inspect.add_argument("--out", type=Path, help="page to write; default: MODEL-RECORDING.html")
    inspect.add_argument("--start", type=float, default=0.0, help="seconds")
    inspect.add_argument("--seconds", type=float, default=10.0)
    inspect.add_argument("--layer", type=int, help="project only this layer, counted from 1")
    inspect.add_argument(
        "--feature", type=int, help="project only this feature of the layer, counted from 0"
    )
    split = command("split", people.split)
    split.add_argument("dataset")
    split.add_argument("--seed", type=int, default=0)
    split.add_argument("--folds", type=int, metavar="K", help="divide into K folds instead")
    generate = command("generate", people.generate)
    generate.add_argument("name", help="a generator or a sequence in params.yaml")
    generate.add_argument("--count", type=int, help="default: as in params.yaml; 8 for a sequence")
    generate.add_argument("--seed", type=int, help="default: the seed of the training")
    generate.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="default: NAME-generated; without --count and --seed, the workflow's own folder",
    )
    dashboard = command("dashboard", people.dashboard)
    dashboard.add_argument("--port", type=int, default=5000)
    command("adopt", people.adopt)
    command("ship", people.ship)
    install = command("install", people.install)
    install.add_argument("archive", type=Path, help="such as dist/models-0.1.0.tar")

    render = command("render", line.render)
    render.add_argument("dataset")
    render.add_argument("shard", type=int)
    downmix = command("downmix", line.downmix)
    downmix.add_argument("dataset")
    downmix.add_argument("sample_rate", type=int)
    downmix.add_argument("shard", type=int)
    duplicates = command("duplicates", line.duplicates)
    duplicates.add_argument("sample_rate", type=int)
    duplicates.add_argument("datasets", nargs="+", metavar="DATASET")
    features = command("features", line.features)
    features.add_argument("dataset")
    features.add_argument("representation")
    features.add_argument("shard", type=int)
    for name, run in (("train", line.train), ("predict", line.predict)):
        command(name, run).add_argument("name", help="an entry in params.yaml")
    for name, run in (("pool", line.pool), ("evaluate", line.evaluate)):
        command(name, run).add_argument("name", help="an entry in params.yaml")
    command("judge", line.judge).add_argument("name", help="a generator in params.yaml")
    threaded = ("analyze", "render", "downmix", "features", "train", "predict")
    for name in (*threaded, "generate", "judge"):
        commands.choices[name].add_argument("--threads", type=int, default=1)
    return root
