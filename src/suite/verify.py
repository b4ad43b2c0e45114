"""Verification: every figure of every record computed again from the predictions beside it, and compared."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from suite.errors import RecordError
from suite.metrics import OF_ONE_CLASS, Scored, compute, confusion, per_class
from suite.names import digest
from suite.schema import Predictions, Record
from suite.store import Store

TOLERANCE = 1e-12
"""Relative; numpy's logarithm differs in the last digit between processors."""

Verdict = Literal["agrees", "edited", "unchecked", "unreadable"]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What became of one record."""

    path: Path
    """Relative to the output folder."""
    verdict: Verdict
    """`edited` and `unreadable` are faults; `unchecked` has nothing to be checked against."""
    reason: str = ""


def verify(store: Store) -> list[Checked]:
    """Check all records of a folder against their predictions, and these against each other.

    A record agrees if its metrics, its figures by class and its confusion matrix are those of its predictions, these
    and its learning curve are the ones recorded, and its classes and true labels are those of the other records of its
    split. Before that, reading has found its own digest, which covers every field, and its key, which is that of its
    data, features, split, model, parameters and versions, as they should be, and that its name is what it holds: a
    record of another name is `unreadable`. Records of schema versions 1 to 3 have neither a digest nor what their key
    was made of: what enters neither names nor figures of theirs, such as the family, times and notes, is taken as it
    stands. There is no secret in any of this: a folder in which everything was written anew by the same rules agrees.
    """
    findings, truths = [], defaultdict(list)
    for record in store.records():
        path = store.path_for(record).relative_to(store.root)
        verdict, reason, predictions = _check(store, record)
        findings.append(Checked(path=path, verdict=verdict, reason=reason))
        if predictions is not None:
            split = (record.fingerprint, record.target, record.split_fingerprint)
            truths[split].append((path, _truth(record, predictions)))
    odd = _odd_ones(truths.values())
    reason = "its true labels are not those of its split's other records"
    findings = [
        replace(f, verdict="edited", reason=reason) if f.path in odd and f.verdict == "agrees" else f
        for f in findings
    ]
    findings += [_unread(store, path, reason) for path, reason in store.unreadable.items()]
    return sorted(findings, key=lambda finding: finding.path)


def _unread(store: Store, path: Path, reason: str) -> Checked:
    """Return what there is to say of a file that is left out; of one that was edited, what else is wrong with it."""
    verdict: Verdict = "unreadable"
    if path in store.edited:
        verdict, more, _ = _check(store, store.edited[path])
        reason = f"{reason}; {more}" if verdict == "edited" else reason
        verdict = "edited"
    return Checked(path=path.relative_to(store.root), verdict=verdict, reason=reason)


def _check(store: Store, record: Record) -> tuple[Verdict, str, Predictions | None]:
    if not record.is_run:
        if record.predictions_sha256 is not None:
            return "edited", "it has predictions, as no published figure has", None
        return "unchecked", "a published figure, without predictions", None
    if record.predictions_sha256 is None:
        figures = (*record.metrics.values(), record.confusion, record.per_class or None)
        if record.status == "ok" or any(figure is not None for figure in figures):
            return "edited", f"it has figures, but its status is {record.status} without predictions", None
        return "agrees", "a failure, without predictions", None
    if record.status != "ok":
        return "edited", f"it has predictions, but its status is {record.status}", None
    if not store.path_for(record).with_suffix(".npz").exists():
        return "unchecked", "its predictions are not here", None
    try:
        store.curve(record)
    except RecordError as error:
        return "edited", str(error), None
    try:
        predictions = store.predictions(record)
        wrong = _differences(record, predictions)
    except (RecordError, ValueError) as error:
        return "edited", f"its predictions are not those that were recorded: {error}", None
    if wrong:
        return "edited", f"not what its predictions give: {', '.join(wrong)}", predictions
    return "agrees", "", predictions


def _differences(record: Record, predictions: Predictions) -> list[str]:
    """Return the names of the figures that the predictions do not give.

    Records that suite wrote before it counted train rows by class have no figures of a positive class, and no average
    precision; of these, what they lack is no difference.
    """
    positive = record.classes.index(record.positive) if record.positive else None
    scored = Scored(predictions.y_true, predictions.proba, positive)
    metrics, by_class = compute(scored), per_class(scored, record.classes)
    if not record.train_classes:
        metrics = _without_later(metrics, record.metrics)
        by_class = {name: _without_later(by_class[name], record.per_class.get(name, {})) for name in by_class}
    computed: dict[str, Any] = {**metrics, "confusion": confusion(scored), "per_class": by_class}
    recorded: dict[str, Any] = {
        **record.metrics,
        "confusion": record.confusion,
        "per_class": record.per_class,
    }
    return [
        _described(name, recorded.get(name), computed.get(name))
        for name in sorted(recorded.keys() | computed.keys())
        if not _same(recorded.get(name), computed.get(name))
    ]


def _without_later(
    computed: Mapping[str, float | None], recorded: Mapping[str, float | None]
) -> dict[str, float | None]:
    """Return figures without those that came with schema version 3 and that a record lacks."""
    later = (*OF_ONE_CLASS, "average_precision")
    return {name: value for name, value in computed.items() if name in recorded or name not in later}


def _described(name: str, recorded: Any, computed: Any) -> str:
    if isinstance(recorded, float) and isinstance(computed, float):
        return f"{name} ({recorded:.6g} recorded, {computed:.6g} computed)"
    if name == "per_class":
        classes = recorded.keys() | computed.keys()
        wrong = sorted(c for c in classes if not _same(recorded.get(c), computed.get(c)))
        return f"figures of class {wrong[0]!r}"
    return name


def _same(recorded: Any, computed: Any) -> bool:
    if isinstance(recorded, Mapping) and isinstance(computed, Mapping):
        return recorded.keys() == computed.keys() and all(_same(recorded[k], computed[k]) for k in recorded)
    if isinstance(recorded, float) or isinstance(computed, float):
        numbers = isinstance(recorded, int | float) and isinstance(computed, int | float)
        return numbers and math.isclose(recorded, computed, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(recorded == computed)


def _truth(record: Record, predictions: Predictions) -> str:
    classes = digest(record.classes).encode()
    return hashlib.sha256(classes + predictions.rows.tobytes() + predictions.y_true.tobytes()).hexdigest()


def _odd_ones(groups: Iterable[list[tuple[Path, str]]]) -> set[Path]:
    """Return the records whose truth differs from that of most others of their split."""
    odd = set()
    for group in groups:
        usual, _ = Counter(truth for _, truth in group).most_common(1)[0]
        odd |= {path for path, truth in group if truth != usual}
    return odd
