"""params.yaml as a file: invalid YAML, binary or endless data give one line, at once."""

import pytest

from deepmir.cli import main
from deepmir.errors import DeepmirError
from deepmir.fields import yaml_file

SMALL = "datasets: {d: {source: scores}}\nrepresentations: {r: {kind: mel}}\n"
EXPERIMENT = (
    SMALL + "experiments:\n  e: {dataset: d, task: key, representation: r, network: d1, MORE}\n"
)


def doubled(times, first="[x, x]"):
    """Lists that each contain the previous one twice."""
    lines = [f"  - &a0 {first}"]
    lines += [f"  - &a{n + 1} [*a{n}, *a{n}]" for n in range(times)]
    return "\n".join(lines)


def merged(times):
    """Mappings that each merge the previous one twice."""
    lines = ["  m0: &m0 {source: scores}"]
    lines += [f"  m{n + 1}: &m{n + 1} {{<<: [*m{n}, *m{n}]}}" for n in range(times)]
    return "\n".join(lines)


def chained(length):
    """Lists that each contain the previous one."""
    return "\n".join(f"  - &a{n} [{f'*a{n - 1}' if n else 'x'}]" for n in range(length))


HOSTILE = {
    "latin-1": ("# für\n".encode("latin-1"), "line 1: not UTF-8: save the file as UTF-8"),
    "utf-16": (SMALL.encode("utf-16"), "line 1: not UTF-8"),
    "utf-16 without a mark": (SMALL.encode("utf-16-le"), "is not YAML"),
    "a byte in the middle": (SMALL.encode() + b"# \xff\n", "line 3: not UTF-8"),
    "control characters": (SMALL + "\x00", "is not YAML"),
    "large": ("#" * 2**21, "is larger than 1048576 bytes"),
    "empty": ("", "it is empty"),
    "a comment": ("# nothing\n", "it is empty"),
    "a list": ("- datasets\n- representations\n", "the file: input should be a mapping"),
    "a scalar": ("datasets\n", "the file: input should be a mapping.*not 'datasets'"),
    "a number": ("17\n", "the file: input should be a mapping.*not 17"),
    "two documents": (SMALL + "---\n" + SMALL, "is not YAML: expected a single document"),
    "a tab": ("datasets:\n\t- x\n", "is not YAML"),
    "no end": ("datasets: {", "is not YAML"),
    "a list as a key": ("? [a, b]\n: c\n", "line 1: a key must be a name"),
    "a mapping as a key": ("datasets:\n  ? {a: b}\n  : c\n", "line 2: a key must be a name"),
    "a number as a key": (SMALL + "1: 2\n", "1 is not a known key"),
    "a number as a name": ("datasets: {1: {source: scores}}\n", "the name 1 must be text"),
    "no key": (SMALL + "? \n: 2\n", "None is not a known key"),
    "a key twice": (SMALL + "datasets: {}\n", "line 3: the key 'datasets' appears twice"),
    "deep lists": ("datasets: " + "[" * 2000 + "]" * 2000, "nested more than 50 deep"),
    "deep mappings": ("{a: " * 2000 + "}" * 2000, "nested more than 50 deep"),
    "deep blocks": ("- " * 2000 + "x", "nested more than 50 deep"),
    "no end of brackets": ("[" * 100_000, "nested more than 50 deep"),
    "doubled aliases": (f"datasets:\n{doubled(60)}\n", "aliases expand to too many"),
    "doubled aliases in a field": (
        f"x:\n{doubled(40)}\n" + EXPERIMENT.replace("MORE", "labels: *a40"),
        "aliases expand to too many",
    ),
    "a long text, doubled": (f"datasets:\n{doubled(40, 'x' * 10_000)}\n", "aliases expand to too"),
    "doubled merges": (f"datasets:\n{merged(60)}\n", "aliases expand to too many"),
    "a chain of aliases": (f"datasets:\n{chained(2000)}\n", "aliases expand to too many"),
    "an alias of itself": ("datasets: &a [*a]\n", "an alias refers to a value that contains it"),
    "a merge of itself": ("datasets: &a {<<: *a}\n", "an alias refers to a value that contains it"),
    "an alias of nothing": ("datasets: *nobody\n", "is not YAML: found undefined alias"),
    "a Python object": ("datasets: !!python/object/apply:os.getcwd []\n", "is not YAML"),
    "a set": ("datasets: !!set {a}\n", "is not YAML"),
    "no number": ("datasets: !!int many\n", "is not YAML"),
    "an empty number": ("datasets: !!float ''\n", "is not YAML"),
    "no truth": ("datasets: !!bool maybe\n", "is not YAML"),
    "no mapping": ("datasets: !!map [a]\n", "is not YAML"),
    "a number without an end": (f"datasets: {'9' * 10_000}\n", "is not YAML"),
    "training: fast": (SMALL + "training: fast\n", "training: input should be a mapping.*'fast'"),
    "training: no": (SMALL + "training: no\n", "training: input should be a mapping.*False"),
    "training of one: fast": (
        EXPERIMENT.replace("MORE", "training: fast"),
        "experiments.e.training: input should be a mapping.*'fast'",
    ),
    "epochs: 1e30": (SMALL + "training: {epochs: 1e30}\n", "training.epochs: .*not 1e.30"),
    "epochs: .inf": (SMALL + "training: {epochs: .inf}\n", "training.epochs: .*whole number"),
    "learning_rate: .nan": (SMALL + "training: {learning_rate: .nan}\n", "learning_rate: .*finite"),
    "batches": (SMALL + "training: {batch_size: 100000000000}\n", "batch_size: .* 65536, not"),
    "shards: 1e7": ("datasets: {d: {source: scores, shards: 1e7}}", "d.shards: .*whole number"),
    "many shards": ("datasets: {d: {source: scores, shards: 10000000}}", "d.shards: .* 10000,"),
    "date": ("datasets: {d: {source: 2020-13-45}}", "d.source: there is no '2020-13-45'"),
}


@pytest.mark.parametrize(("text", "said"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_one_line_without_a_traceback(tmp_path, monkeypatch, capsys, text, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["check"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert len(told) < 500
    with pytest.raises(DeepmirError, match=said):
        raise DeepmirError(told)


def test_a_folder_of_its_name_is_no_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").mkdir()
    assert main(["check"]) == 1
    assert "params.yaml cannot be read: Is a directory" in capsys.readouterr().err


def read(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return yaml_file.read(path)


def test_an_exponent_makes_a_number_and_a_date_does_not(tmp_path):
    text = "{a: 1e-3, b: 2E5, c: 2020-01-01, d: 1.5e+2, e: e3, f: 1e}"
    wanted = {"a": 0.001, "b": 200_000.0, "c": "2020-01-01", "d": 150.0, "e": "e3", "f": "1e"}
    assert read(tmp_path, text) == wanted


def test_a_byte_order_mark_is_passed_over(tmp_path):
    assert read(tmp_path, SMALL.encode("utf-8-sig")) == read(tmp_path, SMALL)


def test_aliases_and_merges_that_end_are_read(tmp_path):
    text = "a: &a {x: 1, y: [2]}\nb: {<<: *a, x: 3}\nc: [*a, *a]\n"
    a = {"x": 1, "y": [2]}
    assert read(tmp_path, text) == {"a": a, "b": {"x": 3, "y": [2]}, "c": [a, a]}
