"""The columns of tables that rest on predictions: intervals of all metrics, pairs of models, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import attrgetter

from suite.analysis.amounts import bare
from suite.analysis.board import Board, Row
from suite.analysis.comparison import Pair
from suite.metrics import METRICS
from suite.report.blocks import Field
from suite.report.columns import NAME_LEAST, SCORES
from suite.report.text import number, span


def intervals(board: Board) -> list[Field]:
    """Return a column for each metric that has intervals, of scores with their ends."""
    found = board.comparisons
    standings = found.standings if found else {}
    asked = dict.fromkeys((board.metric, *SCORES))

    def field(metric: str) -> Field:
        standing = standings[metric]
        places = {model: place for place, model in enumerate(found.models if found else ())}

        def value(row: Row) -> tuple[float | None, float | None, float | None] | None:
            place = places[row.model]
            ends = standing.low[place], standing.high[place]
            return None if None in ends else (standing.scores[place], *ends)

        return Field(METRICS[metric].label.replace(" ", "\n", 1), value, _with_ends, 50)

    return [field(metric) for metric in asked if metric in standings and standings[metric].low]


def _with_ends(found: Sequence[float | None]) -> str:
    score, low, high = found
    return f"{number(score, '.3f')} ({number(low, '.3f')}, {number(high, '.3f')})"


def comparisons(board: Board) -> list[Field]:
    """Return the columns of the table of pairs."""
    metric = METRICS[board.metric]

    def ends(pair: Pair) -> tuple[float, float]:
        return pair.low, pair.high

    def interval(found: tuple[float, float]) -> str:
        return " to ".join(bare(end, metric) for end in found)

    unit = "points" if metric.higher_is_better else metric.within_sentence
    return [
        Field("Model", attrgetter("first"), importance=99, text=True, least=NAME_LEAST),
        Field("less model", attrgetter("second"), importance=98, text=True, least=NAME_LEAST),
        Field(
            f"Difference,\n{unit}",
            attrgetter("difference"),
            lambda d: bare(d, metric, signed=True),
            97,
        ),
        Field("95 %\ninterval", ends, interval, 96),
        Field("p", attrgetter("p"), lambda p: f"{p:.3f}" if p >= 0.001 else "<0.001", 95),
        Field("Real", lambda pair: "yes" if pair.is_real else "not shown", importance=94, text=True),
        Field("Only first\nright", attrgetter("only_first"), "{:,.4g}".format, 60),
        Field("Only second\nright", attrgetter("only_second"), "{:,.4g}".format, 60),
    ]


def calibration(board: Board) -> list[Field]:
    """Return columns that say what each model's probabilities are worth."""

    def figure(title: str, name: str, importance: int) -> Field:
        def value(row: Row) -> float:
            return float(getattr(board.calibration[row.model], name))

        return Field(title, value, partial(number, fmt=".4f"), importance)

    def error(row: Row) -> tuple[float, float, float]:
        found = board.calibration[row.model]
        return found.ece, found.ece_low, found.ece_high

    return [
        Field("Calibration\nerror (95 %)", error, _with_ends, 90),
        figure("Brier\nscore", "brier", 80),
        figure("Mis-\ncalibration", "miscalibration", 70),
        figure("Discrimi-\nnation", "discrimination", 60),
        figure("Un-\ncertainty", "uncertainty", 50),
    ]


RELIABILITY = (
    Field("It says", attrgetter("probability"), partial(number, fmt=".3f"), 9),
    Field("It is so", attrgetter("share"), partial(number, fmt=".3f"), 9),
    Field("95 %\ninterval", lambda found: (found.low, found.high), lambda ends: span(*ends), 8),
    Field("Rows", attrgetter("rows"), "{:,}".format, 7),
)
"""A line is of a bin of rows whose probabilities are next to each other."""
