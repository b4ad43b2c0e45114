"""Models over several data sets: the critical-difference diagram, and Elo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from suite.analysis.across import Across, Place, across
from suite.analysis.board import Board
from suite.metrics import METRICS
from suite.report.drawing import WIDTH, Dot, Drawing, Group, Line, Mark, Rect, Words, fitted
from suite.report.figures.axes import SMALL, Axis, below, exact, linear
from suite.report.figures.legend import interval, legend
from suite.report.text import counted, inert, number, shortened
from suite.report.wording import LONG_NAME

SIDE, NAMES = 200.0, 168.0
"""Room for names on both sides of the ranks, and before Elo."""
PITCH, BAR = 20.0, 9.0
"""From a name to the next, and from a bar to the next."""
AXIS = 58.0


def critical_differences(boards: Sequence[Board]) -> Drawing | None:
    """Draw average ranks, with a bar over models that cannot be told apart; None where too few data sets could tell.

    Source: J. Demšar, Statistical comparisons of classifiers over multiple data sets, Journal of Machine Learning
    Research 7 (2006), figure 1.
    """
    found = across(boards)
    if found is None or not found.can_tell:
        return None
    places, k = found.places, len(found.places)
    # The best to the right, as on every axis.
    axis = exact(1, k, WIDTH - SIDE - 12, SIDE + 12)
    bars = _levels(found)
    first = AXIS + 14 + BAR * (max(bars.values(), default=-1) + 1) + 12
    marks: list[Mark] = [Line([(axis.at(k), AXIS), (axis.at(1), AXIS)], "ink", width=1.25)]
    for tick in range(1, k + 1, -(-k // 9)):
        marks.append(Line([(axis.at(tick), AXIS - 5), (axis.at(tick), AXIS)], "ink"))
        marks.append(Words(axis.at(tick), AXIS - 10, str(tick), "faint", anchor="middle", size=SMALL))
    marks += _ruler(found, axis)
    half = (k + 1) // 2
    for i, place in enumerate(places):
        right = i < half
        y = first + PITCH * (i if right else k - 1 - i)
        marks += _place(place, axis.at(place.rank), y, right=right)
    for group, level in bars.items():
        y, ends = AXIS + 14 + BAR * level, (axis.at(group[0].rank) + 4, axis.at(group[-1].rank) - 4)
        tip = f"not told apart: {', '.join(inert(place.model) for place in group)}"
        marks.append(Line([(ends[0], y), (ends[1], y)], "accent", width=4.0, tip=tip))
    return Drawing(
        name="critical-differences",
        title="Average ranks over data sets; a bar joins models that cannot be told apart",
        alt=_alt(found),
        width=WIDTH,
        height=first + PITCH * half,
        marks=marks,
    )


def elo(boards: Sequence[Board]) -> Drawing | None:
    """Draw the Elo of models with its interval; None where too few data sets could tell two models apart."""
    found = across(boards)
    if found is None or not found.can_tell:
        return None
    places = sorted(found.places, key=lambda place: (-place.elo, place.model))
    ends = [end for p in places for end in (p.elo, p.low, p.high) if end is not None]
    axis = linear(min(ends), max(ends), NAMES + 14, WIDTH - 60)
    top, bottom = 28.0, 28.0 + 22 * len(places) + 4
    marks: list[Mark] = [*below(axis, top, bottom, "Elo: 400 more means 10 wins to 1 loss over data sets")]
    for i, place in enumerate(places):
        y, figure = top + 22 * (i + 0.5), number(place.elo, ".0f")
        row: list[Mark] = [Words(NAMES, y + 4, fitted(place.model, NAMES - 10), anchor="end")]
        tip = f"{inert(place.model)}: Elo {figure}"
        if place.low is not None and place.high is not None:
            row.append(Line([(axis.at(place.low), y), (axis.at(place.high), y)], "accent", width=2.0))
            tip += f", 95 % interval {number(place.low, '.0f')} to {number(place.high, '.0f')}"
        row += [Dot(axis.at(place.elo), y, 4.5), Words(WIDTH - 8, y + 4, figure, anchor="end")]
        marks.append(Group([*row, Rect(0, y - 11, WIDTH, 22, "paper", opacity=0)], tip))
    marks += legend([(interval(), "Elo and its 95 % interval over data sets like these")], NAMES + 14)
    best = shortened(inert(places[0].model), LONG_NAME)
    highest, over = number(places[0].elo, ".0f"), counted(len(found.boards), "data set")
    return Drawing(
        name="elo",
        title="Elo over data sets",
        alt=f"{best} has the highest Elo, {highest}, over {over}.",
        width=WIDTH,
        height=bottom + 42,
        marks=marks,
    )


def _levels(found: Across) -> dict[tuple[Place, ...], int]:
    """Return the height of each group's bar: the lowest at which it overlaps no other."""
    levels: dict[tuple[Place, ...], int] = {}
    for group in found.groups:
        taken = {level for other, level in levels.items() if other[-1].rank >= group[0].rank}
        levels[group] = next(level for level in range(len(levels) + 1) if level not in taken)
    return levels


def _ruler(found: Across, axis: Axis) -> Iterator[Mark]:
    """Draw how long the critical difference is."""
    if found.friedman_p is None:
        return
    length = min(found.critical_difference, len(found.places) - 1.0)
    right, left = axis.at(1), axis.at(1 + length)
    yield Line([(left, 20), (right, 20)], "faint", width=1.25)
    for x in (left, right):
        yield Line([(x, 16), (x, 24)], "faint", width=1.25)
    text = f"critical difference {number(found.critical_difference, '.2f')}"
    yield Words((left + right) / 2, 12, text, "faint", anchor="middle", size=SMALL)


def _place(place: Place, x: float, y: float, *, right: bool) -> Iterator[Mark]:
    """Draw a model's rank on the axis, and a line to its name at the side."""
    edge = WIDTH - SIDE + 4 if right else SIDE - 4
    name = fitted(place.model, SIDE - 52)
    rank = number(place.rank, ".2f")
    yield Line([(x, AXIS), (x, y), (edge, y)], "faint", tip=f"{inert(place.model)}: average rank {rank}")
    yield Dot(x, AXIS, 3.0, "ink")
    far = edge + 6 if right else edge - 6
    yield Words(far, y + 4, name, anchor="start" if right else "end")
    beyond = WIDTH - 6 if right else 6.0
    yield Words(beyond, y + 4, rank, "faint", anchor="end" if right else "start", size=SMALL)


def _alt(found: Across) -> str:
    first = found.places[0]
    n = sum(place.tied for place in found.places) - 1
    text = (
        f"{shortened(inert(first.model), LONG_NAME)} has the best average rank, {number(first.rank, '.2f')}, "
    )
    text += f"over {counted(len(found.boards), 'data set')} by {METRICS[found.metric].within_sentence}; "
    return text + f"{n or 'none'} of the {len(found.places) - 1} others cannot be told from it."
