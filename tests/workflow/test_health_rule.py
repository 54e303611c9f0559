"""What `training.health` writes is an output: deleting it reruns what makes it."""

import shutil
from pathlib import Path

import programs

ROOT = Path(__file__).parents[2]


def test_the_table_of_health_is_asked_for_where_it_is_declared(root):
    shutil.copy(ROOT / "Snakefile", root)
    text = (root / "params.yaml").read_text()
    wanted = "    network: r1(8) - d1\n"
    assert wanted in text
    (root / "params.yaml").write_text(
        text.replace(wanted, f"{wanted}    training: {{health: yes}}\n")
    )
    targets = (
        "models/beat-tiny/health.csv",
        "models/beat-tiny/card.json",
        "models/key-tiny/card.json",
    )
    said = programs.run(["snakemake", "-n", *targets], root)
    counted = [line.split() for line in said.splitlines()]
    assert ["train", "1"] in counted
    assert ["train_with_health", "1"] in counted
