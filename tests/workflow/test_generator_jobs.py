"""Snakemake's jobs for a generator: training, generating and judging are separate rules."""

import re
from pathlib import Path

import pytest
import yaml
from dry_line import pretend, snakemake, touch

import tiny
from deepmir import paths
from deepmir.declarations import generated, loading

TRAINING = "Training auto: logs/train/auto.log"
GENERATING = "Generating with auto"
JUDGING = "Judging auto on the test tracks and by its generated samples"


def declare(**changes):
    raw = yaml.safe_load(tiny.DECLARED)
    row = {"kind": "pca", "dataset": "tiny", "representation": "mel", "samples": 3, **changes}
    raw["generators"] = {"auto": row}
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    return generated.resolve(loading.load(), "auto")


def said():
    told = snakemake("-n", str(paths.judgement("auto")))
    return sorted(re.findall(r"^Job \d+: (.+)$", told, re.M))


@pytest.mark.slow
def test_what_is_generated_has_a_rule_and_reruns_alone(tmp_path, monkeypatch):
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    entry = declare()
    audio = entry.files.audio(entry.representation.sample_rate)
    pretend([], beside=[*entry.files.described, *audio, *entry.arrays])
    assert said() == sorted([TRAINING, GENERATING, JUDGING])
    assert str(paths.generated("auto")) == "data/generated/auto/index.json"
    made = [entry.folder / name for name in ("model.safetensors", "card.json", "history.csv")]
    pretend([], beside=[*made, paths.generated("auto"), paths.judgement("auto")])
    touch(str(paths.judgement("auto")))
    declare(samples=4)
    assert said() == sorted([GENERATING, JUDGING])
    declare(code=5)
    assert said() == sorted([TRAINING, GENERATING, JUDGING])
