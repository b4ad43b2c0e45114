"""What learning curves say of a model: where its training ended, and how far train and validation rows part."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean, median
from typing import TypeAlias

from suite.schema.tables import empty

Steps: TypeAlias = Mapping[str, Sequence[float | None]]
"""`loss`, `accuracy`, `val_loss`, `val_accuracy` of each epoch, as `Store.curve` returns them, where they exist."""
WINDOW = 0.2
"""The share of the epochs, the last of them, in which a fit has to improve to count as still improving."""
LEAST_EPOCHS = 10
"""A training of fewer epochs has no end that could be told from its beginning."""
LEAST_FALL = 0.01
"""By what share the validation loss has to fall in that window."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What the learning curves of one model say, means over its fits; a figure that does not exist is None."""

    n_fits: int
    epochs: int
    """Of a fit; the median, rounded down, where they differ."""
    best_epoch: int | None = None
    """After which the validation loss was lowest, from 1; the median, rounded down."""
    train: float | None = None
    """Accuracy on train rows in the last epoch, as training sees it: with dropout, and before the epoch's last step."""
    validation: float | None = None
    """Accuracy on validation rows after the last epoch."""
    n_validation: int | None = None
    """Validation rows of all fits together; None where one of them does not tell."""
    best_loss: float | None = None
    """The lowest validation loss."""
    last_loss: float | None = None
    """The validation loss after the last epoch."""
    window: int | None = None
    """The last epochs over which every fit was still improving; None if one was not."""
    fall: float | None = None
    """By what share of itself the validation loss fell in this window."""
    steps: Steps = field(default_factory=empty)
    """What is drawn: the curve of the first fit that has one, the names in `Steps` to a figure an epoch."""


def summary(curves: Sequence[Steps], held_out: Sequence[int | None] = ()) -> Curve | None:
    """Return what the curves of one model's fits say together; None without a curve.

    Parameters
    ----------
    curves : sequence of mappings
        One a fit, the names in `Steps` to a figure an epoch.
    held_out : sequence of int or None
        The validation rows of each fit, in the same order. Without them no gap can be called real.
    """
    fits = [curve for curve in curves if _epochs(curve)]
    if not fits:
        return None
    losses = [_known(curve, "val_loss") for curve in fits]
    train, validation = ([_known(curve, name) for curve in fits] for name in ("accuracy", "val_accuracy"))
    lengths = [_epochs(curve) for curve in fits]
    rows = [n for n in held_out if n]
    has_loss = all(losses)
    windows = [found for loss in losses if (found := _window(loss))]
    improves = len(windows) == len(fits)
    return Curve(
        n_fits=len(fits),
        epochs=int(median(lengths)),
        best_epoch=int(median(loss.index(min(loss)) + 1 for loss in losses)) if has_loss else None,
        train=_last(train),
        validation=_last(validation),
        n_validation=sum(rows) if len(rows) == len(curves) == len(fits) else None,
        best_loss=fmean(map(min, losses)) if has_loss else None,
        last_loss=_last(losses),
        window=int(median(n for n, _ in windows)) if improves else None,
        fall=fmean(fall for _, fall in windows) if improves else None,
        steps={name: tuple(values) for name, values in fits[0].items()},
    )


def _epochs(curve: Steps) -> int:
    return max(map(len, curve.values()), default=0)


def _known(curve: Steps, name: str) -> list[float]:
    """Return the figures of every epoch, or none if one of them is missing or no number."""
    found = [value for value in curve.get(name, ()) if value is not None and math.isfinite(value)]
    return found if len(found) == _epochs(curve) else []


def _last(series: Sequence[list[float]]) -> float | None:
    return fmean(values[-1] for values in series) if all(series) else None


def _window(losses: list[float]) -> tuple[int, float] | None:
    """Return over how many of the last epochs the loss fell, and by what share; None if it has come to rest.

    The last epoch has to be the best, and the fall larger than any rise on the way.
    """
    if len(losses) < LEAST_EPOCHS or losses[-1] > min(losses):
        return None
    n = math.ceil(WINDOW * len(losses))
    tail = losses[-n - 1 :]
    fall = tail[0] - tail[-1]
    rise = max(later - earlier for earlier, later in pairwise(tail))
    return (n, fall / tail[0]) if tail[0] > 0 and fall > max(rise, LEAST_FALL * tail[0]) else None
