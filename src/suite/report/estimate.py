"""How long the rest of a plan takes: from what this run has seen, from earlier times, else from rough guesses."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean, median

from suite.events import Planned, Searching
from suite.schema import Cell, Record

Kind = tuple[str, str]
"""A data set and a model."""
BESIDES_S = 0.1
"""What a trial counts beside fitting and predicting."""
LEAST_S = 0.5
"""Less than this is not worth saying."""
FEW = 5
"""Trials or fits, after which it is known what the usual one is."""
TRUSTED_S = 5.0
"""An earlier time is taken as it is until fits of about so many seconds have said otherwise."""
LOAD_S, MOST_PART = 240.0, 0.2
"""How slow the machine is is told by the last fits of models that had some before: by each for as large a part as it is
of so many seconds, but no larger than that."""
OVERDUE = 0.25
"""A fit that takes longer than it should goes on for this part of what it has taken: nothing better is known of it."""


@dataclass
class _Search:
    """What the searches of one data set and model have come to."""

    asked: Searching
    seconds: float = 0.0
    """That count on their budget."""
    trials: set[str] = field(default_factory=set)
    fits: int = 0
    took: list[float] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    """The splits whose search has chosen."""
    chosen: int = 0
    chosen_s: list[float] = field(default_factory=list)
    run_s: float = 0.0
    """Of `seconds`, those of fits of this run."""

    @property
    def open(self) -> float:
        """The part of the searches that have not chosen yet."""
        return 1 - min(len(self.ended), self.asked.searches) / self.asked.searches

    @property
    def seconds_left(self) -> float:
        """Seconds of the budget; one that ends early leaves the rest."""
        budget = self.asked.seconds or 0.0
        return max(0.0, min(budget - self.seconds, budget * self.open))

    @property
    def fits_left(self) -> float:
        """Fits of trials that are counted, as many a trial as those so far had."""
        if not self.asked.fits:
            return 0.0
        fits = float(self.asked.fits)
        if self.asked.trials and len(self.trials) >= FEW:
            fits = min(fits, self.asked.trials * self.fits / len(self.trials))
        return max(0.0, min(fits - self.fits, fits * self.open))


class Estimate:
    """A running estimate over the cells of a plan.

    A cell should take as long as those of its model and data that this run has finished. Where there is none, it should
    take what earlier ones took, or what is guessed, times how far such figures were off in this run: those of its
    family, if there are any. What is left is then dealt out to the workers, the longest first.
    """

    def __init__(self, plan: Planned) -> None:
        self._limit = math.inf if plan.budget.time_s is None else plan.budget.time_s
        self._left: dict[str, Kind] = {cell.key: (cell.dataset, cell.model) for cell in plan.cells}
        self._family = {(cell.dataset, cell.model): cell.family for cell in plan.cells}
        self._expected, self._guessed, self._at_once = plan.expected, plan.guessed, plan.at_once
        self._timed = {kind for key, kind in self._left.items() if key in plan.expected}
        self._taken: dict[Kind, list[tuple[float, float | None]]] = defaultdict(list)
        """Of each cell that was run: what it took, and what it should have taken."""
        self._load = 1.0
        """How slow the machine is, beside what it was at first: others may use it too."""
        self._beside: list[float] = []
        """What cells took of a worker's time beside their own: to hand them over, to read and score their answers."""
        self._searches = {kind: _Search(asked) for kind, asked in plan.searches.items()}

    def finish(self, key: str, took_s: float | None, own_s: float | None = None) -> None:
        """Count a cell as finished.

        `took_s` is how long it had a worker, None if nothing was run for it; `own_s` is how long it took by itself, if
        that is known: the first one of a worker waits for its libraries, which the others do not.
        """
        kind = self._left.pop(key, None)
        if kind is None or took_s is None:
            return
        if own_s is not None:
            self._beside.append(max(0.0, took_s - own_s))
            usual = median(self._beside) if len(self._beside) >= FEW else 0.0
            took_s = min(took_s, own_s + usual)
        if taken := self._taken.get(kind):
            ratio = took_s / max(fmean(seconds for seconds, _ in taken), 1e-3)
            part = min(MOST_PART, took_s / LOAD_S)
            self._load = math.exp((1 - part) * math.log(self._load) + part * math.log(max(ratio, 1e-3)))
        self._taken[kind].append((took_s / self._load, self._expected.get(key, self._guessed.get(key))))

    def finish_trial(self, cell: Cell, took_s: float | None, record: Record) -> None:
        """Count a fit of a search as finished; `took_s` is None if it was found done."""
        if (search := self._searches.get((cell.dataset, cell.model))) is None:
            return
        timing = record.timing
        known = [part for part in (timing.fit_s, timing.predict_s) if part is not None]
        counted = sum(known) if record.status == "ok" and known else timing.wall_s or took_s or 0.0
        seconds = BESIDES_S + counted
        search.seconds += seconds
        search.trials.add(f"{cell.split.rpartition('-')[0]} {sorted(cell.params.items(), key=str)}")
        search.fits += 1
        if took_s is not None:
            search.took.append(took_s)
            search.run_s += seconds

    def begin_chosen(self, cell: Cell) -> None:
        """Learn that a search has ended: what it chose begins, or is there already."""
        if search := self._searches.get((cell.dataset, cell.model)):
            search.ended.add(cell.split)

    def finish_chosen(self, cell: Cell, took_s: float | None) -> None:
        """Count a cell that came of a search as finished."""
        self.begin_chosen(cell)
        if search := self._searches.get((cell.dataset, cell.model)):
            search.chosen += 1
            if took_s is not None:
                search.chosen_s.append(took_s)

    def remaining(self, running: Mapping[str, float]) -> float | None:
        """Return the seconds that are left, given those that each cell at work has taken so far, by its key.

        It is None while nothing can be said, or once every cell left has taken longer than it should have.
        """
        waiting = dict(self._left)  # A copy: cells may finish meanwhile, in another thread.
        off = self._off()
        # A cell at work that has passed what it should take is evidence on the others of its kind.
        longest: dict[Kind, float] = defaultdict(float)
        for key in running.keys() & waiting.keys():
            longest[waiting[key]] = max(longest[waiting[key]], running[key])
        at_work, lefts = [], []
        is_known = False
        for key, kind in waiting.items():
            seconds = self._seconds(key, kind, off)
            if seconds is None:
                return None
            if key not in running:
                lefts.append(max(seconds, longest[kind]))
            elif seconds > running[key]:
                at_work.append(seconds - running[key])
            else:
                at_work.append(min(OVERDUE * running[key], self._limit - running[key]))
                continue
            is_known = True
        searching = self._searching_s()
        if searching is None or not (is_known or searching):
            return None
        n_left = len(lefts) + len(at_work) + (self._at_once or len(running) if searching else 0)
        at_once = max(1, min(self._at_once or len(running), n_left))
        left = _dealt(at_work, lefts, searching, at_once)
        return left if left >= LEAST_S else None

    def _off(self) -> dict[tuple[bool, str], float]:
        """Return by how much figures were off, by whether they were guesses and by family; '' is of all families."""
        found: dict[tuple[bool, str], list[tuple[float, float]]] = defaultdict(list)
        found[False, ""] = [(1.0, TRUSTED_S)]
        for kind, taken in list(self._taken.items()):
            should_s = sum(should for _, should in taken if should)
            if should_s:
                ratio = sum(took for took, should in taken if should) / should_s
                found[kind not in self._timed, ""].append((ratio, should_s))
                found[kind not in self._timed, self._family[kind]].append((ratio, should_s))
        return {of: _middle(ratios) for of, ratios in found.items()}

    def _seconds(self, key: str, kind: Kind, off: Mapping[tuple[bool, str], float]) -> float | None:
        is_guess = key not in self._expected
        should = self._guessed.get(key) if is_guess else self._expected[key]
        if taken := self._taken.get(kind):
            usual = fmean(took for took, _ in taken)
            same = [of for _, of in taken if of]
            # Guesses grow with the train rows, as where each fold has more of them.
            usual *= self._load
            return usual * should / fmean(same) if is_guess and should and same else usual
        factor = off.get((is_guess, self._family[kind]), off.get((is_guess, ""), None if is_guess else 1.0))
        return None if factor is None or should is None else min(self._limit, factor * should * self._load)

    def _searching_s(self) -> float | None:
        """Return the seconds, of all workers, that searches and what comes of them have left; None if unknown."""
        searches = list(self._searches.items())
        took = [seconds for _, search in searches for seconds in search.took]
        counted = sum(search.run_s for _, search in searches)
        taken = [seconds for cells in list(self._taken.values()) for seconds, _ in cells]
        left = 0.0
        for kind, search in searches:
            own = [seconds for seconds, _ in self._taken.get(kind, ())]
            if (n := search.fits_left) and not (usual := search.took or own or took or taken):
                return None
            left += n * fmean(usual) if n else 0.0
            # A fit takes more of a worker's time than what its search counts.
            left += search.seconds_left * (sum(took) / counted if counted else 1.0)
            if (n := search.asked.chosen - search.chosen) and (usual := search.chosen_s or own or taken):
                left += n * fmean(usual)
        return left


def _middle(ratios: Iterable[tuple[float, float]]) -> float:
    """Return the median of ratios by their weights; of two in the middle the first."""
    ordered = sorted(ratios)
    half, reached = sum(weight for _, weight in ordered) / 2, 0.0
    for ratio, weight in ordered:
        reached += weight
        if reached >= half:
            return ratio
    raise ValueError("no ratio")


def _dealt(at_work: Iterable[float], waiting: Iterable[float], shared: float, at_once: int) -> float:
    """Return when the last worker is done, if the next gets the longest; what is `shared` can be cut as one likes."""
    loads = sorted(at_work, reverse=True)
    loads += [0.0] * (at_once - len(loads))
    heapq.heapify(loads)
    for seconds in sorted(waiting, reverse=True):
        heapq.heappush(loads, heapq.heappop(loads) + seconds)
    return max(*loads, (sum(loads) + shared) / at_once)
