"""What is worth saying of models that the metric cannot tell from one that does not look at the features."""

from __future__ import annotations

from collections.abc import Iterator

from suite.analysis.board import Board, Row
from suite.analysis.comparison import Comparisons, Pair
from suite.analysis.observations.support import LEAST_ROWS
from suite.analysis.observations.words import NAMED, class_name, listed
from suite.metrics import METRICS

WITNESSES = ("roc_auc", "log_loss", "balanced_accuracy", "accuracy")
"""By these a model without skill is not better than class frequencies; it is by macro F1, where it guesses."""
WELL = 0.70
"""ROC AUC from which on rows are ranked well, and not only better than by chance."""


def floor(board: Board) -> Iterator[str]:
    """Yield which models the metric cannot tell from the baseline, and what other metrics say of these."""
    dummy = next((row for row in board.ranked if row.family == "baseline"), None)
    comparisons = board.comparisons
    if dummy is None or comparisons is None or comparisons.n_rows < LEAST_ROWS:
        return
    witnesses = [name for name in WITNESSES if name != board.metric]
    equal: list[Row] = []
    worse: list[Row] = []
    without: list[Row] = []
    for row in board.ranked:
        pair = comparisons.pair(board.metric, row.model, dummy.model)
        if row.family == "baseline" or pair is None or _is_better(pair):
            continue
        if _wins(comparisons, "roc_auc", row, dummy):
            (worse if pair.is_real else equal).append(row)
        elif not any(_wins(comparisons, name, row, dummy) for name in witnesses):
            without.append(row)
    metric = METRICS[board.metric].within_sentence
    constant = _constant(board, dummy)
    if equal:
        text = f"{metric} cannot tell {_models(equal)} from {constant}, but {_ranks(equal)}."
        yield text[0].upper() + text[1:]
    if worse:
        yield f"By {metric}, {_models(worse)} {_are(worse)} worse than {constant}, but {_ranks(worse)}."
    asked = [
        name for name in witnesses if all(comparisons.pair(name, row.model, dummy.model) for row in without)
    ]
    if without and asked:
        by = listed([metric, *(METRICS[name].within_sentence for name in asked)], "or")
        yield (
            f"{comparisons.n_rows:,} test rows do not show that {_models(without)} {_are(without)} better than "
            f"{dummy.model}, which does not look at the features: not by {by}."
        )


def _is_better(pair: Pair) -> bool:
    return pair.is_real and (pair.difference > 0) == METRICS[pair.metric].higher_is_better


def _wins(comparisons: Comparisons, metric: str, row: Row, dummy: Row) -> bool:
    pair = comparisons.pair(metric, row.model, dummy.model)
    return pair is not None and _is_better(pair)


def _constant(board: Board, dummy: Row) -> str:
    """Return what the baseline does: `always saying no`, or its name where it does not say one class alone."""
    columns = [any(counts) for counts in zip(*board.confusion.get(dummy.model, ()), strict=True)]
    return (
        f"always saying {class_name(board.classes[columns.index(True)])}"
        if sum(columns) == 1
        else dummy.model
    )


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
