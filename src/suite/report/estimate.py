"""How long the rest of a plan takes, from what was known before and what has been seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping


class Estimate:
    """A running estimate over the cells of a plan.

    Parameters
    ----------
    total : int
        Cells of the plan.
    expected : mapping of str to float
        Seconds that a cell is expected to take, by its key, where that is known.
    at_once : int, optional
        How many cells are at work at once; as many as there are at the moment, unless given.
    """

    def __init__(self, total: int, expected: Mapping[str, float], at_once: int | None = None) -> None:
        self._at_once = at_once
        self._expected = dict(expected)
        self._unfinished = total
        self._taken: list[float] = []

    def finish(self, key: str, took_s: float | None) -> None:
        """Count a cell as finished; `took_s` is None if nothing was run for it."""
        self._expected.pop(key, None)
        self._unfinished -= 1
        if took_s is not None:
            self._taken.append(took_s)

    def remaining(self, running: Mapping[str, float]) -> float | None:
        """Return the seconds that are left, or None while nothing can be said.

        Cells of which nothing is known count as much as the mean of those finished. Nothing is said either
        once every cell left has taken longer than it should have: the rest is then anybody's guess.

        Parameters
        ----------
        running : mapping of str to float
            Seconds that each cell at work has taken so far, by its key.
        """
        n_unknown = self._unfinished - len(self._expected)
        unknown = [taken for key, taken in running.items() if key not in self._expected]
        typical = self._typical(unknown)
        if n_unknown > 0 and typical is None:
            return None
        work = sum(self._expected.values()) + max(0, n_unknown) * (typical or 0.0)
        done = sum(min(taken, self._expected.get(key, typical or 0.0)) for key, taken in running.items())
        left = (work - done) / max(1, min(self._at_once or len(running), self._unfinished))
        return left if left >= 0.5 else None

    def _typical(self, unknown: Collection[float]) -> float | None:
        if not self._taken:
            return None
        mean = sum(self._taken) / len(self._taken)
        # A cell at work that has passed the mean already is evidence that cells take longer.
        seen = [*self._taken, *(taken for taken in unknown if taken > mean)]
        return sum(seen) / len(seen)
