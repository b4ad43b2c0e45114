"""Record files of earlier schema versions, brought to the present one step by step."""

from __future__ import annotations

from typing import Any

from suite.errors import RecordError

SCHEMA_VERSION = 5
SEALED_FROM = 4
"""The schema version from which on records have a digest of their own."""
_ID = ("dataset", "fingerprint", "protocol", "split", "model", "params", "variant", "seed")


def upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a record file as the present version has them, without the version.

    RecordError if there is no way from its version to the present one.
    """
    fields = dict(data)
    version = fields.pop("schema_version")
    if version == SCHEMA_VERSION:
        return fields
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise RecordError(
            f"it is written in schema version {version}; this suite reads up to {SCHEMA_VERSION}: take a newer suite"
        )
    if type(version) is not int or version not in _STEPS:
        raise RecordError(f"it is written in schema version {version!r}, which there never was")
    for step in range(version, SCHEMA_VERSION):
        fields = _STEPS[step](fields)
    return fields


def _from_1(old: dict[str, Any]) -> dict[str, Any]:
    """Gather the identity, and drop a figure that no model had reported: one fifth of train, for every model."""
    new = {name: value for name, value in old.items() if name not in _ID}
    new["id"] = {name: old[name] for name in _ID if name in old}
    if new.get("source") == "run":
        new["n_validation"] = None
    return new


def _from_2(old: dict[str, Any]) -> dict[str, Any]:
    """Halve the Brier score of two classes, as scikit-learn has it; figures that came later stay absent."""
    classes, metrics = old.get("classes"), old.get("metrics")
    if not isinstance(classes, list) or len(classes) != 2 or not isinstance(metrics, dict):
        return old
    brier = metrics.get("brier")
    if not isinstance(brier, int | float) or isinstance(brier, bool) or abs(brier) > 2:
        return old  # whatever it is, it is refused later on
    return {**old, "metrics": {**metrics, "brier": brier / 2}}


def _from_3(old: dict[str, Any]) -> dict[str, Any]:
    """Add nothing: what the key was made of, and digests, were not recorded."""
    return old


def _from_4(old: dict[str, Any]) -> dict[str, Any]:
    """Add nothing: no search was recorded before, and how long a cell took in all."""
    return old


_STEPS = {1: _from_1, 2: _from_2, 3: _from_3, 4: _from_4}
