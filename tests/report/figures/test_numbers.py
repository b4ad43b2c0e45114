"""Every number on a figure is the board's."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from suite.analysis.amounts import bare
from suite.analysis.confusion import shares
from suite.analysis.front import paid, pareto
from suite.metrics import METRICS
from suite.report.drawing import Dot, Group, Line, Rect, Words
from suite.report.figures.classes import MOST, classes
from suite.report.figures.confusion import confusion
from suite.report.figures.cost import fit_time, latency
from suite.report.figures.curves import curves
from suite.report.figures.differences import differences
from suite.report.figures.ranking import ranking
from suite.report.figures.reliability import SHOWN, reliability
from suite.report.figures.searches import searches
from suite.report.text import number, percent

ACCURACY = METRICS["accuracy"]


@pytest.fixture(scope="module")
def board(board_like):
    return board_like(16, 5, half=0.05)


def test_the_ranking_shows_each_score_once_and_marks_the_tied(board, texts, tips):
    shown = [row for row in board.rows if row.scores["accuracy"] is not None]
    figures = [text for text in texts(ranking(board)) if re.fullmatch(r"\d\.\d{4}", text)]
    assert figures == [number(row.scores["accuracy"]) for row in shown]
    assert texts(ranking(board)).count("=") == len(board.tied) + 1  # and the legend's
    for row, tip in zip(shown, tips(ranking(board)), strict=True):
        assert tip.startswith(f"{row.model}: accuracy {number(row.scores['accuracy'])}")
        assert f"{number(row.interval.low)} to {number(row.interval.high)}" in tip
        assert ("may be the best" in tip) == row.tied


def test_a_better_score_stands_further_right_whatever_the_direction(board):
    for metric in ("accuracy", "log_loss"):
        by = replace(board, metric=metric)
        drawing = ranking(by)
        scored = [row for row in by.ranked if row.family != "baseline"]
        dots = {}
        for mark in drawing.marks:
            if isinstance(mark, Group):
                dots |= {mark.tip.partition(":")[0]: m.x for m in mark.marks if isinstance(m, Dot)}
        best = sorted(scored, key=lambda row: row.scores[metric], reverse=METRICS[metric].higher_is_better)
        places = [dots[row.model] for row in best if row.model in dots]
        assert len(places) > 3
        assert places == sorted(places, reverse=True)


def test_what_the_ranking_says_in_words_is_what_it_shows(board):
    others = len(board.tied) - 1
    said = f"{board.best.model} leads with {number(board.best.scores['accuracy'])}; "
    assert ranking(board).alt == f"{said}{others} of the {len(board.ranked) - 1} other models may be as good."


def test_the_baseline_leaves_the_others_their_room(board):
    xs = [m.x for g in ranking(board).marks if isinstance(g, Group) for m in g.marks if isinstance(m, Dot)]
    assert max(xs) - min(xs) > 300


def test_differences_are_those_of_the_pairs_each_once(board, texts, tips):
    found, drawing = board.pairs(), differences(board)
    shown = [text for text in texts(drawing) if re.fullmatch(r"[+-]?\d+(\.\d+)?", text)]
    for pair in found:
        assert bare(pair.difference, ACCURACY, signed=True) in shown
    told = tips(drawing)
    assert len(told) == len(found)
    assert sum("they differ" in tip for tip in told) == sum(pair.is_real for pair in found)
    assert drawing.alt.startswith(f"{sum(pair.is_real for pair in found)} of {len(found)} pairs")


def test_what_is_not_shown_to_differ_has_no_colour(board):
    for mark in differences(board).marks:
        if isinstance(mark, Group):
            (box,) = (part for part in mark.marks if isinstance(part, Rect))
            is_real = "they differ" in mark.tip
            assert (box.opacity > 0) == is_real
            if is_real:
                assert (box.role, ": +" in mark.tip) == ("good", True)


def test_many_models_have_no_numbers_but_tips(board_like, texts, tips):
    drawing = differences(board_like(40, 2))
    assert not [text for text in texts(drawing) if re.fullmatch(r"[+-]\d.*", text)]
    assert len(tips(drawing)) == 40 * 39 / 2


@pytest.mark.parametrize(("draw", "key"), [(fit_time, "cost_s"), (latency, "latency_ms_p50")])
def test_the_front_is_named_and_no_label_covers_another(board, texts, draw, key: str):
    drawing, front = draw(board), pareto(paid(board, key), ACCURACY)
    assert {at.row.model for at in front} <= {*texts(drawing)}
    from suite.report.drawing import text_width

    boxes = []
    names = {row.model for row in board.rows}
    for mark in drawing.marks:
        if isinstance(mark, Words) and mark.text in names:
            width = text_width(mark.text, mark.size)
            left = mark.x - {"start": 0, "middle": width / 2, "end": width}[mark.anchor]
            boxes.append((left, mark.y - 0.8 * mark.size, left + width, mark.y))
    assert len(boxes) > 3
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_no_model_of_the_front_is_beaten(board):
    points = paid(board, "cost_s")
    front = pareto(points, ACCURACY)
    for at in points:
        beaten = any(
            o.cost <= at.cost and o.score >= at.score and (o.cost, o.score) != (at.cost, at.score)
            for o in points
        )
        alike = any(f.cost == at.cost and f.score == at.score for f in front)
        assert alike != beaten


def test_classes_are_the_hardest_first_with_their_f1(board, texts, tips):
    drawing = classes(board)
    models = [row.model for row in board.ranked if row.family != "baseline"]
    order = [text for text in texts(drawing) if text in board.classes]
    hardness = [max(board.per_class_f1[model][name] for model in models) for name in order]
    assert hardness == sorted(hardness)
    wanted = [f"{name}, {m}: F1 {number(board.per_class_f1[m][name])}" for name in order for m in models]
    assert tips(drawing) == wanted


def test_of_very_many_classes_the_hardest_are_shown_and_it_is_said(board_like, texts):
    board = board_like(2, 100)
    assert len([text for text in texts(classes(board)) if text in board.classes]) == MOST
    assert classes(board).alt.endswith("The 60 hardest of 100 classes are shown.")


def test_a_confusion_matrix_has_the_counts_and_shares(board, texts, tips):
    model = board.best.model
    matrix, drawing = board.confusion[model], confusion(board, model)
    cells = [(i, j) for i, row in enumerate(matrix) for j, count in enumerate(row) if count]
    assert [text for text in texts(drawing) if text.isdigit()] == [str(matrix[i][j]) for i, j in cells]
    parts = shares(matrix)
    assert tips(drawing) == [
        f"{board.classes[i]} called {board.classes[j]}: {matrix[i][j]} ({percent(parts[i][j])})"
        for i, j in cells
    ]
    assert confusion(board, "nobody") is None


def test_many_classes_have_no_numbers_in_a_matrix(board_like, texts):
    board = board_like(2, 100)
    assert not [text for text in texts(confusion(board, board.best.model)) if text.isdigit()]


def test_a_learning_curve_has_its_best_epoch_and_gap(board, tips):
    told = tips(curves(board))
    assert len(told) == len(board.curves)
    for tip in told:
        curve = board.curves[tip.partition(":")[0]]
        loss = curve.steps["val_loss"]
        best = loss.index(min(loss)) + 1
        assert f"best after epoch {best}: {number(min(loss))}" in tip
        assert f"{100 * (curve.train - curve.validation):.1f} points apart" in tip


def test_a_curve_is_broken_where_a_figure_is_missing(board):
    model, curve = next(iter(board.curves.items()))
    steps = {"loss": (1.0, 0.9, None, 0.7, 0.6)}
    drawing = curves(replace(board, curves={model: replace(curve, steps=steps)}))
    (group,) = (mark for mark in drawing.marks if isinstance(mark, Group))
    assert [len(mark.points) for mark in group.marks if isinstance(mark, Line)] == [2, 2]


def test_reliability_tells_every_bin_of_the_best_models(board, tips):
    models = [row.model for row in board.ranked if row.model in board.calibration][:SHOWN]
    bins = [(model, part) for model in models for part in board.calibration[model].curve]
    told = tips(reliability(board))
    assert len(told) == len(bins)
    for tip, (model, part) in zip(told, bins, strict=True):
        assert tip.startswith(f"{model} says {part.probability:.3f}: so in {part.share:.3f} ")
        assert tip.endswith(f"of {part.rows} rows")


def test_a_search_shows_every_trial_and_the_one_it_chose(board, tips):
    told = tips(searches(board))
    assert len(told) == sum(len(gain.history) for gain in board.gains)
    assert sum(tip.endswith(", chosen") for tip in told) == len(board.gains)
    trials = [(gain, trial) for gain in board.gains for trial in gain.history]
    for tip, (_, trial) in zip(told, trials, strict=True):
        assert (f"log loss {number(trial.score)}" in tip) == (trial.score is not None)
