"""Absurd declarations: refused at once, in one line, before they take memory."""

import resource
import time

import pytest

import tiny
from deepmir.declarations import loading
from deepmir.errors import DeepmirError


def changed(before, after):
    assert before in tiny.DECLARED
    return tiny.DECLARED.replace(before, after).encode()


BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]\n" for i in range(1, 40)
)
HOSTILE = {
    "Latin-1": "# Bücher\n".encode("latin-1") + tiny.DECLARED.encode(),
    "UTF-16": tiny.DECLARED.encode("utf-16"),
    "zeros": bytes(1000),
    "null": b"null",
    "a list": b"[]",
    "a text": b"text",
    "open": b"{",
    "2000 levels": b"training: " + b"[" * 2000,
    "2000 mappings": b"{a: " * 2000,
    "aliases": BOMB.encode(),
    "aliases in a field": changed("drop=0.2) - d1\n", "d1\n") + BOMB.encode(),
    "an alias of itself": b"datasets: &a [*a]",
    "a list as a key": b"? [a, b]\n: 1\n",
    "a mapping as a key": b"? {a: b}\n: 1\n",
    "twice": tiny.DECLARED.encode() + b"\ntraining: {}\n",
    "an object": b"training: !!python/object/apply:os.system [ls]",
    "long": b"#" * 2**21,
    "training: fast": changed("training: {epochs: 3", "training: fast\nevaluation: {seed: 3"),
    **{
        f"{key}: {value}": changed(f"{key}: {was}", f"{key}: {value}")
        for key, was in (("epochs", "3"), ("batch_size", "4"), ("shards", "2"), ("hop", "441,"))
        for value in ("1e30", ".inf", ".nan", "-1", "0", "1e7", "100000000000", "null", "[]", "{}")
        if key != "hop"
    },
    "window": changed("window: 1024", "window: 17179869184"),
    "bins": changed("bins: 20", "bins: 1000000000"),
    "hop": changed("hop: 441, window", "hop: 0, window"),
    "learning_rate": changed("learning_rate: 0.01", "learning_rate: .inf"),
    "patch_seconds": changed("patch_seconds: 4", "patch_seconds: 1e30"),
    "max_failures": changed("max_failures: 0.2", "max_failures: 7"),
    "wide": changed("r1(8) - d1", "r1(99999999999) - d1"),
    "deep": changed("r1(8) - d1", "[" * 2000),
    "repeated": changed("r1(8) - d1", "100x[100x[100x[d1(4)]]] - d1"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused_at_once(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_bytes(HOSTILE[name])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    with pytest.raises(DeepmirError, match=r"params\.yaml") as refused:
        loading.load()
    assert time.process_time() - begun < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 100_000  # kB
    assert len(str(refused.value)) < 1000
