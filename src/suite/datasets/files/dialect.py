"""How a text file is written: encoding, separator, quotes, what stands above and below its table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from suite.datasets.files import layout, row_names
from suite.datasets.files.below import is_below, is_full_total
from suite.datasets.files.delimited import Dialect
from suite.datasets.files.encoding import Scan, scan
from suite.datasets.files.layout import Layout
from suite.datasets.files.left_out import below_the_table, left_out, second_header
from suite.datasets.files.rows import Row, is_blank, is_number
from suite.datasets.files.shape import MAX_COLUMNS, check_shape
from suite.datasets.table import count_rows
from suite.errors import DataError
from suite.schema import Finding

SEPARATORS = (",", ";", "\t", "|")
RARE_SEPARATORS = (" ", "^", ":", "~")
_LAYOUT_ROWS = 100
_EVEN, _MUCH = 0.9, 0.2
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)
_LEADING_ZERO = re.compile(r"[+-]?0\d+", re.ASCII)


class Written(NamedTuple):
    """What is known of a text file before its cells are read."""

    dialect: Dialect
    names: tuple[str, ...]
    """As written, "" where a column has none."""
    first_row: tuple[str, ...]
    """The row of names if it looks like data, else empty."""
    next_rows: tuple[tuple[int, Row], ...] = ()
    """The rows right below the names, with their line."""
    as_text: tuple[int, ...] = ()
    """Positions of columns that pandas would read as numbers although a point may part thousands."""
    leading_zeros: tuple[int, ...] = ()
    """Positions of columns with whole numbers such as 007."""
    pointed: tuple[int, ...] = ()
    """Positions of columns in which the first cells have a point."""
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What may have been misread or lost."""


