"""Words and numbers as people read them: harmless text, short names, human units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

NONE = "–"
"""Stands where there is no figure."""


def inert(text: object) -> str:
    """Return `text` on one line, without characters that steer a terminal or turn the writing direction.

    White space and line ends of any kind become single spaces; control and format characters (among them
    ESC and the right-to-left override), surrogates and unassigned code points are left out.
    """
    words = str(text)
    if words.isprintable():
        return " ".join(words.split())
    spaced = "".join(" " if c.isspace() or c in "\x1c\x1d\x1e\x1f\x85" else c for c in words)
    kept = "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn"))
    return " ".join(kept.split())


def plain(text: object, style: str = "", limit: int | None = None) -> Text:
    """Return data as rich text in a style, its markup printed as it is written, shortened to `limit` cells."""
    words = inert(text)
    return Text(shortened(words, limit) if limit else words, style=style)


def shortened(text: str, width: int) -> str:
    """Return `text` cut to `width` terminal cells, with `…` for the middle where it is too long.

    Both ends are kept, because long names tend to differ at their ends.
    """
    if cell_len(text) <= width:
        return text
    if width < 4:
        return set_cell_size(text, max(width, 0)).rstrip()
    tail = (width - 1) // 3
    head = set_cell_size(text, width - 1 - tail).rstrip()
    end = text[-tail:]
    while cell_len(end) > tail:
        end = end[1:]
    return f"{head}…{end}"


def abbreviations(names: Sequence[str], width: int) -> list[str]:
    """Return a form of each name that fits `width` cells, all different where the names are.

    A name is cut at its end; where two would look the same, in its middle; where even that does not tell
    them apart, it gets its number.
    """
    names = [inert(name) or NONE for name in names]
    cut = [n if cell_len(n) <= width else set_cell_size(n, width - 1).rstrip(" -_.,") + "." for n in names]
    middle = [shortened(name, width) for name in names]
    chosen = [m if cut.count(c) > 1 else c for c, m in zip(cut, middle, strict=True)]
    return [str(i) if chosen.count(c) > 1 else c for i, c in enumerate(chosen, 1)]


def milliseconds(value: float) -> str:
    """Return a short duration: `0.80 ms`, `12.3 ms`."""
    return "<0.01 ms" if value < 0.005 else f"{value:.{2 if value < 9.995 else 1}f} ms"


def percent(share: float) -> str:
    """Return a share: `37%`, `<1%`; never 0% of something, nor 100% of less than all."""
    text = f"{100 * share:.0f}%"
    return {"0%": "<1%", "100%": ">99%"}.get(text, text) if 0 < share < 1 else text


def wrapped(items: Iterable[str], width: int, separator: str = " · ") -> list[str]:
    """Return whole items on lines that fit `width` cells; a longer item has a line of its own."""
    lines: list[str] = []
    for item in items:
        if lines and cell_len(lines[-1] + separator + item) <= width:
            lines[-1] += separator + item
        else:
            lines.append(item)
    return lines


def seconds(value: float | None) -> str:
    """Return a duration: `0.004 s`, `0.12 s`, `12.3 s`, `3 min 20 s`, `1 h 05 min`."""
    if value is None:
        return NONE
    if value < 0.0005:
        return "<0.001 s"
    if value < 0.0095:
        return f"{value:.3f} s"
    if value < 0.995:
        return f"{value:.2f} s"
    if value < 59.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def megabytes(value: float) -> str:
    """Return a size: `0.3 MB`, `312 MB`, `12.3 GB`."""
    if value < 9.95:
        return f"{value:.1f} MB" if value >= 0.05 else "<0.1 MB"
    return f"{value:.0f} MB" if value < 9999.5 else f"{value / 1000:.1f} GB"


def number(value: float | None, fmt: str = ".4f") -> str:
    """Return a figure in the given format, without a minus before zero."""
    if value is None:
        return NONE
    text = format(value, fmt)
    return text.lstrip("-") if float(text) == 0 else text


def span(low: float, high: float) -> str:
    """Return an interval: `0.592–0.611`."""
    return f"{number(low, '.3f')}–{number(high, '.3f')}"


def about_fit(split: str, seed: int | None) -> str:
    """Return where a model was fitted: `fold 2, seed 0`, `repeat 1, fold 2`, `holdout`; numbered as in records.

    A trial of a search was fitted on an inner split of that: `holdout, inner 0`.
    """
    inner = re.fullmatch(r"(.+)-inner(\d*)", split)
    split = inner[1] if inner else split
    fold = re.fullmatch(r"(?:cv\d+(?:x\d+)?|grouped|time)-(?:r(\d+))?f(\d+)", split)
    single = re.fullmatch(r"(original|holdout|grouped|time)(?:0\.\d+)?-\d+", split)
    words = [f"repeat {fold[1]}"] if fold and fold[1] else []
    words.append(f"fold {fold[2]}" if fold else single[1] if single else split)
    words += [f"inner {inner[2]}".rstrip()] if inner else []
    return ", ".join(words if seed is None else [*words, f"seed {seed}"])


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """Return a count with its noun: `1 row`, `10,000 rows`."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"
