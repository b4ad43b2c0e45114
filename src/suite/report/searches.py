"""How searches are told: what they cost, what they gave, what they chose."""

from __future__ import annotations

from operator import attrgetter

from suite.analysis.amounts import bare
from suite.analysis.board import Board
from suite.analysis.comparison import Pair
from suite.analysis.gains import Gain
from suite.metrics import METRICS
from suite.report.blocks import Field
from suite.report.columns import name_least
from suite.report.text import inert, number, seconds


def searches(board: Board) -> list[Field]:
    """Return the columns of the table of searches."""
    metric = METRICS[board.metric]
    unit = "points" if metric.higher_is_better else metric.within_sentence

    def inner(title: str, name: str) -> Field:
        return Field(title, lambda gain: (gain.metric, getattr(gain, name)), _inner, 60)

    def change(pair: Pair) -> str:
        low, high = (bare(end, metric) for end in (pair.low, pair.high))
        return f"{bare(pair.difference, metric, signed=True)} ({low}, {high})"

    return [
        Field("Model", attrgetter("model"), importance=99, text=True, least=name_least(board)),
        Field("Budget", attrgetter("budget"), importance=70, text=True),
        Field("Trials", lambda gain: gain.trials or None, "{:,}".format, 80),
        Field("Failed", lambda gain: gain.failed or None, "{:,}".format, 50),
        Field("Seconds", attrgetter("seconds"), seconds, 90),
        inner("Inner score,\ndefault", "inner_default"),
        inner("Inner score,\nchosen", "inner"),
        Field(f"Gain,\n{unit} (95 %)", attrgetter("pair"), change, 95),
    ]


def _inner(found: tuple[str, float | None]) -> str:
    metric, value = found
    return number(value, METRICS[metric].fmt)


def about_searches(board: Board) -> list[str]:
    """Return, in sentences, what the table of searches means, and what became of those that gave nothing."""
    if not board.gains:
        return []
    metrics = sorted({METRICS[gain.metric].within_sentence for gain in board.gains})
    return [
        f"Inner scores: {' or '.join(metrics)} on inner splits of the train rows, by which a search chooses.",
        "Seconds are those of all trials of a split; gain is the score on test rows less that of the default.",
    ]


def about_choice(gain: Gain) -> str:
    """Return what a search chose, ready to be pasted, or what an ensemble is made of."""
    if gain.is_default:
        return "the default was the best that it tried"
    return inert(gain.chosen) + (" (of the first split; others chose otherwise)" if gain.varies else "")
