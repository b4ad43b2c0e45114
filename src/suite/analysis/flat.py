"""A line of a board as plain figures under their names: what tables for programs are made of."""

from __future__ import annotations

from typing import Any

from suite.analysis.board import Board, Row


def flat(board: Board, row: Row) -> dict[str, Any]:
    """Return all that is told of a model, in full precision; None where there is no figure."""
    found: dict[str, Any] = {"dataset": board.dataset, "target": board.target, "protocol": board.protocol}
    found |= {"metric": board.metric, "rank": row.rank, "model": row.model, "family": row.family}
    found |= {"source": row.source, "n_ok": row.n_ok, "n_cells": row.n_cells}
    low, high = row.interval[:2] if row.interval else (None, None)
    pair = row.to_best
    beside = {
        "to_best": pair and pair.difference,
        "to_best_low": pair and pair.low,
        "to_best_high": pair and pair.high,
    }
    found |= {"status": row.status, "tied": row.tied, **row.scores, "low": low, "high": high}
    return {**found, **beside, **row.timing, **row.resources}
