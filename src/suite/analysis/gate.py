"""The gate: which models of a folder are worse than in an earlier one, and what of that breaks what was asked for.

A change counts where its 95 % interval excludes zero and p, adjusted by Holm for all tests that are made, is below 5 %:
of 20 comparisons in which nothing has changed but by chance one at most then says that something has, however many
models there are. `docs/gate.md` has how often that holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from suite.analysis import breaches
from suite.analysis.changes import Answers, Change, measures, scores
from suite.analysis.matching import NEW, OLD, Matched, Table
from suite.analysis.pairs import holm
from suite.analysis.power import POWER
from suite.analysis.tolerances import MEASURES, STATUS, Tolerance
from suite.metrics import METRICS
from suite.store import Store

Verdict = Literal["worse", "not shown to be worse", "better", "incomparable"]
VERDICTS: tuple[Verdict, ...] = ("worse", "not shown to be worse", "better", "incomparable")
CAUGHT = 0.9
"""How often a change of twice the tolerance should be found; where it is not, that is said."""


class Found(NamedTuple):
    """What has changed of one model."""

    table: Table
    matched: Matched
    changes: Mapping[str, Change]
    answers: Answers | None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One model of a data set and protocol, and what became of it."""

    table: Table
    matched: Matched
    verdict: Verdict
    """By the metric of the comparison."""
    why: str
    """Why it is `incomparable`, or why nothing had to be tested."""
    changes: Mapping[str, Change]
    """By metric, those that were asked for, and by every key of `tolerances.MEASURES`."""
    answers: Answers | None

    @property
    def model(self) -> str:
        """As on the boards."""
        return self.matched.model


@dataclass(frozen=True, kw_only=True)
class Check:
    """One model by one key that was asked for."""

    judged: Judged
    tolerance: Tolerance
    breach: str = ""
    """What breaks, in a sentence; empty if nothing does."""
    untested: str = ""
    """Why nothing could break; empty if something could."""
    least: float | None = None
    """The change that would be found 4 times in 5, where one of twice the tolerance is found in fewer than 9 of 10."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Two folders beside each other."""

    old: str
    new: str
    metric: str
    tolerances: tuple[Tolerance, ...]
    models: tuple[Judged, ...]
    """By data set, protocol, target and name."""
    checks: tuple[Check, ...]
    """Every model by every key that was asked for."""
    n_tests: int
    """Tests that verdicts are adjusted for."""

    @property
    def breaches(self) -> tuple[str, ...]:
        """What breaks, a sentence each."""
        return tuple(check.breach for check in self.checks if check.breach)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the gate cannot break on, and why, in sentences."""
        return (*breaches.untested(self.checks), *breaches.too_few(self.checks))

    @property
    def by_table(self) -> list[tuple[Table, list[Judged]]]:
        """The models of each data set, protocol and target."""
        groups: dict[tuple[str, str, str], list[Judged]] = defaultdict(list)
        for one in self.models:
            groups[one.table.dataset, one.table.protocol, one.table.target].append(one)
        return [(group[0].table, group) for group in groups.values()]


def gate(
    tables: Sequence[Table],
    old: Store,
    new: Store,
    metric: str = "accuracy",
    tolerances: Sequence[Tolerance] = (),
) -> Gate:
    """Judge every model by a metric, and check it against tolerances; the stores have the predictions."""
    asked = dict.fromkeys([metric, *(one.key for one in tolerances if one.key in METRICS)])
    found = []
    for table in tables:
        for one in table.models:
            changes, answers = scores(one, table, asked, old, new)
            found.append(Found(table, one, {**changes, **measures(one, MEASURES)}, answers))
    return judged(found, metric, tolerances, str(old.root), str(new.root))


def judged(
    found: Sequence[Found], metric: str, tolerances: Sequence[Tolerance], old: str = OLD, new: str = NEW
) -> Gate:
    """Judge what has changed of each model; `old` and `new` are what the folders are called."""
    adjusted = _adjusted(one.changes[metric] for one in found)
    models = tuple(
        Judged(
            table=one.table,
            matched=one.matched,
            verdict=_verdict(one.changes[metric], p),
            why=one.changes[metric].why,
            changes=one.changes,
            answers=one.answers,
        )
        for one, p in zip(found, adjusted, strict=True)
    )
    return Gate(
        old=old,
        new=new,
        metric=metric,
        tolerances=tuple(tolerances),
        models=models,
        checks=tuple(_checks(models, tolerances)),
        n_tests=sum(one.changes[metric].is_tested for one in found),
    )


def _adjusted(changes: Iterable[Change]) -> Iterator[float]:
    """Yield p of each change, adjusted for all of them; 1 of one without a test, which does not count."""
    known = list(changes)
    stepped = iter(holm(np.array([c.p for c in known if c.p is not None])).tolist())
    return iter([next(stepped) if c.is_tested else 1.0 for c in known])


def _verdict(change: Change, p: float) -> Verdict:
    if not change.is_tested:
        return "not shown to be worse" if change.is_same else "incomparable"
    if not change.is_real(p):
        return "not shown to be worse"
    return "better" if change.sign * (change.difference or 0.0) > 0 else "worse"


def _checks(models: Sequence[Judged], tolerances: Sequence[Tolerance]) -> Iterator[Check]:
    """Yield every model by every key; a new model has nothing to be held to."""
    known = [one for one in models if one.matched.old is not None and one.matched.n_before]
    figures = [one for one in tolerances if one.key != STATUS]
    pairs = [(one, tolerance) for one in known for tolerance in figures]
    changes = [one.changes[tolerance.key] for one, tolerance in pairs]
    n_tests = sum(change.is_tested for change in changes)
    adjusted = dict(
        zip([(one.table.name, one.model, t.key) for one, t in pairs], _adjusted(changes), strict=True)
    )
    for one in known:
        for tolerance in tolerances:
            if tolerance.key == STATUS:
                yield Check(judged=one, tolerance=tolerance, breach=breaches.lost(one))
                continue
            change = one.changes[tolerance.key]
            if not change.is_tested:
                yield Check(
                    judged=one,
                    tolerance=tolerance,
                    untested="" if change.is_same else one.matched.why or change.why,
                )
                continue
            bound = breaches.bound(tolerance, change)
            is_past = change.sign * (change.difference or 0.0) < -bound
            broken = is_past and change.is_real(adjusted[one.table.name, one.model, tolerance.key])
            surely = change.least(n_tests, CAUGHT)
            yield Check(
                judged=one,
                tolerance=tolerance,
                breach=breaches.worse(one, change, tolerance) if broken else "",
                least=change.least(n_tests, POWER) if surely and surely > 2 * bound and not broken else None,
            )
