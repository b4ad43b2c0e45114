"""Dates and times as people write them, in formats of `strptime`.

Whether the day or the month comes first, a column decides as a whole: by a number above 12. Where all are 12 or
less, it goes by the table's other dates; without these, the month first is assumed for slashes, the day otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from suite.datasets.columns.date_words import in_english, plain, plain_format

_LOOKED_AT = 20_000
_LATEST_YEAR = 2035
_TIME = (
    r"(?:(?P<gap>[T ]|, ?)(?P<hour>\d{1,2}):\d{2}(?P<second>:\d{2})?(?P<fraction>[.,]\d{1,9})?"
    r"(?P<half> ?[AP]M)?(?P<zone> ?(?:Z|[+-]\d{2}:?\d{2}))?)?"
)
_DATES = [
    (re.compile(r"\d{4}(?P<s>[-/.] ?| )\d{1,2}(?P=s)\d{1,2}" + _TIME), "%Y{s}%m{s}%d"),
    (re.compile(r"(?P<a>\d{1,2})(?P<s>[-/.] ?| )(?P<b>\d{1,2})(?P=s)\d{4}" + _TIME), "{a}{s}{b}{s}%Y"),
    (
        re.compile(r"(?P<a>\d{1,2})(?P<s>[-/.] ?| )(?P<b>\d{1,2})(?P=s)(?P<y>\d{2})" + _TIME),
        "{a}{s}{b}{s}{y}",
    ),
    (re.compile(r"(?:19|20)\d{6}" + _TIME), "%Y%m%d"),
    (re.compile(r"(?:19|20)\d{6}(?P<gap>[T ]?)(?P<packed>\d{4}(?:\d{2})?)(?P<zone>Z)?"), "%Y%m%d"),
    (re.compile(r"\d{1,2}(?P<s>[-/ ])[A-Z][a-z]{2}(?P=s)\d{4}" + _TIME), "%d{s}%b{s}%Y"),
    (re.compile(r"\d{1,2}(?P<s>[-/ ])[A-Z][a-z]{2}(?P=s)\d{2}" + _TIME), "%d{s}%b{s}%y"),
    (re.compile(r"[A-Z][a-z]{2}(?P<s>[-/ ])\d{1,2}(?P=s)\d{4}" + _TIME), "%b{s}%d{s}%Y"),
    (re.compile(r"\d{4}(?P<s>[-/ ])[A-Z][a-z]{2}(?P=s)\d{1,2}" + _TIME), "%Y{s}%b{s}%d"),
    (
        re.compile(r"[A-Z][a-z]{2} \d{1,2} (?P<gap>)(?P<hour>\d{2}):\d{2}(?P<second>:\d{2}) \d{4}"),
        "%b %d %H:%M:%S %Y",
    ),
    (re.compile(r"[A-Z][a-z]{2}(?P<s>[-/ ])\d{4}"), "%b{s}%Y"),
    (re.compile(r"[A-Z][a-z]{2}(?P<s>[-/ ])\d{2}"), "%b{s}%y"),
    (re.compile(r"\d{4}(?P<s>[-/ ])[A-Z][a-z]{2}"), "%Y{s}%b"),
    (re.compile(r"(?:1[5-9]|2[0-2])\d{2}(?P<s>[-/])(?:0?[1-9]|1[0-2])"), "%Y{s}%m"),
    (re.compile(r"(?:0?[1-9]|1[0-2])(?P<s>[-/])(?:1[5-9]|2[0-2])\d{2}"), "%m{s}%Y"),
    (re.compile(r"(?:0[1-9]|1[0-2])(?P<s>\.)(?:19|20)\d{2}"), "%m{s}%Y"),
    (re.compile(r"\d{4}-W\d{2}-1"), "%G-W%V-%u"),
]
_NO_DATE = re.compile(r"0+([-/. ]0+){2}([T ][0:.]+)?|00000000")


class Found(NamedTuple):
    """The formats of a column's dates."""

    formats: tuple[str, ...]
    """Of `strptime`, the most frequent first; cells are read by the first that fits."""
    doubt: str = ""
    """The first format with day and month changed, if the cells leave that open."""


class _Date(NamedTuple):
    """A date's form, with {a}, {b} and {y} for day, month and two-digit year in unknown order, and their numbers."""

    template: str
    a: int
    b: int
    y: int | None


class _Order(NamedTuple):
    """What stands for {a}, {b} and {y}."""

    a: str
    b: str
    y: str

    def format(self, template: str) -> str:
        y = "%y" if self.y == "{y}" else self.y
        return template.replace("{a}", self.a).replace("{b}", self.b).replace("{y}", y)


def is_no_date(cell: str) -> bool:
    """Return whether a cell is a date of nothing but zeros, as databases write a missing one: `0000-00-00`."""
    return bool(_NO_DATE.fullmatch(cell))


