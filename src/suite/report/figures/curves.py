"""Learning curves: the loss on train and validation rows, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from suite.analysis.board import Board
from suite.analysis.curves import Curve
from suite.metrics import METRICS
from suite.report.drawing import WIDTH, Drawing, Group, Line, Mark, Point, Rect, Role
from suite.report.figures.axes import Axis, below, beside, exact, linear, logarithmic
from suite.report.figures.legend import Sign, line
from suite.report.figures.panels import Panel, panels, thinned
from suite.report.text import counted, inert, number

HEIGHT = 130.0
STEEP = 30.0
"""Losses that fall by more than this factor are drawn on a logarithmic axis."""


class Series(NamedTuple):
    """What one panel shows: figures by epoch on train rows and on validation rows."""

    name: str
    train: Sequence[float | None]
    validation: Sequence[float | None]


def curves(board: Board) -> Drawing | None:
    """Draw the learning curves of every model that has some; None if no model has."""
    shown = [(row.model, curve, found) for row in board.rows
             if (curve := board.curves.get(row.model)) and (found := _series(curve))]  # fmt: skip
    if not shown:
        return None
    what = "loss" if all(series.name == "loss" for _, _, series in shown) else "loss or accuracy"
    drawn = [(model, partial(_panel, model, curve, series)) for model, curve, series in shown]
    marks, height = panels(board, drawn, HEIGHT, _signs(shown), f"{what} by epoch")
    still = [model for model, curve, _ in shown if curve.window]
    alt = f"{counted(len(shown), 'model has', 'models have')} learning curves"
    return Drawing(
        name="curves",
        title=f"Learning curves of the first fit: {what} by epoch",
        alt=alt + (f"; {counted(len(still), 'was', 'were')} still improving at the end." if still else "."),
        width=WIDTH,
        height=height,
        marks=marks,
    )


def _series(curve: Curve) -> Series | None:
    """Return the losses, or the accuracies where there is no loss; None where nothing is known."""
    for name in ("loss", "accuracy"):
        train, validation = curve.steps.get(name, ()), curve.steps.get(f"val_{name}", ())
        if any(map(_is_known, (*train, *validation))):
            return Series(name, train, validation)
    return None


def _panel(model: str, curve: Curve, series: Series, place: Panel) -> Iterator[Mark]:
    values = [v for v in (*series.train, *series.validation) if v is not None and math.isfinite(v)]
    epochs = max(len(series.train), len(series.validation))
    x = exact(1, max(epochs, 2), place.left, place.right, n=4)
    x = Axis(x.low, x.high, x.start, x.end, tuple(t for t in x.ticks if t == int(t)))
    low, high = min(values), max(values)
    steep = series.name == "loss" and low > 0 and high > STEEP * low
    y = (logarithmic if steep else linear)(low, high, place.bottom, place.top, n=4)
    yield from below(x, place.top, place.bottom)
    yield from beside(y, place.left, place.right)
    best = _best(series)
    if best:
        yield Line([(x.at(best), place.top), (x.at(best), place.bottom)], "good", width=1.5)
    drawn: list[Mark] = [
        Rect(place.left, place.top, place.right - place.left, place.bottom - place.top, "paper", opacity=0)
    ]
    looks: tuple[tuple[Sequence[float | None], Role, bool], ...] = (
        (series.train, "faint", True),
        (series.validation, "loss", False),
    )
    for values_, role, dashed in looks:
        for points in _parts(values_, x, y):
            drawn.append(Line(thinned(points), role, width=1.75, dashed=dashed))
    yield Group(drawn, _tip(model, curve, series, best))


def _parts(values: Sequence[float | None], x: Axis, y: Axis) -> Iterator[list[Point]]:
    """Yield the lines of a series; it is broken where a figure is missing."""
    part: list[Point] = []
    for epoch, value in enumerate((*values, None), 1):
        if value is not None and math.isfinite(value):
            part.append((x.at(epoch), y.at(value)))
        elif part:
            # One point alone is a short line.
            yield part if len(part) > 1 else [(part[0][0] - 2, part[0][1]), (part[0][0] + 2, part[0][1])]
            part = []


def _best(series: Series) -> int | None:
    """Return the epoch with the best figure on validation rows, from 1."""
    known = [v for v in series.validation if v is not None and math.isfinite(v)]
    if not known:
        return None
    return list(series.validation).index(min(known) if series.name == "loss" else max(known)) + 1


def _tip(model: str, curve: Curve, series: Series, best: int | None) -> str:
    epochs = max(len(series.train), len(series.validation))
    parts = [f"{inert(model)}: {counted(epochs, 'epoch')}"]
    if best:
        figure = series.validation[best - 1]
        parts.append(f"validation {series.name} best after epoch {best}: {number(figure, '.4f')}")
    if curve.train is not None and curve.validation is not None:
        fmt = METRICS["accuracy"].fmt
        train, validation = number(curve.train, fmt), number(curve.validation, fmt)
        gap = number(100 * (curve.train - curve.validation), ".1f")
        parts.append(
            f"accuracy at the end {train} on train, {validation} on validation rows: {gap} points apart"
        )
    return "; ".join(parts)


def _signs(shown: Sequence[tuple[str, Curve, Series]]) -> list[tuple[Sign, str]]:
    signs: list[tuple[Sign, str]] = []
    if any(series.train for _, _, series in shown):
        signs.append((line("faint", dashed=True), "train rows"))
    if any(series.validation for _, _, series in shown):
        signs += [(line("loss"), "validation rows"), (line("good", width=1.5), "best epoch (upright)")]
    return signs


def _is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
