"""Notes on how a table's columns were read, and findings to check before scores are believed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from suite.datasets.columns.column_reading import ColumnReading
from suite.datasets.columns.inference import RARE
from suite.datasets.columns.recipe import ColumnRecipe
from suite.datasets.table import count_rows
from suite.errors import listed
from suite.schema import Finding

_NAMED = 3
_CODE = re.compile(r"[^\W\d]+\d\w*")
"""`N108AA`: letters first, and no blank."""
_DIGITS = re.compile(r"\d+")
_PARSED = ("number", "date", "time")
_MANY_LEVELS = 15
_MANY_MISSING = 0.1
_SURE = frozenset({"na", "n/a", "nan", "null", "?", "#n/a", "n.a.", "nat", "<na>", "\\n"})
"""Words for missing that stand for nothing else."""


def findings(recipe: ColumnRecipe) -> Iterator[Finding]:
    """Yield what was open, not understood or lost in reading a table's columns, the gravest first."""
    checks: list[tuple[str, Callable[[ColumnReading], Iterable[str]]]] = [
        ("two-readings", _two_readings),
        ("check-numbers", lambda column: column.warnings),
        ("two-readings", _century),
        ("mixed-column", _mixed),
        ("not-understood", _not_understood),
        ("not-understood", _strange),
        ("not-understood", _lost),
        ("missing-words", _many_missing),
    ]
    for code, check in checks:
        for column in recipe.used:
            for text in check(column):
                yield Finding(code=code, text=f"{column.name}: {text}", columns=(column.name,))


def notes(recipe: ColumnRecipe, leading_zeros: Collection[str] = ()) -> Iterator[str]:
    """Yield what reading changed, in sentences.

    `leading_zeros` names columns of numbers some of which are written with zeros in front.
    """
    for column in recipe.used:
        if column.number is not None and (form := str(column.number)):
            yield f"{column.name} was read as numbers: {form}"
    by_format: dict[str, list[str]] = {}
    for column in recipe.used:
        if column.read_as == "date":
            by_format.setdefault(" and ".join(column.dates[:2]), []).append(column.name)
    for form, names in by_format.items():
        yield f"read as dates: {listed(names)}" + (f" ({form})" if form else "")
    if times := [column.name for column in recipe.used if column.read_as == "time"]:
        yield f"read as seconds of a time or duration: {listed(times)}"
    if padded := [c.name for c in recipe.used if c.name in leading_zeros and c.read_as == "number"]:
        yield (
            f"numbers written with zeros in front were read as numbers: {listed(padded)}; "
            f"{option(padded[0], 'category')} takes them for codes"
        )
    if merged := [column.name for column in recipe.used if column.n_merged]:
        yield f"levels that differ only in blanks, quotes or Unicode's forms are one: {listed(merged)}"
    for column in recipe.used:
        if pairs := _differ_in_case(column.levels or ()):
            yield f"{column.name} has levels that differ only in case, kept apart: {listed(pairs, _NAMED)}"
    for column in recipe.used:
        if column.n_strange and column.chosen and not _loses_much(column):
            yield f"{column.name}: {words(column.strange)} cannot be read as {column.read_as} and is missing"
    for column in recipe.used:
        if column.missing:
            yield f"{column.name}: {words(column.missing)} taken for missing"


def _differ_in_case(levels: Sequence[str]) -> list[str]:
    """Return groups of levels that differ only in case: `Paris and paris`."""
    groups: dict[str, list[str]] = {}
    for level in levels:
        groups.setdefault(level.casefold(), []).append(level)
    return [" and ".join(map(repr, group)) for group in groups.values() if len(group) > 1]


def option(name: str, way: str) -> str:
    """Return the option that reads a column in a way, as one types it in a shell."""
    return f"--read {shlex.quote(f'{name}={way}')}"


def words(rows: Mapping[str, int]) -> str:
    """Return words with their rows: `'?' in 12 rows, 'N/A' in 1 row and 4 more`."""
    first = sorted((word for word in rows if rows[word]), key=lambda word: (-rows[word], word))
    more = f" and {len(first) - _NAMED:,} more" if len(first) > _NAMED else ""
    return ", ".join(f"{word[:40]!r} in {count_rows(rows[word])}" for word in first[:_NAMED]) + more


