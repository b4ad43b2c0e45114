"""What a gate breaks on, and how much worse something may get before it does: `accuracy:0.5pt`, `fit:20%`, `status`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from suite.analysis.amounts import POINT
from suite.errors import UnknownName, UsageError, cut
from suite.metrics import METRICS

STATUS = "status"
_AMOUNT = re.compile(r"(\d+\.?\d*|\.\d+)(?:e([-+]?\d{1,2}))? ?(pt|%|s|ms|MB|)", re.ASCII)


@dataclass(frozen=True)
class Measure:
    """A figure of a fit that no test row has a say in: less of it is better."""

    part: str
    """Of a record: `timing` or `resources`."""
    name: str
    unit: str
    label: str
    """Within a sentence."""


MEASURES = {
    "fit": Measure("timing", "fit_s", "s", "fit time"),
    "predict": Measure("timing", "predict_s", "s", "predict time"),
    "latency": Measure("timing", "latency_ms_p50", "ms", "latency of one row"),
    "memory": Measure("resources", "added_mb", "MB", "added memory"),
}
KEYS = (STATUS, *MEASURES, *METRICS)
Unit = Literal["", "pt", "%"]


def label_of(key: str) -> str:
    """Return what a key is called within a sentence."""
    return MEASURES[key].label if key in MEASURES else METRICS[key].within_sentence


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """How much worse a figure may get."""

    key: str
    amount: float = 0.0
    unit: Unit = ""
    """`pt`: points, hundredths; `%`: of what it was; nothing: in the figure's own unit."""

    @property
    def asked(self) -> str:
        """As it is written on the command line."""
        if self.key == STATUS:
            return STATUS
        return f"{self.key}:{self.amount:g}{self.unit}"

    def allowed(self, old: float) -> float:
        """Return by how much a figure that was `old` may get worse, in its own unit."""
        scale = {"pt": POINT, "%": abs(old) / 100, "": 1.0}
        return self.amount * scale[self.unit]

    @property
    def words(self) -> str:
        """The amount as a sentence has it: `0.5 points`, `2 %`, `0.005`, `1.5 s`."""
        if self.unit == "%":
            return f"{self.amount:g} %"
        if self.key in MEASURES:
            return f"{self.amount:g} {MEASURES[self.key].unit}"
        if self.unit == "" and not METRICS[self.key].higher_is_better:
            return f"{self.amount:g}"
        points = self.amount if self.unit == "pt" else self.amount / POINT
        return f"{points:g} point{'s' * (points != 1)}"

    @property
    def rule(self) -> str:
        """What breaks, in words: `accuracy falls by more than 0.5 points`."""
        if self.key == STATUS:
            return "a model has lost its score"
        if self.key in MEASURES or not METRICS[self.key].higher_is_better:
            return f"{label_of(self.key)} grows by more than {self.words}"
        return f"{label_of(self.key)} falls by more than {self.words}"


def tolerances(asked: Iterable[str] | str) -> tuple[Tolerance, ...]:
    """Return what was asked for, as `KEY:TOLERANCE` each; `status` has none.

    Raises
    ------
    UsageError
        If there is no such key, its tolerance is none, or it is named twice.
    """
    words: list[Any] = [asked] if isinstance(asked, str) else list(asked)
    found: dict[str, Tolerance] = {}
    for word in words:
        if not isinstance(word, str):
            raise UsageError(f"a gate breaks on a text such as 'accuracy:0.5pt', not on {cut(repr(word))}")
        one = _parsed(word.strip())
        if one.key in found:
            raise UsageError(f"{one.key} is named twice: {found[one.key].asked} and {one.asked}; keep one")
        found[one.key] = one
    return tuple(found.values())


def _parsed(word: str) -> Tolerance:
    key, colon, amount = (part.strip() for part in word.partition(":"))
    if key not in KEYS:
        raise UnknownName("key to fail on", key, KEYS)
    if key == STATUS:
        if colon:
            raise UsageError(f"status has no tolerance: write status, not {cut(word)!r}")
        return Tolerance(key=STATUS)
    own, usual = (MEASURES[key].unit, "20%") if key in MEASURES else ("", _usual(key))
    if not amount:
        raise UsageError(
            f"{key} needs a tolerance, such as {key}:{usual}; {key}:0 breaks on any change for the worse that is shown"
        )
    read = _AMOUNT.fullmatch(amount)
    unit = read[3] if read else ""
    if read is None or (unit not in ("", "%", own) and (unit, own) != ("pt", "")):
        takes = f"percent of what it was ({usual}) or {own} (1.5{own})"
        takes = takes if own else "points (0.5pt), percent of what it was (2%) or a bare number (0.005)"
        raise UsageError(f"{cut(word)!r}: {cut(amount)!r} is no tolerance of {key}, which takes {takes}")
    value = float(f"{read[1]}e{read[2] or 0}")
    kind: Unit = "pt" if unit == "pt" else "%" if unit == "%" else ""
    found = Tolerance(key=key, amount=value, unit=kind)
    if _never(found):
        raise UsageError(f"{cut(word)!r} can never break; did you mean {key}:{usual}?")
    return found


def _usual(key: str) -> str:
    return "0.5pt" if METRICS[key].higher_is_better else "2%"


def _never(found: Tolerance) -> bool:
    """Tell whether nothing can get so much worse."""
    if found.amount > 1e9:
        return True
    if found.key in MEASURES:
        return False
    metric = METRICS[found.key]
    if found.unit == "%":
        return metric.higher_is_better and metric.lowest >= 0 and found.amount >= 100
    return found.allowed(1.0) >= metric.highest - metric.lowest
