"""The form of probabilities: checked where they are made, before they travel, and again where they are scored."""

from __future__ import annotations

from typing import Any

import numpy as np

from suite.errors import InvalidOutput


def check_form(proba: Any, labels: Any, n_rows: int, n_labels: int) -> np.ndarray:
    """Return which label each column of probabilities is about; only type and shape are looked at, no value.

    Parameters
    ----------
    proba : ndarray or None
        As a model gave them.
    labels : ndarray of shape (n_columns,) or None
        The model's `classes_`; None stands for 0, 1, ..., `n_labels` - 1.

    Raises
    ------
    InvalidOutput
        If there are none, they are no real numbers or of another shape, or the labels are not those that were given.
    """
    if proba is None:
        raise InvalidOutput("no probabilities came back")
    proba, columns = np.asarray(proba), _columns(labels, n_labels)
    if proba.dtype.kind not in "fiub":
        raise InvalidOutput(f"probabilities are of type {_name(proba.dtype)}, not real numbers")
    if proba.shape != (n_rows, len(columns)):
        raise InvalidOutput(
            f"probabilities have shape {proba.shape}, not {(n_rows, len(columns))}: one row for each row given, "
            "one column for each class"
        )
    return columns


def _name(dtype: np.dtype[Any]) -> str:
    """Return a type's name; a structured one has as many words as its maker likes."""
    return str(dtype) if len(str(dtype)) <= 40 else dtype.name[:40]


def _columns(labels: Any, n_labels: int) -> np.ndarray:
    if labels is None:
        return np.arange(n_labels)
    labels = np.asarray(labels)
    known = (
        labels.ndim == 1
        and len(labels) <= n_labels
        and labels.dtype.kind in "fiub"
        and bool(np.isin(labels, np.arange(n_labels)).all())
    )
    if not known or len(np.unique(labels)) != len(labels):
        shown = np.array2string(labels.ravel()[:20], threshold=20)[:200]
        raise InvalidOutput(f"classes_ is {shown}; the labels given were 0 to {n_labels - 1}")
    return labels.astype(np.int64)
