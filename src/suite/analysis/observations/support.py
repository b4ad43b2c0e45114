"""What stands behind a figure of a board: how many rows, which models, and whether these are better than chance."""

from __future__ import annotations

from math import sqrt

from suite.analysis.board import Board, Row
from suite.analysis.comparison import OVERALL, Comparisons, Pair
from suite.analysis.confusion import Matrix
from suite.analysis.intervals import wilson
from suite.analysis.pairs import ALPHA
from suite.analysis.words import is_one_name
from suite.metrics import METRICS

LEAST_ROWS = 30
"""Of a class with fewer test rows nothing is said, nor of a table."""
LEAST_OF_RAREST = 10
"""Test rows of the rarest class from which on metrics that look at classes one by one are witnesses."""
WITNESSES = ("roc_auc", "log_loss", "balanced_accuracy", "accuracy")
"""By these a model without skill is not better than class frequencies; it is by macro F1, where it guesses."""
BEYOND_CHANCE = 2.5
"""Standard errors by which Cohen's kappa has to be above 0; 0.6 %, as each of four witnesses has on its side."""


def leading(board: Board) -> Row | None:
    """Return the first model that looks at the features."""
    return next((row for row in board.ranked if row.family != "baseline"), None)


def baseline(board: Board) -> Row | None:
    """Return the first model that does not look at the features."""
    return next((row for row in board.ranked if row.family == "baseline"), None)


def witnesses(board: Board) -> tuple[str, ...]:
    """Return the metrics that tell skill from none, without those that rest on a handful of rows of a class."""
    matrices = [board.confusion[row.model] for row in board.ranked if row.model in board.confusion]
    rarest = min(support(board, matrices[0])) if matrices else 0
    return tuple(name for name in WITNESSES if name in OVERALL or rarest >= LEAST_OF_RAREST)


def is_better(pair: Pair) -> bool:
    """Tell whether the first of two models is really the better one."""
    return pair.is_real and (pair.difference > 0) == METRICS[pair.metric].higher_is_better


def wins(comparisons: Comparisons, metric: str, row: Row, other: Row) -> bool:
    """Tell whether a model is really better than another, by a metric that both have."""
    pair = comparisons.pair(metric, row.model, other.model)
    return pair is not None and is_better(pair)


def beats_floor(board: Board, row: Row) -> bool:
    """Tell whether anything shows that a model is better than one that does not look at the features.

    One of `witnesses` has to say so, at 5 % over all of them (Bonferroni): the best of several models without skill is
    lucky often enough. Where the board has no baseline, or nothing compares the two, the model's answers have to agree
    with the truth more often than by chance: Cohen's kappa, from the confusion matrix. Without one, nothing shows it.
    """
    floor, comparisons = baseline(board), board.comparisons
    if row.family == "baseline":
        return False
    if floor and comparisons:
        found = [comparisons.pair(name, row.model, floor.model) for name in witnesses(board)]
        if pairs := [pair for pair in found if pair]:
            return any(is_better(pair) and pair.p < ALPHA / len(pairs) for pair in pairs)
    matrix = board.confusion.get(row.model)
    return matrix is not None and agrees_beyond_chance(matrix, repeats(board, matrix))


def agrees_beyond_chance(matrix: Matrix, times: float) -> bool:
    """Tell whether Cohen's kappa is above 0; `times` is how often each row stands in the matrix.

    The standard error is that without agreement: J. L. Fleiss, J. Cohen and B. S. Everitt, Large sample standard errors
    of kappa and weighted kappa, Psychological Bulletin 72 (1969), pages 323-327.
    """
    n = sum(map(sum, matrix))
    if not n:
        return False
    shares = [
        (sum(row) / n, sum(column) / n) for row, column in zip(matrix, zip(*matrix, strict=True), strict=True)
    ]
    seen = sum(row[k] for k, row in enumerate(matrix)) / n
    by_chance = sum(true * said for true, said in shares)
    variance = by_chance + by_chance**2 - sum(true * said * (true + said) for true, said in shares)
    error = sqrt(max(variance, 0.0) * times / n)
    return seen - by_chance > max(BEYOND_CHANCE * error, 1e-12)


def repeats(board: Board, matrix: Matrix) -> float:
    """Return how often each row stands in a matrix that is summed over repeated splits, 1 or more."""
    return max(1.0, sum(map(sum, matrix)) / board.n_rows) if board.n_rows else 1.0


def support(board: Board, matrix: Matrix) -> list[int]:
    """Return the different test rows of each class."""
    times = repeats(board, matrix)
    return [int(sum(row) / times) for row in matrix]


def share_between(count: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `n` rows; `count` need not be whole."""
    return wilson(min(count, n), n)[:2]


def f1_between(board: Board, matrix: Matrix, place: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a class's F1; None where no row has to do with the class.

    F1 is 2J / (1 + J), where J is the share of the hits among all rows that are of the class or taken for it. The
    interval is Wilson's of J, carried over: the indirect method of Lam, Gopal and Qian 2023, arXiv 2309.14621.
    """
    hits = matrix[place][place]
    union = sum(matrix[place]) + sum(row[place] for row in matrix) - hits
    n = int(union / repeats(board, matrix))
    if n < 1:
        return None
    low, high = share_between(hits / union * n, n)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def is_written_twice(board: Board, name: str) -> bool:
    """Tell whether another class has the same name, written in another way: confusing the two is no wonder."""
    return any(name != other and is_one_name(name, other) for other in board.classes)
