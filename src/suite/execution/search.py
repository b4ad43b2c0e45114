"""Searches as a source of cells: the trials of each on inner splits, then the cells with what it chose.

What was tried stands in the store, and nowhere else: a search that was interrupted goes through its trials again, takes
those that are there, and goes on where they end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from suite.events import Finished, Watch, unwatched
from suite.planning.searches import ORIGINS, Search
from suite.schema import Budget, Record, Variant, Work
from suite.store import Store
from suite.tuning.study import Candidate

OVER = 1.1
"""Times its seconds, which a search does not pass: what trials may take ends there."""
HALF = 0.5
"""A trial begins if the budget has room for so much of what trials take, and a limit that it met stands for one of up
to twice its seconds."""
LEAST_S = 1.0
BESIDES_S = 0.1
"""What a fit counts beside its own seconds, for what stands around it: reading rows, scoring, writing."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A cell that comes of a search, and the record if it is done."""

    work: Work
    record: Record | None
    default: Work | None = None
    """The cell of the default, where that was chosen: then nothing has to be fitted again."""


class Searches:
    """The source of all searches of a run.

    Attributes
    ----------
    records : dict of str to Record
        By key, of the cells that came of searches, found done or run.

    Trials that are found done are told to `watch`.
    """

    def __init__(
        self,
        searches: Iterable[Search],
        store: Store,
        budget: Budget,
        *,
        fresh: bool = False,
        watch: Watch = unwatched,
    ) -> None:
        self._open = deque(_Searching(search, store, budget, fresh, watch) for search in searches)
        self._workers = budget.workers
        self._whose: dict[str, list[_Searching]] = {}
        self.records: dict[str, Record] = {}
        self.found: list[Chosen] = []

    def take(self) -> Work | None:
        """Return a cell of one of the searches, each in its turn; None if all of them wait, or have ended."""
        for _ in range(len(self._open)):
            searching = self._open.popleft()
            # Searches share the workers: where there are many, none has two trials at once.
            work = searching.take(-(-self._workers // (len(self._open) + 1)))
            for chosen in searching.done:
                self.found.append(chosen)
                if chosen.record:
                    self.records[chosen.work.cell.key] = chosen.record
            searching.done.clear()
            if work is not None or not searching.has_ended:
                self._open.append(searching)
            if work is not None:
                # Two searches may try the same, as where one has fixed what the other varies: it is run once.
                waiting = self._whose.setdefault(work.cell.key, [])
                waiting.append(searching)
                return work if len(waiting) == 1 else self.take()
        return None

    def told(self, record: Record) -> None:
        """Learn what became of a cell."""
        for searching in self._whose.pop(record.key, []):
            if record.role == "inner":
                searching.told(record)
            else:
                self.records[record.key] = record


class Joined:
    """Several sources as one; the first has the word first."""

    def __init__(self, *sources: Any) -> None:
        self._sources = sources

    def take(self) -> Work | None:
        """Return a cell of the first source that has one."""
        return next((work for source in self._sources if (work := source.take()) is not None), None)

    def told(self, record: Record) -> None:
        """Pass a record on to all."""
        for source in self._sources:
            source.told(record)


class _Searching:
    """One search that goes on."""

    def __init__(self, search: Search, store: Store, budget: Budget, fresh: bool, watch: Watch) -> None:
        self._search, self._store, self._limits, self._fresh = search, store, budget, fresh
        self._watch = watch
        self._study = search.study()
        self._flying: dict[str, tuple[Candidate, Work]] = {}
        self._works: dict[tuple[int, int], Work] = {}
        self._at_once = 1
        self._last: deque[Work] | None = None
        self.done: list[Chosen] = []
        self.has_ended = False

    def take(self, at_once: int) -> Work | None:
        """Return the next cell; None if the search waits for those at work, or has ended.

        In a search by seconds there are no more than `at_once` trials at work, for each has its part of what is left.
        """
        self._at_once = at_once
        while self._last is None:
            if (work := self._next_trial()) is not None:
                return work
            if self._flying:
                return None
            if not self._study.more():
                self._last = deque(self._results())
        if self._last:
            return self._last.popleft()
        self.has_ended = True
        return None

    def told(self, record: Record) -> None:
        """Learn what became of a trial on an inner split."""
        candidate, _ = self._flying.pop(record.key)
        self._absorb(candidate, record)

    def _absorb(self, candidate: Candidate, record: Record) -> None:
        score = record.metrics.get(self._search.asked.metric) if record.status == "ok" else None
        # What the search's own limit has cut did not fail by itself; nor is its score that of a whole fit.
        met = record.failure.limit if record.status == "timeout" and record.failure else None
        met, most = record.resources.cut_short_at_s or met, self._limits.time_s
        is_cut = met is not None and (most is None or met < most)
        self._study.told(candidate, None if is_cut else score, seconds_of(record), is_cut=is_cut)

    def _next_trial(self) -> Work | None:
        """Return a cell of a candidate that is not at work, if it may begin."""
        self._recall()
        at_work = self._at_work()
        if at_work and self._is_crowded(len(at_work)):
            return None
        for candidate in self._waiting():
            if candidate.fits == 0 and not self._has_room(candidate):
                if not at_work:
                    self._study.drop(candidate)
                if candidate.ended is None:
                    return None
                continue
            work, limit_s = self._work(candidate), self._limit_s(len(at_work))
            if limit_s is not None and limit_s < LEAST_S:
                if at_work:
                    return None
                candidate.ended = "pruned"
            elif work.cell.key not in self._flying:
                work = replace(work, time_s=limit_s)
                self._flying[work.cell.key] = candidate, work
                return work
        return None

    def _recall(self) -> None:
        """Take trials from the store, all that are there before any begins: what is spent is known then."""
        while not self._fresh:
            found = [(c, self._store.find(self._work(c).cell.key)) for c in self._waiting()]
            stored = [(candidate, record) for candidate, record in found if record]
            left_s = self._left_s()
            if left_s is not None:
                left_s -= sum(seconds_of(record) for _, record in stored)
            counted = [(candidate, record) for candidate, record in stored if self._counts(record, left_s)]
            for candidate, record in counted:
                self._watch(Finished(cell=self._work(candidate).cell, record=record, cached=True))
                left_s = self._left_s()
                if left_s is None or candidate.number == 0 or seconds_of(record) <= left_s + LEAST_S:
                    self._absorb(candidate, record)
                else:  # a longer search had more time for it
                    self._study.told(candidate, None, max(0.0, left_s), is_cut=True)
            if not counted:
                return

    def _at_work(self) -> dict[int, Candidate]:
        """Return the candidates with a cell at work, by number."""
        return {candidate.number: candidate for candidate, _ in self._flying.values()}

    def _waiting(self) -> list[Candidate]:
        """Return the candidates that neither have ended nor are at work."""
        at_work = self._at_work()
        return [c for c in self._study.candidates if c.ended is None and c.number not in at_work]

    def _work(self, candidate: Candidate) -> Work:
        """Return the cell of a candidate on its next inner split."""
        place = candidate.number, len(candidate.scores)
        if place not in self._works:
            self._works[place] = self._search.trial(candidate.params, len(candidate.scores))
        return self._works[place]

    def _is_crowded(self, n_at_work: int) -> bool:
        """Tell whether no more trials should run at once: what they cost is not known yet, or workers have enough."""
        if self._search.asked.budget.seconds is None:
            return False
        return self._study.usual_s == 0.0 or n_at_work >= self._at_once

    def _has_room(self, candidate: Candidate) -> bool:
        """Tell whether the budget has room for another trial; there is always room for the default."""
        seconds = self._search.asked.budget.seconds
        if seconds is None or candidate.number == 0:
            return True
        owed_s = sum(max(0.0, self._study.usual_s - one.seconds) for one in self._at_work().values())
        return self._study.spent_s + owed_s + HALF * self._study.usual_s <= seconds

    def _left_s(self) -> float | None:
        """Return the seconds that are neither spent nor granted to what is at work; None if seconds do not count."""
        seconds = self._search.asked.budget.seconds
        if seconds is None:
            return None
        granted = sum((work.time_s or 0.0) + BESIDES_S for _, work in self._flying.values())
        return OVER * seconds - self._study.spent_s - granted

    def _limit_s(self, n_at_work: int) -> float | None:
        """Return the seconds that a trial may take on an inner split: what is left, shared with idle workers.

        So whatever becomes of trials, they do not take more than there is.
        """
        left_s = self._left_s()
        if left_s is None:
            return None
        sharing = self._at_once - n_at_work if self._study.usual_s else 1
        return round(max(left_s / max(1, sharing), min(LEAST_S + BESIDES_S, left_s)) - BESIDES_S, 3)

    def _counts(self, record: Record, left_s: float | None) -> bool:
        """Tell whether a trial's record stands for what it would be now, with so many seconds left."""
        seconds, own_s = self._search.asked.budget.seconds, None
        if seconds is not None and left_s is not None:
            # What was cut stays so once the budget is used up.
            own_s = max(LEAST_S, left_s / self._limits.workers if left_s > (OVER - 1) * seconds else 0.0)
        time_s, memory_mb = self._limits.seconds(own_s), self._limits.memory_mb
        return self._store.is_done(record, None if time_s is None else HALF * time_s, memory_mb)

    def _results(self) -> Iterator[Work]:
        """Yield the cells with what was chosen that are not done."""
        for variant in self._search.variants:
            kept = self._study.best(ORIGINS[variant]).number == 0
            for work in self._search.chosen(variant, self._study, self._found(variant)):
                record = None if self._fresh else self._store.find(work.cell.key)
                is_done = record and self._store.is_done(record, self._limits.time_s, self._limits.memory_mb)
                default = self._search.default(work.cell.seed) if kept else None
                self.done.append(Chosen(work=work, record=record if is_done else None, default=default))
                if not is_done and not kept:
                    yield work

    def _found(self, variant: Variant) -> dict[str, Any]:
        """Return what the fits of the chosen trial say that a fit on all rows should have instead: means of numbers."""
        best = self._study.best(ORIGINS[variant])
        records = [
            self._store.find(self._search.trial(best.params, fold).cell.key)
            for fold in range(len(best.scores))
        ]
        return averaged([record.found for record in records if record])


def seconds_of(record: Record) -> float:
    """Return what a trial's cell cost: fitting and predicting, or all of its time if it came to neither; and a bit."""
    timing = record.timing
    known = [part for part in (timing.fit_s, timing.predict_s) if part is not None]
    return BESIDES_S + (sum(known) if record.status == "ok" and known else timing.wall_s or sum(known))


def averaged(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the parameters that several fits have all found: of numbers the mean."""
    shared = set.intersection(*(set(each) for each in found)) if found else set()
    means: dict[str, Any] = {}
    for name in sorted(shared):
        values = [each[name] for each in found]
        if all(type(value) is int for value in values):
            means[name] = round(fmean(values))
        else:
            means[name] = fmean(values) if all(type(value) is float for value in values) else values[0]
    return means
