"""How differences and lists of models are said."""

from __future__ import annotations

from collections.abc import Sequence

from suite.analysis.comparison import Pair
from suite.analysis.words import listed
from suite.metrics import Metric

NAMED = 5
"""The most models that a sentence names."""
POINT = 0.01
"""What a point is, of any metric."""


def bare(difference: float, metric: Metric, *, signed: bool = False) -> str:
    """Return a difference without its unit: points (hundredths) where the metric ends at 1, else as it is."""
    scale, digits = (1 / POINT, 1) if metric.higher_is_better else (1.0, 3)
    digits -= abs(difference * scale) >= 9.95
    text = f"{difference * scale:{'+' if signed else ''}.{digits}f}"
    return text.lstrip("+-") if float(text) == 0 else text


def size(difference: float, metric: Metric) -> str:
    """Return a difference as people say it: `1.9 points`, `0.012`, `less than 0.001`."""
    text = bare(difference, metric)
    if float(text) == 0 and difference:
        text = f"less than {'0.1' if metric.higher_is_better else '0.001'}"
    return f"{text} {'point' if text == '1.0' else 'points'}" if metric.higher_is_better else text


def apart(pair: Pair, metric: Metric) -> str:
    """Return by how much a model is behind the best, with the interval: `scored 1.9 points less (0.4 to 3.9)`."""
    sign, more = (-1, "less") if metric.higher_is_better else (1, "more")
    ends = " to ".join(bare(end, metric) for end in sorted((sign * pair.low, sign * pair.high)))
    return f"scored {size(sign * pair.difference, metric)} {more} ({ends})"


def named(names: Sequence[str], what: str = "models") -> str:
    """Return names in a row: `a`, `a and b`, `7 models (a, b, c, d, ...)`."""
    if len(names) > NAMED:
        return f"{len(names)} {what} ({', '.join(names[: NAMED - 1])}, ...)"
    return listed(names)
