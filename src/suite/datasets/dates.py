"""Dates and times as people write them, in formats of `strptime`.

Whether the day or the month comes first, a column decides as a whole: by a number above 12. Where all are 12 or
less, it goes by the table's other dates; without these, the month first is assumed for slashes, the day otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_LOOKED_AT = 20_000
_TIME = (
    r"(?:(?P<gap>[T ]|, ?)(?P<hour>\d{1,2}):\d{2}(?P<second>:\d{2})?(?P<fraction>\.\d{1,9})?"
    r"(?P<half> ?[AP]M)?(?P<zone> ?(?:Z|[+-]\d{2}:?\d{2}))?)?"
)
_DATES = [
    (re.compile(r"\d{4}(?P<s>[-/. ])\d{1,2}(?P=s)\d{1,2}" + _TIME), "%Y{s}%m{s}%d"),
    (re.compile(r"(?P<a>\d{1,2})(?P<s>[-/.] ?| )(?P<b>\d{1,2})(?P=s)\d{4}" + _TIME), "{a}{s}{b}{s}%Y"),
    (re.compile(r"(?P<a>\d{1,2})(?P<s>[-/.] ?| )(?P<b>\d{1,2})(?P=s)(?P<y>\d{2})" + _TIME), "{a}{s}{b}{s}%y"),
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
    (re.compile(r"(?:1[5-9]|2[0-2])\d{2}(?P<s>[-/.])(?:0?[1-9]|1[0-2])"), "%Y{s}%m"),
    (re.compile(r"(?:0?[1-9]|1[0-2])(?P<s>[-/.])(?:1[5-9]|2[0-2])\d{2}"), "%m{s}%Y"),
]
_MONTHS = {
    "Jan": "jan january januar jänner janvier janv enero ene gennaio gen januari janeiro",
    "Feb": "feb february februar février févr fevrier febrero febbraio februari fevereiro fev",
    "Mar": "mar march märz mrz maerz mars marzo maart mrt março marco",
    "Apr": "apr april avril avr abril abr aprile",
    "May": "may mai mayo maggio mag mei maio",
    "Jun": "jun june juni juin junio giugno giu junho",
    "Jul": "jul july juli juillet juil julio luglio lug julho",
    "Aug": "aug august août aout agosto ago augustus",
    "Sep": "sep sept september septembre septiembre settembre set setembro",
    "Oct": "oct october oktober okt octobre octubre ottobre ott outubro out",
    "Nov": "nov november novembre noviembre novembro",
    "Dec": "dec december dezember dez décembre déc decembre diciembre dic dicembre desember dezembro",
}
_ENGLISH = {word: month for month, words in _MONTHS.items() for word in words.split()}
_WEEKDAY = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? +|"
    r"^(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"mo|di|mi|do|fr|sa|so)\.?,? +",
    re.IGNORECASE,
)
_DAY_BEFORE_MONTH = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|\.|er|º)? +(?:of |de )?(?=[^\W\d])", re.IGNORECASE)
_NO_DATE = re.compile(r"0+([-/. ]0+){2}([T ][0:.]+)?|00000000")
_CLOCK = re.compile(
    r"(?P<sign>-)?(?P<a>\d{1,4}):(?P<b>\d{2})(?::(?P<c>\d{2}(?:\.\d+)?))?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_DURATION = re.compile(
    r"(?:\d+(?:\.\d+)? ?(?:days?|d|hours?|hrs?|h|minutes?|mins?|min|m|seconds?|secs?|sec|s)\.?,? ?){2,4}|"
    r"\d+ days?,? \d{1,2}:\d{2}:\d{2}(?:\.\d+)?|P(?:\d+D)?T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """The formats of a column's dates."""

    formats: tuple[str, ...]
    """Of `strptime`, the most frequent first; cells are read by the first that fits."""
    doubt: str = ""
    """The first format with day and month changed, if the cells leave that open."""


def is_no_date(cell: str) -> bool:
    """Tell whether a cell is a date of nothing but zeros, as databases write a missing one: `0000-00-00`."""
    return bool(_NO_DATE.fullmatch(cell))


