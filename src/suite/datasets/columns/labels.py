"""Class labels to integer codes: which spellings are one class, and which labels are missing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, InvalidOperation
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from suite.datasets.columns.numbers import find
from suite.datasets.columns.typed import Text, as_text, tally
from suite.datasets.columns.words import clean, is_mark
from suite.datasets.table import count_rows
from suite.errors import DataError
from suite.schema import Finding

MAX_CLASSES = 1000
MAX_INTEGER_LEVELS = 50
MIN_MEAN_CLASS_SIZE = 5
FEW = 0.05
"""A word for missing is a label that is missing up to this share of the rows; beyond, it is a class."""
_EXACT = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Numbers of 30 digits are told apart, and one of a million is a number still."""
_WHOLE = re.compile(r"[+-]?\d+(\.0*)?", re.ASCII)
_CODES = frozenset({"-9", "-99", "-999", "-9999", "99", "999", "9999"})
_MISSING_WORDS = frozenset({"none", "missing", "nil"})


class EncodedLabels(NamedTuple):
    """Codes of the rows that have a label, the class names, and which rows those are."""

    y: np.ndarray
    """int16 codes 0..K-1, shape (n_labelled,)."""
    classes: tuple[str, ...]
    present: np.ndarray
    """bool, shape (n_samples,)."""
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def encode_labels(
    labels: Any, target: str, *, missing: Collection[str] = (), as_category: bool = False
) -> EncodedLabels:
    """Encode one label a row.

    Labels are stripped; forms that differ only in blanks or in Unicode's normal form, or that are the same number
    (`1`, `1.0`), are one class. Empty labels are missing, and words such as `?` and `N/A` in at most 5 % of the rows,
    those in `missing` in any number. Floats that are all whole are integers. Classes are sorted, by value if every
    name is a number. A target counts as continuous if all its values are numbers and one of them is not whole, or if
    it holds more than 50 whole numbers at fewer than 5 rows each; with `as_category`, never.

    Raises `DataError` if no row has a label, there is one class or more than 1,000, or the target is continuous.
    """
    values = pd.Series(labels).reset_index(drop=True)
    codes, different = pd.factorize(values)
    written = [as_text(cell) for cell in different.tolist()]
    text = Text(codes, list(map(clean, written)))
    cells, counts = tally(text)
    rows = dict(zip(cells, counts.tolist(), strict=True))
    absent = _absent(rows, len(values), missing)
    kept = [cell for cell in rows if cell not in absent]
    if not kept:
        raise DataError(f"column {target!r} holds no label in any of its {len(values):,} rows")
    n_labelled = sum(rows[cell] for cell in kept)
    one = _one_form(kept)
    names = list(dict.fromkeys(one.values()))
    if not as_category:
        _refuse_continuous(names, n_labelled, target)
    if len(names) == 1:
        rest = len(values) - n_labelled
        also = f", and no label in {count_rows(rest)}" if rest else ""
        raise DataError(
            f"column {target!r} has one class ({names[0][:40]!r}){also}; classification needs two or more"
        )
    if not as_category and len(names) > MAX_INTEGER_LEVELS and 2 * len(names) > n_labelled:
        raise DataError(
            f"column {target!r} has {len(names):,} different labels in {count_rows(len(values))}, such as "
            f"{names[0][:40]!r}: a class needs several rows"
        )
    if len(names) > MAX_CLASSES:
        raise DataError(f"column {target!r} has {len(names):,} classes; the limit is {MAX_CLASSES:,}")
    classes = sorted(names)
    if all(_number(name) is not None for name in names):
        classes.sort(key=lambda name: (_number(name), name))
    place = {cell: classes.index(name) for cell, name in one.items()}
    y = np.array([*(place.get(cell, -1) for cell in text.cells), -1], dtype=np.int16)[codes]
    present = y >= 0
    findings = _findings(target, rows, len(values), absent, one)
    return EncodedLabels(
        y=y[present],
        classes=tuple(classes),
        present=present,
        notes=tuple(_about_forms(target, one, written)),
        findings=tuple(Finding(code=code, text=text, columns=(target,)) for code, text in findings),
    )


def _absent(rows: Mapping[str, int], n_rows: int, missing: Collection[str]) -> set[str]:
    few = max(1, FEW * n_rows)
    return {
        cell
        for cell, count in rows.items()
        if not cell or cell in missing or (count <= few and _is_missing_word(cell, rows))
    }


def _is_missing_word(cell: str, rows: Collection[str]) -> bool:
    # Beside `+`, `-` is a class.
    return (is_mark(cell) or cell.lower() in _MISSING_WORDS) and not (cell == "-" and "+" in rows)


