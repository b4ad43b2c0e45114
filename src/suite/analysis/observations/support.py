"""How many rows stand behind a figure of a board, and which models and classes observations are about."""

from __future__ import annotations

from suite.analysis.board import Board, Row
from suite.analysis.confusion import Matrix
from suite.analysis.intervals import wilson
from suite.analysis.observations.words import is_one_name

LEAST_ROWS = 30
"""Of a class with fewer test rows nothing is said, nor of a table."""


def leading(board: Board) -> Row | None:
    """Return the first model that looks at the features."""
    return next((row for row in board.ranked if row.family != "baseline"), None)


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
