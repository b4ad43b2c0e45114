"""How far a run is: a bar over the plan, the fits in work, and what models have scored so far."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from suite.analysis.so_far import SoFar, Standing
from suite.events import Event, Finished, Planned, Progress, Started
from suite.report.estimate import Estimate
from suite.report.text import about_fit, counted, number, plain, seconds, shortened
from suite.schema import Cell

TELLING = ("val_accuracy", "accuracy", "val_loss", "loss")
"""The first of these that a model reports is shown while it trains."""
HELD_S = 10.0
"""Seconds for which the scores of one data set are shown, before those of another that has news."""
FRESH_S = 1.0
"""Seconds for which an estimate serves: it looks at every cell that is left."""
_PLACE_LEAST, _PLACE = 16, 28
"""Terminal cells of the words for split and seed, at least and at most."""
_NARROW = 90
_BAR_LEAST, _BAR_MOST = 10, 60
_MODEL = 22
_LEAST_ROWS = 2


@dataclass
class _Running:
    cell: Cell
    since: float
    step: int | None = None
    values: Mapping[str, float] | None = None


class Underway:
    """Where a run is, by its events; it may be drawn by another thread than the one that takes them.

    It never draws more lines than the console is high: fits at work that have no room are counted, and so are models.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._estimate: Estimate | None = None
        self._left: tuple[float, float | None] | None = None
        self._running: dict[str, _Running] = {}
        self._total = self._finished = self._failed = self._before = self._trials = 0
        self._begun = clock()
        self._so_far = SoFar()
        self._latest, self._shown, self._shown_at = "", "", 0.0

    @property
    def is_planned(self) -> bool:
        """Whether it is known what the run comes to."""
        return self._estimate is not None

    @property
    def so_far_s(self) -> float:
        """Seconds since the plan."""
        return self._clock() - self._begun

    def handle(self, event: Event) -> None:
        """Take one event."""
        with self._lock:
            if isinstance(event, Planned):
                self._estimate, self._begun = Estimate(event), self._clock()
                self._total = len(event.cells) + (event.searching.chosen if event.searching else 0)
                self._so_far = SoFar(event.cells, event.metric)
            elif isinstance(event, Started):
                self._running[event.cell.key] = _Running(event.cell, self._clock())
                if self._estimate and event.cell.role == "outer" and not event.cell.is_planned:
                    self._estimate.begin_chosen(event.cell)
            elif isinstance(event, Progress):
                at_work = self._running.setdefault(event.cell.key, _Running(event.cell, self._clock()))
                at_work.step, at_work.values = event.step, event.values
            elif isinstance(event, Finished):
                self._finish(event)

    def _finish(self, event: Finished) -> None:
        cell, record = event.cell, event.record
        begun = self._running.pop(cell.key, None)
        took = self._clock() - begun.since if begun and not event.cached else None
        if cell.role == "inner":
            self._trials += 1
            if self._estimate:
                self._estimate.finish_trial(cell, took, record)
            return
        if self._estimate and cell.is_planned:
            self._estimate.finish(cell.key, took, record.timing.wall_s)
        elif self._estimate:
            self._estimate.finish_chosen(cell, took)
        self._finished += 1
        self._failed += record.status not in ("ok", "skipped")
        self._before += event.cached
        self._so_far.add(cell, record)
        self._latest = cell.dataset

    def words(self, *, short: bool = False) -> str:
        """Return how far the run is and how long it may go on, in a line."""
        with self._lock:
            now = self._clock()
            words = f"{self._finished}/{self._total} fits"
            words += f" and {counted(self._trials, 'trial')}" if self._trials else ""
            words += f", {self._failed} failed" if self._failed else ""
            words += "" if short else f", {seconds_of(now - self._begun)} so far"
            if self._finished >= self._total and not self._running:
                return words + ", making the boards"
            left = self._remaining(now)
            return words + (f", about {roughly(left)} left" if left is not None else "")

    def summary(self) -> str:
        """Return what the run came to, in a line."""
        words = f"{self._finished}/{self._total} fits in {seconds_of(self.so_far_s)}"
        words += f", {self._before} of them done before" if self._before else ""
        return words + (f", {self._failed} failed" if self._failed else "")

    def _remaining(self, now: float) -> float | None:
        if self._estimate is None:
            return None
        if self._left is None or not 0 <= now - self._left[0] < FRESH_S:
            since = {at_work.cell.key: now - at_work.since for at_work in self._running.values()}
            self._left = now, self._estimate.remaining(since)
        return self._left[1]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the scores so far, the bar and the fits at work."""
        with self._lock:
            width, height = options.max_width, options.size.height
            # The last line of a screen stays free: what is printed there scrolls it.
            work = self._work(width, max(1, min(len(self._running), height // 3)))
            board = self._board(width, height - 2 - len(work))
            bar = self._bar(width)
        yield from board
        yield bar
        yield from work

    def _bar(self, width: int) -> Table:
        words = self.words()
        if width < len(words) + 2 + _BAR_LEAST:
            words = self.words(short=True)
        room = min(width - max(50, len(words) + 2), _BAR_MOST)
        grid = Table.grid(padding=(0, 1, 0, 0))
        text = Text(words, no_wrap=True, overflow="ellipsis")
        if width < len(words) + 2 + _BAR_LEAST:
            grid.add_row(text)
        else:
            done = ProgressBar(
                total=max(self._total, 1), completed=self._finished, width=max(_BAR_LEAST, room)
            )
            grid.add_row(done, text)
        return grid

    def _work(self, width: int, most: int) -> list[Text]:
        """Return a line for each fit at work; where there are more than `most`, the last line counts the others."""
        running, now = list(self._running.values()), self._clock()
        if len(running) <= most:
            return [self._at_work(one, now, width) for one in running]
        lines = [self._at_work(one, now, width) for one in running[: most - 1]]
        return [*lines, Text(f"  and {len(running) - most + 1} more at work", style="dim")]

    def _at_work(self, running: _Running, now: float, width: int) -> Text:
        line = Text("  ", no_wrap=True, overflow="ellipsis")
        line.append_text(cell_name(running.cell, width))
        line.append(f" {seconds_of(now - running.since):>11}", style="dim")
        if running.step is not None:
            line.append(f"  {'epoch' if running.cell.family == 'neural' else 'step'} {running.step}")
            values = running.values or {}
            telling = next((name for name in TELLING if name in values), next(iter(values), None))
            if telling:
                line.append("  ").append_text(
                    plain(f"{telling} {number(values[telling], '.3f')}", style="dim")
                )
        return line

    def _board(self, width: int, most: int) -> list[Text]:
        """Return the scores so far, no more lines than `most`; none where that is too little to read."""
        now = self._clock()
        if not self._shown or (self._latest != self._shown and now - self._shown_at >= HELD_S):
            self._shown, self._shown_at = self._latest, now
        found = self._so_far.standings(self._shown) if self._shown else []
        if not found or most < 1 + _LEAST_ROWS:
            return []
        metric = self._so_far.metric
        dataset = plain(shortened(self._shown, 24)).plain
        heading = f"{dataset} so far: {metric.within_sentence}, mean of the fits done; no comparison yet"
        names = [plain(one.name, style="default", limit=_MODEL) for one in found]
        room = max(name.cell_len for name in names)
        for name in names:
            name.pad_right(room - name.cell_len)
        entries = [_standing(name, one, metric.fmt) for name, one in zip(names, found, strict=True)]
        return [
            Text(heading, style="dim", no_wrap=True, overflow="ellipsis"),
            *_columns(entries, width, most - 1),
        ]


def _standing(name: Text, one: Standing, fmt: str) -> Text:
    done = f"{one.done}/{one.of}" if one.of else f"{one.done}"
    failed = f", {one.failed} failed" if one.failed else ""
    fits = "fit" if (one.of or one.done) == 1 else "fits"
    name.append(f" {number(one.score, fmt):>7}", style="default")
    return name.append(f" ({done} {fits}{failed})", style="dim")


def _columns(entries: Sequence[Text], width: int, most: int) -> list[Text]:
    """Return entries in as few columns as `most` lines allow, read downwards; those without room are counted."""
    wide = max(entry.cell_len for entry in entries) + 3
    across = max(1, (width - 2 + 3) // wide)
    if len(entries) > across * most:
        n_more = len(entries) - (across * (most - 1))
        return [*_columns(entries[:-n_more], width, most - 1), Text(f"  and {n_more} more", style="dim")]
    used = -(-len(entries) // most)
    rows = -(-len(entries) // used)
    lines = []
    for row in range(rows):
        line = Text("  ", no_wrap=True, overflow="ellipsis")
        for entry in entries[row::rows]:
            line.append_text(entry).append(" " * (wide - entry.cell_len))
        line.rstrip()
        lines.append(line)
    return lines


def cell_name(cell: Cell, width: int | None = None) -> Text:
    """Return which model is fitted, and where, in columns; without a terminal `width` is None."""
    room = 18 if width is not None and width < _NARROW else 28
    variant = f" ({cell.variant})" if cell.role == "outer" and not cell.id.is_default else ""
    words = plain(f"{cell.model}{variant}", style="default", limit=room)
    words.append(" " * (room + 1 - words.cell_len))
    where = plain(about_fit(cell.split, cell.seed or None), limit=_PLACE)
    where.pad_right(_PLACE_LEAST - where.cell_len)
    return words.append_text(where)


def seconds_of(value: float) -> str:
    """Return a duration that is still running, in whole seconds: `12 s`, `3 min 20 s`, `1 h 05 min`."""
    return f"{value:.0f} s" if value < 59.5 else seconds(value)


def roughly(value: float) -> str:
    """Return a duration that is foretold: `55 s`, `3 min 20 s`, `12 min`, `1 h 05 min`."""
    if value < 59.5:
        return seconds_of(value)
    if value < 595:
        return seconds(10 * round(value / 10))
    return f"{value / 60:.0f} min" if value < 3570 else seconds(60 * round(value / 60))
