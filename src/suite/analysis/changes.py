"""What has changed of one model between two folders: a figure, its interval and p, or why there is no test."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import NormalDist, fmean

import numpy as np

from suite.analysis import pairs
from suite.analysis.comparing import compare
from suite.analysis.comparison import Comparisons, Method, Pair
from suite.analysis.evidence import TOLERANCE
from suite.analysis.matching import NEW, OLD, Matched, Table, Twins
from suite.analysis.power import errors_apart, least_difference
from suite.analysis.resampling import DRAWS
from suite.analysis.scores import mean, metric_of, over_splits
from suite.analysis.tallies import MEANS
from suite.analysis.tolerances import MEASURES
from suite.errors import RecordError
from suite.metrics import METRICS, Scored
from suite.schema import Predictions, Record
from suite.store import Store

AGAIN = "not measured anew"
FEWEST = 3
"""Fits on both sides below which times have no interval."""
BUSIER = 0.5
"""How much more load a core a machine may have had for times to be compared."""
_Z = NormalDist().inv_cdf(1 - pairs.ALPHA / 2)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One figure of one model, before and now."""

    key: str
    old: float | None = None
    new: float | None = None
    """Means over the cells that both have; where there are none, over a side's own."""
    difference: float | None = None
    """New less old, in the metric's unit; of what is measured, the ratio less 1."""
    low: float | None = None
    high: float | None = None
    """Its 95 % interval."""
    p: float | None = None
    """Two-sided, of this test alone; None where none was made."""
    why: str = ""
    """Why no test was made, or needs to be."""
    is_same: bool = False
    """Whether it is known not to have changed."""
    method: Method | None = None
    n_rows: int = 0
    """Test rows that it rests on."""
    discordant: float = 0.0
    """Their share that exactly one of the two has right."""
    seeds: float = 0.0
    """How far the seed alone moves the figure, from the least to the largest."""

    @property
    def is_tested(self) -> bool:
        """Whether a test was made."""
        return self.p is not None

    @property
    def sign(self) -> int:
        """1 if more is better, else -1."""
        return 1 if self.key in METRICS and METRICS[self.key].higher_is_better else -1

    def is_real(self, p: float) -> bool:
        """Tell whether there is a change, given p adjusted for all tests that were made.

        The interval has to exclude zero as well, and the change to be more than rounding and more than the seed alone
        does.
        """
        if self.difference is None or self.low is None or self.high is None:
            return False
        is_apart = not self.low <= 0 <= self.high and abs(self.difference) > max(TOLERANCE, self.seeds)
        return p < pairs.ALPHA and is_apart

    def least(self, n_tests: int, power: float) -> float | None:
        """Return the change for the worse that is found with a probability of `power` among so many tests."""
        if self.low is None or self.high is None:
            return None
        alpha = pairs.ALPHA / max(1, n_tests)
        if self.method == "tango":
            found = least_difference(self.n_rows, min(self.discordant, 1.0), alpha, power)
        else:
            found = (self.high - self.low) / 2 / _Z * errors_apart(alpha, power)
        return max(found, self.seeds)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Rows whose answer is another one; means over seeds."""

    n_rows: int
    changed: float
    only_old: float
    """Rows that were right and are not any more."""
    only_new: float


def scores(
    matched: Matched, table: Table, keys: Iterable[str], old: Store, new: Store
) -> tuple[dict[str, Change], Answers | None]:
    """Return what has changed by metrics, and on how many rows the answer has; by the tests that boards use."""
    found = {key: _figures(matched, key) for key in keys}
    if not matched.twins:
        return {key: replace(change, why=matched.why) for key, change in found.items()}, None
    digests = [(a.predictions_sha256, b.predictions_sha256) for a, b in matched.twins.values()]
    if all(a is not None and a == b for a, b in digests):
        said = "the predictions are the same"
        same = {key: replace(c, difference=0.0, is_same=True, why=said) for key, c in found.items()}
        n_rows = sum({a.split: a.n_test for a, _ in matched.twins.values()}.values())
        return same, Answers(n_rows=n_rows, changed=0, only_old=0, only_new=0)
    held = _Held(old, new)
    positive = table.classes.index(table.positive) if table.positive else None
    cells = {
        side: {
            cell: replace(both[place], key=f"{side} {both[place].key}")
            for cell, both in matched.twins.items()
        }
        for place, side in enumerate((OLD, NEW))
    }
    try:
        compared = compare(cells, held, positive)
    except RecordError:
        return {key: _by_figures(change, held.why) for key, change in found.items()}, None
    except ValueError:
        why = "other rows were tested, or their labels are others"
        return {key: replace(change, why=why) for key, change in found.items()}, None
    tested = {key: _tested(change, compared) for key, change in found.items()}
    return tested, _answers(matched.twins, compared, held)


def measures(matched: Matched, keys: Iterable[str]) -> dict[str, Change]:
    """Return what has changed of times and memory: the mean ratio of fits, and Student's interval of its logarithm."""
    twins = {(a.key, b.key): (a, b) for a, b in matched.twins.values()}
    return {key: _measured(key, list(twins.values())) for key in keys}


