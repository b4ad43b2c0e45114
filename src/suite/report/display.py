"""What is printed while a run goes on: failures, above a bar or, in a log, between lines on how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.text import Text

from suite.analysis.origin import reason
from suite.events import Event, Finished, Planned, Searching, Waiting
from suite.report.text import counted, number, plain, seconds
from suite.report.underway import Underway, cell_name, seconds_of

REFRESHES_PER_SECOND = 4
LEAST_S, SHARE, MOST_S = 30.0, 0.1, 300.0
"""A log has a line on how far a run is after each tenth of the time so far, and after so many seconds at least and at
most: some services end a job of which they hear nothing for long."""


class Display:
    """Shows the events of a run on a console; a context manager.

    On a terminal there is a bar from the plan on, and what is printed scrolls by above it. Elsewhere there are plain
    lines only, of which those on how far it is can be left out: `is_logged`. What fails is a line; `verbose` gives
    every fit one, also those done before. The clock returns seconds that only grow.
    """

    def __init__(
        self,
        console: Console,
        clock: Callable[[], float] = time.monotonic,
        *,
        verbose: bool = False,
        is_logged: bool = True,
    ) -> None:
        self._console = console
        self._on_terminal = console.is_terminal and not console.is_dumb_terminal
        self._verbose, self._is_logged = verbose, is_logged
        self._skipped: set[tuple[str, str, str]] = set()
        self._live: Live | None = None
        self._log: _Log | None = None
        self.underway = Underway(clock)

    def __enter__(self) -> Display:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._live:
            self._live.stop()
        if self._log:
            self._log.stop()
        if kind is None and self.underway.is_planned:
            self._print(Text("· ", style="dim").append(self.underway.summary()))

    def handle(self, event: Event) -> None:
        """Take one event and show what it changes."""
        # Nothing is printed while it is locked: the thread that draws the bar holds the console, and asks for that.
        self.underway.handle(event)
        if isinstance(event, Planned):
            self._begin(event)
        elif isinstance(event, Waiting):
            self._print(Text("· ", style="dim").append_text(plain(event.reason)))
        elif isinstance(event, Finished) and self._is_told(event):
            self._print(self._line(event))

    def _is_told(self, event: Finished) -> bool:
        cell, record = event.cell, event.record
        if cell.role == "inner":
            return False
        if self._verbose:
            return True
        if record.status == "ok" or event.cached:
            return False
        # What is not installed is told once, and not for every split.
        skipped = (cell.dataset, cell.model, reason(record) if record.status == "skipped" else cell.key)
        is_new = skipped not in self._skipped
        self._skipped.add(skipped)
        return is_new

    def _begin(self, plan: Planned) -> None:
        if plan.searching:
            self._print(Text("· ", style="dim").append(searches_sentence(plan.searching, plan.at_once)))
        if self._on_terminal:
            self._live = Live(
                self.underway,
                console=self._console,
                refresh_per_second=REFRESHES_PER_SECOND,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        elif self._is_logged:
            self._log = _Log(self.underway, lambda words: self._print(Text("· ").append(words)))

    def _print(self, line: Text) -> None:
        if self._on_terminal:
            self._console.print(line, no_wrap=True, overflow="ellipsis")
        else:
            # A log has no width: there the reason of a failure is written out.
            self._console.print(line, soft_wrap=True)

    def _line(self, event: Finished) -> Text:
        record, ok = event.record, event.record.status == "ok"
        line = Text("✓ " if ok else "✗ ", style="green" if ok else "bold red")
        line.append_text(cell_name(event.cell, self._console.width if self._on_terminal else None))
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


class _Log:
    """Says every now and then how far a run is, in a thread of its own: a long fit tells nothing for hours."""

    def __init__(self, underway: Underway, say: Callable[[str], None]) -> None:
        self._underway, self._say = underway, say
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="suite-log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Say no more."""
        self._ended.set()
        self._thread.join()

    def _tell(self) -> None:
        while not self._ended.wait(min(max(LEAST_S, SHARE * self._underway.so_far_s), MOST_S)):
            self._say(self._underway.words())


def searches_sentence(searching: Searching, at_once: int | None) -> str:
    """Return what the searches of a run come to."""
    what = counted(searching.searches, "search", "searches")
    then = f"and {counted(searching.chosen, 'fit')} of what they choose"
    if searching.seconds is None:
        return f"{what}: up to {counted(searching.fits or 0, 'trial fit')}, {then}"
    took = seconds_of(searching.seconds / (at_once or 1))
    workers = f" with {counted(at_once, 'worker')}" if at_once else ""
    return f"{what}: about {took}{workers}, {then}"
