"""The content of an installation: every library that is used, and no others."""

import ast
import os
import subprocess
import sys
import tomllib
from importlib import metadata
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from packaging.requirements import Requirement

import deepmir
from deepmir import cli, extras
from deepmir.cli import line as line_commands
from deepmir.version import VERSION
from deepmir.workflow import closure

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CORE = PROJECT["dependencies"]
OPTIONAL = PROJECT["optional-dependencies"]

# One library under two names, and what it brings for types.
BROUGHT = {"pydantic_core": "pydantic", "typing_extensions": "pydantic"}
# Run as commands: by the Snakefile, by dvc.yaml and by profiles/slurm; and what dvc loads for a
# remote.
COMMANDS = {"snakemake", "dvc", "snakemake-executor-plugin-slurm", "dvc-s3"}
# What a person who installs the core can do; the rooms that these commands import are all of it.
USES = ("analysis.command", "analysis.serve", "analysis.activations", "networks", "extras")


def declared(*lists):
    return {extras.normal(Requirement(line).name) for lines in lists for line in lines} - {
        "deepmir"
    }


def imported(files):
    found = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module)
    tops = {name.partition(".")[0] for name in found} - {*sys.stdlib_module_names}
    own = {"deepmir", "deepmir_render", *(path.stem for path in ROOT.glob("tests/**/*.py"))}
    names = (BROUGHT.get(top, extras.DISTRIBUTIONS.get(top, top)) for top in tops - own)
    return {extras.normal(name) for name in names}


def python_of(*rooms):
    files = closure.of([f"deepmir.{room}" for room in rooms], {}).files
    return [path for path in files if path.suffix == ".py"]


SOURCES = sorted(ROOT.glob("src/**/*.py"))
DECLARATIONS = sorted(ROOT.glob("src/deepmir/declarations/*.py"))  # a closure ends before them


def test_the_core_is_what_analysing_a_recording_imports():
    """And what the pipeline needs for the user's own networks.

    torch runs those that were not exported, numba computes separation for others.
    """
    found = imported([*python_of(*USES), *DECLARATIONS])
    assert found - {"torch", "safetensors", "numba"} == declared(CORE)


def test_the_core_is_small():
    """With its byte code 360 MB; each of these, with its dependencies, has more than 30."""
    wanted, brought = [*declared(CORE)], set()
    while wanted:
        name = wanted.pop()
        if name not in brought:
            brought.add(name)
            wanted += required_by(name)
    assert {"onnxruntime", "scipy", "numpy"} <= brought
    large = {"llvmlite", "torch", "librosa", "scikit-learn", "pandas", "matplotlib", "sympy"}
    assert not brought & large


def required_by(name):
    """The requirements of a distribution without extras, on this system."""
    lines = [Requirement(line) for line in metadata.requires(name) or ()]
    kept = (r for r in lines if r.marker is None or r.marker.evaluate({"extra": ""}))
    return [extras.normal(r.name) for r in kept]


def test_the_core_and_plot_are_what_drawing_a_recording_imports():
    found = imported(python_of("drawing.panels")) - {"numba"}
    assert found - declared(CORE) == declared(OPTIONAL["plot"])


def test_the_renderer_imports_its_own_extras():
    found = imported(ROOT.glob("src/deepmir_render/**/*.py"))
    assert found <= declared(CORE, OPTIONAL["render"], OPTIONAL["singing"])


def test_every_import_is_declared_and_nothing_else_is():
    lists = [lines for name, lines in OPTIONAL.items() if name != "dev"]
    text = "".join(path.read_text("utf-8") for path in SOURCES)
    # What is not imported is named as text: its files are read, or it is loaded by its path.
    named = {name for name in declared(*lists) if f'"{name}"' in text} | COMMANDS
    used = imported(SOURCES)
    assert used <= declared(CORE, *lists)
    assert declared(CORE, *lists) <= used | named


def test_all_is_everything_but_what_few_need():
    (line,) = OPTIONAL["all"]
    assert Requirement(line).extras == {"pipeline", "render"}
    assert {*OPTIONAL} == {*extras.EXTRAS, "all", "dev"}


