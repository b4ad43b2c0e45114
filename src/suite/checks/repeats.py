"""Rows whose features are the same: across the split, and under different labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from suite.schema.audits import ROWS, Finding, Twins

if TYPE_CHECKING:
    import pandas as pd

MOST_KEPT = 200_000
"""Twins that are kept, over all splits; of more, those of the first splits."""
SHARE = 0.005
"""Fewer repeated rows than this share are worth a note."""
INFORMATIVE = 0.25
"""A column in which two rows agree more often tells nothing of copies."""
SLACK, SURE = 1.6, 1e-3
"""How many times more pairs than by chance, and how seldom chance gives that, before rows count as copies."""


class Positions(NamedTuple):
    """Train and test rows of a split."""

    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """What repeated rows a table has, and what they do to scores."""

    findings: tuple[Finding, ...] = ()
    n_repeated: int = 0
    ceiling: float = 1.0
    twins: Mapping[str, Twins] = field(default_factory=dict)
    first: np.ndarray | None = None
    """Whether each row is the first with its features; None: all are."""


def find_repeats(X: pd.DataFrame, y: np.ndarray, splits: Mapping[str, Positions]) -> Repeats:
    """Return what is known of rows with equal features.

    Rows are compared by a 64-bit hash of all features, missing values equal to each other: among a million rows, one
    in 37 million tables has two that are wrongly taken for equal. `y` holds a code for each row.

    Tables of a few coarse columns have repeated rows by chance, and that is a note. It is a warning if there are
    copies: more equal pairs than agreement in all columns but one, times that column's own rate of agreement, explains,
    whichever column is taken.
    """
    keys = row_keys(X)
    groups, sizes = _groups(keys)
    n, n_repeated = len(y), int((sizes - 1).sum())
    if not n_repeated:
        return Repeats()
    some = np.flatnonzero(sizes[groups] > 1)
    own, labels = groups[some], y[some].astype(np.int64)
    first = np.zeros(n, dtype=bool)
    first[np.unique(groups, return_index=True)[1]] = True
    is_grave = n_repeated >= SHARE * n and not _is_chance(X, keys)
    conflicts, ceiling = _conflicts(some, own, labels, n, is_grave)
    twins = _twins(groups, y, some, splits)
    found = [_across(twins, splits, n_repeated, is_grave), *conflicts]
    return Repeats(
        findings=tuple(found), n_repeated=n_repeated, ceiling=ceiling, twins=_kept(twins), first=first
    )


class _Found(NamedTuple):
    """Test rows of a split that have a twin in train."""

    same: np.ndarray
    """All twins have the row's label."""
    other: np.ndarray
    """A twin has another label."""
    n_opposed: int
    """Those among `other` of which no twin has their label."""


def row_keys(X: pd.DataFrame) -> np.ndarray:
    """Return a 64-bit hash of each row's values, shape (n_samples,): a sum over the columns."""
    keys = np.zeros(len(X), dtype=np.uint64)
    for place in range(X.shape[1]):
        keys += _hashed(X.iloc[:, place], place)
    return keys


def _hashed(values: pd.Series[Any], place: int) -> np.ndarray:
    """Return a hash of each value of the column at a place."""
    from pandas.util import hash_array

    if hasattr(values.dtype, "categories"):
        bits = values.cat.codes.to_numpy().astype(np.int64)
    else:
        # Zeros of both signs are equal, and so are all gaps.
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan) + 0.0
        numbers[np.isnan(numbers)] = np.nan
        bits = numbers.view(np.int64)
    salted = hash_array(bits, categorize=False)
    salted ^= np.uint64(0x9E3779B97F4A7C15 * (place + 1) % 2**64)
    return hash_array(salted, categorize=False)


