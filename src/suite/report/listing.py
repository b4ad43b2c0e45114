"""Tables of what there is and what is planned: models, data sets, metrics, protocols, plan, doctor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from suite.report.grid import Column, Grid
from suite.report.text import counted, inert, plain
from suite.schema import Cell, Record

_INSPECTED = ("column", "read_as", "examples", "missing", "different", "changed", "becomes", "overrule")
_TITLES = {"models": "Models", "datasets": "Data sets", "metrics": "Metrics", "protocols": "Protocols"}


def plan_table(planned: Sequence[tuple[Cell, Record | None]], names: Mapping[str, str] | None = None) -> Grid:
    """Return what a run would do: for each data set, protocol and model, how many cells are done.

    Parameters
    ----------
    planned : sequence of (Cell, Record or None)
        Every cell of the plan, with its record if it is done.
    """
    groups: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for cell, record in planned:
        groups[cell.dataset, cell.protocol, cell.model].append(record is not None)
    n_done = sum(record is not None for _, record in planned)
    return Grid(
        title=f"Plan: {counted(len(planned), 'cell')}, {n_done} done, {len(planned) - n_done} to run",
        columns=[
            _words("Data set", [dataset for dataset, _, _ in groups], importance=8),
            _words("Protocol", [protocol for _, protocol, _ in groups], importance=7),
            _words("Model", [model for _, _, model in groups], importance=9),
            Column(title="Cells", cells=[Text(str(len(done))) for done in groups.values()], importance=5),
            Column(title="Done", cells=[Text(str(sum(done))) for done in groups.values()], importance=6),
            Column(
                title="To run",
                cells=[Text(str(len(done) - sum(done))) for done in groups.values()],
                importance=9,
            ),
        ],
        notes=["A cell is one model on one split with one seed."],
    )


def listing_table(what: str, rows: Sequence[Mapping[str, Any]]) -> Grid:
    """Return plain rows as a table; the keys of the first row are the columns.

    Parameters
    ----------
    what : str
        ``models``, ``datasets``, ``metrics`` or ``protocols``.
    rows : sequence of mapping
        Strings, or mappings of options to their defaults.
    """
    keys = list(rows[0]) if rows else []
    columns = []
    for position, key in enumerate(keys):
        words = [_written(row[key]) for row in rows]
        long = key in ("summary", "params", "options")
        columns.append(
            Column(
                title=key.capitalize(),
                cells=[plain(word, style="bold" if position == 0 else "") for word in words],
                numeric=False,
                importance=0 if key in ("params", "options") else 9 - position,
                least=30 if long else 0,
                fold=long,
            )
        )
    return Grid(title=_TITLES.get(what, inert(what)), columns=columns)


def inspection_table(title: str, rows: Sequence[Mapping[str, Any]], notes: Sequence[str] = ()) -> Grid:
    """Return how the columns of a table were read, one row a column.

    Parameters
    ----------
    title : str
        What the table is.
    rows : sequence of mapping
        With the keys column, read_as, examples, missing, different, changed, becomes and overrule.
    notes : sequence of str
        Sentences below the table.
    """
    importance = {"column": 9, "read_as": 8, "becomes": 7, "changed": 6, "examples": 5, "missing": 4}
    importance |= {"different": 3, "overrule": 2}
    wide = {"becomes": 18, "changed": 16, "examples": 12}
    columns = [
        Column(
            title=key.replace("_", " ").capitalize(),
            cells=[
                plain(f"{row[key]:,}" if isinstance(row[key], int) else str(row[key]), limit=200)
                for row in rows
            ],
            numeric=key in ("missing", "different"),
            importance=importance[key],
            least=0 if key in ("missing", "different") else wide.get(key, 10),
            fold=key in ("changed", "becomes", "overrule"),
        )
        for key in _INSPECTED
    ]
    return Grid(title=inert(title), columns=columns, notes=[inert(note) for note in notes])


def doctor_table(rows: Sequence[tuple[str, str, str]]) -> Grid:
    """Return findings (label, value, problem) with a sign for those that have a problem."""
    n_problems = sum(bool(problem) for _, _, problem in rows)
    return Grid(
        title="All is well" if not n_problems else counted(n_problems, "problem"),
        columns=[
            Column(
                title="",
                cells=[
                    Text("!", style="bold red") if problem else Text("✓", style="green")
                    for *_, problem in rows
                ],
                importance=9,
            ),
            _words("What", [label for label, _, _ in rows], importance=9),
            _words("Found", [value for _, value, _ in rows], importance=8),
            Column(
                title="Problem",
                cells=[plain(problem) for *_, problem in rows],
                numeric=False,
                least=24,
                fold=True,
                importance=9,
            ),
        ],
    )


def _words(title: str, words: Sequence[str], importance: int) -> Column:
    return Column(
        title=title, cells=[plain(word) for word in words], numeric=False, least=10, importance=importance
    )


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in value.items())
    return str(value)
