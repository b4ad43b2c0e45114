"""Two models beside each other, as a person reads it."""

from __future__ import annotations

import html
from dataclasses import dataclass

from suite.analysis.amounts import bare, size
from suite.analysis.comparison import Pair
from suite.metrics import METRICS
from suite.report.text import counted, inert, number


@dataclass(frozen=True, repr=False)
class Versus:
    """Two models on the cells that both have.

    Attributes
    ----------
    pair : Pair
        The difference, its 95 % interval from ``low`` to ``high``, ``p``, and the rows that only one has right.
    """

    pair: Pair

    @property
    def difference(self) -> float:
        """Of the first less that of the second, in the metric's unit."""
        return self.pair.difference

    @property
    def low(self) -> float:
        """The lower end of its 95 % interval."""
        return self.pair.low

    @property
    def high(self) -> float:
        """The upper end."""
        return self.pair.high

    @property
    def p(self) -> float:
        """Two-sided, of the hypothesis that there is no difference."""
        return self.pair.p

    @property
    def is_real(self) -> bool:
        """Whether the test says that they differ."""
        return self.pair.is_real

    @property
    def verdict(self) -> str:
        """The answer, in a sentence."""
        pair, metric = self.pair, METRICS[self.pair.metric]
        first, second = inert(pair.first), inert(pair.second)
        if not pair.is_real:
            return f"{first} and {second} cannot be told apart by {metric.within_sentence}."
        more = "more" if pair.difference > 0 else "less"
        better = "better" if (pair.difference > 0) == metric.higher_is_better else "worse"
        by = size(abs(pair.difference), metric)
        return f"{first} is {better} than {second}: its {metric.within_sentence} is {by} {more}."

    @property
    def details(self) -> str:
        """The difference with its interval, p, and the rows on which they differ, in a sentence."""
        pair, metric = self.pair, METRICS[self.pair.metric]
        unit = " points" if metric.higher_is_better else ""
        low, high = (bare(end, metric, signed=True) for end in (pair.low, pair.high))
        p = "p below 0.001" if pair.p < 0.001 else f"p {pair.p:.3f}"
        text = f"Difference {bare(pair.difference, metric, signed=True)}{unit} (95 %: {low} to {high}), {p}"
        if pair.only_first is None or pair.only_second is None:
            return f"{text}."
        ahead, behind = (_rows(n) for n in (pair.only_first, pair.only_second))
        return f"{text}; only {inert(pair.first)} has {ahead} right, only {inert(pair.second)} {behind}."

    def __repr__(self) -> str:
        return f"{self.verdict}\n{self.details}"

    def _repr_html_(self) -> str:
        style = "color:inherit;background:transparent;margin:.3em 0"
        return f'<p style="{style}"><b>{html.escape(self.verdict)}</b><br>{html.escape(self.details)}</p>'


def _rows(n: float) -> str:
    """Return how many rows; means over seeds need not be whole."""
    return counted(int(n), "row") if n == int(n) else f"{number(n, ',.1f')} rows"
