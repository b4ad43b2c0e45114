"""How long a cell should take: from earlier cells of the same model and data, else a guess by its family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from suite.models.catalogue import resolve
from suite.schema import Record, Work

BESIDES_S = 0.5
"""What a cell takes beside fitting and predicting: mostly the latency probe."""
_FAMILY = {
    "baseline": 0.0,
    "linear": 4.0,
    "bayes": 0.2,
    "neighbours": 2.0,
    "kernel": 30.0,
    "tree ensemble": 6.0,
    "boosting": 8.0,
    "neural": 40.0,
    "custom": 8.0,
}
"""Seconds for a million values of train rows; rough, and only there to put the long cells first."""


def measured(works: Sequence[Work], records: Iterable[Record]) -> dict[str, float]:
    """Return the seconds that cells should take by earlier records, by key; those without any are left out."""
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    for record in records:
        known = [part for part in (record.timing.fit_s, record.timing.predict_s) if part is not None]
        if record.is_run and record.id.is_default and record.status == "ok" and known:
            seconds[record.dataset, record.model].append(sum(known) + BESIDES_S)
    return {
        work.cell.key: median(found)
        for work in works
        if (found := seconds.get((work.cell.dataset, work.cell.model)))
    }


def guess(work: Work) -> float:
    """Return a rough number of seconds for a cell whose model was never timed on its data."""
    values = len(work.split.train) * work.dataset.X.shape[1]
    cost = resolve(work.model).spec.cost * _FAMILY.get(work.cell.family, 8.0)
    return BESIDES_S + cost * (0.01 + values / 1e6)


def seconds_of(work: Work, known: Mapping[str, float]) -> float:
    """Return what a cell should take: what is known by its key, else a guess."""
    seconds = known.get(work.cell.key)
    return guess(work) if seconds is None else seconds
