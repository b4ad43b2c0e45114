"""Where values stand on a figure, and the ticks that say so."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from suite.report.drawing import Line, Mark, Words

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LEAST = 1e-9
"""What a logarithmic axis takes for a value that is not above 0."""
SMALL = 11.0
"""The size of words at ticks, in px."""


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` along `start` to `end` in px; what lies outside stands at the end."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...] = ()
    log: bool = False

    def at(self, value: float) -> float:
        """Return where a value stands, in px."""
        value = min(max(value, self.low), self.high)
        low, high, value = (self._scaled(v) for v in (self.low, self.high, value))
        # Halves, so that the span of the largest numbers is one.
        share = (value / 2 - low / 2) / (high / 2 - low / 2)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Tell whether a value stands at its own place."""
        return self.low <= value <= self.high

    def _scaled(self, value: float) -> float:
        return math.log10(max(value, LEAST)) if self.log else value


def linear(low: float, high: float, start: float, end: float, n: int = 6, margin: float = 0.04) -> Axis:
    """Return an axis that holds `low` to `high` with a margin, and has about `n` round ticks."""
    low, high = _apart(low, high)
    low, high = low - margin * (high / 2 - low / 2) * 2, high + margin * (high / 2 - low / 2) * 2
    return Axis(low, high, start, end, round_ticks(low, high, n))


def exact(low: float, high: float, start: float, end: float, n: int = 6) -> Axis:
    """Return an axis from `low` to `high` and no further."""
    return linear(low, high, start, end, n, margin=0.0)


def logarithmic(low: float, high: float, start: float, end: float, n: int = 7) -> Axis:
    """Return a logarithmic axis that holds `low` to `high`, at least a factor of 4, with a margin."""
    low, high = max(low, LEAST), max(high, LEAST)
    room = max((4 * low / high) ** 0.5, 1.0) * (high / low) ** 0.04
    low = max(low / room, LEAST)
    high = max(high * room, 4 * low)
    return Axis(low, high, start, end, decades(low, high, n), log=True)


def round_ticks(low: float, high: float, n: int) -> tuple[float, ...]:
    """Return the round numbers from `low` to `high`, all a step apart, at most `n` + 1."""
    raw = (high / n - low / n) or LEAST
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((s * power for s in STEPS if s * power >= raw * (1 - 1e-9)), 10 * power)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, 2 - math.floor(math.log10(step)))
    found = (round(k * step, digits) for k in range(first, last + 1))
    return tuple(tick + 0.0 for tick in found if low <= tick <= high)


def decades(low: float, high: float, n: int) -> tuple[float, ...]:
    """Return powers of ten from `low` to `high`, or also their doubles and fives where there are few; at most `n`."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [f * 10.0**k for k in range(first, last + 1) for f in factors]
        found = [tick for tick in found if low <= tick <= high]
        if len(found) <= n:
            return tuple(found)
    return tuple(found[:: math.ceil(len(found) / n)])


def tick_text(value: float, ticks: Sequence[float]) -> str:
    """Return a tick's number with as many digits as tell it from its neighbours."""
    step = min((abs(b - a) for a, b in itertools.pairwise(ticks)), default=abs(value) or 1.0)
    for digits in range(9):
        if abs(round(step, digits) - step) <= 1e-6 * step:
            text = f"{value:,.{digits}f}"
            return text.lstrip("-") if float(text.replace(",", "")) == 0 else text
    return f"{value:g}"


def log_text(value: float, _: Sequence[float] = ()) -> str:
    """Return a tick of a logarithmic axis: `0.01`, `1`, `1,000`."""
    return f"{value:,.0f}" if value >= 1 else f"{value:.9f}".rstrip("0")


def below(
    axis: Axis, top: float, bottom: float, title: str = "", text: Callable[..., str] | None = None
) -> Iterator[Mark]:
    """Draw lines at the ticks from `top` to `bottom`, their numbers below, and the axis's title."""
    write = text or (log_text if axis.log else tick_text)
    for tick in axis.ticks:
        x = axis.at(tick)
        yield Line([(x, top), (x, bottom)], "grid")
        yield Words(x, bottom + 15, write(tick, axis.ticks), "faint", anchor="middle", size=SMALL)
    if title:
        yield Words((axis.start + axis.end) / 2, bottom + 33, title, "faint", anchor="middle")


def beside(
    axis: Axis, left: float, right: float, title: str = "", text: Callable[..., str] | None = None
) -> Iterator[Mark]:
    """Draw lines at the ticks from `left` to `right`, their numbers before them, and the title above."""
    write = text or (log_text if axis.log else tick_text)
    for tick in axis.ticks:
        y = axis.at(tick)
        yield Line([(left, y), (right, y)], "grid")
        yield Words(left - 6, y + 4, write(tick, axis.ticks), "faint", anchor="end", size=SMALL)
    if title:
        yield Words(8, min(axis.start, axis.end) - 10, title, "faint")


def _apart(low: float, high: float) -> tuple[float, float]:
    """Return two ends that are apart; equal ones get room on both sides."""
    least = max(1e-6, 1e-6 * max(abs(low), abs(high)))
    if high / 2 - low / 2 >= least / 2:
        return low, high
    middle, room = low / 2 + high / 2, max(0.01, 0.01 * abs(low))
    return middle - room, middle + room