def sniff(path: Path, *, no_header: bool = False) -> Written:
    """Find how a text file is written, from its first and last lines.

    The separator is the one under which most rows have as many cells as the names, and two or more; among equals,
    the one that gives more numbers, then more cells. Blanks, `^`, `:` and `~` count only where all rows agree.

    Raises `DataError` if the file is empty, holds bytes that no text has, has more than 20,000 columns, or rows one
    cell longer than the row of names, without names of rows in front.
    """
    seen = scan(path)
    bare = Dialect(seen.encoding, ",", None if "\r" in seen.head and "\n" not in seen.head else "")
    bare = bare._replace(errors="replace" if seen.damaged else "strict")
    dialect = (
        _named_separator(seen.head, bare)
        or max(_candidates(seen, bare, no_header), key=lambda found: found[1])[0]
    )
    rows, lines = _rows(seen, dialect, None)
    if not rows:
        _refuse_first_row(path, seen, dialect)
    found = layout.lay_out(rows[:_LAYOUT_ROWS], no_header=no_header)
    if found.width > MAX_COLUMNS:
        widest, _ = _rows(seen, dialect, found.first + 1, whole=True)
        check_shape(path, 0, len(max(widest, key=len)))
    # Cells may have lines of their own.
    check_shape(path, seen.lines * len(rows) // max(lines[-1], 1), found.width)
    body = rows[found.first :]
    above = lines[found.first - 1] if found.first else 0
    below = _below(seen, dialect, found, body, above)
    table = body[: -sum(map(bool, map(str.strip, below)))] if seen.whole and below else body
    dialect = dialect._replace(
        above=above,
        extra=found.extra,
        end=seen.size - len("".join(below).encode(seen.plain, seen.errors)) if below else None,
    )
    notes, findings = _said(path, seen, dialect, found, rows, table, below)
    plain = [row for row in table if row not in rows[: found.first]]
    as_text, zeros, pointed = _doubtful(plain, found.width)
    return Written(
        dialect=dialect,
        names=found.names,
        first_row=tuple(rows[found.first - 1]) if found.looks_like_data else (),
        next_rows=tuple(zip(lines, rows, strict=True))[found.first - len(found.second) : found.first + 2],
        as_text=as_text,
        leading_zeros=zeros,
        pointed=pointed,
        notes=notes,
        findings=findings,
    )


def _named_separator(head: str, bare: Dialect) -> Dialect | None:
    """Return what a line `sep=;` on top says, which Excel writes and obeys."""
    match = re.match(r'\ufeff?"?sep=([^\w"\'\r\n])"?[ ,;\t]*[\r\n]', head, re.I)
    return _with_quotes(head, bare._replace(separator=match[1])) if match else None


def _candidates(seen: Scan, bare: Dialect, no_header: bool) -> Iterator[tuple[Dialect, tuple[float, ...]]]:
    best = (0.0, 0.0)
    for separator in SEPARATORS + RARE_SEPARATORS:
        if separator not in seen.head and separator != ",":
            continue
        rare = separator in RARE_SEPARATORS
        options = [_with_quotes(seen.head, bare._replace(separator=separator))]
        if separator == " ":
            options = [options[0]._replace(padded=True), options[0]._replace(padded=False)]
        for dialect in options:
            rows, _ = _rows(seen, dialect, _LAYOUT_ROWS)
            if not rows:
                continue
            found = layout.lay_out(rows, no_header=no_header)
            cells = [cell for row in rows[found.first :] for cell in row]
            fits = found.fits if found.width > 1 else 0.0
            numbers = sum(map(is_number, cells)) / max(len(cells), 1) if fits else 0.0
            more = numbers > best[1] + _MUCH
            # Where there are tabs, blanks part the cells only if many more numbers come of it.
            better = (fits >= best[0] and more) or (
                fits > best[0] and not (separator == " " and "\t" in seen.head)
            )
            if rare and not (better and _is_even(dialect, rows, found, best[0])):
                continue
            best = max(best, (fits, numbers))
            yield dialect, (fits, numbers, found.width)
    yield _with_quotes(seen.head, bare), (0.0, 0.0, 0)


def _is_even(dialect: Dialect, rows: Sequence[Sequence[str]], found: Layout, best: float) -> bool:
    """Return whether a rare separator parts the rows of a table, and not the words within its cells.

    Rows need to agree less where no usual separator is.
    """
    body = rows[found.first :]
    alone = best == 0 and found.width > 2 and "" not in found.names
    if found.fits < (_EVEN / 2 if alone else _EVEN) or len(rows) < 2:
        return False
    if found.first == len(found.above) + 1 and (
        (found.width == 2 and "" in found.names) or (found.looks_like_data and found.above)
    ):
        # The line above has no such separator.
        return False
    usual = tuple(SEPARATORS)
    return not (
        dialect.separator == " "
        and any(all(j < len(row) and row[j].endswith(usual) for row in body) for j in range(found.width))
    )


def _with_quotes(head: str, dialect: Dialect) -> Dialect:
    """Return the dialect with the quotes, escapes and blanks after separators that the first lines show."""
    mark = re.escape(dialect.separator)
    # Blanks after a blank are separators, too; to look for them from each of a run would take ages.
    begin = "(?:^ *| )" if dialect.separator == " " else rf"(?:^|{mark}) *"
    end = rf" *(?={mark}|\r|$)"
    double = len(re.findall(rf'{begin}"', head, re.M))
    single = len(re.findall(rf"{begin}'(?:[^'\n]|'')*'{end}", head, re.M))
    if single and not double and single == len(re.findall(rf"{begin}'", head, re.M)):
        dialect = dialect._replace(quote="'")
    elif (
        double
        and re.search(rf'\\"(?! *(?:{mark}|\r|$))', head, re.M)
        and '""' not in head.replace('\\""', "")
    ):
        dialect = dialect._replace(escape="\\")
    if dialect.separator != " ":
        parts = re.findall(rf"{mark}(.?)", head.partition("\n")[2] or head)
        filled = sum(part not in ("", dialect.separator) for part in parts)
        padded = sum(part == " " for part in parts) >= 0.9 * max(filled, 1)
        dialect = dialect._replace(padded=padded or bool(re.search(f"{mark} +{dialect.quote}", head)))
    return dialect


def _rows(
    seen: Scan, dialect: Dialect, most: int | None, *, whole: bool = False
) -> tuple[list[list[str]], list[int]]:
    """Return the rows of the first lines that are not blank, and the number of lines up to the end of each.

    They are cut one cell behind what a table may have, unless they are to be `whole`.
    """
    rows: list[list[str]] = []
    lines: list[int] = []
    head = seen.head.removeprefix("\ufeff")
    reader = dialect.rows(io.StringIO(head, newline=dialect.newline))
    complete = seen.whole
    try:
        for row in reader:
            if is_blank(row):
                continue
            if dialect.separator == " " and row[0] == "#" and len(row) > 1:
                # The sign of a comment is not a cell.
                row = ["# " + row[1], *row[2:]]
            if len(rows) == most:
                return rows, lines
            rows.append(row if whole else row[: MAX_COLUMNS + 1])
            lines.append(reader.line_num)
    except csv.Error:
        # What cannot be parsed is refused where the cells are read: the rows so far decide.
        complete = True
    if not complete and len(rows) > 1:
        # The last row may be cut off within quotes.
        rows.pop()
        lines.pop()
    return rows, lines


def _refuse_first_row(path: Path, seen: Scan, dialect: Dialect) -> None:
    try:
        next(iter(dialect.rows(io.StringIO(seen.head, newline=dialect.newline))), None)
    except csv.Error as error:
        raise DataError(f"{path}, line 1: {error}") from error
    raise DataError(f"{path} is empty")


def _below(
    seen: Scan, dialect: Dialect, found: Layout, body: Sequence[Sequence[str]], above: int
) -> list[str]:
    """Return the lines below the table, from the first that is not a row of it."""
    lines = list(io.StringIO(seen.tail, newline=""))
    if seen.whole:
        lines = lines[above + 1 :]
    cut = len(lines)
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at]
        if not line.strip():
            continue
        if line.count(dialect.quote) % 2:
            break
        try:
            cells: list[str] = next(iter(dialect.rows([line])), [])
        except csv.Error:
            break
        if not any(cell.strip() for cell in cells):
            cut = at
            continue
        before = lines[at - 1] if at else ""
        blank = at > 0 and not before.strip(" \t\r\n" + dialect.separator)
        others = [row for row in body if row != cells]
        if not is_below(cells, found.width, others, after_blank=blank):
            break
        cut = at
    return lines[cut:]