def _two_readings(column: ColumnReading) -> Iterator[str]:
    if not column.doubt:
        return
    example = column.examples[0]
    if column.read_as == "date":
        order = "day" if column.dates[0].find("%d") < column.dates[0].find("%m") else "month"
        yield (
            f"{example!r} can be read in two ways and was read with the {order} first; "
            f"{option(column.name, 'date:' + column.doubt)} says otherwise"
        )
    else:
        assert column.number is not None
        yield (
            f"{example!r} can be read in two ways and was read as {column.number.parse([example])[0]:.15g}; "
            f"{option(column.name, 'number:' + column.doubt)} says that {column.doubt!r} is the decimal mark"
        )


def _century(column: ColumnReading) -> Iterator[str]:
    if column.first_year:
        yield (
            f"two-digit years are read as {column.first_year} to {column.first_year + 99}; "
            f"{option(column.name, 'date:' + column.dates[0])} takes them for 1969 to 2068"
        )


def _mixed(column: ColumnReading) -> Iterator[str]:
    if column.mixed:
        yield (
            f"{100 * column.mixed:.0f} % of its cells are {column.mixed_as}s and the rest is text: "
            f"read as categories; {option(column.name, column.mixed_as)} makes the rest missing"
        )


def _not_understood(column: ColumnReading) -> Iterator[str]:
    levels = column.levels or ()
    if column.mixed or column.chosen or len(levels) < _MANY_LEVELS:
        return
    # Some words among plain numbers are understood, and better as categories where these are few.
    is_plain = 2 * sum(level.isdigit() for level in levels) > len(levels)
    if looks_like_numbers(levels) and not is_plain:
        yield (
            f"its cells, such as {column.examples[0]!r}, look like numbers or dates, were understood as neither, "
            f"and are read as {len(levels):,} categories"
        )


def _strange(column: ColumnReading) -> Iterator[str]:
    if column.n_strange and not column.chosen:
        rest = column.n_strange - sum(column.strange.values())
        shown = words(column.strange) + (f" and others in {count_rows(rest)}" if rest else "")
        noun = "truth value" if column.read_as == "boolean" else column.read_as
        yield (
            f"{shown} is not a {noun} and was taken for missing; {option(column.name, 'category')} keeps the texts"
        )


def _loses_much(column: ColumnReading) -> bool:
    most = RARE if column.chosen.startswith("date:") else 0.5
    return column.n_strange > most * (column.n_rows - column.n_missing + column.n_strange)


def _lost(column: ColumnReading) -> Iterator[str]:
    if column.chosen and _loses_much(column):
        yield (
            f"{option(column.name, column.chosen)} fits {column.n_rows - column.n_missing:,} of "
            f"{column.n_rows:,} rows; "
            f"{words(column.strange)} cannot be read as {column.read_as} and is missing"
        )


def _many_missing(column: ColumnReading) -> Iterator[str]:
    often = {
        word: rows
        for word, rows in column.missing.items()
        if rows >= _MANY_MISSING * column.n_rows and word.lower() not in _SURE
    }
    if often and column.read_as in _PARSED and not column.chosen:
        yield f"{words(often)} taken for missing; write 0 in the table if it stands for none"


def looks_like_numbers(levels: Sequence[str]) -> bool:
    """Return whether texts are mostly digits, or all have groups of digits as dates have."""
    some = levels[:: max(1, len(levels) // 200)]
    if not some or 10 * sum(bool(_CODE.fullmatch(level)) for level in some) >= 9 * len(some):
        return False
    if 2 * sum(character.isdigit() for level in some for character in level) >= sum(map(len, some)):
        return True
    groups = [len(_DIGITS.findall(level)) for level in some]
    # `12 grudnia 2009`: as many numbers in each, between words.
    usual = max(set(groups), key=groups.count)
    in_words = usual >= 2 and all(" " in level for level in some)
    fits = sum(n == usual for n in groups) if in_words else sum(n >= 3 for n in groups)
    return 10 * fits >= 9 * len(some)
