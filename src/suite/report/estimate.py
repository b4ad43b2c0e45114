"""How long the rest of a plan takes: from earlier times, from what this run has seen, else from rough guesses."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from statistics import median

from suite.events import Planned


class Estimate:
    """A running estimate over the cells of a plan.

    A cell should take as long as those of its model and data that this run has finished, else as long as earlier ones.
    Where there is neither, it is a guess, times the median of how far guesses were off in this run.
    """

    def __init__(self, plan: Planned) -> None:
        self._limit = math.inf if plan.budget.time_s is None else plan.budget.time_s
        self._left = {cell.key: (cell.dataset, cell.model) for cell in plan.cells}
        self._expected, self._guessed, self._at_once = plan.expected, plan.guessed, plan.at_once
        self._taken: dict[tuple[str, str], tuple[int, float]] = {}
        self._off: list[float] = []
        searching = plan.searching
        self._trials_s = searching.seconds if searching else None
        self._trials_left = searching.fits if searching else 0
        self._chosen_left = searching.chosen if searching else 0
        self._trials: list[float] = []

    def finish(self, key: str, took_s: float | None) -> None:
        """Count a cell as finished; `took_s` is None if nothing was run for it."""
        kind = self._left.pop(key, None)
        if kind is None or took_s is None:
            return
        count, seconds = self._taken.get(kind, (0, 0.0))
        self._taken[kind] = count + 1, seconds + took_s
        if key in self._guessed:
            self._off.append(took_s / self._guessed[key])

    def finish_trial(self, took_s: float | None) -> None:
        """Count a fit of a search as finished."""
        if took_s is not None:
            self._trials.append(took_s)
        if self._trials_left:
            self._trials_left -= 1

    def finish_chosen(self) -> None:
        """Count a cell that came of a search as finished."""
        self._chosen_left = max(0, self._chosen_left - 1)

    def _searching_s(self) -> float | None:
        """Return the seconds, of all workers, that searches and what comes of them have left; None if unknown."""
        usual = sum(seconds for _, seconds in self._taken.values()) / max(
            1, sum(count for count, _ in self._taken.values())
        )
        chosen = self._chosen_left * usual
        if self._trials_s is not None:
            return max(0.0, self._trials_s - sum(self._trials)) + chosen
        if not self._trials_left:
            return chosen
        return self._trials_left * sum(self._trials) / len(self._trials) + chosen if self._trials else None

    def remaining(self, running: Mapping[str, float]) -> float | None:
        """Return the seconds that are left, given those that each cell at work has taken so far, by its key.

        It is None while nothing can be said, or once every cell left has taken longer than it should have.
        """
        waiting = dict(self._left)  # A copy: cells may finish meanwhile, in another thread.
        off = median(self._off) if self._off else None
        # A cell at work that has passed what it should take is evidence on the others of its kind.
        longest: dict[tuple[str, str], float] = defaultdict(float)
        for key in running.keys() & waiting.keys():
            longest[waiting[key]] = max(longest[waiting[key]], running[key])
        lefts = []
        for key, kind in waiting.items():
            seconds = self._seconds(key, kind, off)
            if seconds is None:
                return None
            if key in running:
                lefts.append(max(0.0, seconds - running[key]))
            else:
                lefts.append(max(seconds, longest[kind]))
        searching = self._searching_s()
        if searching is None:
            return None
        n_left = len(lefts) + (self._at_once or len(running) if searching else 0)
        at_once = max(1, min(self._at_once or len(running), n_left))
        left = max((sum(lefts) + searching) / at_once, max(lefts, default=0.0))
        return left if left >= 0.5 else None

    def _seconds(self, key: str, kind: tuple[str, str], off: float | None) -> float | None:
        if taken := self._taken.get(kind):
            return taken[1] / taken[0]
        if key in self._expected:
            return min(self._limit, self._expected[key])
        return None if off is None or key not in self._guessed else min(self._limit, off * self._guessed[key])
