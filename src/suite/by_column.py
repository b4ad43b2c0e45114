"""Splits that a column decides: by its groups, its times, or the folds that it names.

A column that cannot decide raises `UsageError`, and `DataError` where it has gaps or text for times; each says what to
do instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from suite.dealing import Dealt, group_parts, shuffled
from suite.errors import DataError, UsageError, listed

if TYPE_CHECKING:
    import pandas as pd

MOST_FOLDS = 100
"""A column of more values holds no folds."""
MOST_VALIDATION = 0.4
"""The share of train that whole groups, times or a fold may take for a choice; of more, none is taken."""
_WORDS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
_WORDS |= dict.fromkeys(("validation", "valid", "val", "dev"), "validation")
_NEVER_TESTED = ("train", "validation", "-1")


def grouped(y: np.ndarray, column: pd.Series, n_folds: int, fraction: float, seed: int) -> Iterator[Dealt]:
    """Deal whole groups, stratified as far as they allow: into folds, or a fraction of the rows to test for 1 fold."""
    groups, names = _groups(column)
    _check_sizes(np.bincount(groups), names, column, n_folds, fraction)
    shares = [1.0] * n_folds if n_folds > 1 else [fraction, 1 - fraction]
    parts = group_parts(y, groups, shares, seed)
    for part in range(n_folds):
        yield shuffled(np.flatnonzero(parts != part), np.flatnonzero(parts == part), seed)


def whole_groups(y: np.ndarray, column: pd.Series, fraction: float, seed: int) -> np.ndarray:
    """Return the positions of whole groups with a fraction of the rows; none if there is but one group."""
    groups, names = _groups(column)
    if len(names) < 2:
        return np.empty(0, dtype=np.int64)
    return _bounded(np.flatnonzero(group_parts(y, groups, [fraction, 1 - fraction], seed) == 0), len(y))


def in_time(column: pd.Series, n_folds: int, fraction: float, seed: int) -> Iterator[Dealt]:
    """Deal the latest rows to test, or one block after the other, each after all that it is trained on."""
    n = len(column)
    blocks = [n * fold // (n_folds + 1) for fold in range(1, min(n_folds, n) + 1)]
    order, found = _cuts(column, blocks if n_folds > 1 else [n - int(np.ceil(n * fraction))])
    if not found:
        raise UsageError(f"{column.name!r} holds a single time, so no rows come before those to test")
    if len(found) < n_folds:
        raise UsageError(
            f"{column.name!r} has {column.nunique():,} times, too few or too large for {n_folds + 1} blocks of about "
            f"the same size; take {_offer('time', column, f':cv{len(found)}' if len(found) > 1 else '')}"
        )
    for start, end in zip(found, [*found[1:], n], strict=True):
        yield shuffled(order[:start], order[start:end], seed)


def latest(column: pd.Series, fraction: float) -> np.ndarray:
    """Return the positions of the latest rows, a fraction of them; none if there is but one time."""
    order, found = _cuts(column, [len(column) - int(np.ceil(len(column) * fraction))])
    return _bounded(order[found[0] :] if found else order[:0], len(column))


def predefined(column: pd.Series, seed: int) -> Iterator[tuple[str, Dealt]]:
    """Deal as the column says, train and test or folds of all rows; each part that is tested comes with its name."""
    codes, names = _folds(column)
    for code, name in enumerate(names):
        if name not in _NEVER_TESTED:
            yield name, shuffled(np.flatnonzero(codes != code), np.flatnonzero(codes == code), seed)


def next_fold(column: pd.Series, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Return the positions within train of its `validation` rows, or of the fold after the tested one.

    There are none if the column has no such word, if a single fold trains, or if the fold is too large.
    """
    codes, names = _folds(column)
    own = codes[train]
    if "train" in names:
        return np.flatnonzero(own == names.index("validation")) if "validation" in names else own[:0]
    folds = [code for code in np.unique(own) if names[code] not in _NEVER_TESTED]
    if not folds or len(np.unique(own)) < 2:
        return own[:0]
    after = min(folds, key=lambda fold: (fold - codes[test[0]]) % len(names))
    return _bounded(np.flatnonzero(own == after), len(own))


def _bounded(rows: np.ndarray, n_train: int) -> np.ndarray:
    return rows if len(rows) <= MOST_VALIDATION * n_train else rows[:0]


