"""The key of a cell: sha256 of all that its predictions depend on, made by a plan and made again by a reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

from suite.names import digest
from suite.schema import Basis, CellId, Kind, Record

_KINDS = {kind[0]: kind for kind in get_args(Kind)}


def letters(kinds: Iterable[Kind]) -> str:
    """Return kinds of columns as `Basis.kinds` has them."""
    return "".join(kind[0] for kind in kinds)


def key_of(
    cell: CellId, target: str, used: Sequence[str], split: str, model_version: str, basis: Basis
) -> str:
    """Return the key of a cell: of a model on the columns that are used, and on a split, told by its fingerprint."""
    parts = {
        "data": (cell.dataset, cell.fingerprint, target),
        "features": (list(used), [_KINDS.get(letter, letter) for letter in basis.kinds], basis.features),
        "split": (split, basis.validation),
        "model": basis.entry,
        "version": model_version,
        "params": cell.params,
        "variant": cell.variant,
        "role": cell.role,
        "seed": cell.seed,
        "packages": basis.packages,
    }
    if basis.search:
        parts["search"] = basis.search
    return digest(parts)


def published_key(dataset: str, model: str) -> str:
    """Return the key of a published figure, which no run has made."""
    return digest("reported", dataset, model)


def key_again(record: Record) -> str | None:
    """Return the key that a record should have by what it says; None if it does not say enough."""
    if not record.is_run:
        return published_key(record.dataset, record.model)
    if record.basis is None:
        return None
    return key_of(
        record.id,
        record.target,
        record.features.used,
        record.split_fingerprint,
        record.model_version,
        record.basis,
    )