def test_what_the_tests_import_is_declared():
    found = imported(ROOT.glob("tests/**/*.py")) - {"essentia"}  # AGPL: tested where it is there
    own = {extras.normal(path.stem) for path in ROOT.glob("studies/*/*.py")}
    assert found - own <= declared(CORE, *OPTIONAL.values())


def test_every_library_is_bounded_below_by_what_the_tests_run_with():
    locked = {}
    for name in ("requirements.lock", "requirements-singing.txt", "requirements-s3.txt"):
        for line in (ROOT / name).read_text("utf-8").splitlines():
            if not line.startswith("#"):
                requirement = Requirement(line)
                locked[extras.normal(requirement.name)] = str(requirement.specifier)[2:]
    for requirement in map(Requirement, chain(CORE, *OPTIONAL.values())):
        if requirement.name != "deepmir":
            (bound,) = requirement.specifier
            assert bound.operator == ">=", requirement
            assert bound.contains(locked[extras.normal(requirement.name)]), requirement


def test_the_version_is_the_same_wherever_it_is_written():
    assert deepmir.__version__ == VERSION
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"] == VERSION
    assert f"## [{VERSION}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("matplotlib.figure", "plot"),
        ("lightning", "pipeline"),
        ("torch", "pipeline"),
        ("sklearn.linear_model", "pipeline"),
        ("music21", "render"),
        ("espeakng_loader", "singing"),
        ("dvc", "pipeline"),
        ("dvc_s3", "s3"),
        ("numpy", None),
        ("nothing", None),
    ],
)
def test_a_library_that_is_missing_names_its_extra(module, extra, monkeypatch, capsys):
    def run(options):
        """A placeholder function."""
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    monkeypatch.setattr(line_commands, "results", run)
    assert extras.bringing(module) == extra
    if extra is None:
        with pytest.raises(ModuleNotFoundError):
            cli.main(["results"])
        return
    assert cli.main(["results"]) == 1
    told = f"deepmir: results needs {module}: pip install 'deepmir[{extra}]'\n"
    assert capsys.readouterr().err == told


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """A fresh environment with the core only, from the wheel; returns its folder of programs."""
    folder = tmp_path_factory.mktemp("core")
    here = Path(sys.prefix)
    if not (here / "bin/uv").exists():
        pytest.skip("made by `make environment`, which brings uv")

    def uv(*arguments):
        command = ["bash", ROOT / "scripts/uv", here, *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    uv("build", "--quiet", "--wheel", "--out-dir", folder / "wheel", ROOT)
    uv("venv", "--quiet", "--python", sys.executable, folder / "fresh")
    (wheel,) = (folder / "wheel").glob("*.whl")
    fresh = ("--python", folder / "fresh/bin/python")
    uv("pip", "install", "--quiet", *fresh, "--constraint", "requirements.lock", wheel)
    return folder / "fresh/bin"


def run(core, folder, *arguments):
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = [core / "deepmir", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_core_alone_analyses_a_recording(core, tmp_path):
    seconds = np.arange(22050 * 4) / 22050
    chord = sum(np.sin(2 * np.pi * hertz * seconds) for hertz in (261.6, 329.6, 392.0))
    soundfile.write(tmp_path / "song.wav", 0.2 * chord * np.exp(-6 * (seconds % 0.5)), 22050)
    done = run(core, tmp_path, "analyze", "song.wav", "--format", "html", "--sonify")
    assert done.returncode == 0, done.stderr
    assert "beats:" in done.stdout
    assert {path.suffix for path in tmp_path.iterdir()} == {".wav", ".html", ".flac"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("plot", "song.wav"), "plot"),
        (("train", "beat-crnn"), "pipeline"),
    ],
)
def test_the_core_says_which_extra_a_command_needs(core, tmp_path, arguments, extra):
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text("utf-8"), "utf-8")
    done = run(core, tmp_path, *arguments)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"pip install 'deepmir[{extra}]'")
