"""Splits: a protocol's name to train and test row positions, and the validation rows all models share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from suite.errors import UnknownName, UsageError
from suite.schema import Split

PROTOCOL_SEED = 42
"""The seed of every protocol; `--seeds` moves the models only."""
HOLDOUT_FRACTION = 0.2
VALIDATION_FRACTION = 0.2

PROTOCOLS = {
    "original": "the data set's own split (only for data sets that have one)",
    "holdout[:FRACTION]": f"one stratified split; FRACTION of the rows tested, by default {HOLDOUT_FRACTION}",
    "cvK": "stratified K-fold cross-validation, such as cv5",
    "cvKxR": "the same, repeated R times with other shuffles, such as cv5x3",
}
"""What a protocol can be, each in one line."""


@dataclass(frozen=True, kw_only=True)
class ParsedProtocol:
    """A protocol, read and checked."""

    name: str
    """In its one canonical spelling: `holdout:0.20` is `holdout`, `cv5x1` is `cv5`."""
    kind: Literal["original", "holdout", "cv"]
    fraction: float = HOLDOUT_FRACTION
    folds: int = 1
    repeats: int = 1


def parse_protocol(text: str) -> ParsedProtocol:
    """Read a protocol's name.

    Raises
    ------
    UsageError
        If there is no such protocol (`UnknownName`), or a number in it is out of its range.
    """
    if text == "original":
        return ParsedProtocol(name=text, kind="original")
    if text.partition(":")[0] == "holdout":
        fraction = _fraction(text)
        name = "holdout" if fraction == HOLDOUT_FRACTION else f"holdout:{fraction!r}"
        return ParsedProtocol(name=name, kind="holdout", fraction=fraction)
    if not text.startswith("cv"):
        raise UnknownName("protocol", text, PROTOCOLS)
    match = re.fullmatch(r"cv([0-9]{1,9})(?:x([0-9]{1,9}))?", text)
    if not match:
        raise UsageError(
            f"no protocol named {text!r}; cross-validation is cvK or cvKxR, such as cv5 or cv5x3"
        )
    folds, repeats = int(match[1]), int(match[2] or 1)
    if folds < 2 or repeats < 1:
        raise UsageError(f"{text!r}: cross-validation takes at least 2 folds and 1 repeat")
    name = f"cv{folds}" + (f"x{repeats}" if repeats > 1 else "")
    return ParsedProtocol(name=name, kind="cv", folds=folds, repeats=repeats)


def _fraction(text: str) -> float:
    _, colon, right = text.partition(":")
    try:
        fraction = float(right) if colon else HOLDOUT_FRACTION
    except ValueError:
        fraction = 0.0
    if not 0 < fraction < 1:
        raise UsageError(f"{text!r}: holdout takes the fraction of test rows, between 0 and 1, such as 0.2")
    return fraction


def make_splits(y: np.ndarray, protocol: str, own: str = "holdout") -> list[Split]:
    """Return the splits of a data set under a protocol, in order.

    Row positions are int32 where that holds them, in the splitter's order, never sorted: a model that holds
    out the last rows it is given gets a fair sample. Each class of `y` has at least one train row in each
    split. A class of one row is always in train; a class with fewer rows than there are folds is tested in
    as many folds as it has rows.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels, usually integer codes.
    protocol : str
        `original` is `train_test_split(test_size=0.2, random_state=42)` of scikit-learn over the rows
        in their order, without stratification. The others are stratified and seeded.
    own : str
        The protocol that the data set brings along; `original` is refused unless it is that.

    Raises
    ------
    UsageError
        If there is no such protocol, or too few rows for it.
    """
    parsed = parse_protocol(protocol)
    codes = _codes(y)
    if parsed.kind == "cv":
        return list(_cross_validation(codes, parsed))
    if parsed.kind == "original":
        if own != "original":
            raise UsageError("this data set has no original split; take holdout, cvK or cvKxR")
        return [_original(codes, parsed)]
    return [_holdout(codes, parsed)]


def validation_rows(y_train: np.ndarray, seed: int) -> np.ndarray:
    """Return positions within the train rows: a seeded, stratified fifth, the same for every model.

    Parameters
    ----------
    y_train : ndarray of shape (n_train,)
        Labels of the train rows, in the order of the train rows.
    seed : int
        The split's seed.

    Returns
    -------
    ndarray of shape (n_validation,)
        int64, in a seeded order. A class keeps at least one row in training; when no class has two
        rows, there is no validation row.
    """
    rng = np.random.RandomState(seed)
    return rng.permutation(_every_nth(_by_class(_codes(y_train), rng), VALIDATION_FRACTION))


# Seeded splits must stay the same under every numpy: RandomState's stream is frozen, a Generator's is not.


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


def _others(rows: np.ndarray, n: int) -> np.ndarray:
    """Return the positions below `n` that are not in `rows`."""
    mask = np.ones(n, dtype=bool)
    mask[rows] = False
    return np.flatnonzero(mask)


def _original(codes: np.ndarray, parsed: ParsedProtocol) -> Split:
    order = np.random.RandomState(PROTOCOL_SEED).permutation(len(codes)).astype(np.int64)
    n_test = int(np.ceil(len(codes) * HOLDOUT_FRACTION))
    train, test = _every_class_in_train(codes, order[n_test:], order[:n_test])
    return _split(f"original-{PROTOCOL_SEED}", parsed, PROTOCOL_SEED, train, test)


def _holdout(codes: np.ndarray, parsed: ParsedProtocol) -> Split:
    rng = np.random.RandomState(PROTOCOL_SEED)
    test = rng.permutation(_every_nth(_by_class(codes, rng), parsed.fraction))
    train, test = _every_class_in_train(codes, rng.permutation(_others(test, len(codes))), test)
    return _split(f"{parsed.name.replace(':', '')}-{PROTOCOL_SEED}", parsed, PROTOCOL_SEED, train, test)


def _cross_validation(codes: np.ndarray, parsed: ParsedProtocol) -> Iterator[Split]:
    for repeat in range(parsed.repeats):
        seed = PROTOCOL_SEED + repeat
        rng = np.random.RandomState(seed)
        order = _by_class(codes, rng)
        if len(order) < parsed.folds:
            raise UsageError(
                f"{parsed.name} needs at least {parsed.folds} rows in classes of two or more; "
                f"there are {len(order)}"
            )
        prefix = f"{parsed.name}-" + (f"r{repeat}" if parsed.repeats > 1 else "")
        for fold in range(parsed.folds):
            # Dealt like cards: a class of two or more rows never falls into one fold whole.
            test = rng.permutation(order[fold :: parsed.folds])
            train = rng.permutation(_others(test, len(codes)))
            yield _split(f"{prefix}f{fold}", parsed, seed, train, test)


def _every_class_in_train(
    codes: np.ndarray, train: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Move the first test row of each class without a train row to the end of train."""
    absent = np.bincount(codes[train], minlength=int(codes.max(initial=0)) + 1) == 0
    candidates = np.flatnonzero(absent[codes[test]])
    _, first = np.unique(codes[test[candidates]], return_index=True)
    moved = np.sort(candidates[first])
    return np.concatenate([train, test[moved]]), np.delete(test, moved)


def _split(name: str, parsed: ParsedProtocol, seed: int, train: np.ndarray, test: np.ndarray) -> Split:
    if not len(test) or not len(train):
        raise UsageError(f"{parsed.name} leaves {len(train)} train and {len(test)} test rows: too few rows")
    sha256 = hashlib.sha256(f"{parsed.name} {name} {len(train)} {len(test)}\n".encode())
    sha256.update(train.astype("<i8").tobytes())
    sha256.update(test.astype("<i8").tobytes())
    width = np.int32 if len(train) + len(test) <= 2**31 else np.int64
    return Split(
        id=name,
        protocol=parsed.name,
        seed=seed,
        train=train.astype(width),
        test=test.astype(width),
        fingerprint=sha256.hexdigest(),
    )
