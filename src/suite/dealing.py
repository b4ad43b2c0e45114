"""The dealing of rows: which positions train and which test, by class, by group, in time.

Own and not scikit-learn's, for reasons that `docs/decisions/protocols.md` measures. Seeded splits must stay the same
under every numpy: RandomState's stream is frozen, a Generator's is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from suite.errors import UsageError


class Dealt(NamedTuple):
    """Disjoint row positions, in a seeded order."""

    train: np.ndarray
    test: np.ndarray


def original(y: np.ndarray, fraction: float, seed: int) -> Dealt:
    """Deal as `train_test_split` of scikit-learn does without stratification; each class has a train row."""
    order = np.random.RandomState(seed).permutation(len(y)).astype(np.int64)
    n_test = int(np.ceil(len(y) * fraction))
    return _every_class_in_train(_codes(y), Dealt(order[n_test:], order[:n_test]))


def holdout(y: np.ndarray, fraction: float, seed: int) -> Dealt:
    """Deal a stratified holdout; each class has a train row."""
    codes, rng = _codes(y), np.random.RandomState(seed)
    test = rng.permutation(_every_nth(_by_class(codes, rng), fraction))
    return _every_class_in_train(codes, Dealt(rng.permutation(others(test, len(codes))), test))


def folds(y: np.ndarray, n_folds: int, seed: int) -> Iterator[Dealt]:
    """Deal stratified folds; each class has a train row in each.

    A class of one row is always in train; a class with fewer rows than there are folds is tested in as many folds as
    it has rows.
    """
    rng = np.random.RandomState(seed)
    order = _by_class(_codes(y), rng)
    if len(order) < n_folds:
        raise UsageError(
            f"cv{n_folds} needs at least {n_folds} rows in classes of two or more; there are {len(order)}"
        )
    for fold in range(n_folds):
        # Dealt like cards: a class of two or more rows never falls into one fold whole.
        test = rng.permutation(order[fold::n_folds])
        yield Dealt(rng.permutation(others(test, len(y))), test)


def fraction_of(y: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """Return a stratified fraction of the positions, in a seeded order; each class keeps a row outside of it."""
    rng = np.random.RandomState(seed)
    return rng.permutation(_every_nth(_by_class(_codes(y), rng), fraction))


def group_parts(y: np.ndarray, groups: np.ndarray, shares: Sequence[float], seed: int) -> np.ndarray:
    """Return the part of each row, so that no group is in two and each part has its share of each class.

    Large groups go first, in a seeded order among those of about one size, each to the part that it fills most evenly:
    where the sum over classes of (rows of the class in the part)^2 / (share of the part * rows of the class) grows
    least. Whole numbers make it exact on every machine.

    `y` and `groups` have a label and a code 0..G-1 without gaps for each row, with at least as many groups as parts;
    `shares` is what each part is to have of the rows, relative to the others.
    """
    codes = _codes(y).astype(np.int64)
    per_class, sizes = np.bincount(codes), np.bincount(groups)
    order = np.random.RandomState(seed).permutation(len(sizes))
    order = order[np.argsort(-np.frexp(sizes[order])[1], kind="stable")]
    weights = (len(codes) // per_class).tolist()
    pairs, counts = np.unique(groups * np.int64(len(per_class)) + codes, return_counts=True)
    starts = np.searchsorted(pairs, np.arange(len(sizes) + 1) * len(per_class)).tolist()
    members = list(zip((pairs % len(per_class)).tolist(), counts.tolist(), strict=True))
    held = [[0] * len(per_class) for _ in shares]
    rows = [0] * len(shares)
    parts = np.zeros(len(sizes), dtype=np.int64)
    for group in order.tolist():
        own = members[starts[group] : starts[group + 1]]
        costs = [
            (sum(weights[k] * n * (2 * has[k] + n) for k, n in own) / share, n_rows / share)
            for has, n_rows, share in zip(held, rows, shares, strict=True)
        ]
        parts[group] = part = costs.index(min(costs))
        rows[part] += int(sizes[group])
        for k, n in own:
            held[part][k] += n
    if 0 in rows:  # of two parts: few groups, so that one part was never the better place
        parts[sizes.argmin()] = rows.index(0)
    return parts[groups]


def shuffled(train: np.ndarray, test: np.ndarray, seed: int) -> Dealt:
    """Return both in a seeded order: a model that holds out the last rows it is given gets a fair sample."""
    rng = np.random.RandomState(seed)
    return Dealt(rng.permutation(train), rng.permutation(test))


def _codes(y: np.ndarray) -> np.ndarray:
    """Return labels as codes 0..k-1 without gaps, in the narrowest type: numpy sorts int16 in linear time."""
    classes, codes = np.unique(y, return_inverse=True)
    return codes.astype(np.int16 if len(classes) < 2**15 else np.int64)


def _by_class(codes: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Return the positions of all rows whose class has two or more, class by class, shuffled within."""
    shuffled = rng.permutation(len(codes))
    order = shuffled[np.argsort(codes[shuffled], kind="stable")]
    return order[np.bincount(codes)[codes[order]] > 1].astype(np.int64)


def _every_nth(order: np.ndarray, fraction: float) -> np.ndarray:
    """Pick a fraction of `order`, rounded up, evenly spaced, which stratifies rows that stand by class."""
    n, n_picked = len(order), int(np.ceil(len(order) * fraction))
    picked: np.ndarray = order[(2 * np.arange(n_picked) + 1) * n // (2 * max(n_picked, 1))]
    return picked


def others(rows: np.ndarray, n: int) -> np.ndarray:
    """Return the positions below `n` that are not in `rows`."""
    mask = np.ones(n, dtype=bool)
    mask[rows] = False
    return np.flatnonzero(mask)


def _every_class_in_train(codes: np.ndarray, dealt: Dealt) -> Dealt:
    """Move the first test row of each class without a train row to the end of train."""
    train, test = dealt
    absent = np.bincount(codes[train], minlength=int(codes.max(initial=0)) + 1) == 0
    candidates = np.flatnonzero(absent[codes[test]])
    _, first = np.unique(codes[test[candidates]], return_index=True)
    moved = np.sort(candidates[first])
    return Dealt(np.concatenate([train, test[moved]]), np.delete(test, moved))
