import json

import pytest

from deepmir.drawing import figures
from deepmir.errors import DeepmirError

HISTORY = """epoch,learning_rate,train/loss,validation/f_measure,validation/loss
1,0.1,2.0,0.5,2.5
2,0.1,1.0,0.7,1.5
3,0.1,0.5,,1.6
"""


@pytest.fixture
def history(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(HISTORY)
    (tmp_path / "card.json").write_text(json.dumps({"training": {"best": {"epoch": 2}}}))
    return path


def drawn(axis):
    return {line.get_label(): list(line.get_ydata()) for line in axis.lines}


def test_losses_above_scores_below(history):
    losses, scores = figures.learning_curves(history).axes
    assert drawn(losses)["training"] == [2.0, 1.0, 0.5]
    assert drawn(losses)["validation"] == [2.5, 1.5, 1.6]
    assert drawn(scores)["f_measure"][:2] == [0.5, 0.7]
    assert scores.get_xlabel() == "epoch"


def test_what_was_kept_is_marked(history):
    losses, _ = figures.learning_curves(history).axes
    assert losses.get_title(loc="right") == "kept: epoch 2"
    assert [2, 2] in [list(line.get_xdata()) for line in losses.lines]


def test_without_a_card_nothing_is_marked(history):
    (history.parent / "card.json").unlink()
    losses, _ = figures.learning_curves(history).axes
    assert set(drawn(losses)) == {"training", "validation"}


def test_a_baseline_is_drawn_against_what_was_chosen(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("C,validation/accuracy\n0.01,0.4\n1,0.6\n100,0.5\n")
    (axis,) = figures.learning_curves(path).axes
    assert axis.get_xlabel() == "C"
    assert axis.get_xscale() == "log"


def test_the_same_values_give_the_same_svg(history):
    first, second = (figures.svg(figures.learning_curves(history)) for _ in range(2))
    assert first == second
    assert b"<dc:date>" not in first


@pytest.mark.parametrize("text", ["", "epoch,validation/loss\n1,high\n", "epoch,validation/loss\n"])
def test_a_broken_history_is_named(tmp_path, text):
    path = tmp_path / "history.csv"
    path.write_text(text)
    with pytest.raises(DeepmirError, match=r"history\.csv is not a table of numbers"):
        figures.learning_curves(path)


def test_a_missing_history_is_named(tmp_path):
    with pytest.raises(DeepmirError, match=r"history\.csv is missing"):
        figures.learning_curves(tmp_path / "history.csv")