class _Held:
    """The predictions of both sides, each read once; which side lacks some is found out."""

    def __init__(self, old: Store, new: Store) -> None:
        self._stores = {OLD: old, NEW: new}
        self._held: dict[str, Predictions] = {}
        self.why = ""

    def __call__(self, record: Record) -> Predictions:
        if record.key not in self._held:
            side, _, key = record.key.partition(" ")
            own = replace(record, key=key)
            try:
                self._held[record.key] = self._stores[side].predictions(own)
            except RecordError:
                there = self._stores[side].path_for(own).with_suffix(".npz").exists()
                which = "not those that were recorded" if there else "not there"
                self.why = f"the predictions in {side} are {which}, and without them no test can be made"
                raise
        return self._held[record.key]


def _figures(matched: Matched, key: str) -> Change:
    """Return a metric on both sides."""
    get = partial(metric_of, key)
    if matched.twins:
        sides = [[both[place] for both in matched.twins.values()] for place in (0, 1)]
    else:
        sides = [entry.over(entry.ok) if entry else [] for entry in (matched.old, matched.new)]
    old, new = (over_splits(records, get) for records in sides)
    return Change(key=key, old=old, new=new)


def _by_figures(change: Change, why: str) -> Change:
    """Return what figures alone say, where predictions are not there."""
    if change.old is not None and change.new is not None and abs(change.new - change.old) <= TOLERANCE:
        return replace(
            change, difference=change.new - change.old, is_same=True, why="the figures are the same"
        )
    return replace(change, why=why)


def _tested(change: Change, compared: Comparisons) -> Change:
    key, standing = change.key, compared.standings[change.key]
    if change.old is None or change.new is None:
        return replace(change, why=f"{METRICS[key].within_sentence} is not defined")
    pair = compared.pair(key, NEW, OLD)
    if pair is None:
        untested = f"no test of {METRICS[key].within_sentence} is known to be right here"
        return _by_figures(change, untested)
    return replace(
        change,
        difference=pair.difference,
        low=pair.low,
        high=pair.high,
        p=_beyond_draws(pair, standing.method),
        method=standing.method,
        n_rows=compared.n_rows,
        discordant=((pair.only_first or 0.0) + (pair.only_second or 0.0)) / compared.n_rows,
        seeds=max(compared.seed_spread.get(key, {}).values(), default=0.0),
    )


def _beyond_draws(pair: Pair, method: Method) -> float:
    """Return p of a pair; where it is the least that draws can say, the normal law's tail.

    Among a hundred tests, nothing could be told by 2,000 draws alone.
    """
    if method != "bootstrap" or pair.p > 2.5 / (DRAWS + 1) or pair.low <= 0 <= pair.high:
        return pair.p
    nearest = pair.low if pair.difference > 0 else pair.high
    error = abs(pair.difference - nearest) / _Z
    tail = 2 * NormalDist().cdf(-abs(pair.difference) / error) if error else 0.0
    # Decisions say no more than the rows on which they differ: `standings.standing_of`.
    if pair.metric not in MEANS:
        tail = max(tail, 0.5 ** ((pair.only_first or 0.0) + (pair.only_second or 0.0)))
    return min(pair.p, tail)


