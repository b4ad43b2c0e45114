"""Examine a table: every finding, the gravest first, and the columns that are better left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from suite.checks.columns import Columns
from suite.checks.copies import find_copies
from suite.checks.identifiers import find_identifiers
from suite.checks.order import find_order, is_sorted_by_class
from suite.checks.predictors import find_predictors
from suite.schema import Finding


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What examining a table came to."""

    left_out: Mapping[str, str]
    """Columns that are better no features, each with its reason."""
    findings: tuple[Finding, ...]
    """The gravest first."""
    notes: tuple[str, ...] = ()
    """What deserves a note but no warning."""


def examine(columns: Columns, y: np.ndarray, classes: Sequence[str], keep: Collection[str] = ()) -> Audit:
    """Look for columns that repeat the target, tell it alone, follow rows sorted by class, or name the rows.

    - target-copy: values map one to one onto the classes, but for at most 0.5 % of the rows, or of those that have a
      value; left out, see `copies`
    - predicts-target: one column alone leaves at most 2 % of the errors of always naming the largest class; reported,
      see `predictors`
    - sorted-rows: the rows are sorted by class, and a number or a date follows their order; reported, see `order`
    - identifier: whole numbers that count the rows by what they hold; left out, see `identifiers`
    - no-information: every column that is not left out has one value; reported

    Numbers that name the rows by what they are called, and text that differs in nearly every row, are left out without
    a finding: without them, no score means anything else. The thresholds are such that none of 500 random ordinary
    tables gives a finding, and every planted fault does; both are tested. Nothing depends on the names of the classes.

    Columns in `keep` are used whatever they are; the only finding about them is that they repeat the target.
    """
    n_classes = len(classes)
    asked = {name: column for name, column in columns.items() if name not in keep}
    copies, repeated = find_copies(columns, y, n_classes, keep)
    rest = {name: column for name, column in asked.items() if name not in copies}
    is_sorted = is_sorted_by_class(y, n_classes)
    identifiers, named = find_identifiers(rest, is_sorted)
    rest = {name: column for name, column in rest.items() if name not in identifiers}
    ordered = find_order(rest, y, n_classes) if is_sorted else []
    rest = {name: column for name, column in rest.items() if all(name not in f.columns for f in ordered)}
    telling = find_predictors(rest, y, n_classes)
    left_out = copies | identifiers
    used = {name: column for name, column in columns.items() if name not in left_out}
    return Audit(
        left_out=left_out,
        findings=(*repeated, *telling, *ordered, *named, *_no_information(used)),
        notes=("the rows are sorted by class",) if is_sorted and not ordered else (),
    )


def _no_information(used: Columns) -> list[Finding]:
    if not used or any(values.nunique(dropna=False) > 1 for _, values in used.values()):
        return []
    text = "every column that is used has one value: no model can do better than the largest class"
    return [Finding(code="no-information", text=text)]
