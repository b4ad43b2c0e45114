"""What searches tried: the inner score of every trial, and the best so far."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from suite.analysis.board import Board
from suite.analysis.gains import Gain
from suite.metrics import METRICS
from suite.report.drawing import WIDTH, Dot, Drawing, Group, Line, Mark, Point, Rect
from suite.report.figures.axes import Axis, below, beside, exact, linear
from suite.report.figures.legend import SIGN, Sign, dot, line
from suite.report.figures.panels import Panel, panels
from suite.report.text import counted, inert, number, seconds

HEIGHT = 130.0


def searches(board: Board) -> Drawing | None:
    """Draw the trials of the first split of every search; None where there was no search with a score."""
    shown = [gain for gain in board.gains if any(trial.score is not None for trial in gain.history)]
    if not shown:
        return None
    metrics = sorted({METRICS[gain.metric].within_sentence for gain in shown})
    note = f"{' or '.join(metrics)} by trial"
    note += "" if any(METRICS[gain.metric].higher_is_better for gain in shown) else ", better below"
    drawn = [(gain.model, partial(_panel, gain)) for gain in shown]
    marks, height = panels(board, drawn, HEIGHT, _signs(shown), note)
    better = sum(gain.number > 0 for gain in shown)
    first = "" if all(len(gain.history) == gain.trials for gain in shown) else " on the first split"
    return Drawing(
        name="searches",
        title=f"Trials of searches: {' or '.join(metrics)} on inner splits, by trial",
        alt=f"{better} of {counted(len(shown), 'search', 'searches')} chose something other than the default{first}.",
        width=WIDTH,
        height=height,
        marks=marks,
    )


def _panel(gain: Gain, place: Panel) -> Iterator[Mark]:
    metric = METRICS[gain.metric]
    scored = [(trial.number, trial.score) for trial in gain.history if trial.score is not None]
    last = max(len(gain.history) - 1, 1)
    x = exact(0, last, place.left + 8, place.right - 8, n=4)
    x = Axis(x.low, x.high, x.start, x.end, tuple(t for t in x.ticks if t == int(t)))
    y = linear(min(s for _, s in scored), max(s for _, s in scored), place.bottom - 10, place.top, n=4)
    yield from below(x, place.top, place.bottom)
    yield from beside(y, place.left, place.right)
    yield Line(_best_so_far(scored, metric.higher_is_better, x, y, last), "accent", width=1.5)
    for trial in gain.history:
        at = x.at(trial.number)
        marks: list[Mark]
        if trial.score is None:
            marks = [*_cross(at, place.bottom - 5)]
        elif trial.number == 0:
            marks = [Rect(at - 4, y.at(trial.score) - 4, 8, 8, "loss")]
        else:
            marks = [Dot(at, y.at(trial.score), 3.0, "faint")]
        if trial.number == gain.number and trial.score is not None:
            marks.append(Dot(at, y.at(trial.score), 7.0, "good", ring=True))
        params = ", ".join(f"{name}={value!r}" for name, value in sorted(trial.params.items()))
        told = (
            trial.status
            if trial.score is None
            else f"{metric.within_sentence} {number(trial.score, metric.fmt)}"
        )
        chosen = ", chosen" if trial.number == gain.number else ""
        text = f"Trial {trial.number} ({inert(params) or trial.origin}): {told}, {seconds(trial.seconds)}{chosen}"
        yield Group(marks, text)


def _best_so_far(scored: list[tuple[int, float]], higher: bool, x: Axis, y: Axis, last: int) -> list[Point]:
    """Return the line of the best score that was found up to each trial."""
    points: list[Point] = []
    best: float | None = None
    for trial, score in scored:
        if best is None or (score > best if higher else score < best):
            if best is not None:
                points.append((x.at(trial), y.at(best)))
            points.append((x.at(trial), y.at(score)))
            best = score
    return [*points, (x.at(last) + 6, points[-1][1])]


def _cross(x: float, y: float) -> list[Line]:
    return [Line([(x - 3, y - 3), (x + 3, y + 3)], "bad"), Line([(x - 3, y + 3), (x + 3, y - 3)], "bad")]


def _signs(shown: list[Gain]) -> list[tuple[Sign, str]]:
    signs: list[tuple[Sign, str]] = [
        (dot("faint"), "trial"),
        (lambda x, y: [Rect(x + SIGN - 12, y - 4, 8, 8, "loss")], "default"),
        (dot("good", ring=True), "chosen"),
        (line(width=1.5), "best so far"),
    ]
    if any(trial.score is None for gain in shown for trial in gain.history):
        signs.append((lambda x, y: _cross(x + SIGN - 6, y), "failed or given up"))
    return signs
