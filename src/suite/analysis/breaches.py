"""What a gate says of models, in sentences: what breaks, what could not be tested, what the rows cannot show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from suite.analysis.amounts import bare, named, size
from suite.analysis.changes import Change
from suite.analysis.tolerances import MEASURES, Tolerance, label_of
from suite.analysis.words import listed
from suite.metrics import METRICS

if TYPE_CHECKING:
    from suite.analysis.gate import Check, Judged


def bound(tolerance: Tolerance, change: Change) -> float:
    """Return what is allowed, in the unit of the change's difference."""
    allowed = tolerance.allowed(change.old or 0.0)
    if change.key in METRICS:
        return allowed
    return allowed / change.old if change.old else 0.0


def worse(judged: Judged, change: Change, tolerance: Tolerance) -> str:
    """Return that a figure has got worse by more than is allowed."""
    verb = "fell" if change.sign > 0 else "grew"
    before, now = (_figure(change.key, value) for value in (change.old, change.new))
    more = ""
    if tolerance.unit == "%" and change.key in METRICS and change.old:
        more = f"; {_percent((change.difference or 0.0) / abs(change.old))}"
    return (
        f"{_where(judged)}: {label_of(change.key)} {verb} by {amount(change, change.difference)} "
        f"({_ends(change)}{more}), from {before} to {now}; allowed: {tolerance.words}."
    )


def lost(judged: Judged) -> str:
    """Return that a model has no score any more where it had one; empty if it has."""
    matched = judged.matched
    if not matched.lost:
        return ""
    some = ""
    if matched.new is not None and matched.new.ok:
        some = f" in {len(matched.lost)} of {matched.n_before} fits"
    return f"{_where(judged)}: it had a score and has none any more{some}: {matched.lost_why.rstrip('.')}."


def untested(checks: Sequence[Check]) -> Iterator[str]:
    """Yield what the gate cannot break on, and why."""
    keys: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for check in checks:
        if check.untested:
            keys[check.judged.table.name, check.untested, check.judged.model].append(
                label_of(check.tolerance.key)
            )
    models: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (table, why, model), labels in keys.items():
        models[table, why, tuple(labels)].append(model)
    for (table, why, told), names in models.items():
        yield f"{table}, {named(names)}: no test of {listed(told)}, so nothing there can break: {why}."


def too_few(checks: Sequence[Check]) -> Iterator[str]:
    """Yield which tolerances are less than the rows, or the fits, can show."""
    groups: dict[tuple[str, Tolerance], list[Check]] = defaultdict(list)
    for check in checks:
        if check.least is not None:
            groups[check.judged.table.name, check.tolerance].append(check)
    for (table, tolerance), group in groups.items():
        changes = [check.judged.changes[tolerance.key] for check in group]
        leasts = sorted(_as_asked(check, tolerance) for check in group)
        shown = [_worded(tolerance, leasts[0]).split(" ")[0], _worded(tolerance, leasts[-1])]
        least = (
            shown[1] if shown[1].startswith(f"{shown[0]} ") or shown[0] == shown[1] else " to ".join(shown)
        )
        n_rows = max(change.n_rows for change in changes)
        what = f"{n_rows:,} test rows" if n_rows else "so few fits"
        yield (
            f"{table}, {named([check.judged.model for check in group])}: {what} cannot show a "
            f"{'drop' if changes[0].sign > 0 else 'growth'} of {tolerance.words} in {label_of(tolerance.key)}: the "
            f"least that they show 4 times in 5 is {least}."
        )


def _as_asked(check: Check, tolerance: Tolerance) -> float:
    """Return the least change in the unit of a tolerance."""
    change, least = check.judged.changes[tolerance.key], check.least or 0.0
    if change.key in MEASURES:
        return 100 * least if tolerance.unit == "%" else least * (change.old or 0.0)
    return 100 * least / abs(change.old) if tolerance.unit == "%" and change.old else least


def _worded(tolerance: Tolerance, least: float) -> str:
    if tolerance.unit == "%":
        return _percent(least / 100)
    if tolerance.key in MEASURES:
        return f"{least:.2g} {MEASURES[tolerance.key].unit}"
    return size(least, METRICS[tolerance.key])


def amount(change: Change, difference: float | None) -> str:
    """Return a difference of a figure, without its sign, as people say it: `1.9 points`, `0.012`, `35 %`."""
    value = abs(difference or 0.0)
    return size(value, METRICS[change.key]) if change.key in METRICS else _percent(value)


def _ends(change: Change) -> str:
    """Return the interval in the direction of the change: `1.1 to 5.3`."""
    sign = 1 if (change.difference or 0.0) > 0 else -1
    ends = sorted(sign * (end or 0.0) for end in (change.low, change.high))
    if change.key in METRICS:
        return " to ".join(bare(end, METRICS[change.key]) for end in ends)
    return " to ".join(f"{100 * end:.0f}" for end in ends)


def _figure(key: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:{METRICS[key].fmt}}" if key in METRICS else f"{value:.3g} {MEASURES[key].unit}"


def _percent(share: float) -> str:
    return f"{100 * abs(share):.2g} %" if abs(share) < 1 else f"{100 * abs(share):.0f} %"


def _where(judged: Judged) -> str:
    return f"{judged.model} on {judged.table.name}"
