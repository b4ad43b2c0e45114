"""Dates in the words of `strptime`, however people and programs write them."""

from __future__ import annotations

import re
import unicodedata

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
_SHORT_ZONE = re.compile(r"(:\d{2}(?:[.,]\d+)?) ?([+-]\d{2})$")  # 10:36:22+00
_PROGRAMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r" \([^()\d]+\)$"), ""),  # Wed Apr 22 2020 10:36:22 GMT+0200 (CEST)
    (re.compile(r" GMT(?=[+-]\d{4}$)"), ""),
    (re.compile(r"(:\d{2}) [A-Z]{3,4} (?=\d{4}$)"), r"\1 "),  # 10:36:22 CEST 2020
    (re.compile(r"^(\d{1,2})([A-Za-z]{3})(\d{2}|\d{4})$"), r"\1 \2 \3"),  # 12JAN2009
    (re.compile(r"^(\d{1,2}/[A-Za-z]{3}/\d{4}):"), r"\1 "),  # 22/Apr/2020:10:36:22
    (re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日"), r"\1-\2-\3"),
    (re.compile(r"^(\d{4})[- ]?M(\d{2})$"), r"\1-\2"),  # 2009M06
    (re.compile(r"^(\d{4}-W\d{2})$"), r"\1-1"),  # the Monday of a week
)
_ZONES_TEXT = """
EST -0500 EDT -0400 CST -0600 CDT -0500 MST -0700 MDT -0600 PST -0800 PDT -0700 WET +0000 WEST +0100 CET +0100
CEST +0200 EET +0200 EEST +0300 MSK +0300 JST +0900 AEST +1000 AEDT +1100
"""
_ZONES = dict(zip(_ZONES_TEXT.split()[::2], _ZONES_TEXT.split()[1::2], strict=True))
_ZONE = re.compile(rf"(:\d{{2}}(?:[.,]\d+)?) ({'|'.join(_ZONES)})$")
"""Names of zones that stand for one."""
_QUARTER = re.compile(r"(?:(\d{4})[- ]?Q([1-4])|Q([1-4])[- /]?(\d{4}))", re.IGNORECASE)


def plain(cell: str) -> str:
    """Return a date in the words of `strptime`: months as `Jan`, no weekday, no ordinal endings, no comma."""
    cell = _SHORT_ZONE.sub(r"\1\2:00", cell) if ":" in cell else cell
    if cell.isascii() and not any(character.isalpha() for character in cell):
        return cell.rstrip(".")
    text = unicodedata.normalize("NFKC", cell)
    if not any(character.isalpha() for character in text) or re.fullmatch(r"[\dT:.+ Z-]+", text):
        return text
    if quarter := _QUARTER.fullmatch(text):
        year, number = quarter[1] or quarter[4], int(quarter[2] or quarter[3])
        return f"{year}-{3 * number - 2:02}"
    text = _WEEKDAY.sub("", text)
    text = _ZONE.sub(lambda match: f"{match[1]}{_ZONES[match[2]]}", text)
    for pattern, instead in _PROGRAMS:
        text = pattern.sub(instead, text)
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


def in_english(cell: str) -> str:
    """Return a text with months as `Jan` and no weekday in front, and all else as it is written."""
    return re.sub(r"[^\W\d_]{3,}\.?", _english, _WEEKDAY.sub("", unicodedata.normalize("NFKC", cell)))


def plain_format(form: str) -> str:
    """Return a format of a user for dates in plain words: `%d %b %Y` for `%A, %d %B %Y`."""
    words = {"a": "", "b": "%b", "z": "%z"}
    parts = re.compile(r"^%[aA]\.?,? +|%[bB]\.?| ?%Z|%.")
    return parts.sub(lambda part: words.get(part[0].lower().strip(" .,%"), part[0]), form)


def _english(match: re.Match[str]) -> str:
    return _ENGLISH.get(match[0].lower().rstrip("."), match[0])
