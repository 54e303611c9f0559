"""Every worked example of `docs/extend/` is carried out literally, and runs.

A page is read from top to bottom. The meaning of its blocks:

- ``python`` whose first line is ``# src/...``: a new file with that text;
- ``diff`` whose first line is ``--- src/...``: its ``-`` lines become its ``+`` lines there;
- ``yaml`` whose first line is ``# params.yaml``: added to the declarations of a tiny pipeline that
  only has a data set and representations;
- ``sh``: commands that have to succeed in the folder of that pipeline.
"""

import re
import shutil
from pathlib import Path

import pytest
import yaml

import programs
import tiny

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs/extend").glob("*.md"))
BLOCK = re.compile(r"^```(python|diff|yaml|sh)\n(.*?)^```$", re.M | re.S)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A tiny pipeline without entries, with indexed recordings and computed features."""
    line = tmp_path_factory.mktemp("prepared") / "line"
    tiny.write(line)
    declared = yaml.safe_load(tiny.DECLARED)
    shared = {section: declared[section] for section in ("datasets", "representations", "training")}
    shared["datasets"]["tiny"]["shards"] = 1
    (line / "params.yaml").write_text(yaml.safe_dump(shared, sort_keys=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(line)
        tiny.prepare(tiny.load())
    return line


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_example_does_what_its_page_says(page, prepared, tmp_path):
    line = tmp_path / "line"
    shutil.copytree(prepared, line)
    shutil.copytree(ROOT / "src", tmp_path / "src")  # with its byte code
    for name in ("Snakefile", "profiles"):
        (line / name).symlink_to(ROOT / name)
    blocks = BLOCK.findall(page.read_text("utf-8"))
    assert {"python", "sh"} <= {kind for kind, _ in blocks}
    for kind, text in blocks:
        {"python": write, "diff": edit, "yaml": declare, "sh": run}[kind](text, tmp_path)


def write(text, folder):
    path = folder / re.match(r"# (src/\S+)\n", text)[1]
    assert not path.exists(), path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.split("\n", 1)[1].lstrip(), "utf-8")


def edit(text, folder):
    path = folder / re.match(r"--- (src/\S+)\n", text)[1]
    rows = text.splitlines()[1:]
    before, after = ("\n".join(r[1:] for r in rows if r[0] != other) for other in "+-")
    assert path.read_text("utf-8").count(before) == 1, before
    path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")


def declare(text, folder):
    assert text.startswith("# params.yaml\n")
    path = folder / "line/params.yaml"
    declared = yaml.safe_load(path.read_text())
    for section, rows in yaml.safe_load(text).items():
        declared[section] = {**declared.get(section, {}), **rows}
    path.write_text(yaml.safe_dump(declared, sort_keys=False))


def run(text, folder):
    programs.run(["bash", "-euo", "pipefail", "-c", text], folder / "line", folder / "src")
