"""What holds of every figure, of boards of every shape."""

from __future__ import annotations

from dataclasses import replace

import pytest

from suite.metrics import METRICS
from suite.report.drawing import COLOURS
from suite.report.figures.catalogue import FIGURES, drawings
from suite.report.svg import standalone


@pytest.mark.parametrize(("models", "classes"), [(2, 2), (3, 10), (16, 10), (5, 100), (40, 3)])
def test_every_figure_is_sound_whatever_the_size(board_like, is_sound, models: int, classes: int):
    board = board_like(models, classes, n_splits=1 + models % 3)
    found = drawings(board)
    names = {drawing.name.partition("-model")[0] for drawing in found}
    assert names >= {
        "ranking",
        "differences",
        "fit-time",
        "latency",
        "classes",
        "confusion",
        "curves",
        "searches",
    }
    for drawing in found:
        is_sound(drawing)


def test_every_figure_is_sound_whatever_the_names(board_like, is_sound, hostile):
    board = board_like(len(hostile), len(hostile), hostile, classes=[*hostile])
    board = replace(board, positive=hostile[0])
    found = drawings(board)
    names = [drawing.name for drawing in found]
    assert len({*names}) == len(names)
    for drawing in found:
        is_sound(drawing)
        assert all(c.isalnum() or c in "-_." for c in drawing.name)


def test_a_board_without_scores_has_no_figure(board_like):
    board = board_like(3, 3)
    nobody = replace(
        board, rows=board.rows[-1:], confusion={}, curves={}, calibration={}, gains=(), comparisons=None
    )
    assert drawings(nobody) == []


def test_without_predictions_and_times_what_is_left_is_drawn(board_like, is_sound):
    found = drawings(board_like(4, 3, full=False))
    assert [drawing.name for drawing in found] == ["ranking", "classes"]
    for drawing in found:
        is_sound(drawing)


@pytest.mark.parametrize("metric", ["log_loss", "roc_auc"])
def test_a_board_by_another_metric_is_drawn_by_it(board_like, is_sound, metric: str):
    board = replace(board_like(6, 4), metric=metric)
    for drawing in drawings(board):
        is_sound(drawing)
    assert METRICS[metric].within_sentence in FIGURES["ranking"].draw(board).title


@pytest.mark.parametrize("score", [0.0, 1.0, 1e-12, 0.5])
def test_models_of_equal_scores_are_drawn(board_like, is_sound, score: float):
    board = board_like(4, 3)
    rows = [replace(row, scores={**row.scores, "accuracy": score}, interval=None) for row in board.ranked]
    timing = dict.fromkeys(rows[0].timing, 0.0)
    for drawing in drawings(replace(board, rows=tuple(replace(row, timing=timing) for row in rows))):
        is_sound(drawing)


def test_two_runs_give_the_same_bytes(board_like):
    one, other = (drawings(board_like(5, 4)) for _ in range(2))
    assert [standalone(drawing) for drawing in one] == [standalone(drawing) for drawing in other]


def test_a_role_that_marks_have_is_a_class_that_the_stylesheet_has(board_like):
    style = standalone(drawings(board_like(3, 3))[0]).partition("</style>")[0]
    assert all(f".f-{role}{{" in style and f".s-{role}{{" in style for role in COLOURS)
