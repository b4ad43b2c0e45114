"""Shades that stand for a share, and the role of words that can be read on them."""

from __future__ import annotations

from suite.report.drawing import Role

PALE, LIGHT, DARK = 0.05, 0.64, 0.84
"""Between the last two neither dark nor light words can be read (contrast 4.5 : 1, on light paper and on dark)."""


def shade(share: float) -> tuple[float, Role]:
    """Return the opacity of `heat` for a share from 0 to 1, and the role of words on it."""
    share = min(max(share, 0.0), 1.0)
    if share < 0.5:
        return PALE + (LIGHT - PALE) * 2 * share, "ink"
    return DARK + (1 - DARK) * (2 * share - 1), "paper"
