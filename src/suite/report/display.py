"""What is seen while a run goes on: a line a finished cell, a bar over the plan, the cells at work."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from suite.analysis.origin import reason
from suite.events import Event, Finished, Planned, Progress, Searching, Started, Waiting
from suite.report.estimate import Estimate
from suite.report.text import about_fit, counted, number, plain, seconds
from suite.schema import Cell

REFRESHES_PER_SECOND = 4
TELLING = ("val_accuracy", "accuracy", "val_loss", "loss")
"""The first of these that a model reports is shown while it trains."""
_PLACE_LEAST, _PLACE = 16, 28
"""Terminal cells of the words for split and seed, at least and at most."""


@dataclass
class _Running:
    cell: Cell
    since: float
    step: int | None = None
    values: Mapping[str, float] | None = None


class Display:
    """Shows the events of a run on a console; a context manager.

    On a terminal, a line a finished cell scrolls by above a bar, which appears with the plan. Elsewhere there are plain
    lines only. The clock returns seconds that only grow.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._on_terminal = console.is_terminal and not console.is_dumb_terminal
        self._clock = clock
        self._total = 0
        self._estimate: Estimate | None = None
        self._running: dict[str, _Running] = {}
        self._finished = 0
        self._trials = 0
        self._begun = clock()
        self._live: Live | None = None

    def __enter__(self) -> Display:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def handle(self, event: Event) -> None:
        """Take one event and show what it changes."""
        if isinstance(event, Planned):
            self._begin(event)
        elif isinstance(event, Started):
            self._running[event.cell.key] = _Running(event.cell, self._clock())
        elif isinstance(event, Waiting):
            self._print(Text("· ", style="dim").append_text(plain(event.reason)))
        elif isinstance(event, Progress):
            at_work = self._running.setdefault(event.cell.key, _Running(event.cell, self._clock()))
            at_work.step, at_work.values = event.step, event.values
        else:
            begun = self._running.pop(event.cell.key, None)
            took = self._clock() - begun.since if begun and not event.cached else None
            if event.cell.role == "inner":
                self._trials += 1
                if self._estimate:
                    self._estimate.finish_trial(took)
                return
            if self._estimate and event.cell.is_planned:
                self._estimate.finish(event.cell.key, took)
            elif self._estimate:
                self._estimate.finish_chosen()
            self._finished += 1
            self._print(self._line(event))

    def _begin(self, plan: Planned) -> None:
        self._total = len(plan.cells)
        if plan.searching:
            self._total += plan.searching.chosen
            self._print(Text("· ", style="dim").append(searches_sentence(plan.searching, plan.at_once)))
        self._estimate = Estimate(plan)
        self._begun = self._clock()
        if self._on_terminal:
            self._live = Live(
                self,
                console=self._console,
                refresh_per_second=REFRESHES_PER_SECOND,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def _print(self, line: Text) -> None:
        if self._on_terminal:
            self._console.print(line, no_wrap=True, overflow="ellipsis")
        else:
            # A log has no width: there the reason of a failure is written out.
            self._console.print(line, soft_wrap=True)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the bar and the cells at work."""
        now = self._clock()
        # A copy: on a terminal this is drawn by another thread than the one that handles events.
        running = list(self._running.values())
        since = {at_work.cell.key: now - at_work.since for at_work in running}
        left = self._estimate.remaining(since) if self._estimate else None
        trials = f" and {counted(self._trials, 'trial')}" if self._trials else ""
        words = f"{self._finished}/{self._total} fits{trials}, {seconds_of(now - self._begun)} so far"
        words += f", about {seconds_of(left)} left" if left is not None else ""
        bar = Table.grid(padding=(0, 1, 0, 0))
        bar.add_row(
            ProgressBar(
                total=max(self._total, 1), completed=self._finished, width=max(10, options.max_width - 50)
            ),
            Text(words, no_wrap=True, overflow="ellipsis"),
        )
        yield bar
        for at_work in running:
            yield self._at_work(at_work, now)

    def _at_work(self, running: _Running, now: float) -> Text:
        line = Text("  ", no_wrap=True, overflow="ellipsis")
        line.append_text(self._name(running.cell))
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

    def _line(self, event: Finished) -> Text:
        record, ok = event.record, event.record.status == "ok"
        line = Text("✓ " if ok else "✗ ", style="green" if ok else "bold red")
        line.append_text(self._name(event.cell))
        line.append(f" {record.status.replace('_', ' ')}", style="" if ok else "bold red")
        if ok:
            accuracy = number(record.metrics.get("accuracy"))
            fit = "" if event.cached else f"  fit {seconds(record.timing.fit_s):>10}"
            line.append(f"  accuracy {accuracy}{fit}", style="default")
        else:
            line.append_text(plain(f": {reason(record)}", style="default"))
        if event.cached:
            line.append("  (done before)", style="dim")
        return line

    def _name(self, cell: Cell) -> Text:
        room = 18 if self._on_terminal and self._console.width < 90 else 28
        variant = f" ({cell.variant})" if cell.role == "outer" and not cell.id.is_default else ""
        words = plain(f"{cell.model}{variant}", style="default", limit=room)
        words.append(" " * (room + 1 - words.cell_len))
        where = plain(about_fit(cell.split, cell.seed or None), limit=_PLACE)
        where.pad_right(_PLACE_LEAST - where.cell_len)
        return words.append_text(where)


def searches_sentence(searching: Searching, at_once: int | None) -> str:
    """Return what the searches of a run come to."""
    what = counted(searching.searches, "search", "searches")
    then = f"and {counted(searching.chosen, 'fit')} of what they choose"
    if searching.seconds is None:
        return f"{what}: up to {counted(searching.fits or 0, 'trial fit')}, {then}"
    took = seconds_of(searching.seconds / (at_once or 1))
    workers = f" with {counted(at_once, 'worker')}" if at_once else ""
    return f"{what}: about {took}{workers}, {then}"


def seconds_of(value: float) -> str:
    """Return a duration that is still running, in whole seconds: `12 s`, `3 min 20 s`, `1 h 05 min`."""
    return f"{value:.0f} s" if value < 59.5 else seconds(value)
