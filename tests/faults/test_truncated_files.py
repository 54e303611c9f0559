"""Truncated files: named, with the command to remake them, or read as before."""

from pathlib import Path

import pytest
from faulty_line import STAGES

# Each kind of file, and a stage that reads it.
READ = {
    "data/raw/tiny/index/0000.json": "downmix",
    "data/audio/tiny/*/0000.h5": "features",
    "data/features/tiny/cqt-*/0000.h5": "predict",
    "models/key-tiny/card.json": "predict",
    "models/key-tiny/model.safetensors": "predict",
    "models/key-tiny/history.csv": "report",
    "data/predictions/key-krumhansl/index.json": "evaluate",
    "data/predictions/key-krumhansl/jams/*.jams": "evaluate",
    "reports/scores/key-krumhansl.json": "report",
}
CUTS = 7


@pytest.mark.parametrize("pattern", READ)
def test_cut_at_a_kilobyte_or_elsewhere(line, pattern, capfd):
    stage, path = STAGES[READ[pattern]], sorted(Path().glob(pattern))[0]
    data, wanted = path.read_bytes(), stage.made()
    step = 1024 * max(1, len(data) // (CUTS * 1024))
    for kept in sorted({*range(0, len(data), step), 1, len(data) // 2, len(data) - 2}):
        path.write_bytes(data[:kept])
        status = stage.run()
        said = capfd.readouterr().err
        if status:
            assert str(path) in said
            assert "Traceback" not in said
            assert "`snakemake --cores 2 --force " in said, said
        else:
            assert stage.made() == wanted
