"""The table of stages is held to the code that it speaks of, and dvc.yaml to the table."""

import ast
import re
import shutil
import tempfile
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


def with_every_section():
    """What the repository declares, with a row in the sections that it leaves empty."""
    raw = yaml.safe_load((ROOT / "params.yaml").read_text())
    raw["folds"] = {"key-folds": {"entry": "key-cnn", "dataset": "scores", "folds": 5}}
    raw["carried"] = {"key-carried": {"model": "key-cnn", "dataset": "songs"}}
    return raw


@pytest.fixture(scope="module")
def declared():
    return params.parse(with_every_section())


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
    """The stages of dvc.yaml by name: their commands and the paths that they depend on."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "dvc.yaml", folder)
        Path(folder, "params.yaml").write_text(yaml.safe_dump(with_every_section()))
        found = Repo.init(folder, no_scm=True).index.stages
        return {s.name: (s.cmd, {dep.def_path for dep in s.deps}) for s in found}


DVC = dvc_stages()
RULE_TO_STAGE = {"baseline": {"predict": "annotate"}}
EVERY_TASK = ("pool", "carried")


def rules_of(command):
    return re.search(r"--allowed-rules (.*?) --", command).group(1).split()


@pytest.mark.parametrize("name", [name for name in DVC if not name.startswith(EVERY_TASK)])
def test_a_dvc_stage_depends_on_the_code_of_its_rules(name, declared):
    command, paths = DVC[name]
    group, _, key = name.partition("@")
    stage_of = RULE_TO_STAGE.get(group, {})
    entry = declared.entry(key) if group in ("train", "evaluate", "baseline") else None
    wanted = {
        f"src/deepmir/{path}"
        for rule in rules_of(command)
        for path in stages.files_of(stage_of.get(rule, rule), entry)
    }
    # A list of DVC's cannot follow what one experiment names as auxiliary (docs/workflow.md).
    wanted -= {f"src/deepmir/tasks/{task}.py" for task in getattr(entry, "auxiliary", ())}
    assert {path for path in paths if path.startswith("src/")} == wanted


@pytest.mark.parametrize("name", [name for name in DVC if name.startswith(EVERY_TASK)])
def test_a_dvc_stage_that_cannot_tell_the_task_depends_on_all_tasks_and_methods(name):
    command, paths = DVC[name]
    files = {file for rule in ("annotate", *rules_of(command)) for file in stages.files_of(rule)}
    wanted = {file.split("/")[0] if file[:5] in ("tasks", "basel") else file for file in files}
    found = {path.removeprefix("src/deepmir/") for path in paths if path.startswith("src/")}
    assert found == wanted


def test_dvc_asks_for_the_split_and_the_model_of_a_row():
    assert {"data/raw/scores", "data/splits/scores-5-folds.csv"} <= DVC["pool@key-folds"][1]
    carried = {"data/raw/songs", "data/splits/songs.csv", "models/key-cnn/card.json"}
    assert carried <= DVC["carried@key-carried"][1]


def test_dvc_reads_params_yaml_as_it_is():
    # A section that is missing or empty of all but its name would stop every command of DVC.
    raw = yaml.safe_load((ROOT / "params.yaml").read_text())
    for section in re.findall(r"foreach: \$\{(\w+)\}", (ROOT / "dvc.yaml").read_text()):
        assert isinstance(raw[section], dict)


def test_every_rule_of_the_line_is_in_dvc_but_the_dashboard():
    text = (ROOT / "Snakefile").read_text()
    rules = set(re.findall(r"^rule (\w+):", text, re.M))
    rules -= {"all", "results", "defaults", "track"}
    assert {rule for command, _ in DVC.values() for rule in rules_of(command)} == rules


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


def test_what_analyze_says_is_asked_again_when_other_networks_are_shipped(monkeypatch, tmp_path):
    declared = params.load(ROOT / "params.yaml")
    names = ("tempo-rendered-analyze", "tempo-rendered-librosa", "tempo-rendered")
    before = [stages.declared(declared, "predict", name) for name in names]
    (tmp_path / "tempo").mkdir()
    (tmp_path / "tempo" / "card.json").write_text("{}")
    monkeypatch.setattr(stages, "SHIPPED", tmp_path)
    after = [stages.declared(declared, "predict", name) for name in names]
    assert before[0] != after[0]
    assert before[1:] == after[1:]


def test_what_is_carried_or_folded_changes_with_the_entry_it_is_made_from(declared):
    raw = with_every_section()
    raw["experiments"]["key-cnn"]["training"]["epochs"] = 7
    after = params.parse(raw)
    for stage, name in (
        ("train", "key-folds-fold3"),
        ("pool", "key-folds"),
        ("predict", "key-carried"),
    ):
        assert stages.declared(declared, stage, name) != stages.declared(after, stage, name)


def test_folds_and_carried_models_change_nothing_for_the_entry_itself(declared):
    plain = params.load(ROOT / "params.yaml")
    for stage in ("train", "predict", "evaluate"):
        assert stages.declared(declared, stage, "key-cnn") == stages.declared(
            plain, stage, "key-cnn"
        )


def test_each_fold_is_a_job_of_its_own(declared):
    said = {stages.declared(declared, "train", name) for name in declared.folds_of("key-folds")}
    assert len(said) == 5