def _groups(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return each row's group and the names, in the order of their first rows, however they were read."""
    import pandas as pd

    _check_whole(column, "group")
    codes, names = pd.factorize(column)
    return codes.astype(np.int64), [str(name) for name in names]


def _times(column: pd.Series) -> np.ndarray:
    if column.dtype.kind not in "iuf":
        raise DataError(
            f"time takes dates or numbers, and {column.name!r} holds text such as {column.dropna().iloc[0]!r}: "
            f"--read {column.name}=date:FORMAT says how its dates are written"
        )
    _check_whole(column, "time")
    times = column.to_numpy()
    if len(infinite := np.flatnonzero(np.isinf(times))):
        raise DataError(
            f"{column.name!r} holds an infinite time in {len(infinite):,} of {len(times):,} rows, the first of "
            f"them row {infinite[0]:,} (from 0, of rows with a label): write a date or a number, or delete these rows"
        )
    return times


def _cuts(column: pd.Series, wanted: list[int]) -> tuple[np.ndarray, list[int]]:
    """Return the rows in the order of time, and where they are cut: between two times, as near as can be to `wanted`.

    There are fewer cuts than wanted where two fall together, and none where there is but one time.
    """
    times = _times(column)
    order = np.argsort(times, kind="stable")
    between = np.flatnonzero(times[order][1:] > times[order][:-1]) + 1
    return order, sorted({int(between[np.abs(between - n).argmin()]) for n in wanted if len(between)})


def _folds(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return each row's place among the names: of the words, or of the folds, in the order of their numbers or names.

    Fold -1 is never tested, as in scikit-learn's PredefinedSplit.
    """
    import pandas as pd

    codes, values = pd.factorize(column)
    found = [str(value) for value in values]
    words = [_WORDS.get(name.lower(), "") for name in found]
    _check_whole(column, "part" if {"train", "test"} & {*words} else "fold")
    column_name, shown = repr(column.name), listed(sorted(found), 5)
    if {"train", "test"} & {*words}:
        if "" in words:
            other = found[words.index("")]
            raise UsageError(
                f"{column_name} holds {other[:60]!r} beside {' and '.join(sorted({*words} - {''}))}: a part "
                "is train, test or validation"
            )
        if absent := {"train", "test"} - {*words}:
            raise UsageError(f"{column_name} holds {shown}, and no {absent.pop()} among them")
        found, names = words, sorted({*words})
    elif len(found) == 1:
        raise UsageError(f"{column_name} holds {shown} only: train and test need two values")
    elif {name.lower() for name in found} <= {"true", "false", "yes", "no"}:
        raise UsageError(f"{column_name} holds {shown}: write train and test, or numbers of folds")
    elif len(found) > MOST_FOLDS:
        raise UsageError(
            f"{column_name} holds {len(found):,} values, more than {MOST_FOLDS} folds; "
            f"take {_offer('grouped', column, ':cv5')}"
        )
    else:
        are_numbers = all(name.removeprefix("-").isdecimal() for name in found)
        names = sorted(found, key=int if are_numbers else None)
    return np.array([names.index(name) for name in found])[codes], names


def _check_sizes(
    sizes: np.ndarray, names: list[str], column: pd.Series, n_folds: int, fraction: float
) -> None:
    """Refuse groups that cannot be shared out, and offer the nearest that can be done."""
    n, largest = int(sizes.sum()), int(sizes.max())
    if len(sizes) == 1:
        raise UsageError(f"{column.name!r} holds {names[0][:60]!r} only: train and test need two groups")
    if len(sizes) < n_folds:
        raise UsageError(
            f"{n_folds} folds need {n_folds} groups, and {column.name!r} has {len(sizes)}; "
            f"take {_offer('grouped', column, f':cv{len(sizes)}')}"
        )
    room = -(-n // n_folds) if n_folds > 1 else n - int(np.ceil(n * fraction))
    if largest <= room:
        return
    rest = (n - largest) * 100 // n
    holdout = "" if rest >= 20 else f":holdout:{rest / 100}"
    rule = f":cv{n // largest}" if n_folds > 1 and n >= 2 * largest else holdout
    raise UsageError(
        f"group {names[sizes.argmax()][:60]!r} of {column.name!r} has {largest:,} of {n:,} rows, more than the "
        f"{room:,} of {'a fold' if n_folds > 1 else 'train'}; "
        f"take {_offer('grouped', column, rule) if rest else 'holdout'}"
    )


def _offer(kind: str, column: pd.Series, rule: str) -> str:
    return listed([f"{kind}:{column.name}{rule}"])


def _check_whole(column: pd.Series, noun: str) -> None:
    if missing := int(column.isna().sum()):
        words = column.attrs.get("gaps")
        why = f" ({words} cannot be read as one): correct these cells" if words else ": fill them in"
        raise DataError(
            f"{column.name!r} has no {noun} in {missing:,} of {len(column):,} rows{why}, or delete these rows from "
            "the table"
        )
