"""What is said of models over several data sets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import attrgetter

from suite.analysis.across import FEWEST, Across, Place, across
from suite.analysis.board import Board
from suite.errors import listed
from suite.metrics import METRICS
from suite.report.blocks import Field, Grid, Section, Sentences
from suite.report.text import inert, number

NAMED = 10
"""Models, or data sets, that are named in a sentence."""
_figure = partial(number, fmt=".2f")
_elo = partial(number, fmt=".0f")


def _interval(place: Place) -> str | None:
    return f"{_elo(place.low)}–{_elo(place.high)}" if place.low is not None else None


PLACES = (
    Field("Model", attrgetter("model"), importance=9, text=True, least=16),
    Field("Average\nrank", attrgetter("rank"), _figure, 8),
    Field("Tied", lambda place: "=" if place.tied else "", importance=7),
    Field("Elo", attrgetter("elo"), _elo, 6),
    Field("95 %\ninterval", _interval, importance=5),
    Field("p", attrgetter("p"), partial(number, fmt=".3f"), 4),
)


def across_section(boards: Sequence[Board]) -> Section:
    """Return the models over the data sets of boards; an empty section where there is nothing to say."""
    found = across(boards)
    if found is None:
        return Section("")
    answer = Sentences([_answer(found)], "paragraphs")
    return Section("Across data sets", [answer, Grid(PLACES, found.places, _notes(found))])


def _answer(found: Across) -> str:
    """Return who is ahead; no order is read out among models that cannot be told apart."""
    n, first = len(found.boards), found.places[0]
    if not found.can_tell:
        return f"With {n} data sets no two models can be told apart by ranks: at least {FEWEST} are needed."
    tied = sorted(place.model for place in found.places[1:] if place.tied)
    worse = sorted(place.model for place in found.places if not place.tied)
    if not worse:
        return f"Over {n} data sets no model can be told from the one with the best average rank."
    beside = f"It cannot be told from {_names(tied)}; w" if tied else "W"
    text = f"{inert(first.model)} has the best average rank over {n} data sets, {_figure(first.rank)}. "
    return text + f"{beside}orse than it: {_names(worse)}."


def _names(models: Sequence[str]) -> str:
    return listed([inert(model) for model in models], NAMED)


def _notes(found: Across) -> list[str]:
    tables = listed([f"{inert(board.name)} ({inert(board.protocol)})" for board in found.boards], NAMED)
    notes = [
        f"{tables}; by {METRICS[found.metric].within_sentence}, baselines left out.",
        "Average rank: 1 is the best; equal scores share theirs.",
    ]
    if found.can_tell and found.friedman_p is not None:
        p = "below 0.001" if found.friedman_p < 0.001 else f"{found.friedman_p:.3f}"
        notes.append(
            f"Average ranks that differ by less than {_figure(found.critical_difference)} cannot be told apart "
            f"(Nemenyi, 5 %; Friedman's p is {p})."
        )
    if found.can_tell:
        notes.append(
            "=: cannot be told from the first. p: beside the first, signed-rank test, Holm for all pairs."
        )
    mean = "Elo: 400 more means 10 wins to 1 loss over data sets; 1000 is the mean."
    return [*notes, f"{mean} Its interval is over other data sets like these." if found.can_tell else mean]
