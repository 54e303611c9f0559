"""The table of stages is held to the code that it speaks of, and dvc.yaml to the table."""

import ast
import re
import shlex
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo

from deepmir import params, stages

ROOT = Path(__file__).parent.parent
PACKAGE = stages.PACKAGE


def imported(path):
    """Modules of deepmir that a file imports, as paths in the package; type checking aside."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    for name in names:
        base = PACKAGE.parent / name.replace(".", "/")
        for candidate in (base.with_suffix(".py"), base / "__init__.py"):
            if name.startswith("deepmir") and candidate.exists():
                yield candidate


def closure(entry):
    """All that a module imports, directly or not, apart from what decides no result."""
    found, waiting = set(), [entry]
    while waiting:
        path = waiting.pop()
        name = path.relative_to(PACKAGE).as_posix()
        if path in found or name in stages.INFRASTRUCTURE:
            continue
        found.add(path)
        waiting += imported(path)
    return found


@pytest.fixture(scope="module")
def declared():
    return params.load(ROOT / "params.yaml")


def listed(stage, entry):
    for name in stages.files_of(stage, entry):
        path = PACKAGE / name
        assert path.exists(), f"{stage} lists {name}, which is not there"
        yield from path.rglob("*.py") if path.is_dir() else [path]


@pytest.mark.parametrize("stage", stages.STAGES)
def test_a_stage_lists_all_that_its_module_imports(stage, declared):
    entries = {"fit": "key-logistic", "annotate": "beat-librosa"}
    entry = declared.entry(entries.get(stage, "beat-crnn"))
    needed = closure(PACKAGE / stages.STAGES[stage].entry)
    missing = needed - set(listed(stage, entry))
    assert not {path.relative_to(PACKAGE).as_posix() for path in missing}


def dvc_stages():
    for stage in Repo(str(ROOT)).index.stages:
        yield stage.addressing, stage


RULE_TO_STAGE = {"baseline": {"predict": "annotate"}}


@pytest.mark.parametrize("name", [name for name, _ in dvc_stages()])
def test_a_dvc_stage_depends_on_the_code_of_its_rules(name, declared):
    stage = dict(dvc_stages())[name]
    group, _, key = name.partition("@")
    rules = re.search(r"--allowed-rules (.*?) --", stage.cmd).group(1).split()
    stage_of = RULE_TO_STAGE.get(group, {})
    entry = declared.entry(key) if group in ("train", "evaluate", "baseline") else None
    wanted = {
        f"src/deepmir/{path}"
        for rule in rules
        for path in stages.files_of(stage_of.get(rule, rule), entry)
    }
    # A list of DVC's cannot follow what one experiment names as auxiliary (docs/workflow.md).
    wanted -= {f"src/deepmir/tasks/{task}.py" for task in getattr(entry, "auxiliary", ())}
    found = {dep.def_path for dep in stage.deps if dep.def_path.startswith("src/")}
    assert found == wanted


def test_every_rule_of_the_line_is_in_dvc_but_the_dashboard():
    text = (ROOT / "Snakefile").read_text()
    rules = set(re.findall(r"^rule (\w+):", text, re.M)) - {"all", "results", "track"}
    allowed = [re.search(r"--allowed-rules (.*?) --", s.cmd).group(1) for _, s in dvc_stages()]
    assert set(shlex.split(" ".join(allowed))) == rules


def test_a_comment_or_docstring_changes_no_hash_and_code_does(tmp_path, monkeypatch):
    (tmp_path / "audio.py").write_text('"""Doc."""\ndef f(x):\n    """Doc."""\n    return x + 1\n')
    monkeypatch.setattr(stages, "PACKAGE", tmp_path)
    monkeypatch.setitem(stages.STAGES, "downmix", stages.Stage("audio.py", ("audio.py",)))
    first = stages.code_hash("downmix")
    (tmp_path / "audio.py").write_text("# why\ndef f(x):\n    return (x  +  1)\n")
    assert stages.code_hash("downmix") == first
    (tmp_path / "audio.py").write_text("def f(x):\n    return x + 2\n")
    assert stages.code_hash("downmix") != first


def test_the_slice_of_one_experiment_is_blind_to_another():
    raw = yaml.safe_load((ROOT / "params.yaml").read_text())
    before = params.parse(raw)
    raw["experiments"]["beat-crnn"]["training"]["epochs"] = 7
    after = params.parse(raw)
    same = [stages.declared(p, "train", "key-cnn") for p in (before, after)]
    other = [stages.declared(p, "train", "beat-crnn") for p in (before, after)]
    assert same[0] == same[1]
    assert other[0] != other[1]


def test_decoder_options_do_not_retrain():
    raw = yaml.safe_load((ROOT / "params.yaml").read_text())
    before = params.parse(raw)
    raw["decoders"] = {"beat": {"max_bpm": 180}}
    after = params.parse(raw)
    for stage, same in (("train", True), ("predict", False)):
        pair = [stages.declared(p, stage, "beat-crnn") for p in (before, after)]
        assert (pair[0] == pair[1]) is same
