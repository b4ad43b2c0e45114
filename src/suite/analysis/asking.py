"""What is asked of boards by name: which board, and what it has of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from suite.analysis.board import Board
from suite.analysis.comparison import Pair
from suite.errors import UnknownName, UsageError

T = TypeVar("T")


def board_at(boards: Sequence[Board], position: int | None) -> Board:
    """Return the board at a position, or the only one; UsageError if it is open which one is meant."""
    if position is None and len(boards) == 1:
        return boards[0]
    if isinstance(position, int) and 0 <= position < len(boards):
        return boards[position]
    known = ", ".join(f"{i} ({board.name}, {board.protocol})" for i, board in enumerate(boards))
    raise UsageError(f"board is the position of a board, one of {known}; not {position!r}")


def of_model(model: str, board: Board, found: Mapping[str, T], what: str, otherwise: str) -> T:
    """Return what a board has of a model; `otherwise` says why it may have none of one that has a score.

    UnknownName if the board has no such model, UsageError if it has nothing of it.
    """
    if model not in found:
        status = next((row.status for row in board.rows if row.model == model), None)
        if status is not None:
            why = otherwise if status == "ok" else status.replace("_", " ")
            raise UsageError(f"{model} has no {what} on this board: {why}")
        raise UnknownName("model on this board", model, found)
    return found[model]


def pair_of(first: str, second: str, board: Board) -> Pair:
    """Return two models of a board beside each other, by its metric.

    UnknownName if the board has no such model, UsageError if the two were not compared.
    """
    known = [row.model for row in board.rows]
    for model in (first, second):
        if model not in known:
            raise UnknownName("model on this board", model, known)
    if first == second:
        raise UsageError(f"{first} is not compared with itself: name two models")
    pair = board.comparisons.pair(board.metric, first, second) if board.comparisons else None
    if pair is None:
        raise UsageError(
            f"{first} and {second} were not compared on this board: one has no predictions here, or is not ranked"
        )
    return pair
