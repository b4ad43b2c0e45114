"""What a parent expects of a job: the phase that it is in, by the child's events, and when that should have ended."""

from __future__ import annotations

import math
import time

from suite.supervision.channel import Header, Message
from suite.supervision.verdict import Limits

MARGIN_S = 5.0
"""How much later than the guard the parent looks at the limits."""
SILENT = frozenset({"stopped", "bounded", "result", "error"})
"""Events that are no news for the parent's caller."""


class Expected:
    """The phase of a job and its deadline, with a margin: no limit has one observer only."""

    def __init__(self, startup_limit: float) -> None:
        self.enter("start", startup_limit)

    @property
    def is_over(self) -> bool:
        """Whether the guard should have told of an end by now."""
        return time.monotonic() >= self._deadline

    @property
    def facts(self) -> Header:
        """What a guard would report of the phase."""
        return {"phase": self._phase, "limit_s": self._limit_s}

    def enter(self, phase: str, limit_s: float | None) -> None:
        """Expect the end of a phase within its limit; None is no limit."""
        self._phase, self._limit_s = phase, limit_s
        self._deadline = math.inf if limit_s is None else time.monotonic() + limit_s + MARGIN_S

    def end(self) -> None:
        """Expect the end soon: the child has answered, or is gone."""
        self.enter(self._phase, 0.0)

    def follow(self, event: Message, limits: Limits) -> None:
        """Take note of what an event of the child says of its phase."""
        if event.type == "ready":
            self.enter("prepare", limits.prepare_s)
        elif event.type == "started":
            self.enter("run", limits.time_s)
        elif event.type == "stopped":
            self.enter("finish", limits.prepare_s)
        elif event.type == "bounded":
            limit = event.header.get("limit")
            is_known = isinstance(limit, int | float) and 0 <= limit <= limits.prepare_s
            self.enter("measure", limit if is_known else limits.prepare_s)
        elif event.type in ("result", "error"):
            self.end()
