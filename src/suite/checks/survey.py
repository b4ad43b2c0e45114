"""All checks of a table and its splits: the quick ones, and the whole survey."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from suite.checks.classes import find_rare_classes
from suite.checks.columns import Columns
from suite.checks.drift import MOST_ROWS, find_row_drift, find_split_drift, find_time_drift
from suite.checks.groups import find_groups
from suite.checks.junk import find_junk
from suite.checks.leaks import find_noisy_copies, find_shifted
from suite.checks.naming import says_time
from suite.checks.neighbours import find_near_duplicates
from suite.checks.order import is_sorted_by_class
from suite.checks.repeats import Positions, Repeats, find_repeats
from suite.errors import listed
from suite.schema.audits import Finding, by_harm, without_explained

MOST_TIMES = 3
"""Times that are looked at for drift."""
_TELLING = ("target-copy", "predicts-target", "sorted-rows", "identifier")
_COUNTED = re.compile(r"([\d,]*\d) rows?\b")


@dataclass(frozen=True, kw_only=True)
class Surveyed:
    """A table as the checks see it: plain arrays and typed columns, with its splits."""

    columns: Columns
    """The features."""
    y: np.ndarray
    """Codes 0..K-1, shape (n_samples,)."""
    classes: Sequence[str]
    splits: Mapping[str, Positions]
    protocol: str
    """Its name."""
    unused: Columns = field(default_factory=dict)
    """Columns that are left out."""
    known: Sequence[Finding] = ()
    """What reading the table came upon."""
    notes: Sequence[str] = ()
    dropped: Mapping[str, str] = field(default_factory=dict)
    """Columns that are left out, each with its reason."""


def quick(table: Surveyed) -> tuple[tuple[Finding, ...], Repeats]:
    """Return what is found by hashing and counting alone, in a fraction of a second at 50,000 rows."""
    import pandas as pd

    X = pd.DataFrame({name: values for name, (_, values) in table.columns.items()}, copy=False)
    repeats = find_repeats(X, table.y, table.splits)
    rare = find_rare_classes(table.y, table.classes, table.splits, table.protocol)
    return by_harm([*table.known, *repeats.findings, *rare]), repeats


def survey(table: Surveyed, *, near_duplicates: bool = False) -> tuple[tuple[Finding, ...], Repeats]:
    """Return what all checks find, the gravest first; near duplicates only if asked for."""
    y, n_classes = table.y, len(table.classes)
    found, repeats = quick(table)
    findings = list(found)
    every = {**table.unused, **table.columns}
    told = {name for finding in table.known if finding.code in _TELLING for name in finding.columns}
    rest = {name: column for name, column in every.items() if name not in told}
    findings += find_shifted(rest, y, n_classes)
    # What follows sorted rows has levels of one class each. Whatever else was said, groups may be the reason.
    sorted_rows = {name for f in table.known if f.code == "sorted-rows" for name in f.columns}
    rest = {name: column for name, column in every.items() if name not in sorted_rows}
    groups = find_groups(rest, y, n_classes, table.columns.keys(), repeats.first)
    told |= {name for finding in groups for name in finding.columns}
    findings += [*_doubted(groups, table.known), *find_noisy_copies(table.columns, y, n_classes, told)]
    findings += _drift(table, {finding.columns[0]: every[finding.columns[0]] for finding in groups})
    findings += find_junk(every)
    if near_duplicates:
        findings += find_near_duplicates(table.columns, repeats.first, len(y))
    findings += _said(table)
    return by_harm(without_explained(findings)), repeats


def _doubted(groups: Sequence[Finding], known: Sequence[Finding]) -> Iterator[Finding]:
    """Yield findings about groups; where a column's levels tell the class nearly always, it may be no group at all."""
    telling = {name for finding in known if finding.code == "predicts-target" for name in finding.columns}
    for finding in groups:
        name = finding.columns[0]
        doubt = f"; if it is known only after the class, and names no groups, leave it out: --drop {shlex.quote(name)}"
        yield replace(finding, advice=finding.advice + doubt) if name in telling else finding


def _drift(table: Surveyed, groups: Columns) -> Iterator[Finding]:
    y = table.y
    train, test = next(iter(table.splits.values()))
    yield from find_split_drift(table.columns, train, test, table.protocol)
    if table.protocol.startswith("time:"):
        return
    every = {**table.columns, **table.unused}
    drifting = find_time_drift(table.columns, every, _times(every), y, groups)
    yield from drifting
    if is_sorted_by_class(y, len(table.classes)):
        order = list(dict.fromkeys(y.tolist()))
        text = f"the rows are sorted by class: {listed([table.classes[code] for code in order], 3)}"
        yield Finding(code="class-order", text=text, effect="none: every split but time:COLUMN shuffles")
    elif not drifting:
        yield from find_row_drift(table.columns, y, groups)


def in_trees(table: Surveyed) -> int:
    """Return how many cells trees learn from, roughly: rows x features, for the table and again for each time."""
    n_times = len(_times({**table.columns, **table.unused}))
    return min(len(table.y), MOST_ROWS) * len(table.columns) * (1 + n_times)


def _times(columns: Columns) -> list[str]:
    """Return the first columns that are times: dates, and numbers whose names say so."""
    times = [
        name
        for name, (kind, _) in columns.items()
        if kind == "datetime" or (kind == "numeric" and says_time(name))
    ]
    return times[:MOST_TIMES]


def _said(table: Surveyed) -> Iterator[Finding]:
    """Yield what reading the table changed, and which columns it left out, as notes."""
    reasons: dict[str, list[str]] = {}
    told = {name for finding in table.known for name in finding.columns}
    for name, reason in table.dropped.items():
        if "--" not in reason and name not in told:
            reasons.setdefault(reason, []).append(name)
    for reason, names in reasons.items():
        text = f"{listed(names, 5)} left out: {reason}"
        yield Finding(code="no-feature", text=text, columns=tuple(names), number=len(names))
    for note in table.notes:
        if note == "the rows are sorted by class":
            continue
        counted = _COUNTED.search(note)
        number = int(counted[1].replace(",", "")) if counted else None
        yield Finding(code="reading-note", text=note, number=number)