def _one_form(cells: list[str]) -> dict[str, str]:
    """Return the name of the class that each label stands for: `1`, `1.0` and `1.00` are one, under the shortest form.

    `01` is a code of its own.
    """
    if any(_number(cell) is None for cell in cells):
        return {cell: cell for cell in cells}
    forms: dict[str, list[str]] = defaultdict(list)
    for cell in cells:
        code = re.fullmatch(r"[+-]?0\d.*", cell)
        forms[cell if code else str(_EXACT.normalize(_number(cell)))].append(cell)  # type: ignore[arg-type]
    return {
        cell: min(group, key=lambda form: (len(form), form)) for group in forms.values() for cell in group
    }


def _number(name: str) -> Decimal | None:
    try:
        value = Decimal(name) if name.isascii() and "_" not in name else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() else None


def _findings(
    target: str, rows: Mapping[str, int], n_rows: int, absent: set[str], one: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield what a reader should check of the labels, each with its code."""
    totals: dict[str, int] = defaultdict(int)
    for cell, name in one.items():
        totals[name] += rows[cell]
    if words := sorted(word for word in absent if word):
        said = ", ".join(f"{word[:40]!r} in {count_rows(rows[word])}" for word in words)
        yield "missing-labels", f"{target} holds {said}, taken for a missing label: these rows are left out"
    empty = n_rows - sum(count for cell, count in rows.items() if cell)
    if empty > FEW * n_rows:
        yield "missing-labels", f"{target} is empty in {count_rows(empty)}: these are left out"
    for name in sorted(totals):
        if _may_be_missing(name, totals, n_rows):
            text = f"{target} holds {name!r} in {count_rows(totals[name])}, kept as a class"
            yield "label-word", f"{text}; --missing {target}={name} leaves these rows out"
    if alike := _alike(totals):
        shown = "; ".join(
            " and ".join(f"{n[:40]!r} ({count_rows(totals[n])})" for n in group) for group in alike[:3]
        )
        text = f"classes of {target} differ only in case or in a mark at the end: {shown}"
        yield "label-case", f"{text}; make them one in the table if they are one"


def _may_be_missing(name: str, totals: Mapping[str, int], n_rows: int) -> bool:
    if is_mark(name):
        return not (name == "-" and "+" in totals)
    is_code = name in _CODES and 10 * totals[name] <= n_rows
    return is_code and all(_number(other) is not None for other in totals)


def _alike(names: Iterable[str]) -> list[list[str]]:
    """Return groups of names that differ only in case or in a mark at the end."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        groups[name.casefold().rstrip(".,;:! ") or name].append(name)
    return [group for group in groups.values() if len(group) > 1]


def _about_forms(target: str, one: Mapping[str, str], written: Sequence[str]) -> Iterator[str]:
    """Yield a note if labels that are written in several ways were made one class."""
    merged: dict[str, set[str]] = defaultdict(set)
    for cell in written:
        if (name := one.get(clean(cell))) is not None and cell != name:
            merged[name].add(cell)
    together = {name: forms for name, forms in merged.items() if len(forms) > 1 or name in written}
    if together:
        shown = "; ".join(
            f"{name!r} and {', '.join(map(repr, sorted(forms)))}"
            for name, forms in sorted(together.items())[:3]
        )
        yield f"labels of {target} that differ only in how they are written are one class: {shown}"


def _refuse_continuous(names: list[str], rows: int, target: str) -> None:
    numbers = pd.to_numeric(pd.Series(names, dtype=object), errors="coerce").to_numpy(dtype=float)
    if np.isnan(numbers).any():
        if len(names) > MAX_INTEGER_LEVELS and rows < MIN_MEAN_CLASS_SIZE * len(names):
            found = find(names)
            if found is not None and not np.isnan(found.format.parse(names)).mean() > FEW:
                raise _continuous(target, f"{len(names):,} different numbers such as {names[0][:40]!r}")
        return
    if not all(_WHOLE.fullmatch(name) for name in names):
        raise _continuous(target, f"{len(names):,} different numbers, not all whole")
    if len(names) > MAX_INTEGER_LEVELS and rows < MIN_MEAN_CLASS_SIZE * len(names):
        raise _continuous(target, f"{len(names):,} different whole numbers in {rows:,} rows")


def _continuous(target: str, finding: str) -> DataError:
    return DataError(
        f"this is classification and column {target!r} looks continuous ({finding}); "
        f"--read {target}=category takes each number for a class"
    )