def _groups(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, groups, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    return groups, sizes


def _pairs(keys: np.ndarray) -> float:
    """Return how many pairs of rows have the same key."""
    found = np.sort(keys)
    sizes = np.diff(np.flatnonzero(np.concatenate([[True], found[1:] != found[:-1], [True]]))).astype(float)
    return float((sizes * (sizes - 1)).sum() / 2)


def _is_chance(X: pd.DataFrame, keys: np.ndarray) -> bool:
    from scipy.special import gammainc

    n = len(keys)
    equal, explained, informative = _pairs(keys), 0.0, False
    for place in range(X.shape[1]):
        own = _hashed(X.iloc[:, place], place)
        agreement = _pairs(own) / (n * (n - 1) / 2)
        if agreement <= INFORMATIVE:
            informative = True
            explained = max(explained, _pairs(keys - own) * agreement)
    # The regularised incomplete gamma function is the Poisson probability of as many pairs or more.
    return not informative or bool(gammainc(equal, SLACK * explained) >= SURE)


def _conflicts(
    some: np.ndarray, groups: np.ndarray, labels: np.ndarray, n: int, is_grave: bool
) -> tuple[list[Finding], float]:
    """Return what is to be said of repeated rows with several labels, and the best accuracy on the table."""
    n_labels = int(labels.max()) + 1
    pairs, counts = np.unique(groups * n_labels + labels, return_counts=True)
    starts = np.flatnonzero(np.diff(pairs // n_labels, prepend=-1))
    most, total = np.maximum.reduceat(counts, starts), np.add.reduceat(counts, starts)
    lost = int((total - most).sum())
    n_groups = int((most < total).sum())
    if not n_groups:
        return [], 1.0
    mixed = np.isin(groups, (pairs // n_labels)[starts][most < total])
    where = some[mixed]
    ceiling = 1 - lost / n
    several = "1 group of rows has" if n_groups == 1 else f"{n_groups:,} groups of rows have"
    finding = Finding(
        code="conflicting-labels",
        severity="warning" if is_grave and lost >= SHARE * n else "note",
        text=f"{several} the same features and different labels: {len(where):,} of {n:,} rows",
        number=n_groups,
        effect=f"no model can get more than {_at_most(ceiling)} of this table right",
        rows=tuple(where[:ROWS].tolist()),
    )
    return [finding], ceiling


def _twins(
    groups: np.ndarray, y: np.ndarray, some: np.ndarray, splits: Mapping[str, Positions]
) -> dict[str, _Found]:
    """Return for each split the test rows that have a twin in train, by the twins' labels."""
    n_labels = int(y.max()) + 1
    is_some = np.zeros(len(y), dtype=bool)
    is_some[some] = True
    found = {}
    for name, (train, test) in splits.items():
        train, test = train[is_some[train]], np.sort(test[is_some[test]])
        in_train = np.bincount(groups[train], minlength=int(groups.max()) + 1)
        test = test[in_train[groups[test]] > 0]
        pairs, counts = np.unique(groups[train] * n_labels + y[train], return_counts=True)
        wanted = groups[test] * n_labels + y[test]
        place = np.minimum(np.searchsorted(pairs, wanted), max(len(pairs) - 1, 0))
        alike = np.where(pairs[place] == wanted, counts[place], 0) if len(pairs) else np.zeros(0, int)
        is_same = alike == in_train[groups[test]]
        found[name] = _Found(test[is_same], test[~is_same], int((alike == 0).sum()))
    return found


def _across(
    twins: Mapping[str, _Found],
    splits: Mapping[str, Positions],
    n_repeated: int,
    is_grave: bool,
) -> Finding:
    repeat = (
        "1 row repeats the features of another"
        if n_repeated == 1
        else f"{n_repeated:,} rows repeat the features of another"
    )
    tested = sum(len(split.test) for split in splits.values())
    n_same = sum(len(found.same) for found in twins.values())
    n_opposed = sum(found.n_opposed for found in twins.values())
    n_mixed = sum(len(found.other) for found in twins.values()) - n_opposed
    n = n_same + n_opposed + n_mixed
    if not n:
        return Finding(
            code="repeated-rows",
            severity="note",
            text=f"{repeat}, and none of them is in train and test at once",
            number=0,
            effect="no score depends on it",
        )
    where = " over all splits" if len(splits) > 1 else ""
    rows = [row for found in twins.values() for row in (*found.other[:ROWS], *found.same[:ROWS])]
    labels = (
        (n_same, "with the same label"),
        (n_opposed, "with another label"),
        (n_mixed, "with twins of both kinds"),
    )
    scores = ((n_same, "right"), (n_opposed, "wrong"), (n_mixed, "right by luck at best"))
    chance = "" if is_grave else ", as coarse columns give by chance"
    return Finding(
        code="repeated-rows",
        severity="warning" if is_grave else "note",
        text=f"{n:,} of {tested:,} test rows ({_percent(n / tested)}){where} have a twin in train, a row with the same "
        f"features, {_shared_out(n, labels)} ({repeat}{chance})",
        number=n,
        effect=f"of these, a model that memorises train gets {_shared_out(n, scores)}",
        rows=tuple(int(row) for row in rows[:ROWS]),
    )


def _shared_out(n: int, parts: Sequence[tuple[int, str]]) -> str:
    """Return how many are what: `all right`, or `3 right, 1 wrong`."""
    return ", ".join(f"{'all' if count == n else f'{count:,}'} {what}" for count, what in parts if count)


def _kept(twins: Mapping[str, _Found]) -> dict[str, Twins]:
    kept, room = {}, MOST_KEPT
    for name, (same, other, _) in twins.items():
        room -= len(same) + len(other)
        if room < 0:
            break
        kept[name] = Twins(same=tuple(same.tolist()), other=tuple(other.tolist()))
    return kept


def _percent(share: float) -> str:
    """Return a share: `5.3 %`."""
    percent = 100 * share
    return f"{percent:.1f} %" if percent >= 0.1 or not share else f"{percent:.2g} %"


def _at_most(share: float) -> str:
    """Return a limit below 1, rounded up to the next tenth of a percent, or to what is less than 100 %."""
    for digits in range(1, 10):
        # A limit of exactly 98.0 % is one in floating point as well.
        percent = np.ceil(100 * share * 10**digits - 1e-6) / 10**digits
        if percent < 100:
            break
    return f"{percent:.{digits}f} %"