def find(cells: Sequence[str], day_first: bool | None = None) -> Found | None:
    """Find the formats of a column's dates; None if fewer than half of its cells are dates.

    Parameters
    ----------
    cells : sequence of str
        The different clean cells of a column, without those that stand for missing.
    day_first : bool, optional
        What to assume where the cells leave it open.
    """
    looked = cells[:: max(1, len(cells) // _LOOKED_AT)]
    if (
        len(looked) > 200
        and sum(_template(plain(cell)) is not None for cell in looked[:: len(looked) // 100]) < 50
    ):
        return None
    templates: Counter[str] = Counter()
    first, second = 0, 0
    for cell in looked:
        if (found := _template(plain(cell))) is None:
            continue
        template, a, b = found
        templates[template] += 1
        first, second = max(first, a), max(second, b)
    if not templates or 2 * sum(templates.values()) < len(looked):
        return None
    is_open = any("{a}" in template for template in templates) and first <= 12 and second <= 12
    slashes = all("/" in template for template in templates if "{a}" in template)
    if not is_open:
        day_first = first > 12
    elif day_first is None:
        day_first = not slashes
    formats = tuple(_in_order(template, day_first) for template, _ in templates.most_common())
    return Found(formats, _in_order(templates.most_common(1)[0][0], not day_first) if is_open else "")


def parse(cells: Sequence[str], formats: Sequence[str]) -> pd.Series[Any]:
    """Return clean cells as times without a zone (that of UTC where they had one), NaT where one is no date.

    Parameters
    ----------
    cells : sequence of str
        Shape (n_cells,).
    formats : sequence of str
        Of `strptime`.
    """
    import pandas as pd

    texts = pd.Series([plain(cell) for cell in cells], dtype=object)
    times: pd.Series[Any] = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    left = pd.Series(True, index=texts.index)
    for form in formats:
        if not left.any():
            break
        zoned = "%z" in form
        read = pd.to_datetime(texts[left], format=form, errors="coerce", utc=zoned)
        read = (read.dt.tz_localize(None) if zoned else read).astype("datetime64[us]")
        times[read.index] = read
        left[read.index] = read.isna()
    return times


def parse_clock(cells: Sequence[str]) -> np.ndarray:
    """Return times of a day and durations (`9:30`, `01:02:03`, `10:30 PM`, `2h 50m`) in seconds, NaN for others."""
    import numpy as np
    import pandas as pd

    seconds = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells):
        if match := _CLOCK.fullmatch(cell):
            a, b, c = int(match["a"]), int(match["b"]), float(match["c"] or 0)
            if match["half"]:
                a = a % 12 + (12 if match["half"] in "pP" else 0)
            value = 3600 * a + 60 * b + c
            seconds[i] = -value if match["sign"] else value
        elif _DURATION.fullmatch(cell) and any(character.isdigit() for character in cell):
            text = re.sub(r"(?<=\d) ?m(?![a-z])", "min", cell.replace(",", " "), flags=re.IGNORECASE)
            seconds[i] = pd.to_timedelta(
                text if cell[0] not in "pP" else cell.upper(), errors="coerce"
            ).total_seconds()
    return seconds


def plain(cell: str) -> str:
    """Return a date in the words of `strptime`: months as `Jan`, no weekday, no ordinal endings, no comma."""
    if cell.isascii() and not any(character.isalpha() for character in cell):
        return cell
    text = unicodedata.normalize("NFKC", cell)
    if not any(character.isalpha() for character in text) or re.fullmatch(r"[\dT:.+ Z-]+", text):
        return text
    text = _WEEKDAY.sub("", text)
    if "-" in text:
        text = re.sub(r"\b(\d{1,2})(?:st|nd|rd|th)\b", r"\1", text, flags=re.IGNORECASE)
    else:
        text = _DAY_BEFORE_MONTH.sub(r"\1 ", text)
    text = re.sub(r"[^\W\d_]{3,}\.?", _english, text)
    text = re.sub(r"(?<=[a-z]) (\d{1,2})(?:st|nd|rd|th)\b", r" \1", text)
    text = re.sub(r"(?<=[a-z]) de (?=\d)", " ", text)
    text = re.sub(r"(?<=[a-z\d]), ?(?=\d{4}\b)", " ", text)
    text = re.sub(r"(?<=\d) ?([AaPp])\.?[Mm]\.?", lambda match: f" {match[1].upper()}M", text)
    return re.sub(r" ?(?:UTC|GMT)$", "Z", text)


def _english(match: re.Match[str]) -> str:
    return _ENGLISH.get(match[0].lower().rstrip("."), match[0])


def _template(text: str) -> tuple[str, int, int] | None:
    """Return a format with {a} and {b} for day and month in an order unknown, and these two numbers."""
    if not 5 <= len(text) <= 40 or not any(character.isdigit() for character in text):
        return None
    for pattern, date in _DATES:
        if match := pattern.fullmatch(text):
            parts = match.groupdict()
            a, b = int(parts.get("a") or 0), int(parts.get("b") or 0)
            if a > 31 or b > 31 or (a > 12 and b > 12):
                return None
            return date.replace("{s}", parts.get("s") or "") + _time(parts, date), a, b
    return None


def _time(parts: dict[str, str | None], date: str) -> str:
    if packed := parts.get("packed"):
        clock = "%H%M%S" if len(packed) == 6 else "%H%M"
        return (parts["gap"] or "") + clock + (parts["zone"] or "")
    if not parts.get("hour") or "%H" in date:
        return ""
    half = parts.get("half") or ""
    form = (parts["gap"] or "") + ("%I" if half else "%H") + ":%M"
    form += (":%S" if parts["second"] else "") + (".%f" if parts["fraction"] else "")
    form += (" %p" if half.startswith(" ") else "%p") if half else ""
    zone = parts.get("zone") or ""
    return form + (" %z" if zone.startswith(" ") else "%z" if zone else "")


def _in_order(template: str, day_first: bool) -> str:
    a, b = ("%d", "%m") if day_first else ("%m", "%d")
    return template.replace("{a}", a).replace("{b}", b)