def _answers(twins: Twins, compared: Comparisons, load: Callable[[Record], Predictions]) -> Answers | None:
    """Return how many rows have another answer; None where each was tested several times."""
    if not compared.only:
        return None
    changed: dict[str, list[int]] = defaultdict(list)
    for old, new in {(a.key, b.key): (a, b) for a, b in twins.values()}.values():
        answers = [
            Scored(found.y_true, found.proba).y_pred
            for found in (
                load(replace(old, key=f"{OLD} {old.key}")),
                load(replace(new, key=f"{NEW} {new.key}")),
            )
        ]
        changed[old.split].append(int((answers[0] != answers[1]).sum()))
    i, j = (compared.models.index(side) for side in (OLD, NEW))
    return Answers(
        n_rows=compared.n_rows,
        changed=sum(map(fmean, changed.values())),
        only_old=compared.only[i][j],
        only_new=compared.only[j][i],
    )


def _measured(key: str, twins: Sequence[tuple[Record, Record]]) -> Change:
    measure = MEASURES[key]

    def value(record: Record) -> float | None:
        found: float | None = getattr(getattr(record, measure.part), measure.name)
        return found

    known = [(a, b) for old, new in twins if (a := value(old)) is not None and (b := value(new)) is not None]
    change = Change(key=key, old=mean(a for a, _ in known), new=mean(b for _, b in known))
    if not known:
        return replace(change, why="it was not measured")
    if all(a == b for a, b in known):
        return replace(change, is_same=True, why=AGAIN)
    if why := elsewhere(twins):
        return replace(change, why=why)
    ratios = np.array([math.log(b / a) for a, b in known if a > 0 and b > 0])
    if len(ratios) < FEWEST:
        fits = "1 fit has" if len(known) == 1 else f"{len(known)} fits have"
        why = f"{fits} no interval: at least {FEWEST} are needed on both sides (--seeds, --protocol cv5)"
        ratio = math.exp(fmean(ratios)) - 1 if len(ratios) else None
        return replace(change, difference=ratio, why=why)
    found = pairs.corrected_t(ratios[:, None], 1, 0)
    middle, low, high = (math.expm1(float(part[0])) for part in found[:3])
    return replace(change, difference=middle, low=low, high=high, p=float(found.p[0]), method="corrected_t")


def elsewhere(twins: Sequence[tuple[Record, Record]]) -> str:
    """Return why times of these fits cannot be compared; nothing if they were taken on one machine in one way."""
    told: dict[str, Callable[[Record], object]] = {
        "processors": lambda r: r.provenance.cpu,
        "cores": lambda r: r.provenance.cores,
        "systems": lambda r: r.provenance.os,
        "threads": lambda r: r.resources.threads,
    }
    for what, get in told.items():
        before, now = ({get(both[place]) for both in twins} for place in (0, 1))
        if None in before | now:
            return f"the {what} were not recorded"
        if before != now:
            return f"the {what} differ ({_all(before)}; now {_all(now)})"
    busy = [any((both[place].timing.busy_workers or 0) > 1 for both in twins) for place in (0, 1)]
    if busy[0] != busy[1]:
        return f"other fits ran beside those in {OLD if busy[0] else NEW} only"
    load = [mean(both[place].timing.load for both in twins) for place in (0, 1)]
    cores = twins[0][0].provenance.cores or 1
    if load[0] is not None and load[1] is not None and abs(load[1] - load[0]) > BUSIER * max(cores, 2):
        return f"the machine was busier in one of them (load {load[0]:.1f}, now {load[1]:.1f})"
    return ""


def _all(values: set[object]) -> str:
    return ", ".join(sorted(map(str, values)))