def _doubtful(
    body: Sequence[Sequence[str]], width: int
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return the columns in which a point may part thousands, those with leading zeros, and those with a point."""
    as_text, zeros, pointed = [], [], []
    for j in range(width):
        cells = [row[j].strip() for row in body if j < len(row)]
        points = [cell for cell in cells if "." in cell]
        if points:
            pointed.append(j)
        if points and all(map(_THOUSANDS.fullmatch, points)):
            as_text.append(j)
        if any(map(_LEADING_ZERO.fullmatch, cells)):
            zeros.append(j)
    return tuple(as_text), tuple(zeros), tuple(pointed)


def _said(
    path: Path,
    seen: Scan,
    dialect: Dialect,
    found: Layout,
    rows: Sequence[Row],
    table: Sequence[Row],
    below: Sequence[str],
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return notes, and what may have been misread or lost."""
    margin = " \t\r\n" + dialect.separator
    titles = [dialect.separator.join(rows[i]).strip(margin) for i in found.above]
    said, findings = below_the_table(
        [line.strip(margin) for line in below], _like_rows(below, found.width, dialect)
    )
    notes = [seen.note] if seen.note else []
    notes += left_out(
        [line for line in titles if not layout.SEPARATOR_LINE.fullmatch(line)], "above the table"
    )
    notes += said
    if empty := sum(not line.strip(margin) and bool(line.strip()) for line in below):
        notes.append(f"{count_rows(empty)} at the end {'is' if empty == 1 else 'are'} empty and left out")
    if found.extra:
        notes.append(f"rows end in {dialect.separator!r}: the empty column behind it was left out")
    longer = [row for row in table if len(row) == found.width]
    if found.row_names and longer:
        lines = [
            line for line in io.StringIO(seen.head, newline="").readlines()[dialect.above :] if line.strip()
        ]
        quoted = all(line.startswith(dialect.quote) for line in lines[: len(table)])
        place = f"{path}, line {dialect.above + 1 + table.index(longer[0])}"
        findings += row_names.check(place, dialect.separator, longer, quoted=quoted)
    return tuple(notes), (*seen.findings(path), *second_header(found, rows), *findings)


def _like_rows(lines: Sequence[str], width: int, dialect: Dialect) -> bool:
    """Return whether a line has as many cells as the table: under another separator, or all filled and one a total."""
    others = [mark for mark in SEPARATORS if mark != dialect.separator]
    return width > 1 and any(
        any(line.count(mark) == width - 1 for mark in others)
        or is_full_total(line.split(dialect.separator), width)
        for line in lines
    )
