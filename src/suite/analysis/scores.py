"""The scores of records where one class is asked for, and which metric their classes call for."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

import numpy as np

from suite.errors import listed
from suite.metrics import METRICS, OF_ONE_CLASS, rarer
from suite.schema import Record

RARE = 100
"""A class of 1 in so many rows, or fewer, is rare."""
_OF_POSITIVE = (*OF_ONE_CLASS, "average_precision")
_OF_COMMON_CLASSES = ("accuracy", "weighted_f1")
"""Metrics that rare classes hardly move."""


def positive_of(records: Sequence[Record], asked: str | None = None) -> str | None:
    """Return the class that a board's precision, recall and F1 are about, or None if there is none.

    It is the one asked for, where the board has it; otherwise of two classes the one that the records name, which is
    the rarer in the whole table. Records that name none were written by an earlier suite; it is then the rarer in
    their test rows.
    """
    classes = records[0].classes if records else ()
    if asked in classes:
        return asked
    if len(classes) != 2:
        return None
    code = rarer(class_counts(records))
    named = next((record.positive for record in records if record.positive), None)
    return named or (None if code is None else classes[code])


def scores_of(record: Record, positive: str | None) -> dict[str, float | None]:
    """Return every metric of a record by name; None where one is not defined, or was not recorded.

    Those of one class are of `positive`, and so is the average precision where there is one. They stand in the
    record's figures by class, those of earlier suites without average precision.
    """
    scores = {name: record.metrics.get(name) for name in METRICS}
    if positive is None:
        return scores
    figures = record.per_class.get(positive, {})
    return {**scores, **{name: figures.get(name) for name in _OF_POSITIVE}}


def metric_of(name: str, record: Record) -> float | None:
    """Return a record's figure by a metric."""
    return record.metrics.get(name)


def class_f1_of(name: str, record: Record) -> float | None:
    """Return a record's F1 of a class."""
    return (record.per_class.get(name) or {}).get("f1")


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of what is known, or None."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def over_splits(records: Iterable[Record], get: Callable[[Record], float | None]) -> float | None:
    """Return the mean over splits of the means over seeds: a split with fewer seeds weighs as much as others."""
    splits: dict[str, list[float | None]] = defaultdict(list)
    for record in records:
        splits[record.split].append(get(record))
    return mean(map(mean, splits.values()))


def class_counts(records: Sequence[Record]) -> tuple[int, ...]:
    """Return the rows of each class: those of one split, or all test rows where train rows were not counted.

    Empty where no record has counts.
    """
    whole = next((record for record in records if record.train_classes and record.confusion), None)
    tested = {record.split: record for record in records if record.confusion}
    chosen = [whole] if whole else list(tested.values())
    counts = [np.sum(r.confusion or 0, axis=1) + np.array(r.train_classes or 0) for r in chosen]
    return tuple(np.sum(counts, axis=0).tolist()) if counts else ()


def rare_class_warning(records: Sequence[Record], metric: str, positive: str | None = None) -> str | None:
    """Return in a sentence why the metric hides a board's rare classes, and which one to take; None if it does not.

    A class is rare if it is 1 in 100 rows or fewer, and at most half as frequent as if all classes were equal. The
    metric to take is the average precision of two classes, and of more the macro F1, which counts all classes alike.
    `positive` is the board's positive class.
    """
    counts = class_counts(records)
    if metric not in _OF_COMMON_CLASSES or len(counts) < 2:
        return None
    classes, total = [listed([repr(name)]) for name in records[0].classes], sum(counts)
    rare = [k for k, n in enumerate(counts) if n * RARE <= total and 2 * n * len(counts) <= total]
    if not rare:
        return None
    untested = [k for k in rare if counts[k] and not _tested(records, k)]
    if untested:
        named = listed([f"{classes[k]} ({_one_in(counts[k], total)} rows)" for k in untested], 3)
        return f"no test row is of {named}: no metric tells how models do there"
    label, most = METRICS[metric].within_sentence, int(np.argmax(counts))
    if len(rare) == 1:
        what, them = f"{classes[rare[0]]} is {_one_in(counts[rare[0]], total)} rows", "it"
    else:
        named = listed([f"{classes[k]} {_one_in(counts[k], total)}" for k in rare], 3)
        what, them = f"{len(rare)} of {len(classes)} classes are 1 in {RARE} rows or rarer ({named})", "them"
    always = f"always saying {classes[most]} is right in {100 * counts[most] / total:.1f} % of the rows"
    return (
        f"{what}: {label} hides {them} ({always}); rank by "
        f"{_better(records[0].classes, records[0].classes[rare[0]], positive)}"
    )


def _tested(records: Sequence[Record], code: int) -> int:
    """Return the test rows of a class, over all splits."""
    return sum({r.split: sum(r.confusion[code]) for r in records if r.confusion}.values())


def _better(classes: Sequence[str], rare: str, positive: str | None) -> str:
    if len(classes) > 2:
        return "macro F1: --metric macro_f1"
    other = "" if positive in (None, rare) else f" --positive {shlex.quote(rare)}"
    return f"average precision: --metric average_precision{other}"


def _one_in(count: int, total: int) -> str:
    return f"1 in {round(total / count):,}" if count else f"none of {total:,}"
