import csv

from deepmir.training.history import History


def test_a_metric_that_the_first_epoch_has_not_is_a_column(tmp_path):
    history = History("structure", 2)
    history.rows = [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.4, "deviation": 3.0}]
    history.write(tmp_path / "history.csv")
    with (tmp_path / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["deviation"] for row in rows] == ["", "3.0"]
    assert history.best("loss", "min") == history.rows[1]
