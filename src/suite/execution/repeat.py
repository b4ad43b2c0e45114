"""A cell that is run again: what its second attempt says of the first."""

from __future__ import annotations

import numpy as np

from suite.errors import RecordError
from suite.schema import Predictions, Record
from suite.store import Store


def kept(store: Store, record: Record) -> Predictions | None:
    """Return the predictions that a record was scored by, if they are still there."""
    try:
        return store.predictions(record)
    except RecordError:
        return None


def difference(
    previous: Record, before: Predictions | None, record: Record, now: Predictions | None
) -> tuple[str, ...]:
    """Return a note if two whole attempts at one cell, under the same conditions, gave other predictions.

    Under others, or where the first predictions are gone, nothing can be said of the model.
    """
    both = (previous, record)
    if before is None or now is None or before.proba.shape != now.proba.shape:
        return ()
    if _conditions(previous) != _conditions(record) or not all(map(_is_whole, both)):
        return ()
    moved = np.abs(before.proba.astype(np.float64) - now.proba.astype(np.float64))
    if not moved.any():
        return ()
    renamed = int((before.proba.argmax(axis=1) != now.proba.argmax(axis=1)).sum())
    return (
        f"attempt {previous.attempt} with the same seed gave other predictions: {renamed:,} of {len(now.proba):,} "
        f"rows another class, probabilities up to {moved.max():.2g} apart; the model is not deterministic",
    )


def _conditions(record: Record) -> tuple[object, ...]:
    """Return what may change the predictions of a deterministic model: machine, versions and threads."""
    origin = record.provenance
    machine = origin.host, origin.os, origin.cpu, origin.cores
    return (*machine, origin.python, dict(origin.packages), origin.suite, record.resources.threads)


def _is_whole(record: Record) -> bool:
    """Say whether a fit came to its own end: neither a limit nor a request cut it short."""
    cut = record.resources.cut_short_at_s, record.resources.stopped_at_step
    return record.status == "ok" and cut == (None, None)
