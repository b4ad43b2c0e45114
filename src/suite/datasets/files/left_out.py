"""Notes and findings about lines of a file that are not rows of its table, and about merged cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from suite.datasets.files.layout import Layout
from suite.datasets.files.rows import Row
from suite.errors import listed
from suite.schema import Finding

_SHOWN_CHARACTERS = 80
_SHOWN_LINES = 3
_FEW_LINES = 3


def left_out(lines: Sequence[str], where: str) -> Iterator[str]:
    """Yield a note on lines that are not part of the table."""
    lines = [line for line in (" ".join(line.split()) for line in lines) if line]
    if lines:
        verb = "1 line {} was" if len(lines) == 1 else f"{len(lines):,} lines {{}} were"
        yield f"{verb.format(where)} left out: {listed(list(map(_shown, lines)), _SHOWN_LINES)}"


def below_the_table(lines: Sequence[str], like_rows: bool) -> tuple[list[str], list[Finding]]:
    """Return a note on the lines below a table, or a finding if they may be rows of it.

    `like_rows`: some of them look like rows that are written in another way.
    """
    notes = list(left_out(lines, "below the table"))
    if not notes or not (like_rows or sum(bool(line.strip()) for line in lines) > _FEW_LINES):
        return notes, []
    text = f"{notes[0]}; if they are rows, write them as the others are"
    return [], [Finding(code="lines-left-out", text=text)]


def second_header(found: Layout, rows: Sequence[Row]) -> Iterator[Finding]:
    """Yield what to check if rows below the names were taken for names, or may be names."""
    if found.second:
        shown = " and ".join(_shown(", ".join(rows[position])) for position in found.second)
        what, was = ("rows", "were") if len(found.second) > 1 else ("row", "was")
        text = (
            f"below the names, the {what} {shown} had cells unlike those of the table and {was} left out as more "
            "names; if it is data, put it further down"
        )
        yield Finding(code="second-header", text=text)
    if found.doubtful:
        text = (
            f"the row {_shown(', '.join(rows[found.first]))} below the names may be a second row of names, and was "
            "read as data; if it is not data, delete it"
        )
        yield Finding(code="second-header", text=text)


def merged_cells(name: str) -> Finding:
    """Return what to check of a column whose cells were merged."""
    text = (
        f"{name} has a value in the first row of each group alone, as merged cells of a spreadsheet have; those "
        "below were read as missing: fill them if the value holds for all"
    )
    return Finding(code="merged-cells", text=text, columns=(name,))


def _shown(line: str) -> str:
    return repr(line if len(line) <= _SHOWN_CHARACTERS else line[:_SHOWN_CHARACTERS] + "…")
