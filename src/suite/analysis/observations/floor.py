"""What is worth saying of models that the metric cannot tell from one that does not look at the features."""

from __future__ import annotations

from collections.abc import Iterator

from suite.analysis.board import Board, Row
from suite.analysis.observations.support import LEAST_ROWS, baseline, is_better, wins, witnesses
from suite.analysis.words import NAMED, class_name, listed
from suite.metrics import METRICS

OF_PROBABILITIES = ("log_loss", "roc_auc", "average_precision", "brier", "ece")
"""Metrics that look at probabilities: by these the baseline does not just say one class."""
WELL = 0.70
"""ROC AUC from which on rows are ranked well, and not only better than by chance."""


def floor(board: Board) -> Iterator[str]:
    """Yield which models the metric cannot tell from the baseline, and what other metrics say of these."""
    dummy, comparisons = baseline(board), board.comparisons
    if dummy is None or comparisons is None or comparisons.n_rows < LEAST_ROWS:
        return
    others = [name for name in witnesses(board) if name != board.metric]
    # Rows are ranked by the probability of one of two classes.
    can_rank = "roc_auc" in others and len(board.classes) == 2
    equal: list[Row] = []
    worse: list[Row] = []
    without: list[Row] = []
    for row in board.ranked:
        pair = comparisons.pair(board.metric, row.model, dummy.model)
        if row.family == "baseline" or pair is None or is_better(pair):
            continue
        if can_rank and wins(comparisons, "roc_auc", row, dummy):
            (worse if pair.is_real else equal).append(row)
        elif not any(wins(comparisons, name, row, dummy) for name in others):
            without.append(row)
    metric = METRICS[board.metric].within_sentence
    constant = _constant(board, dummy)
    if equal:
        text = f"{metric} cannot tell {_models(equal)} from {constant}, but {_ranks(equal)}."
        yield text[0].upper() + text[1:]
    if worse:
        yield f"By {metric}, {_models(worse)} {_are(worse)} worse than {constant}, but {_ranks(worse)}."
    asked = [
        name for name in others if all(comparisons.pair(name, row.model, dummy.model) for row in without)
    ]
    if without and asked:
        by = listed([metric, *(METRICS[name].within_sentence for name in asked)], "or")
        yield (
            f"{comparisons.n_rows:,} test rows do not show that {_models(without)} {_are(without)} better than "
            f"{_blind(dummy)}: not by {by}."
        )


def _blind(dummy: Row) -> str:
    return f"{dummy.model}, which does not look at the features"


def _constant(board: Board, dummy: Row) -> str:
    """Return what the baseline does: `always saying no`, where the metric looks at answers and it has one alone."""
    columns = [any(counts) for counts in zip(*board.confusion.get(dummy.model, ()), strict=True)]
    if board.metric in OF_PROBABILITIES or sum(columns) != 1:
        return _blind(dummy)
    return f"always saying {class_name(board.classes[columns.index(True)])}"


def _models(rows: list[Row]) -> str:
    return listed([row.model for row in rows]) if len(rows) <= NAMED else f"{len(rows)} models"


def _are(rows: list[Row]) -> str:
    return "is" if len(rows) == 1 else "are"


def _ranks(rows: list[Row]) -> str:
    """Return how well models rank the rows by the probability of a class; all have a ROC AUC."""
    found = [auc for row in rows if (auc := row.scores["roc_auc"]) is not None]
    verb = "it ranks" if len(rows) == 1 else "they rank"
    how = "well" if min(found) >= WELL else "better than chance"
    several = len(rows) > NAMED
    figures = f"{min(found):.2f} to {max(found):.2f}" if several else listed([f"{auc:.2f}" for auc in found])
    return f"{verb} the rows {how}: ROC AUC {figures}"
