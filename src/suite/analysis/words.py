"""The words that sentences share: lists, shares and classes as one says them."""

from __future__ import annotations

import re
from collections.abc import Sequence

NAMED = 3
"""If there are more, only their number is told."""


def percent(share: float) -> str:
    """Return a share: `37 %`, `<1 %`; never 0 % of something, nor 100 % of less than all."""
    text = f"{100 * share:.0f} %"
    return {"0 %": "<1 %", "100 %": ">99 %"}.get(text, text) if 0 < share < 1 else text


def points(difference: float) -> str:
    """Return a difference of two scores between 0 and 1: `1.3 points`."""
    text = f"{100 * difference:.1f}"
    return f"{text} point" if text == "1.0" else f"{text} points"


def listed(names: Sequence[str], joint: str = "and") -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {joint} {names[-1]}"


def class_name(name: str) -> str:
    """Return a class's name as it stands within a sentence: `Jazz`, `class 8`."""
    return name if re.search(r"[^\W\d_]{2}", name) else f"class {name}"


def rows_of(name: str) -> str:
    """Return what the rows of a class are called: `the Jazz rows`, `class 8`."""
    word = class_name(name)
    return f"the {word} rows" if word == name else word


def is_one_name(first: str, second: str) -> bool:
    """Tell whether two class names differ only in how they are written: `Hip-Hop` and `hip hop`."""
    return _bare(first) == _bare(second)


def _bare(name: str) -> str:
    try:
        return repr(float(name))
    except ValueError:
        return re.sub(r"(?<=\w)[\s_.-]+(?=\w)|[\s_.]+", "", name.casefold())
