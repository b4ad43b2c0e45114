"""What one search has tried, and what it tries next: the default, the portfolio, then what a sampler proposes.

Proposals come in generations: all of one are decided before the next, by what earlier ones gave. So a search depends
neither on how many workers there are nor on what was interrupted: told the same, it tries the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from suite.schema import Trial
from suite.schema.tuning import Ended, Origin
from suite.tuning.budget import SearchBudget
from suite.tuning.sampler import Space, canonical, proposals

GENERATION = 4
"""Configurations that are proposed at once."""
LEAST_TO_PRUNE = 4
"""Whole trials of earlier generations without which no trial is given up."""
MOST_TRIALS = 500
"""In a search by seconds: more would rather learn the inner splits by heart."""
MOST_FAILED = 8
"""A search ends after so many trials in a row that failed."""


@dataclass(kw_only=True, eq=False)
class Candidate:
    """A configuration at work."""

    number: int
    origin: Origin
    params: Mapping[str, Any]
    generation: int
    scores: list[float] = field(default_factory=list)
    """Of the inner splits so far, in their order."""
    seconds: float = 0.0
    fits: int = 0
    ended: Ended | None = None

    def trial(self) -> Trial:
        """Return what became of it."""
        score = fmean(self.scores) if self.ended == "ok" else None
        return Trial(
            number=self.number,
            origin=self.origin,
            params=self.params,
            status=self.ended or "failed",
            score=None if score is None else round(score, 12),
            fits=self.fits,
            seconds=round(self.seconds, 6),
        )


class Study:
    """One search, without anything that runs; no trial changes what is `fixed`.

    Where a trial does not set a parameter, it is that of `defaults`: two trials that come to the same are one. `sign`
    is 1 where a larger score is better, else -1.
    """

    def __init__(
        self,
        *,
        space: Space | None,
        portfolio: Sequence[Mapping[str, Any]],
        fixed: Mapping[str, Any],
        defaults: Mapping[str, Any],
        budget: SearchBudget,
        sign: int,
        n_inner: int,
        seed: int,
    ) -> None:
        self._space, self._fixed, self._budget, self._sign = space, fixed, budget, sign
        self._defaults, self._n_inner, self._seed = defaults, n_inner, seed
        self.candidates: list[Candidate] = []
        self._generation = 0
        self._is_exhausted = False
        first: list[tuple[Origin, Mapping[str, Any]]] = [("default", {})]
        first += [("portfolio", {**params, **fixed}) for params in portfolio[: budget.portfolio]]
        self._propose(first)

    @property
    def spent_s(self) -> float:
        """The seconds of all trials so far."""
        return sum(candidate.seconds for candidate in self.candidates)

    @property
    def usual_s(self) -> float:
        """The seconds that a trial takes: the median of those that have ended."""
        ended = [candidate.seconds for candidate in self.candidates if candidate.ended]
        return median(ended) if ended else 0.0

    @property
    def trials(self) -> tuple[Trial, ...]:
        """What was tried, in order; what has not begun is left out."""
        begun = [candidate for candidate in self.candidates if candidate.ended]
        return tuple(candidate.trial() for candidate in begun)

    def told(
        self, candidate: Candidate, score: float | None, seconds: float, *, is_cut: bool = False
    ) -> None:
        """Learn the score of a candidate on its next inner split; None if it failed there, or the budget cut it."""
        candidate.seconds += seconds
        candidate.fits += 1
        if score is None:
            candidate.ended = "pruned" if is_cut else "failed"
            return
        candidate.scores.append(score)
        if len(candidate.scores) == self._n_inner:
            candidate.ended = "ok"
        elif self._is_hopeless(candidate):
            candidate.ended = "pruned"

    def more(self) -> bool:
        """Propose another generation, if the present one has ended and the budget allows for it; tell if it did."""
        if not self.is_settled or self._is_exhausted or self._space is None or not self._budget.samples:
            return False
        room = GENERATION
        if self._budget.trials is not None:
            room = min(room, self._budget.trials - len(self.candidates))
        last = [candidate.ended for candidate in self.candidates[-MOST_FAILED:]]
        if len(self.candidates) >= MOST_TRIALS and self._budget.trials is None:
            return False
        if room <= 0 or (len(last) == MOST_FAILED and set(last) == {"failed"}):
            return False
        tried = [(c.params, self._loss(c.scores) if c.ended == "ok" else None) for c in self.candidates]
        seed = (self._seed + self._generation) % 2**31
        found = proposals(self._space, tried, room, seed, self._fixed, self._defaults)
        self._is_exhausted = len(found) < room
        self._generation += 1
        self._propose([("sampled", params) for params in found])
        return bool(found)

    @property
    def is_settled(self) -> bool:
        """Whether all that was proposed has ended."""
        return all(candidate.ended for candidate in self.candidates)

    def drop(self, candidate: Candidate) -> None:
        """Give up a candidate that has not begun: the budget has no room for it, nor for another generation.

        It is forgotten with all after it, unless one of these has begun, as one may that ran beside it when all was
        killed.
        """
        self._is_exhausted = True
        if any(other.fits for other in self.candidates[candidate.number :]):
            candidate.ended = "pruned"
        else:
            self.candidates = self.candidates[: candidate.number]

    def best(self, origins: Sequence[Origin]) -> Candidate:
        """Return the best whole trial of some origins, the earlier of two equals; the default if there is none."""
        whole = [c for c in self.candidates if c.ended == "ok" and c.origin in origins]
        return min(whole, key=lambda c: (self._loss(c.scores), c.number), default=self.candidates[0])

    def _loss(self, scores: Sequence[float]) -> float:
        return -self._sign * fmean(scores)

    def _propose(self, found: Sequence[tuple[Origin, Mapping[str, Any]]]) -> None:
        known = {canonical({**self._defaults, **candidate.params}) for candidate in self.candidates}
        for origin, params in found:
            is_full = self._budget.trials is not None and len(self.candidates) >= self._budget.trials
            text = canonical({**self._defaults, **params})
            if text in known or is_full:
                continue
            known.add(text)
            self.candidates.append(
                Candidate(
                    number=len(self.candidates), origin=origin, params=params, generation=self._generation
                )
            )

    def _is_hopeless(self, candidate: Candidate) -> bool:
        """Tell whether a trial does worse so far than half of the whole ones before its generation did by then."""
        n = len(candidate.scores)
        before = [
            self._loss(other.scores[:n])
            for other in self.candidates
            if other.ended == "ok" and other.generation < candidate.generation
        ]
        return len(before) >= LEAST_TO_PRUNE and self._loss(candidate.scores) > median(before)