def find(cells: Sequence[str], day_first: bool | None = None) -> Found | None:
    """Find the formats of a column's dates; None if fewer than half of its cells are dates.

    The cells are different, clean, and none stands for missing. `day_first` is assumed where they leave it open.
    """
    looked = cells[:: max(1, len(cells) // _LOOKED_AT)]
    if len(looked) > 200 and sum(_template(plain(c)) is not None for c in looked[:: len(looked) // 100]) < 50:
        return None
    read = [found for cell in looked if (found := _template(plain(cell)))]
    if not read or 2 * len(read) < len(looked):
        return None
    templates = [template for template, _ in Counter(found.template for found in read).most_common()]
    orders = _orders([found for found in read if "{a}" in found.template], day_first)
    formats = tuple(dict.fromkeys(orders[0].format(template) for template in templates))
    return Found(formats, orders[1].format(templates[0]) if len(orders) > 1 and "{a}" in templates[0] else "")


def _orders(read: Sequence[_Date], day_first: bool | None) -> list[_Order]:
    """Return the orders of day, month and year that a column's dates may be in, the one to take first."""
    day, month = _Order("%d", "%m", "{y}"), _Order("%m", "%d", "{y}")
    if not read:
        return [day]
    n_day = sum(date.a > 12 for date in read)
    n_month = sum(date.b > 12 for date in read)
    short = [date for date in read if date.y is not None]
    if (
        len(short) == len(read)
        and not n_month
        and all(1 <= date.y <= 31 for date in short if date.y is not None)
    ):
        year = _Order("%y", "%m", "%d")
        if any(not 1 <= date.a <= 31 for date in read):
            return [year]
        # Of days there are more different ones than of years.
        n_last, n_first = len({date.y for date in read}), len({date.a for date in read})
        if n_last > n_first:
            return [year, day]
        if n_day and n_first < 2 * n_last:
            return [day, year]
    if n_day or n_month:
        return [day if n_day > n_month else month]
    if day_first is None:
        day_first = not all("/" in date.template for date in read)
    return [day, month] if day_first else [month, day]


def first_year(times: pd.Series[Any]) -> int:
    """Return the year that the two-digit years of a column begin with, or 0 if it is that of `strptime`, 1969.

    The years of a column, here as `strptime` reads them, lie beside each other: on the circle of a hundred, the widest
    gap is where they begin. The last of them is not later than 2035.
    """
    years = np.unique(times.dropna().dt.year.to_numpy() % 100)
    if not len(years):
        return 0
    gaps = np.diff(np.append(years, years[0] + 100))
    widest = int(gaps.argmax())
    last, begin = int(years[widest]), int(years[(widest + 1) % len(years)])
    latest = 2000 + last if 2000 + last <= _LATEST_YEAR else 1900 + last
    begins = latest - (last - begin) % 100
    as_usual = all((begins + (year - begins) % 100) == (1969 + (year - 69) % 100) for year in years.tolist())
    return 0 if as_usual else begins


def parse(cells: Sequence[str], formats: Sequence[str], begins: int = 0) -> pd.Series[Any]:
    """Return clean cells as times without a zone (in UTC where they had one), NaT where a cell is not a date.

    Two-digit years stand for the hundred years from `begins` on; 0: from 1969, as with `strptime`. A format of the user
    may have words that `plain` takes away, such as weekdays: where that does not fit, a cell is read as it is written.
    """
    texts = pd.Series([plain(cell) for cell in cells], dtype=object)
    times: pd.Series[Any] = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    left = pd.Series(True, index=texts.index)
    easy = [plain_format(form) for form in formats]
    ways: list[tuple[str, Callable[[str], str] | None]] = [(form, None) for form in easy]
    for form, prepare in [*ways, *((form, in_english) for form in easy), *((form, str) for form in formats)]:
        if not left.any():
            break
        zoned = "%z" in form.lower()
        if prepare:
            texts[left] = np.array(
                [prepare(cells[row]) for row in np.flatnonzero(left).tolist()], dtype=object
            )
        read = pd.to_datetime(texts[left], format=form, errors="coerce", utc=zoned)
        read = (read.dt.tz_localize(None) if zoned else read).astype("datetime64[us]")
        times[read.index] = read
        left[read.index] = read.isna()
    if begins:
        for step, wrong in ((-100, times.dt.year >= begins + 100), (100, times.dt.year < begins)):
            times[wrong] = (times[wrong] + pd.DateOffset(years=step)).astype("datetime64[us]")
    return times


def _template(text: str) -> _Date | None:
    """Return the form of a date, and the numbers in it whose order is not known."""
    if not 5 <= len(text) <= 40 or not any(character.isdigit() for character in text):
        return None
    for pattern, date in _DATES:
        if match := pattern.fullmatch(text):
            parts = match.groupdict()
            a, b = int(parts.get("a") or 0), int(parts.get("b") or 0)
            y = int(parts["y"]) if parts.get("y") else None
            if b > 31 or (a > 12 and b > 12) or (a > 31 and (y is None or not 1 <= y <= 31)):
                return None
            return _Date(date.replace("{s}", parts.get("s") or "") + _time(parts, date), a, b, y)
    return None


def _time(parts: dict[str, str | None], date: str) -> str:
    if packed := parts.get("packed"):
        clock = "%H%M%S" if len(packed) == 6 else "%H%M"
        return (parts["gap"] or "") + clock + (parts["zone"] or "")
    if not parts.get("hour") or "%H" in date:
        return ""
    half = parts.get("half") or ""
    form = (parts["gap"] or "") + ("%I" if half else "%H") + ":%M"
    form += (":%S" if parts["second"] else "") + (f"{parts['fraction'][0]}%f" if parts["fraction"] else "")
    form += (" %p" if half.startswith(" ") else "%p") if half else ""
    zone = parts.get("zone") or ""
    return form + (" %z" if zone.startswith(" ") else "%z" if zone else "")
